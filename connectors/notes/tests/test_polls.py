"""The change list, walked over at random: no last state of a document stays unheard."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from connectors.notes.polls import saved_since
from connectors.notes.tests.conftest import Served

# Within a second, over a second, past the time a save takes to rest, past the overlap.
PAUSES = (0, 0, 0.3, 0.8, 1.0, 2.5, 40, 200)


@pytest.fixture
async def inside(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=served.twin)) as http:
        yield http


@pytest.mark.parametrize("seed", range(12))
async def test_the_last_state_of_each_document_is_read(
    served: Served, inside: httpx.AsyncClient, seed: int
) -> None:
    chance = random.Random(seed)
    ctx = replace(served.ctx(), http=inside)
    unids = [one["unid"] for one in (await served.documents("Product Catalog Item"))[:4]]
    saved: dict[str, int] = {}
    heard: dict[str, list[int]] = {}
    page = await saved_since(ctx, None)

    async def look() -> None:
        nonlocal page
        page = await saved_since(ctx, page.cursor)
        for one in page.documents:
            heard.setdefault(one.unid, []).append(int(one.item("Stock")))

    for step in range(60):
        unid = chance.choice(unids)
        if chance.random() < 0.6:
            await served.save(unid, Stock=1000 + step)
            saved[unid] = 1000 + step
        else:
            await look()
        served.clock.move(chance.choice(PAUSES))
    for _ in range(3):
        await look()
        served.clock.move(3)
    assert {unid: stocks[-1] for unid, stocks in heard.items()} == saved
    # And each state at most once, but for one that was read again while it came to rest.
    for stocks in heard.values():
        assert len(stocks) == len(set(stocks))
