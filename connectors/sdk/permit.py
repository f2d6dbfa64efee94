"""The last look before a write leaves: is the work still ours?

A process that was stopped in the middle of an operation (a frozen virtual machine, SIGSTOP, a
laptop's lid) wakes up with the next write on its lips, while another one has done that work
meanwhile. Whoever carries work under a lease says so here; `connectors.sdk.http.exchange` asks
before every request that changes something.

Between that look and the moment when the bytes leave a process can still be stopped. An operation
that makes something therefore looks again afterwards and takes back what it made too much: that is
its own to do, whoever has the run by then, and a cancellation waits for it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

Answer = TypeVar("Answer")

CLEARED_WITHIN: Final = 10.0  # seconds
_holds: Final[ContextVar[Callable[[], bool] | None]] = ContextVar("writes_while", default=None)


@contextmanager
def writes_while(holds: Callable[[], bool]) -> Iterator[None]:
    """Within, also in tasks that are made within, writes leave only while `holds()` is true."""
    token = _holds.set(holds)
    try:
        yield
    finally:
        _holds.reset(token)


def may_write() -> bool:
    """True where nobody said anything."""
    holds = _holds.get()
    return holds is None or holds()


@contextmanager
def taking_back() -> Iterator[None]:
    """Within, writes leave whoever holds the work: they only undo, and twice is as good as once."""
    token = _holds.set(None)
    try:
        yield
    finally:
        _holds.reset(token)


async def cleared(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What `work` returns or raises. A cancellation comes through when it is done, or after
    `CLEARED_WITHIN` seconds: until then it may look at what it has made, and take it back."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=CLEARED_WITHIN)
        if not task.cancel() and not task.cancelled():
            task.exception()  # nobody asks for it any more
        raise
