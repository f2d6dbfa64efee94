"""Reading many documents side by side."""

import asyncio
from collections.abc import Iterable

from connectors.notes.client import NotesClient
from connectors.notes.transforms import NotesDocument

PARALLEL = 8


async def read_all(client: NotesClient, unids: Iterable[str]) -> list[NotesDocument]:
    """The documents in the order of `unids`, each once, without those that are gone."""
    gate = asyncio.Semaphore(PARALLEL)

    async def read(unid: str) -> NotesDocument | None:
        async with gate:
            return await client.read_if_there(unid)

    found = await asyncio.gather(*(read(one) for one in dict.fromkeys(unids) if one))
    return [one for one in found if one is not None]
