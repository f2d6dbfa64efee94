"""Steps that wait for something from outside, and the answers that come.

No answer is lost between a step that comes to its wait and news that comes in at that moment.
Both transactions take the same locks by key, the one that accepts news after it has written it,
the one that registers waits after it has written those; so the second to come sees what the first
one wrote. Who answers skips runs whose row is locked: such a run has just been claimed, and when
it comes to wait again it finds its answer (`register`). Should somebody else have held the row, the
sweep finds the answer (`wake_answered`).
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from connectors.sdk import codec
from flows.store.pool import Connection
from flows.store.questions import Question, ask

_LOCK: Final = 0x_CA05E57
_STRIPES: Final = 64


def topic_of(connection_id: UUID | str, type_: str, match: str, params: Mapping[str, Any]) -> str:
    """The name of the news that a node waits for, apart from the key: the same for every version
    of a flow, and every flow, that waits for the same."""
    name = codec.dumps([str(connection_id), type_, match, _sorted(params)])
    return hashlib.sha256(name).hexdigest()[:32]


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case list() | tuple():
            return [_sorted(one) for one in value]
        case _:
            return value


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRow:
    """One open wait of a run. `topic` is "" when no news answers it; with a `question` people
    do."""

    node: str
    path: str
    kind: str
    topic: str
    key: str
    until: datetime
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An accepted event, for those who wait for it."""

    topic: str
    key: str
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """What came for a step: `trigger` when it was news (without `occurred_at`, which is
    `source_time`), else `answer`."""

    node: str
    path: str
    answer: Any
    trigger: Mapping[str, Any] | None
    source_time: datetime | None


def _stripes(keys: Iterable[tuple[str, str]]) -> list[int]:
    return sorted({zlib.crc32(f"{topic}\0{key}".encode()) % _STRIPES for topic, key in keys})


_LOCK_FOR_NEWS: Final = """
SELECT pg_advisory_xact_lock_shared(%(lock)s, stripe) FROM unnest(%(stripes)b::int[]) AS s(stripe)
"""
_LOCK_FOR_WAITS: Final = """
SELECT pg_advisory_xact_lock(%(lock)s, stripe) FROM unnest(%(stripes)b::int[]) AS s(stripe)
"""

# Of several events at once the first one answers.
_HEAR: Final = """
WITH news AS (
    SELECT topic, key, event_id, place
    FROM unnest(%(topics)b::text[], %(keys)b::text[], %(events)b::uuid[]) WITH ORDINALITY
        AS n(topic, key, event_id, place)
), heard AS (
    INSERT INTO flows_heardnews (topic, key, event_id, at)
    SELECT topic, key, event_id, now() FROM news
    ON CONFLICT DO NOTHING
), answered AS (
    UPDATE flows_wait w SET event_id = first.event_id, answered_at = now()
    FROM (SELECT DISTINCT ON (topic, key) * FROM news ORDER BY topic, key, place) first
    WHERE w.topic = first.topic AND w.key = first.key AND w.answered_at IS NULL AND w.topic <> ''
    RETURNING w.run_id
), free AS (
    SELECT id FROM flows_run WHERE id IN (SELECT run_id FROM answered) AND state = 'waiting'
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE flows_run r SET due_at = now(), revision = nextval('flows_run_revision')
FROM free WHERE r.id = free.id
RETURNING r.environment_id, r.id
"""


async def hear(connection: Connection, news: Sequence[News]) -> list[tuple[UUID, UUID]]:
    """Answer the steps that wait for this news, inside the transaction that accepts it; the
    (environment, run) pairs that go on."""
    if not news:
        return []
    async with connection.pipeline():
        stripes = _stripes((one.topic, one.key) for one in news)
        await connection.execute(_LOCK_FOR_NEWS, {"lock": _LOCK, "stripes": stripes})
        cursor = await connection.execute(
            _HEAR,
            {
                "topics": [one.topic for one in news],
                "keys": [one.key for one in news],
                "events": [one.event_id for one in news],
            },
        )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


_FORGET: Final = "DELETE FROM flows_wait WHERE run_id = ANY(%(ids)b::uuid[])"

_OPEN: Final = """
    SELECT FROM unnest(%(runs)b::uuid[], %(nodes)b::text[], %(paths)b::text[])
        AS o(run_id, node, path)
    WHERE o.run_id = w.run_id AND o.node = w.node AND o.path = w.path
"""
_CALL_OFF: Final = f"""
DELETE FROM flows_wait w
WHERE w.run_id = ANY(%(ids)b::uuid[]) AND w.answered_at IS NULL AND NOT EXISTS ({_OPEN})
"""  # noqa: S608 - our own text
_TAKE: Final = f"""
UPDATE flows_wait w SET taken = true
WHERE w.run_id = ANY(%(ids)b::uuid[]) AND w.answered_at IS NOT NULL AND NOT w.taken
  AND NOT EXISTS ({_OPEN})
"""  # noqa: S608 - our own text
_REGISTER: Final = """
INSERT INTO flows_wait (run_id, node, path, kind, topic, key, until, registered_at, taken)
SELECT run_id, node, path, kind, topic, key, until, now(), false
FROM unnest(%(runs)b::uuid[], %(nodes)b::text[], %(paths)b::text[], %(kinds)b::text[],
            %(topics)b::text[], %(keys)b::text[], %(untils)b::timestamptz[])
    AS w(run_id, node, path, kind, topic, key, until)
ON CONFLICT (run_id, node, path) DO NOTHING
"""

