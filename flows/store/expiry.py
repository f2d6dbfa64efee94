"""Runs that are over for longer than their flow keeps them, and all that hangs on them.

Kept are runs that are not over, dead letters that nobody dealt with, runs of which a replay is
kept, and called runs whose caller is kept. The hourly sums (`FlowRollup`) stay for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from flows.store.days import floor_of
from flows.store.pool import Connection, pool

MOST: Final = 1000  # runs in one transaction

# Through `run_latest_of_flow`, oldest first: what is kept of the oldest is passed by `after`.
_OVER: Final = """
SELECT r.id, r.event_id FROM flows_run r
WHERE r.flow_id = %(flow)s AND r.environment_id = %(environment)s
  AND r.id > %(after)s AND r.id < %(floor)s AND r.ended_at < %(ended)s
  AND (r.state IN ('succeeded', 'failed', 'cancelled')
       OR (r.state = 'dead' AND r.resolved_at < %(ended)s))
  AND NOT EXISTS (SELECT FROM flows_run n WHERE n.replay_of_id = r.id)
  AND NOT EXISTS (SELECT FROM flows_call c WHERE c.called_id = r.id)
ORDER BY r.id LIMIT %(most)s
FOR UPDATE OF r SKIP LOCKED
"""
# In this order: each names only what is still there.
_OF_RUNS: Final = (
    "DELETE FROM flows_receipt WHERE run_id = ANY(%(runs)b::uuid[])",
    "DELETE FROM flows_wait WHERE run_id = ANY(%(runs)b::uuid[])",
    "DELETE FROM flows_approvalmail WHERE approval_id IN"
    " (SELECT id FROM flows_approval WHERE run_id = ANY(%(runs)b::uuid[]))",
    "DELETE FROM flows_approval WHERE run_id = ANY(%(runs)b::uuid[])",
    "DELETE FROM flows_bulk_replay_item WHERE run_id = ANY(%(runs)b::uuid[])",
    "UPDATE flows_bulk_replay_item SET replay_id = NULL WHERE replay_id = ANY(%(runs)b::uuid[])",
    "DELETE FROM flows_call WHERE caller_id = ANY(%(runs)b::uuid[])",
    "DELETE FROM flows_run WHERE id = ANY(%(runs)b::uuid[])",
)
# Days that will be dropped as a whole are not written to.
_ENTRIES: Final = """
DELETE FROM flows_runevent
WHERE run_id = ANY(%(runs)b::uuid[]) AND run_id >= %(from_)s AND run_id <= %(to)s
"""
# The last tick of a schedule says how far it has come.
_EVENTS: Final = """
WITH over AS MATERIALIZED (
    SELECT e.id FROM flows_triggerevent e
    WHERE e.id = ANY(%(events)b::uuid[])
      AND NOT EXISTS (SELECT FROM flows_run r WHERE r.event_id = e.id)
      AND NOT EXISTS (SELECT FROM flows_call c WHERE c.event_id = e.id)
      AND e.id <> ALL(ARRAY(
          SELECT event_id FROM flows_wait WHERE event_id = ANY(%(events)b::uuid[])))
      AND (e.source <> 'schedule' OR e.version < (
          SELECT max(l.version) FROM flows_triggerevent l
          WHERE l.environment_id = e.environment_id AND l.type = e.type AND l.system = e.system
            AND l.entity = e.entity AND l.entity_id = e.entity_id))
), heard AS (
    DELETE FROM flows_heardnews WHERE event_id IN (SELECT id FROM over)
), brought AS (
    DELETE FROM flows_delivery WHERE event_id IN (SELECT id FROM over)
)
SELECT id FROM over
"""
_GONE: Final = "DELETE FROM flows_triggerevent WHERE id = ANY(%(events)b::uuid[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Which runs are over: of a flow in an environment, ended before `before`. The journal of runs
    made before `dropped` goes with its day."""

    flow_id: UUID
    environment_id: UUID
    before: datetime
    dropped: datetime


async def expire(what: Expiring, *, after: UUID | None = None) -> tuple[int, UUID | None]:
    """Remove up to `MOST` runs that are over, the oldest first, behind the run `after`.

    Returns how many, and the last of them where there may be more. All of it or nothing.
    """
    async with (await pool()).connection() as connection, connection.transaction():
        cursor = await connection.execute(
            _OVER,
            {
                "flow": what.flow_id,
                "environment": what.environment_id,
                "after": after or UUID(int=0),
                "floor": floor_of(what.before),
                "ended": what.before,
                "most": MOST,
            },
        )
        rows = await cursor.fetchall()
        if not rows:
            return 0, None
        await _remove(connection, [row[0] for row in rows], [row[1] for row in rows], what.dropped)
    return len(rows), rows[-1][0] if len(rows) == MOST else None


async def _remove(
    connection: Connection, runs: Sequence[UUID], events: Sequence[UUID], dropped: datetime
) -> None:
    for statement in _OF_RUNS:
        await connection.execute(statement.encode(), {"runs": list(runs)})
    floor = floor_of(dropped)
    if own := [run for run in runs if run >= floor]:
        await connection.execute(_ENTRIES, {"runs": own, "from_": own[0], "to": own[-1]})
    cursor = await connection.execute(_EVENTS, {"events": list(set(events))})
    over = [row[0] for row in await cursor.fetchall()]
    await connection.execute(_GONE, {"events": over})
