"""notes.document.search."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.actions.search import run_search
from connectors.notes.tests.conftest import Served, fits
from connectors.sdk.errors import ConfigurationError, RejectedError

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


@pytest.fixture
async def indexed(served_world: Callable[..., Any]) -> Served:
    served: Served = await served_world(database={"full_text": True})
    return served


async def search(served: Served, text: str, **params: Any) -> dict[str, Any]:
    result = await run_search(served.ctx(), {"search": text, **params})
    return dict(fits("notes.document.search", result.output))


async def test_documents_with_their_items(indexed: Served) -> None:
    output = await search(indexed, "FIELD ProductID CONTAINS demo_1 AND FIELD Size CONTAINS S")
    assert UNID in [one["unid"] for one in output["documents"]]
    assert {one["items"]["Size"] for one in output["documents"]} == {"S"}
    assert output["documents"][0]["score"] == 100
    assert output["complete"]


async def test_an_older_server_has_no_scores(served_world: Callable[..., Any]) -> None:
    served = await served_world(database={"full_text": True}, server={"later": False})
    output = await search(served, "hummingbird")
    assert {one["score"] for one in output["documents"]} == {None}


async def test_forms_since_and_how_many(indexed: Served) -> None:
    assert (await search(indexed, "hummingbird", forms=["order record"]))["documents"] == []
    few = await search(indexed, "hummingbird", most=2)
    assert (len(few["documents"]), few["complete"]) == (2, False)
    await indexed.save(UNID, Stock=7)
    since = await search(indexed, "hummingbird", since="2026-11-23T10:21:30Z")
    assert [one["unid"] for one in since["documents"]] == [UNID]
    with pytest.raises(ConfigurationError):
        await search(indexed, "hummingbird", since="yesterday")


async def test_conflict_documents_are_named_apart(indexed: Served) -> None:
    body = {
        "form": "Product Catalog Item",
        "conflict_of": UNID,
        "items": {"ProductID": "demo_1", "ProductName": "Loserbird"},
    }
    loser = (await indexed.control.post("/_twin/documents", json=body)).json()["unid"]
    output = await search(indexed, "loserbird")
    assert (output["documents"], output["conflicts"]) == ([], [loser])


async def test_bad_queries_and_no_index(indexed: Served, served: Served) -> None:
    with pytest.raises(RejectedError, match="understandable"):
        await search(indexed, '"open')
    with pytest.raises(ConfigurationError) as caught:
        await search(served, "hummingbird")
    assert caught.value.code == "no_index"
