"""Superseding: of the runs of a lane that have not begun only the newest is carried, where the
flow says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID

from flows.engine.events import EventType
from flows.store import sql
from flows.store.pool import Connection

MOST: Final = 1000  # in one claim, since all others wait for it; the next one goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class SupersededRun:
    """A run that ended before it began. `seq` is the last number of its journal."""

    environment_id: UUID
    id: UUID
    by: UUID
    seq: int


# Runs `a` that are dealt with by the newest of them, `w` being one of them. Another trigger node
# of the flow is another way through it.
_FELLOW: Final[LiteralString] = """
    a.environment_id = w.environment_id AND a.lane = w.lane AND a.lane_key = w.lane_key
    AND a.state IN ('pending', 'running', 'waiting') AND a.state = 'pending'
    AND a.supersedable AND a.started_at IS NULL AND a.due_at <= now()
    AND a.flow_id = w.flow_id AND a.trigger_node = w.trigger_node
"""

# Whether a newer run takes the place of `w`.
_SUPERSEDED: Final[LiteralString] = """
    EXISTS (
        SELECT FROM flows_run a
        WHERE {fellow}
          AND (a.source_time, a.source_sequence, a.id) > (w.source_time, w.source_sequence, w.id)
    )
"""
SUPERSEDED: Final[LiteralString] = _SUPERSEDED.format(fellow=_FELLOW)

# The newest is locked first: while somebody calls it off nothing is superseded by it.
_SUPERSEDE: Final[LiteralString] = """
WITH newest AS MATERIALIZED (
    SELECT n.* FROM flows_run w CROSS JOIN LATERAL (
        SELECT a.id, a.environment_id, a.lane, a.lane_key, a.flow_id, a.trigger_node,
               a.source_time, a.source_sequence
        FROM flows_run a
        WHERE {fellow}
        ORDER BY a.source_time DESC, a.source_sequence DESC, a.id DESC LIMIT 1
    ) n
    WHERE w.id = ANY(%(heads)b::uuid[])
), kept AS MATERIALIZED (
    SELECT r.id FROM flows_run r
    WHERE r.id IN (SELECT id FROM newest) AND r.state = 'pending' AND r.started_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED
), older AS MATERIALIZED (
    SELECT o.id, w.id AS by
    FROM newest w JOIN kept ON kept.id = w.id CROSS JOIN LATERAL (
        SELECT a.id FROM flows_run a
        WHERE {fellow}
          AND (a.source_time, a.source_sequence, a.id) < (w.source_time, w.source_sequence, w.id)
        ORDER BY a.source_time, a.source_sequence, a.id
        LIMIT %(most)s
    ) o
    LIMIT %(most)s
), locked AS MATERIALIZED (
    SELECT r.id FROM flows_run r WHERE r.id IN (SELECT id FROM older)
    FOR NO KEY UPDATE SKIP LOCKED
), woken AS (
    UPDATE flows_run r SET parked = false FROM kept WHERE r.id = kept.id AND r.parked
)
UPDATE flows_run r
SET state = 'cancelled', outcome = 'superseded by ' || older.by, ended_at = clock_timestamp(),
    parked = false, next_seq = r.next_seq + 1, revision = nextval('flows_run_revision')
FROM older JOIN locked ON locked.id = older.id
WHERE r.id = older.id AND r.state = 'pending' AND r.started_at IS NULL
RETURNING r.environment_id, r.id, older.by, r.next_seq - 1
"""
_SUPERSEDE_OLDER: Final[LiteralString] = _SUPERSEDE.format(fellow=_FELLOW)

_JOURNAL: Final = """
INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)
SELECT id, seq, %(type)s, '', '', clock_timestamp(), jsonb_build_object('by', by)
FROM unnest(%(ids)b::uuid[], %(seqs)b::int[], %(bys)b::uuid[]) AS gone(id, seq, by)
"""

_ROLL_UP: Final = """
INSERT INTO flows_flowrollup AS f (id, flow_id, environment_id, hour, succeeded, failed, superseded,
    confirmed, absorbed, diverged, lag_sum_ms, lag_max_ms)
SELECT gen_random_uuid(), flow_id, environment_id, date_trunc('hour', ended_at, 'UTC') AS hour,
       0, 0, count(*), 0, 0, 0, 0, 0
FROM flows_run WHERE id = ANY(%(ids)b::uuid[])
GROUP BY flow_id, environment_id, hour
ORDER BY flow_id, environment_id, hour
ON CONFLICT (flow_id, environment_id, hour) DO UPDATE
SET superseded = f.superseded + EXCLUDED.superseded
"""


async def supersede(connection: Connection, heads: Sequence[UUID]) -> list[SupersededRun]:
    """Call off what is older than the newest of its fellows, in the lanes that `heads` stand in.

    Call within the claim's transaction, while it holds the claim lock: whoever is pending then
    is nobody's. A run that somebody else has locked is left for the next claim.
    """
    cursor = await connection.execute(_SUPERSEDE_OLDER, {"heads": list(heads), "most": MOST})
    gone = [
        SupersededRun(environment_id=row[0], id=row[1], by=row[2], seq=row[3])
        for row in await cursor.fetchall()
    ]
    if not gone:
        return []
    ids = [one.id for one in gone]
    await connection.execute(
        _JOURNAL,
        {
            "type": EventType.RUN_SUPERSEDED.value,
            "ids": ids,
            "seqs": [one.seq for one in gone],
            "bys": [one.by for one in gone],
        },
    )
    await connection.execute(_ROLL_UP, {"ids": ids})
    # Others of the lane may have parked behind them; one of each lane is enough to find it.
    await connection.execute(
        sql.WAKE_LANES, {"ids": list({one.by: one.id for one in gone}.values())}
    )
    return gone
