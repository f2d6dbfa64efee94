"""What this process asks of far sides, summed up here and told to the database now and then."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from connectors.sdk.meter import Meter
from flows.protection.circuit import Outcome
from flows.store.load import Asked, add_load
from flows.store.pool import AWAY

log = structlog.get_logger(__name__)

EVERY: Final = 5.0  # seconds
_MOST: Final = 2000  # sums that wait for a database that is away

_FAILED: Final = frozenset({Outcome.FAILED, Outcome.REFUSED})
_Key = tuple[UUID, datetime, str]


class LoadBook:
    """One for each event loop. What it holds when the process is killed is lost: a figure for
    people, not a bill."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._sums: dict[_Key, Asked] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, connection_id: UUID, operation: str, meter: Meter, outcome: Outcome) -> None:
        """One call ended like this."""
        if not meter.requests:
            return
        minute = self._clock().replace(second=0, microsecond=0)
        self._add(
            Asked(
                connection_id=connection_id,
                minute=minute,
                operation=operation[:120],
                calls=1,
                requests=meter.requests,
                failed=int(outcome in _FAILED),
                throttled=int(outcome is Outcome.THROTTLED),
                ms=round(meter.ms),
            )
        )
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_telling())

    async def flush(self) -> None:
        """Tell the database now. What it cannot take is told later."""
        told, self._sums = self._sums, {}
        if not told:
            return
        try:
            await add_load(list(told.values()))
        except BaseException as error:
            for one in told.values():
                self._add(one)
            if not isinstance(error, AWAY):
                raise
            log.warning("load is told later", error=type(error).__name__)

    def _add(self, one: Asked) -> None:
        key = (one.connection_id, one.minute, one.operation)
        known = self._sums.get(key)
        if known is not None:
            one = replace(
                one,
                calls=one.calls + known.calls,
                requests=one.requests + known.requests,
                failed=one.failed + known.failed,
                throttled=one.throttled + known.throttled,
                ms=one.ms + known.ms,
            )
        elif len(self._sums) >= _MOST:
            return
        self._sums[key] = one

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self.flush()

    async def _keep_telling(self) -> None:
        while self._sums:
            await asyncio.sleep(EVERY)
            try:
                await self.flush()
            except Exception:
                # A figure must never be what stops the work.
                log.exception("load not told")
