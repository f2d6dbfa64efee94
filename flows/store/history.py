"""Reading a run's journal, and what came from outside for its steps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads

from connectors.sdk import codec
from flows.engine.events import EventType, RunEvent
from flows.store.payloads import unpack_all
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
        return await _events(connection, await cursor.fetchall())


async def load_journal(run_id: UUID) -> tuple[list[RunEvent], list[AnswerRow]]:
    """All events of a run in order, and the answers that its steps have not taken yet; in one
    round trip."""
    async with (await pool()).connection() as connection, connection.pipeline():
        events = _cursor(connection)
        await events.execute(_EVENTS, {"run": run_id, "after": 0, "most": None})
        answers = await connection.execute(ANSWERS, {"run": run_id})
        rows, given = await events.fetchall(), await answers.fetchall()
        told = [answer_row(row) for row in given]
        triggers = await unpack_all(
            connection, [one.trigger and one.trigger["data"] for one in told]
        )
        return await _events(connection, rows), [
            one if one.trigger is None else replace(one, trigger={**one.trigger, "data": data})
            for one, data in zip(told, triggers, strict=True)
        ]


async def _events(connection: Connection, rows: Sequence[Sequence[Any]]) -> list[RunEvent]:
    stored = [row[5][0] for row in rows]
    return [
        RunEvent(
            seq=seq,
            type=EventType(type_),
            node=node,
            path=path,
            at=at,
            data=data,
            # Of what lay elsewhere the name was counted.
            size=size if data is there else len(codec.dumps(data)),
        )
        for (seq, type_, node, path, at, (there, size)), data in zip(
            rows, await unpack_all(connection, stored), strict=True
        )
    ]


def _cursor(connection: Connection) -> AsyncCursor[TupleRow]:
    """One that gives JSON together with its size."""
    cursor = connection.cursor()
    set_json_loads(_sized, cursor)
    return cursor


def _sized(text: bytes | str) -> tuple[Any, int]:
    return codec.loads(text), len(text)
