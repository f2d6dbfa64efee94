"""The port through which a run is written ahead, and its body in memory."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from flows.engine.events import RunEvent
from flows.engine.run import RunEnd


class LeaseLostError(Exception):
    """Somebody else owns the run now: whoever gets this stops at once and writes no more."""


class Journal(Protocol):
    """Where the events of a run go, fenced by the claim of the writer.

    Both methods raise `LeaseLostError` when the claim no longer holds. Events reach the journal
    in the order of their `seq`; one call's events are stored together or not at all.
    """

    async def append(self, run_id: str, events: Sequence[RunEvent], *, durable: bool) -> None:
        """Record events. `durable=True` returns after they and all earlier ones are committed;
        `durable=False` may return before and may be lost in a crash, but never out of order."""

    async def finish(self, run_id: str, events: Sequence[RunEvent], end: RunEnd) -> None:
        """Record the last events of this drive and the run's state, durably and in one."""


class MemoryJournal:
    """A journal for tests, dry runs and `causeway run`.

    `events` holds what was recorded per run, `committed` how many of them were made durable:
    a crash would keep that many at least.
    """

    def __init__(self) -> None:
        self.events: dict[str, list[RunEvent]] = defaultdict(list)
        self.committed: dict[str, int] = defaultdict(int)
        self.ends: dict[str, RunEnd] = {}

    async def append(self, run_id: str, events: Sequence[RunEvent], *, durable: bool) -> None:
        log = self.events[run_id]
        self._extend(log, events)
        if durable:
            self.committed[run_id] = len(log)

    async def finish(self, run_id: str, events: Sequence[RunEvent], end: RunEnd) -> None:
        log = self.events[run_id]
        self._extend(log, events)
        self.committed[run_id] = len(log)
        self.ends[run_id] = end

    @staticmethod
    def _extend(log: list[RunEvent], events: Sequence[RunEvent]) -> None:
        for event in events:
            if event.seq != len(log) + 1:
                raise ValueError(f"Event {event.seq} after {len(log)}: the journal has no gaps.")
            log.append(event)
