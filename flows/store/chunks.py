"""Runs that do a chunk of a for-each each, for the run that waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flows.engine.events import EventType, RunEvent
from flows.models.packing import Packed
from flows.store.payloads import store, unpack_all
from flows.store.pool import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRow:
    """A chunk's run that is new. `name` is the chunk's, `events` (seq, type, node, path, at, JSON
    text) open its journal, `packed` are large values that these name."""

    id: UUID
    name: str
    events: Sequence[tuple[int, str, str, str, datetime, str]]
    packed: Sequence[Packed] = ()


@dataclass(slots=True, kw_only=True)
class Earlier:
    """A chunk's run that was made before, for the same event, and its journal."""

    run_id: UUID
    name: str
    state: str
    events: list[RunEvent] = field(default_factory=list)


_EARLIER: Final = """
SELECT r.id, r.chunk, r.state, e.seq, e.type, e.node, e.path, e.at, e.data
FROM flows_run r JOIN flows_runevent e ON e.run_id = r.id
WHERE r.event_id = %(event)s AND r.flow_id = (SELECT flow_id FROM flows_run WHERE id = %(run)s)
  AND r.chunk <> '' AND split_part(r.chunk, '/', 1) = ANY(%(nodes)b::text[])
ORDER BY r.replay_number, e.seq
"""
_ANY: Final = """
SELECT EXISTS (SELECT FROM flows_run r JOIN flows_call c ON c.called_id = r.id
               WHERE r.event_id = %(event)s AND r.chunk <> '' AND c.caller_id <> %(run)s)
"""


async def earlier(
    connection: Connection, run: UUID, event: UUID, nodes: Sequence[str]
) -> list[Earlier]:
    """What earlier runs of the event had done in chunks of these for-each nodes, the oldest first;
    nothing is read unless another run of the event had chunks."""
    cursor = await connection.execute(_ANY, {"run": run, "event": event})
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return []
    found: dict[UUID, Earlier] = {}
    entries: list[tuple[Earlier, list[Any]]] = []
    cursor = await connection.execute(_EARLIER, {"run": run, "event": event, "nodes": list(nodes)})
    for id_, name, state, *entry in await cursor.fetchall():
        one = found.setdefault(id_, Earlier(run_id=id_, name=name, state=state))
        entries.append((one, entry))
    datas = await unpack_all(connection, [entry[-1] for _, entry in entries])
    for (one, entry), data in zip(entries, datas, strict=True):
        one.events.append(_event([*entry[:-1], data]))
    return list(found.values())


def _event(entry: Sequence[Any]) -> RunEvent:
    seq, type_, node, path, at, data = entry
    return RunEvent(seq=seq, type=EventType(type_), node=node, path=path, at=at, data=data)


# Whoever makes a further run of the event holds the event's row, and numbers them.
_LOCK: Final = """
SELECT FROM flows_triggerevent
WHERE id IN (SELECT event_id FROM flows_run WHERE id = ANY(%(callers)b::uuid[]))
ORDER BY id FOR NO KEY UPDATE
"""
# Its run stands in no lane: the one that it is a part of keeps its place there.
_INSERT: Final = """
INSERT INTO flows_run (id, workspace_id, environment_id, flow_id, version_id, deployment_id,
    event_id, trigger_node, business_key, state, outcome, lane, lane_key, source_time,
    source_sequence, due_at, claimed_by, claims, urgent, parked, alone, suspicion, next_seq,
    revision, created_at, replay_number, trigger_data, chunk)
SELECT c.id, r.workspace_id, r.environment_id, r.flow_id, r.version_id, r.deployment_id,
       r.event_id, r.trigger_node, r.business_key, 'pending', '', '', '', r.source_time,
       r.source_sequence, now(), '', 0, r.urgent, false, false, 0, 3,
       nextval('flows_run_revision'), now(),
       m.most + row_number() OVER (PARTITION BY r.event_id, r.trigger_node ORDER BY c.place),
       r.trigger_data, c.name
FROM unnest(%(ids)b::uuid[], %(callers)b::uuid[], %(names)b::text[]) WITH ORDINALITY
    AS c(id, caller, name, place)
JOIN flows_run r ON r.id = c.caller
CROSS JOIN LATERAL (
    SELECT coalesce(max(o.replay_number), 0) AS most FROM flows_run o
    WHERE o.event_id = r.event_id AND o.trigger_node = r.trigger_node
) m
RETURNING environment_id, id
"""
_EVENTS: Final = """
INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)
SELECT run_id, seq, type, node, path, at, data::jsonb
FROM unnest(%(runs)b::uuid[], %(seqs)b::int[], %(types)b::text[], %(nodes)b::text[],
            %(paths)b::text[], %(ats)b::timestamptz[], %(datas)b::text[])
    AS e(run_id, seq, type, node, path, at, data)
"""


async def insert_chunks(
    connection: Connection, rows: Sequence[tuple[UUID, ChunkRow]]
) -> list[tuple[UUID, UUID]]:
    """Make the chunks' runs, each by its caller, inside the caller's transaction; the (environment,
    run) pairs."""
    if not rows:
        return []
    await store(connection, (value for _, one in rows for value in one.packed))
    await connection.execute(_LOCK, {"callers": [caller for caller, _ in rows]})
    cursor = await connection.execute(
        _INSERT,
        {
            "ids": [one.id for _, one in rows],
            "callers": [caller for caller, _ in rows],
            "names": [one.name for _, one in rows],
        },
    )
    made = [(row[0], row[1]) for row in await cursor.fetchall()]
    events = [(one.id, *event) for _, one in rows for event in one.events]
    names = ("runs", "seqs", "types", "nodes", "paths", "ats", "datas")
    columns = dict(zip(names, map(list, zip(*events, strict=True)), strict=True))
    await connection.execute(_EVENTS, columns)
    return made


# The run that waits for it becomes the dead letter. A write of which nobody knows the outcome
# still asks for a verdict where it was sent.
_PART: Final = """
UPDATE flows_run SET failure_told = true,
    resolved_at = CASE WHEN error ->> 'code' = 'unresolved' THEN NULL ELSE now() END,
    resolved_by = 'system:chunk', resolved_note = 'part of another run'
WHERE id = ANY(%(ids)b::uuid[]) AND chunk <> '' AND state IN ('dead', 'failed')
  AND resolved_at IS NULL
  AND EXISTS (SELECT FROM flows_call c WHERE c.called_id = flows_run.id)
"""


async def belong(connection: Connection, ids: Sequence[UUID]) -> None:
    """Of these ended runs, let those of chunks be no dead letters of their own."""
    await connection.execute(_PART, {"ids": list(ids)})
