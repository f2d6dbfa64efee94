"""Dead letters of loop items: a run of its own for each item that failed in a run that went
through, made in the transaction in which that run ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flows.store import sql
from flows.store.pool import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A failed item; `id` is the new run's. `error` and `start` (the data of its `run_started`) are
    JSON text. One that is not `fresh` was taken over from the run that this one replays."""

    id: UUID
    item: str
    error: str
    fresh: bool
    start: str


# Whoever replays a run of the event holds the event's row, and numbers the replays.
_LOCK: Final = """
SELECT FROM flows_triggerevent
WHERE id IN (SELECT event_id FROM flows_run WHERE id = ANY(%(runs)b::uuid[]))
ORDER BY id FOR NO KEY UPDATE
"""
# An item has one dead letter for each event, whoever replays what: when it fails again, that one
# is open again. What was only taken over is no news.
_SET_ASIDE: Final = """
WITH failed AS (
    SELECT i.*, r.workspace_id, r.environment_id, r.flow_id, r.version_id, r.deployment_id,
           r.event_id, r.trigger_node, r.business_key, r.lane, r.lane_key, r.source_time,
           r.source_sequence, r.trigger_data
    FROM unnest(%(ids)b::uuid[], %(runs)b::uuid[], %(items)b::text[], %(errors)b::text[],
                %(fresh)b::bool[]) WITH ORDINALITY AS i(id, run, item, error, fresh, place)
    JOIN flows_run r ON r.id = i.run
), news AS (
    SELECT f.*, row_number() OVER (PARTITION BY event_id, trigger_node ORDER BY place) AS number
    FROM failed f
    WHERE f.fresh OR NOT EXISTS (
        SELECT FROM flows_run o
        WHERE o.event_id = f.event_id AND o.flow_id = f.flow_id
          AND o.trigger_node = f.trigger_node AND o.item = f.item
    )
)
INSERT INTO flows_run (id, workspace_id, environment_id, flow_id, version_id, deployment_id,
    event_id, trigger_node, business_key, state, outcome, lane, lane_key, source_time,
    source_sequence, due_at, claimed_by, claims, parked, alone, suspicion, next_seq,
    revision, error, replay_of_id, replay_number, trigger_data, item, created_at, ended_at)
SELECT n.id, n.workspace_id, n.environment_id, n.flow_id, n.version_id, n.deployment_id,
       n.event_id, n.trigger_node, n.business_key, 'dead', '', n.lane, n.lane_key, n.source_time,
       n.source_sequence, now(), '', 0, false, false, 0, 3,
       nextval('flows_run_revision'), n.error::jsonb, n.run, m.most + n.number, n.trigger_data,
       n.item, now(), clock_timestamp()
FROM news n CROSS JOIN LATERAL (
    SELECT coalesce(max(o.replay_number), 0) AS most FROM flows_run o
    WHERE o.event_id = n.event_id AND o.trigger_node = n.trigger_node
) m
ON CONFLICT (event_id, flow_id, trigger_node, item) WHERE item <> '' DO UPDATE
SET error = EXCLUDED.error, replay_of_id = EXCLUDED.replay_of_id, resolved_at = NULL,
    resolved_by = '', resolved_note = '', failure_told = false, ended_at = EXCLUDED.ended_at,
    version_id = EXCLUDED.version_id, deployment_id = EXCLUDED.deployment_id,
    revision = nextval('flows_run_revision')
RETURNING environment_id, id, revision
"""
_EVENTS: Final = """
INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)
SELECT r.id, e.seq, e.type, e.node, e.path, r.ended_at, e.data
FROM unnest(%(ids)b::uuid[], %(starts)b::text[]) AS s(id, start)
JOIN flows_run r ON r.id = s.id
CROSS JOIN LATERAL (VALUES
    (1, 'run_started', '', '', s.start::jsonb),
    (2, 'run_dead', coalesce(r.error ->> 'node', ''), coalesce(r.error ->> 'path', ''),
     jsonb_build_object('error', r.error, 'outcome', ''))
) AS e(seq, type, node, path, data)
"""


async def set_aside(
    connection: Connection, failed: Mapping[UUID, Sequence[ItemRow]]
) -> list[tuple[UUID, UUID, int]]:
    """Make the failed items of these runs dead letters, inside the transaction that ends the runs;
    the (environment, run, revision) of those that are new or open again."""
    rows = [(run, one) for run, some in failed.items() for one in some]
    if not rows:
        return []
    await connection.execute(_LOCK, {"runs": list(failed)})
    cursor = await connection.execute(
        _SET_ASIDE,
        {
            "ids": [one.id for _, one in rows],
            "runs": [run for run, _ in rows],
            "items": [one.item for _, one in rows],
            "errors": [one.error for _, one in rows],
            "fresh": [one.fresh for _, one in rows],
        },
    )
    made = [(row[0], row[1], row[2]) for row in await cursor.fetchall()]
    fresh = {one.id: one for _, one in rows}
    new = [fresh[id_] for _, id_, _ in made if id_ in fresh]
    await connection.execute(
        _EVENTS, {"ids": [one.id for one in new], "starts": [one.start for one in new]}
    )
    await connection.execute(sql.ROLL_UP, {"ids": [id_ for _, id_, _ in made]})
    return made
