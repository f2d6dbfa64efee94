"""Reading a run's journal, and what came from outside for its steps."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads

from connectors.sdk import codec
from flows.engine.events import EventType, RunEvent
from flows.store.pool import Connection, pool
from flows.store.waits import ANSWERS, AnswerRow, answer_row

_EVENTS: Final = """
SELECT seq, type, node, path, at, data FROM flows_runevent
WHERE run_id = %(run)s AND seq > %(after)s ORDER BY seq LIMIT %(most)s
"""


async def load_events(run_id: UUID, *, after: int = 0, most: int | None = None) -> list[RunEvent]:
    """The run's events behind `after`, in order."""
    async with (await pool()).connection() as connection:
        cursor = _cursor(connection)
        await cursor.execute(_EVENTS, {"run": run_id, "after": after, "most": most})
        rows = await cursor.fetchall()
    return [_event(row) for row in rows]


async def load_journal(run_id: UUID) -> tuple[list[RunEvent], list[AnswerRow]]:
    """All events of a run in order, and the answers that its steps have not taken yet; in one
    round trip."""
    async with (await pool()).connection() as connection, connection.pipeline():
        events = _cursor(connection)
        await events.execute(_EVENTS, {"run": run_id, "after": 0, "most": None})
        answers = await connection.execute(ANSWERS, {"run": run_id})
        rows, given = await events.fetchall(), await answers.fetchall()
    return [_event(row) for row in rows], [answer_row(row) for row in given]


def _cursor(connection: Connection) -> AsyncCursor[TupleRow]:
    """One that gives JSON together with its size."""
    cursor = connection.cursor()
    set_json_loads(_sized, cursor)
    return cursor


def _sized(text: bytes | str) -> tuple[Any, int]:
    return codec.loads(text), len(text)


def _event(row: Sequence[Any]) -> RunEvent:
    seq, type_, node, path, at, (data, size) = row
    return RunEvent(
        seq=seq, type=EventType(type_), node=node, path=path, at=at, data=data, size=size
    )
