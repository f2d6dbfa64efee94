"""Reading many documents side by side, where there is no request for many."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from connectors.notes.client import PARALLEL
from connectors.notes.transforms import NotesDocument


async def side_by_side(
    read: Callable[[str], Awaitable[NotesDocument | None]], unids: Iterable[str]
) -> list[NotesDocument]:
    """The documents in the order of `unids`, each once, without those that are gone."""
    gate = asyncio.Semaphore(PARALLEL)

    async def one(unid: str) -> NotesDocument | None:
        async with gate:
            return await read(unid)

    found = await asyncio.gather(*(one(unid) for unid in dict.fromkeys(unids) if unid))
    return [one for one in found if one is not None]
