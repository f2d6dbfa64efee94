"""What a run's journal holds, for the engine and for live views."""

from typing import Final
from uuid import UUID

from flows.engine.events import EventType, RunEvent
from flows.store.pool import pool

_EVENTS: Final = """
SELECT seq, type, node, path, at, data FROM flows_runevent
WHERE run_id = %(run)s AND seq > %(after)s ORDER BY seq LIMIT %(most)s
"""


async def load_events(run_id: UUID, *, after: int = 0, most: int | None = None) -> list[RunEvent]:
    """The run's events behind `after`, in order."""
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(_EVENTS, {"run": run_id, "after": after, "most": most})
        rows = await cursor.fetchall()
    return [
        RunEvent(seq=seq, type=EventType(type_), node=node, path=path, at=at, data=data)
        for seq, type_, node, path, at, data in rows
    ]
