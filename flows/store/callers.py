"""What is known about calls before they are made: who called whom, and what may be called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from connectors.sdk import codec
from flows.engine.replay import changed_nodes
from flows.store.payloads import unpack_all
from flows.store.pool import Connection, pool

OPEN: Final = frozenset({"pending", "running", "waiting"})
_MOST: Final = 200  # of one look at what was not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A run in a chain of calls."""

    flow_id: UUID
    lane: str
    lane_key: str
    holds_lane: bool
    business_key: str
    source_time: datetime
    source_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A deployed version that may be called."""

    flow: str
    flow_id: UUID
    version: int
    version_id: UUID
    deployment_id: UUID
    backlog_cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The latest run of a call that was made before; `data` is what it saw, `edited` when that is
    not the event's."""

    key: str
    event_id: UUID
    data: Any
    edited: bool
    business_key: str
    source_time: datetime
    run_id: UUID
    version_id: UUID
    deployment_id: UUID
    trigger_node: str
    state: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A called run that has ended, and whose callers still wait."""

    run_id: UUID
    version_id: UUID
    flow: str
    state: str
    error: Mapping[str, Any] | None
    part: bool  # of the run that waits for it: a chunk


_MADE: Final = "SELECT node, path FROM flows_call WHERE caller_id = %(run)s"


async def made(connection: Connection, run: UUID) -> set[tuple[str, str]]:
    """Node and path of the calls that a run has made."""
    cursor = await connection.execute(_MADE, {"run": run})
    return {(row[0], row[1]) for row in await cursor.fetchall()}


# A replay of a called run has the same event, and so the same callers.
_ANCESTORS: Final = """
WITH RECURSIVE up AS (
    SELECT r.*, 0 AS level FROM flows_run r WHERE r.id = %(run)s
    UNION ALL
    SELECT p.*, up.level + 1
    FROM up CROSS JOIN LATERAL (
        SELECT caller_id FROM flows_call WHERE event_id = up.event_id
        ORDER BY at, caller_id LIMIT 1
    ) c JOIN flows_run p ON p.id = c.caller_id
    WHERE up.level < %(most)s
)
SELECT flow_id, lane, lane_key, holds_lane, business_key, source_time, source_sequence
FROM up ORDER BY level
"""


async def ancestors(connection: Connection, run: UUID, *, most: int) -> list[Ancestor]:
    """The run itself, who called it, who called that, and so on up to `most` of them."""
    cursor = await connection.execute(_ANCESTORS, {"run": run, "most": most})
    return [
        Ancestor(
            flow_id=row[0],
            lane=row[1],
            lane_key=row[2],
            holds_lane=row[3],
            business_key=row[4],
            source_time=row[5],
            source_sequence=row[6],
        )
        for row in await cursor.fetchall()
    ]


_TARGETS: Final = """
SELECT DISTINCT ON (f.slug, v.number)
       f.slug, f.id, v.number, v.id, d.id, d.backlog_cap, d.retired_at IS NULL AS active
FROM flows_flow f
JOIN flows_deployment d ON d.flow_id = f.id
JOIN flows_flowversion v ON v.id = d.version_id
WHERE f.workspace_id = %(workspace)s AND f.slug = ANY(%(slugs)b::text[])
  AND d.environment_id = %(environment)s
ORDER BY f.slug, v.number, d.retired_at IS NULL DESC, d.deployed_at DESC
"""


async def targets(
    connection: Connection, workspace: UUID, environment: UUID, slugs: Sequence[str]
) -> dict[tuple[str, int | None], Target]:
    """What may be called under these slugs, by slug and version; under None what is deployed."""
    cursor = await connection.execute(
        _TARGETS, {"workspace": workspace, "environment": environment, "slugs": list(slugs)}
    )
    found: dict[tuple[str, int | None], Target] = {}
    for slug, flow_id, number, version_id, deployment_id, cap, active in await cursor.fetchall():
        target = Target(
            flow=slug,
            flow_id=flow_id,
            version=number,
            version_id=version_id,
            deployment_id=deployment_id,
            backlog_cap=cap,
        )
        found[slug, number] = target
        if active:
            found[slug, None] = target
    return found


_KNOWN: Final = """
SELECT e.version, e.id, coalesce(r.trigger_data, e.data), r.trigger_data IS NOT NULL,
       e.business_key, e.source_time, r.id, r.version_id, r.deployment_id, r.trigger_node, r.state,
       r.replay_number
FROM flows_triggerevent e CROSS JOIN LATERAL (
    SELECT * FROM flows_run WHERE event_id = e.id AND item = '' AND chunk = ''
    ORDER BY replay_number DESC LIMIT 1
) r
WHERE e.environment_id = %(environment)s AND e.type = %(type)s AND e.system = ''
  AND e.entity = 'flow' AND e.version = ANY(%(keys)b::text[])
  AND e.entity_id = ANY(%(flows)b::text[])
