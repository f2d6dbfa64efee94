"""The last look before a write leaves: is the work still ours?

A process that was stopped in the middle of an operation (a frozen virtual machine, SIGSTOP, a
laptop's lid) wakes up with the next write on its lips, while another one has done that work
meanwhile. Whoever carries work under a lease says so here; `connectors.sdk.http.exchange` asks
before every request that changes something.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

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
