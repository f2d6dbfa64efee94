"""Sends what the shop queued: in order for each entity, up to eight at once, until it arrives."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime

from .hooks import DELIVERIES, HOOKS, Hooks
from .post import PostError, post
from .signature import headers
from .store import Row, Store

CONCURRENT = 8
TIMEOUT = 10.0
FIRST_WAIT = 0.25
LONGEST_WAIT = 15.0
# What never will be taken, however often it is sent: given up at once.
REFUSED = {400, 413, 422}

Post = Callable[..., Awaitable[tuple[int, dict[str, str]]]]


def backoff(attempts: int) -> float:
    """Seconds to wait after this many failed attempts."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 10))


def wait_after(status: int, found: Mapping[str, str], attempts: int) -> float:
    """Like `backoff`, but a receiver that says when to come back is believed (429, 503)."""
    if status in {429, 503}:
        with suppress(ValueError):
            return max(0.0, float(found.get("retry-after", "")))
    return backoff(attempts)


class Sender:
    """Deliveries live in the store until a 2xx: what is queued survives a restart.

    A delivery that failed holds back the later ones of the same entity and hook, so that a
    receiver never hears of a change before the one it follows.
    """

    def __init__(
        self,
        store: Store,
        hooks: Hooks,
        clock: Callable[[], datetime],
        send: Post = post,
    ) -> None:
        self.store = store
        self.clock = clock
        self.send = send
        self.delivered = 0
        self.failed_attempts = 0
        self.given_up = 0
        self.last_failure = ""
        self._lanes: dict[str, deque[int]] = {}
        self._due: list[tuple[float, int, str]] = []
        self._number = itertools.count()
        self._active: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        for row in store.rows(DELIVERIES):
            self._queue(row)
        hooks.on_delivery = self._queue

    @property
    def pending(self) -> int:
        return len(self.store.table(DELIVERIES).rows)

    def forget(self) -> None:
        """After a reset: whatever was queued is gone from the store already."""
        self._lanes.clear()
        self._due.clear()

    def _queue(self, row: Row) -> None:
        lane = self._lanes.setdefault(row["lane"], deque())
        lane.append(row["id"])
        if len(lane) == 1:
            heapq.heappush(self._due, (0.0, next(self._number), row["lane"]))
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; what is under way then is broken off and sent again later."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                now = loop.time()
                while self._due and len(self._active) < CONCURRENT and self._due[0][0] <= now:
                    _, _, lane = heapq.heappop(self._due)
                    task = asyncio.create_task(self._first_of(lane))
                    self._active.add(task)
                    task.add_done_callback(self._ended)
                full = len(self._active) >= CONCURRENT
                wait = None if full or not self._due else max(0.0, self._due[0][0] - now)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait)
        finally:
            for task in self._active:
                task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._active.discard(task)
        self._wake.set()

    async def _first_of(self, lane: str) -> None:
        waiting = self._lanes.get(lane)
        if not waiting:
            return
        id_ = waiting[0]
        row = self.store.get(DELIVERIES, id_)
        hook = self.store.get(HOOKS, row["hook"]) if row else None
        wait = 0.0
        if row is not None and hook is not None:
            wait = await self._attempt(row, hook)
        if self._lanes.get(lane) is not waiting:
            return  # a reset came in between
        if wait == 0.0:
            waiting.popleft()
            if self.store.get(DELIVERIES, id_) is not None:
                self.store.delete(DELIVERIES, id_)
                self.store.commit()
        if waiting:
            due = asyncio.get_running_loop().time() + wait
            heapq.heappush(self._due, (due, next(self._number), lane))
        else:
            del self._lanes[lane]

    async def _attempt(self, row: Row, hook: Row) -> float:
        """Send once. 0 when it arrived or never will, else the seconds before the next attempt."""
        body = row["body"].encode()
        stamp = int(self.clock().timestamp())
        status = 0
        found: dict[str, str] = {}
        try:
            status, found = await self.send(
                hook["url"],
                headers=headers(
                    hook["secret"], webhook_id=row["webhook_id"], timestamp=stamp, body=body
                ),
                body=body,
                seconds=TIMEOUT,
            )
        except PostError as error:
            self.last_failure = str(error)
        if 200 <= status < 300:
            self.delivered += 1
            return 0.0
        if status:
            self.last_failure = f"HTTP {status}"
        self.failed_attempts += 1
        if status in REFUSED:
            self.given_up += 1
            return 0.0
        attempts = row["attempts"] + 1
        if self.store.get(DELIVERIES, row["id"]) is not None:
            self.store.change(DELIVERIES, row["id"], attempts=attempts)
            self.store.commit()
        return max(0.001, wait_after(status, found, attempts))
