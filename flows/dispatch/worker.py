"""What a worker process keeps between two drains, and the drains themselves."""

import asyncio
import weakref
from dataclasses import dataclass

from django.conf import settings

from flows import nudges
from flows.dispatch.accepting import announce_accepted
from flows.dispatch.announce import announcer
from flows.dispatch.carry import Carrier
from flows.dispatch.drain import SLICE, Drain
from flows.dispatch.reach import Reach
from flows.store.writer import Writer, Written


@dataclass(slots=True)
class Kit:
    """The pooled things of one event loop."""

    reach: Reach
    writer: Writer
    carrier: Carrier


_kits: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Kit]" = weakref.WeakKeyDictionary()
_current: set[Drain] = set()
_shutting_down = False


def kit() -> Kit:
    """That of the running loop."""
    loop = asyncio.get_running_loop()
    found = _kits.get(loop)
    if found is None:
        reach = Reach()
        writer = Writer(_announce)
        found = Kit(reach=reach, writer=writer, carrier=Carrier(writer=writer, reach=reach))
        _kits[loop] = found
    return found


async def close_kit() -> None:
    """Give back what the running loop holds."""
    found = _kits.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.writer.idle()
        await found.reach.aclose()


def _announce(written: Written) -> None:
    announcer().answered(written.answered)
    announcer().journals_moved(written.journals)
    announcer().runs_moved((environment, run) for environment, run, _ in written.ended)
    announce_accepted(written.due)


async def drain(slice_: float = SLICE) -> int:
    """Carry what is due; returns how many runs were carried. Asks for another drain when the
    slice ended before the work did."""
    if _shutting_down:
        return 0
    await asyncio.to_thread(nudges.taken)
    one = Drain(
        kit().carrier.carry,
        concurrency=settings.CAUSEWAY.worker_concurrency,
        wake_another=nudges.nudge,
        slice_=slice_,
    )
    _current.add(one)
    try:
        more = await one.run()
    finally:
        _current.discard(one)
    if more:
        nudges.nudge()
    return one.carried


def shut_down() -> None:
    """The process ends soon: claim nothing more. Safe from any thread and signal handler."""
    global _shutting_down
    _shutting_down = True
    for one in list(_current):
        one.stop()
