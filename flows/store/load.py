"""What was asked of far sides, added to its minute and its hour: one statement for many calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from causeway.base.ids import new_id
from flows.store.pool import pool

MINUTES_KEPT: Final = timedelta(hours=2)
HOURS_KEPT: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one operation asked over a connection within the minute that begins at `minute`."""

    connection_id: UUID
    minute: datetime
    operation: str
    calls: int
    requests: int
    failed: int
    throttled: int
    ms: int


# A connection that was deleted meanwhile takes nothing, and what belongs to others is kept. In one
# order, so that two processes never wait for each other crosswise.
_ADD: Final = """
INSERT INTO flows_connectionload AS l
    (id, connection_id, grain, at, operation, calls, requests, failed, throttled, ms)
SELECT t.id, t.connection_id, t.grain, t.at, t.operation, t.calls, t.requests, t.failed,
       t.throttled, t.ms
FROM unnest(%(ids)b::uuid[], %(connections)b::uuid[], %(grains)b::text[],
            %(ats)b::timestamptz[], %(operations)b::text[], %(calls)b::int[], %(requests)b::int[],
            %(failed)b::int[], %(throttled)b::int[], %(ms)b::bigint[])
    AS t(id, connection_id, grain, at, operation, calls, requests, failed, throttled, ms)
JOIN connections_connection c ON c.id = t.connection_id
ORDER BY t.connection_id, t.grain, t.at, t.operation
ON CONFLICT (connection_id, grain, at, operation) DO UPDATE
SET calls = l.calls + EXCLUDED.calls, requests = l.requests + EXCLUDED.requests,
    failed = l.failed + EXCLUDED.failed, throttled = l.throttled + EXCLUDED.throttled,
    ms = l.ms + EXCLUDED.ms
"""
_TRIM: Final = "DELETE FROM flows_connectionload WHERE grain = %(grain)s AND at < now() - %(kept)s"


async def add_load(asked: Sequence[Asked]) -> None:
    """Add them to their minutes and hours, in one transaction."""
    rows: dict[tuple[UUID, str, datetime, str], list[int]] = {}
    for one in asked:
        for grain, at in (("m", one.minute), ("h", one.minute.replace(minute=0))):
            sums = rows.setdefault((one.connection_id, grain, at, one.operation), [0] * 5)
            given = (one.calls, one.requests, one.failed, one.throttled, one.ms)
            for index, value in enumerate(given):
                sums[index] += value
    keys = list(rows)
    columns = list(zip(*rows.values(), strict=True)) if rows else [()] * 5
    async with (await pool()).connection() as connection:
        await connection.execute(
            _ADD,
            {
                "ids": [new_id() for _ in keys],
                "connections": [key[0] for key in keys],
                "grains": [key[1] for key in keys],
                "ats": [key[2] for key in keys],
                "operations": [key[3] for key in keys],
                "calls": list(columns[0]),
                "requests": list(columns[1]),
                "failed": list(columns[2]),
                "throttled": list(columns[3]),
                "ms": list(columns[4]),
            },
        )


async def trim_load() -> int:
    """Minutes and hours that no page shows any more; how many went."""
    gone = 0
    async with (await pool()).connection() as connection:
        for grain, kept in (("m", MINUTES_KEPT), ("h", HOURS_KEPT)):
            cursor = await connection.execute(_TRIM, {"grain": grain, "kept": kept})
            gone += cursor.rowcount
    return gone
