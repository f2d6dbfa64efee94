"""Whether bulk replays have something left to do."""

from typing import Final

from flows.store.pool import pool

_RUNNING: Final = "SELECT EXISTS (SELECT FROM flows_bulk_replay WHERE state = 'running')"


async def any_bulk_running() -> bool:
    """Asked by every sweep; reads an index that is empty most of the time."""
    async with (await pool()).connection() as connection:
        row = await (await connection.execute(_RUNNING)).fetchone()
    return bool(row and row[0])
