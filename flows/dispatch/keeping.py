"""How long what is over is kept: days are prepared, runs that are over go, old days are dropped."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from flows.store.day_tables import JOURNAL, PAYLOADS, drop_days, prepare_days, uncleared_days
from flows.store.days import midnight
from flows.store.expiry import Expiring, expire
from flows.store.load import trim_load
from flows.store.pool import pool

log = structlog.get_logger(__name__)

# Seconds of one pass. What is left waits for the next one: nobody else has to wait for it.
_SLICE: Final = 5.0
FOR_EVER: Final = 0

_FLOWS: Final = """
SELECT DISTINCT f.id, d.environment_id, f.keep_days
FROM flows_flow f JOIN flows_deployment d ON d.flow_id = f.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What one pass removed; `more` says that it ran out of time."""

    runs: int
    days: list[str]
    more: bool


async def keep_house(now: datetime, *, keep_days: int) -> Kept:
    """One pass. `keep_days` holds for flows that say nothing themselves; 0 keeps for ever."""
    for table in (JOURNAL, PAYLOADS):
        for day in await prepare_days(table, now):
            log.info("day prepared", table=table.name, day=day.isoformat())
    async with (await pool()).connection() as connection:
        rows = await (await connection.execute(_FLOWS)).fetchall()
    flows = [(row[0], row[1], keep_days if row[2] is None else int(row[2])) for row in rows]
    dropped = _all_over(now, [keep_days, *(days for _, _, days in flows)])
    await trim_load()
    end = time.monotonic() + _SLICE
    runs, more = 0, False
    for flow, environment, days in flows:
        if days == FOR_EVER:
            continue
        what = Expiring(
            flow_id=flow,
            environment_id=environment,
            before=now - timedelta(days=days),
            dropped=dropped,
        )
        gone, unfinished = await _expire(what, end)
        runs, more = runs + gone, more or unfinished
    tables = [] if more else await _drop(dropped)
    if runs or tables:
        log.info("what was over is removed", runs=runs, days=tables)
    return Kept(runs=runs, days=tables, more=more)


async def _drop(before: datetime) -> list[str]:
    """The journal's days first: what they still have names what the payloads' days have to keep."""
    tables = await drop_days(JOURNAL, before)
    left = [midnight(day) for day in await uncleared_days(JOURNAL)]
    return [*tables, *await drop_days(PAYLOADS, min([before, *left]))]


async def _expire(what: Expiring, end: float) -> tuple[int, bool]:
    total = 0
    after: UUID | None = None
    while True:
        gone, last = await expire(what, after=after)
        total += gone
        if last is None:
            return total, False
        if time.monotonic() > end:
            return total, True
        after = last


def _all_over(now: datetime, kept: Iterable[int]) -> datetime:
    """The moment before which no flow keeps anything; the beginning of time if one keeps all."""
    longest = list(kept)
    if FOR_EVER in longest:
        return datetime.fromtimestamp(0, UTC)
    return now - timedelta(days=max(longest))