# News from before counts when it is newer than what started the run, and has not answered an
# earlier wait of it.
_CATCH_UP: Final = """
UPDATE flows_wait w SET event_id = missed.event_id, answered_at = now()
FROM (
    SELECT x.run_id, x.node, x.path, h.event_id
    FROM unnest(%(runs)b::uuid[], %(nodes)b::text[], %(paths)b::text[]) AS o(run_id, node, path)
    JOIN flows_wait x ON x.run_id = o.run_id AND x.node = o.node AND x.path = o.path
    JOIN flows_run r ON r.id = x.run_id
    JOIN flows_triggerevent e ON e.id = r.event_id
    CROSS JOIN LATERAL (
        SELECT h.event_id FROM flows_heardnews h
        WHERE h.topic = x.topic AND h.key = x.key
          AND (h.at, h.event_id) > (e.accepted_at, e.id)
          AND NOT EXISTS (
            SELECT FROM flows_wait u WHERE u.run_id = x.run_id AND u.event_id = h.event_id
          )
        ORDER BY h.at, h.event_id LIMIT 1
    ) h
    WHERE x.answered_at IS NULL AND x.topic <> ''
) missed
WHERE w.run_id = missed.run_id AND w.node = missed.node AND w.path = missed.path
"""
_GO_ON: Final = """
UPDATE flows_run r SET due_at = now()
WHERE r.id = ANY(%(ids)b::uuid[]) AND r.state = 'waiting' AND EXISTS (
    SELECT FROM flows_wait w
    WHERE w.run_id = r.id AND w.answered_at IS NOT NULL AND NOT w.taken
)
"""


async def register(
    connection: Connection, waiting: Mapping[UUID, Sequence[WaitRow]], ended: Sequence[UUID]
) -> None:
    """Note what runs wait for, inside the transaction that makes them waiting and after that:
    `waiting` are all open waits by run, of runs that waited before or do now. A run whose answer
    is there already is due at once. Of `ended` runs nothing is kept.
    """
    if ended:
        await connection.execute(_FORGET, {"ids": list(ended)})
    if not waiting:
        return
    rows = [(run, one) for run, waits in waiting.items() for one in waits]
    ids = list(waiting)
    places = {
        "runs": [run for run, _ in rows],
        "nodes": [one.node for _, one in rows],
        "paths": [one.path for _, one in rows],
    }
    stripes = _stripes((one.topic, one.key) for _, one in rows if one.topic)
    await connection.execute(_CALL_OFF, {"ids": ids, **places})
    await connection.execute(_TAKE, {"ids": ids, **places})
    await connection.execute(
        _REGISTER,
        {
            **places,
            "kinds": [one.kind for _, one in rows],
            "topics": [one.topic for _, one in rows],
            "keys": [one.key for _, one in rows],
            "untils": [one.until for _, one in rows],
        },
    )
    await ask(connection, [(run, one.node, one.path, one.question) for run, one in rows])
    if stripes:
        await connection.execute(_LOCK_FOR_WAITS, {"lock": _LOCK, "stripes": stripes})
        await connection.execute(_CATCH_UP, places)
    await connection.execute(_GO_ON, {"ids": ids})


_WAKE_ANSWERED: Final = """
UPDATE flows_run r SET due_at = now(), revision = nextval('flows_run_revision')
WHERE r.id IN (
    SELECT run_id FROM flows_wait WHERE answered_at IS NOT NULL AND NOT taken LIMIT %(most)s
) AND r.state = 'waiting' AND r.due_at > now()
RETURNING r.environment_id, r.id
"""


async def wake_answered(connection: Connection, *, most: int) -> list[tuple[UUID, UUID]]:
    """The (environment, run) pairs whose answer nobody told them of; they go on now."""
    cursor = await connection.execute(_WAKE_ANSWERED, {"most": most})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


ANSWERS: Final = """
SELECT w.node, w.path, w.answer, e.type, e.change, e.entity, e.entity_id, e.version,
       e.business_key, e.data, e.source_time
FROM flows_wait w LEFT JOIN flows_triggerevent e ON e.id = w.event_id
WHERE w.run_id = %(run)s AND w.answered_at IS NOT NULL AND NOT w.taken
"""


def answer_row(row: Sequence[Any]) -> AnswerRow:
    """A row of `ANSWERS`."""
    node, path, answer, type_, change, entity, entity_id, version, business_key, data, at = row
    trigger = None
    if type_ is not None:
        trigger = {
            "type": type_,
            "change": change,
            "entity": entity,
            "entity_id": entity_id,
            "version": version,
            "business_key": business_key,
            "data": data,
        }
    return AnswerRow(node=node, path=path, answer=answer, trigger=trigger, source_time=at)
