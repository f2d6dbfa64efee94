"""Runs that call other flows: the called run begins in the transaction that makes its caller wait,
and its end answers the caller in its own. So no kill between the two loses or doubles anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from flows.store.accepting import NewEvent, Parcel, insert
from flows.store.chunks import ChunkRow, belong, insert_chunks
from flows.store.pool import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRow:
    """A called run that is done again: a further run of its event. `data` is JSON text in place of
    the event's, `events` (seq, type, node, path, at, JSON text) open its journal."""

    id: UUID
    original: UUID
    deployment_id: UUID
    version_id: UUID
    lane: str
    lane_key: str
    holds_lane: bool
    number: int
    data: str | None
    events: Sequence[tuple[int, str, str, str, datetime, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call that a step makes. One of: `event` with its run is new; `replay` of a called run;
    `called` is under way or over; `chunk` is a part of the caller itself.
    `answer` (JSON text) is there at once, where it is known."""

    caller: UUID
    node: str
    path: str
    waits: bool
    event: NewEvent | None = None
    event_id: UUID | None = None
    replay: ReplayRow | None = None
    called: UUID | None = None
    chunk: ChunkRow | None = None
    answer: str | None = None


_REPLAY: Final = """
INSERT INTO flows_run (id, workspace_id, environment_id, flow_id, version_id, deployment_id,
    event_id, trigger_node, business_key, state, outcome, lane, lane_key, source_time,
    source_sequence, due_at, claimed_by, claims, holds_lane, parked, alone, suspicion, next_seq,
    revision, created_at, replay_of_id, replay_number, trigger_data)
SELECT %(id)s, o.workspace_id, o.environment_id, o.flow_id, %(version)s, %(deployment)s,
       o.event_id, o.trigger_node, o.business_key, 'pending', '', %(lane)s, %(lane_key)s,
       o.source_time, o.source_sequence, now(), '', 0, %(holds)s, false, false, 0, %(next_seq)s,
       nextval('flows_run_revision'), now(), o.id, %(number)s, %(data)s::jsonb
FROM flows_run o WHERE o.id = %(original)s
"""
_REPLAY_EVENTS: Final = """
INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)
SELECT %(run)s, seq, type, node, path, at, data::jsonb
FROM unnest(%(seqs)b::int[], %(types)b::text[], %(nodes)b::text[], %(paths)b::text[],
            %(ats)b::timestamptz[], %(datas)b::text[]) AS e(seq, type, node, path, at, data)
"""
_REPLAYED: Final = """
UPDATE flows_run SET resolved_at = now(), resolved_by = 'system:call', resolved_note = 'replayed',
    revision = nextval('flows_run_revision')
WHERE id = %(original)s AND state IN ('dead', 'failed') AND resolved_at IS NULL
"""
_CALL: Final = """
INSERT INTO flows_call (caller_id, node, path, event_id, called_id, waits, open, at)
SELECT caller_id, node, path, event_id, called_id, waits, open, now()
FROM unnest(%(callers)b::uuid[], %(nodes)b::text[], %(paths)b::text[], %(events)b::uuid[],
            %(calleds)b::uuid[], %(waitss)b::bool[], %(opens)b::bool[])
    AS c(caller_id, node, path, event_id, called_id, waits, open)
ON CONFLICT (caller_id, node, path) DO NOTHING
"""
_ANSWER_AT_ONCE: Final = """
WITH answered AS (
    UPDATE flows_wait w SET answer = a.answer::jsonb, answered_at = now()
    FROM unnest(%(callers)b::uuid[], %(nodes)b::text[], %(paths)b::text[], %(answers)b::text[])
        AS a(run_id, node, path, answer)
    WHERE w.run_id = a.run_id AND w.node = a.node AND w.path = a.path AND w.answered_at IS NULL
    RETURNING w.run_id
)
UPDATE flows_run r SET due_at = now()
WHERE r.id IN (SELECT run_id FROM answered) AND r.state = 'waiting'
RETURNING r.environment_id, r.id
"""


async def make_calls(connection: Connection, calls: Sequence[NewCall]) -> list[tuple[UUID, UUID]]:
    """Make the calls, inside the transaction that registers their waits and after that; the
    (environment, run) pairs that are new or go on."""
    fresh = [one for one in calls if one.event is not None]
    accepted, due = await insert(
        connection,
        [
            Parcel(connection_id=None, delivery_id=None, events=[one.event])
            for one in fresh
            if one.event is not None
        ],
    )
    due += await insert_chunks(
        connection, [(one.caller, one.chunk) for one in calls if one.chunk is not None]
    )
    started = dict(zip(map(id, fresh), accepted, strict=True))
    rows = []
    for one in calls:
        event, called = one.event_id, one.called
        if one.replay is not None:
            await _replay(connection, one.replay)
            called = one.replay.id
        elif one.chunk is not None:
            called = one.chunk.id
        elif id(one) in started:
            event, called = started[id(one)].event_id, started[id(one)].run_ids[0]
        rows.append((one, event, called))
    await connection.execute(
        _CALL,
        {
            "callers": [one.caller for one in calls],
            "nodes": [one.node for one in calls],
            "paths": [one.path for one in calls],
            "events": [event for _, event, _ in rows],
            "calleds": [called for _, _, called in rows],
            "waitss": [one.waits for one in calls],
            "opens": [one.answer is None for one in calls],
        },
    )
    told = [
        (one, one.answer or f'{{"port": "out", "output": {{"run_id": "{called}"}}}}')
        for one, _, called in rows
        if one.answer is not None or not one.waits
    ]
    if told:
        cursor = await connection.execute(
            _ANSWER_AT_ONCE,
            {
                "callers": [one.caller for one, _ in told],
                "nodes": [one.node for one, _ in told],
                "paths": [one.path for one, _ in told],
                "answers": [answer for _, answer in told],
            },
        )
        due = [*due, *((row[0], row[1]) for row in await cursor.fetchall())]
    return due


async def _replay(connection: Connection, one: ReplayRow) -> None:
    await connection.execute(
        _REPLAY,
        {
            "id": one.id,
            "original": one.original,
            "version": one.version_id,
            "deployment": one.deployment_id,
            "lane": one.lane,
            "lane_key": one.lane_key,
            "holds": one.holds_lane,
            "number": one.number,
            "next_seq": len(one.events) + 1,
            "data": one.data,
        },
    )
    names = ("seqs", "types", "nodes", "paths", "ats", "datas")
    columns = dict(zip(names, map(list, zip(*one.events, strict=True)), strict=True))
    await connection.execute(_REPLAY_EVENTS, {"run": one.id, **columns})
    await connection.execute(_REPLAYED, {"original": one.original})


# Who is locked has just been claimed, and finds its answer when it comes to wait again.
_ANSWER: Final = """
WITH ended AS (
    SELECT r.id, r.event_id, r.chunk <> '' AS part, e.answer
    FROM unnest(%(ids)b::uuid[], %(answers)b::text[]) AS e(id, answer)
    JOIN flows_run r ON r.id = e.id
), matched AS (
    SELECT c.caller_id, c.node, c.path, ended.id, ended.answer
    FROM ended JOIN flows_call c ON c.event_id = ended.event_id WHERE c.open AND NOT ended.part
    UNION ALL
    SELECT c.caller_id, c.node, c.path, ended.id, ended.answer
    FROM ended JOIN flows_call c ON c.called_id = ended.id WHERE c.open AND ended.part
), closed AS (
    UPDATE flows_call c SET open = false, called_id = m.id
    FROM matched m
    WHERE c.caller_id = m.caller_id AND c.node = m.node AND c.path = m.path AND c.open
    RETURNING c.caller_id, c.node, c.path, c.waits, m.answer
), answered AS (
    UPDATE flows_wait w SET answer = closed.answer::jsonb, answered_at = now()
    FROM closed
    WHERE closed.waits AND w.run_id = closed.caller_id AND w.node = closed.node
      AND w.path = closed.path AND w.answered_at IS NULL
    RETURNING w.run_id
), free AS (
    SELECT id FROM flows_run WHERE id IN (SELECT run_id FROM answered) AND state = 'waiting'
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE flows_run r SET due_at = now(), revision = nextval('flows_run_revision')
FROM free WHERE r.id = free.id
RETURNING r.environment_id, r.id
"""


async def answer_calls(
    connection: Connection, answers: Mapping[UUID, str]
) -> list[tuple[UUID, UUID]]:
    """Tell those that called these runs how they ended (JSON text by run), inside the transaction
    that ends them; the (environment, run) pairs that go on."""
    cursor = await connection.execute(
        _ANSWER, {"ids": list(answers), "answers": list(answers.values())}
    )
    due = [(row[0], row[1]) for row in await cursor.fetchall()]
    await belong(connection, list(answers))
    return due
