"""Draining: claim what is due and carry it, many runs at once, until nothing is left."""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

import psycopg
import structlog

from flows.dispatch.announce import announcer
from flows.store import claims
from flows.store.claims import ClaimedRun
from flows.store.superseding import SupersededRun

log = structlog.get_logger(__name__)

SLICE: Final = 5.0  # seconds after which a drain makes room for the process to do other things
_BATCH: Final = 32
_SUSPECTS: Final = 8  # at once: a worker's death leaves tens of them, all of them innocent but one
_LOOK_AGAIN: Final = 0.05  # seconds; runs that became due while others are carried
_GATHER: Final = 0.003  # seconds for which new runs gather: a claim costs alike for one and many
_HEARTBEAT: Final = claims.LEASE.total_seconds() / 5

Carry = Callable[[ClaimedRun], Awaitable[None]]


class Drain:
    """One pass over the queue. `carry` takes one run to its next end and never raises."""

    def __init__(
        self,
        carry: Carry,
        *,
        concurrency: int,
        wake_another: Callable[[], None],
        slice_: float = SLICE,
    ) -> None:
        self._carry = carry
        self._concurrency = concurrency
        self._wake_another = wake_another
        self._slice = slice_
        self._by = f"{socket.gethostname()}:{os.getpid()}"
        self._active: dict[asyncio.Task[None], ClaimedRun] = {}
        self._stopping = False
        self.carried = 0

    def stop(self) -> None:
        """Claim nothing more; what is carried goes on to its end. Safe from any thread."""
        self._stopping = True

    async def run(self) -> bool:
        """Returns whether there may be more to do: the slice ended before the work did."""
        start = time.monotonic()
        end = start + self._slice
        heartbeat = asyncio.create_task(self._keep_leases())
        try:
            await self._carry_suspects(start + self._slice / 2)
            more = await self._carry_together(end)
        except psycopg.Error as error:
            log.warning("cannot claim", error=type(error).__name__)
            more = False
        finally:
            if self._active:
                await asyncio.wait(self._active)
            heartbeat.cancel()
        return more

    def _may_claim(self, end: float) -> bool:
        return not self._stopping and time.monotonic() < end

    async def _carry_suspects(self, end: float) -> None:
        """Runs that may have killed a worker go first and without other company: if it dies again,
        few are under suspicion, and those go one by one."""
        while self._may_claim(end):
            suspects = await claims.claim_suspects(_SUSPECTS, by=self._by)
            if not suspects:
                return
            announcer().runs_moved((run.environment_id, run.id) for run in suspects)
            await asyncio.wait([self._start(run) for run in suspects])

    async def _carry_together(self, end: float) -> bool:
        while self._may_claim(end):
            free = min(self._concurrency - len(self._active), _BATCH)
            at_work = bool(self._active)
            claimed = await claims.claim(free, by=self._by, tell=_superseded) if free > 0 else []
            for run in claimed:
                self._start(run)
            announcer().runs_moved((run.environment_id, run.id) for run in claimed)
            if len(claimed) == _BATCH:
                self._wake_another()
            elif not self._active:
                if at_work:  # what ended during the claim may have left its lane to another
                    continue
                return False
            if len(self._active) >= self._concurrency:
                await self._until_room()
            elif not claimed:
                await asyncio.wait(
                    self._active, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED
                )
            else:
                await asyncio.sleep(0 if len(claimed) == free else _GATHER)
        return not self._stopping

    async def _until_room(self) -> None:
        """Returns when a quarter of the places is free; sooner when runs take their time."""
        end = time.monotonic() + _LOOK_AGAIN
        room = max(1, self._concurrency // 4)
        while self._concurrency - len(self._active) < room and time.monotonic() < end:
            await asyncio.wait(
                self._active,
                timeout=end - time.monotonic(),
                return_when=asyncio.FIRST_COMPLETED,
            )

    def _start(self, run: ClaimedRun) -> asyncio.Task[None]:
        task = asyncio.create_task(self._watched(run))
        self._active[task] = run
        task.add_done_callback(self._done)
        return task

    async def _watched(self, run: ClaimedRun) -> None:
        await self._carry(run)
        self.carried += 1

    def _done(self, task: asyncio.Task[None]) -> None:
        self._active.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("carrying broke", error=type(error).__name__)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT)
            runs = list(self._active.values())
            held = {run.id: run.token for run in runs}
            if not held:
                continue
            since = claims.clock()
            try:
                lost = await claims.extend(held)
            except psycopg.Error as error:
                log.warning("leases not extended", error=type(error).__name__)
                continue
            for run in runs:
                if run.id not in lost:
                    run.lease.since = since
            self._cancel({run: held[run] for run in lost})

    def _cancel(self, lost: dict[UUID, UUID]) -> None:
        """Somebody else owns these runs now: stop before they write anything more over there."""
        for task, run in list(self._active.items()):
            if lost.get(run.id) == run.token:
                log.info("lease lost", run=str(run.id))
                task.cancel()


def _superseded(runs: Sequence[SupersededRun]) -> None:
    announcer().runs_moved((run.environment_id, run.id) for run in runs)
    announcer().journals_moved({run.id: run.seq for run in runs})