"""


async def known(
    connection: Connection,
    environment: UUID,
    keys: Sequence[str],
    *,
    flows: Sequence[str],
    type_: str,
) -> dict[str, Called]:
    """By key the calls of these flows that were made before."""
    cursor = await connection.execute(
        _KNOWN,
        {"environment": environment, "keys": list(keys), "flows": list(flows), "type": type_},
    )
    rows = await cursor.fetchall()
    datas = await unpack_all(connection, [row[2] for row in rows])
    return {
        row[0]: Called(
            key=row[0],
            event_id=row[1],
            data=data,
            edited=row[3],
            business_key=row[4],
            source_time=row[5],
            run_id=row[6],
            version_id=row[7],
            deployment_id=row[8],
            trigger_node=row[9],
            state=row[10],
            number=row[11],
        )
        for row, data in zip(rows, datas, strict=True)
    }


_DEPLOYED: Final = """
SELECT d.id, v.document, d.bindings FROM flows_deployment d
JOIN flows_flowversion v ON v.id = d.version_id WHERE d.id = ANY(%(ids)b::uuid[])
"""


async def changed(before: UUID, after: UUID) -> frozenset[str]:
    """The nodes that mean something else in the deployment `after` than they did `before`."""
    if before == after:
        return frozenset()
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(_DEPLOYED, {"ids": [before, after]})
        rows = {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}
    (old, bound), (new, rebound) = rows[before], rows[after]
    moved = {slot for slot, id_ in rebound.items() if bound.get(slot) != id_}
    elsewhere = {one["id"] for one in new["nodes"] if one.get("connection") in moved}
    return changed_nodes(old, new) | elsewhere


# Whoever waited for them was called off (or, of a chunk, has ended), and nobody else waits: so are
# they, and in the next round those that they called. What runs just now is left to its next wait,
# or its end.
CALL_OFF: Final = """
WITH orphan AS (
    SELECT r.id FROM flows_call c
    JOIN flows_run p ON p.id = c.caller_id
    JOIN flows_run r ON r.id = c.called_id
    WHERE c.open AND c.waits AND r.state IN ('pending', 'waiting')
      AND (p.state = 'cancelled' OR (r.chunk <> '' AND p.state IN ('dead', 'failed', 'succeeded')))
      AND NOT EXISTS (
        SELECT FROM flows_call o JOIN flows_run q ON q.id = o.caller_id
        WHERE (o.event_id = c.event_id OR o.called_id = c.called_id) AND o.open
          AND q.state IN ('pending', 'running', 'waiting')
      )
    FOR NO KEY UPDATE OF r SKIP LOCKED
), called_off AS (
    UPDATE flows_run r
    SET state = 'cancelled', ended_at = clock_timestamp(), parked = false,
        outcome = 'The run that waited for it is over.',
        revision = nextval('flows_run_revision')
    FROM orphan WHERE r.id = orphan.id AND r.state IN ('pending', 'waiting')
    RETURNING r.environment_id, r.id, r.lane, r.lane_key
), answered AS (
    DELETE FROM flows_wait w USING called_off o WHERE w.run_id = o.id
), woken AS (
    UPDATE flows_run n SET parked = false FROM called_off o
    WHERE o.lane <> '' AND n.environment_id = o.environment_id AND n.lane = o.lane
      AND n.lane_key = o.lane_key AND n.parked AND n.id NOT IN (SELECT id FROM orphan)
)
SELECT environment_id, id FROM called_off
"""


async def call_off(connection: Connection) -> list[tuple[UUID, UUID]]:
    """Call off the runs that cancelled runs had called and waited for; their (environment, run)
    pairs. Those that these had called are the next call's."""
    cursor = await connection.execute(CALL_OFF)
    return [(row[0], row[1]) for row in await cursor.fetchall()]


_UNTOLD: Final = """
SELECT DISTINCT r.id, r.version_id, f.slug, r.state, r.error::text, r.chunk <> ''
FROM flows_call c JOIN flows_run r ON r.id = c.called_id JOIN flows_flow f ON f.id = r.flow_id
WHERE c.open AND r.state IN ('succeeded', 'failed', 'dead', 'cancelled')
LIMIT %(most)s
"""


async def untold(connection: Connection) -> list[Ended]:
    """Called runs that have ended and told nobody."""
    cursor = await connection.execute(_UNTOLD, {"most": _MOST})
    return [
        Ended(
            run_id=row[0],
            version_id=row[1],
            flow=row[2],
            state=row[3],
            error=None if row[4] is None else codec.loads(row[4]),
            part=row[5],
        )
        for row in await cursor.fetchall()
    ]
