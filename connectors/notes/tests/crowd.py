"""Many who edit one document in the same second, and the time that they share."""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from connectors.notes.actions.read import run_get
from connectors.notes.actions.update import run_update
from connectors.notes.tests.conftest import Clock, Served
from connectors.sdk.errors import ConflictError
from connectors.sdk.operation import OperationContext


class SharedTime:
    """The clock stands while anybody is at work and moves on when everybody waits: all that
    happens between two waits falls into one second."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._working = 0
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._passed = 0.0

    async def wait(self, seconds: float) -> None:
        woken = asyncio.Event()
        heapq.heappush(self._waiting, (self._passed + seconds, next(self._order), woken))
        self._rest()
        await woken.wait()

    async def all(self, work: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
        async def one(task: Coroutine[Any, Any, Any]) -> Any:
            try:
                return await task
            finally:
                self._rest()

        tasks = list(work)
        self._working += len(tasks)
        return await asyncio.gather(*(one(task) for task in tasks))

    def _rest(self) -> None:
        self._working -= 1
        if self._working or not self._waiting:
            return
        due = self._waiting[0][0]
        self.clock.move(due - self._passed)
        self._passed = due
        while self._waiting and self._waiting[0][0] <= due:
            heapq.heappop(self._waiting)[2].set()
            self._working += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """`told` counts the edits by what was said of them: saved, or the code of the conflict."""

    before: int
    after: int
    told: Counter[str]

    @property
    def unreported(self) -> int:
        """Edits of which we said that they were saved, and which are not in the sum."""
        return self.told["saved"] - (self.after - self.before)


async def add_one_each(
    served: Served, unid: str, edits: int, *, tries: int, item: str = "Stock"
) -> Tally:
    """`edits` at once read a number, add one to it and write it back, each in at most `tries`
    attempts. Every edit that is said to be saved must be in the number at the end."""
    time = SharedTime(served.clock)
    told: Counter[str] = Counter()

    # Without sockets: a thousand at once must not wait for a free one.
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=served.twin))

    def ctx(effect: str) -> OperationContext:
        return replace(served.ctx(effect), wait=time.wait, http=http)

    async def read() -> dict[str, Any]:
        return dict((await run_get(ctx("read"), {"unid": unid})).output)

    async def edit(number: int) -> None:
        for attempt in range(tries):
            seen = await read()
            value = int(seen["document"]["items"][item])
            wanted = {
                "unid": unid,
                "items": {item: value + 1},
                "version": seen["version"],
            }
            try:
                await run_update(ctx(f"edit-{number}-{attempt}"), wanted)
            except ConflictError as error:
                told[error.code] += 1
                continue
            told["saved"] += 1
            return

    async with http:
        before = int((await read())["document"]["items"][item])
        await time.all(edit(number) for number in range(edits))
        after = int((await read())["document"]["items"][item])
    return Tally(before=before, after=after, told=told)
