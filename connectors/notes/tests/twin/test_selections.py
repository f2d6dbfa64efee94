"""What a client may choose of a view and of a document, against the documented contract."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.notes.tests.conftest import Clock, inside
from connectors.notes.twin.app import create_app

DATA = "/fulfil.nsf/api/data"
STOCK = f"{DATA}/collections/name/Stock"
ORDERS = f"{DATA}/collections/name/(OrdersByExternalKey)"
T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


@pytest.fixture
async def dds(world: Callable[..., Path], clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(world=world(database={"full_text": True}), clock=clock)
    async with inside(app) as client:
        yield client
    app.state.twin.disk.close()


async def make(dds: httpx.AsyncClient, number: str, parent: str = "") -> str:
    items = {"ExternalKey": number, "OrderRef": f"R-{9 - int(number)}", "CustomerName": "Zoë Doe"}
    query = {"form": "Order Record", **({"parentid": parent} if parent else {})}
    answer = await dds.post(f"{DATA}/documents", params=query, json=items)
    return str(answer.headers["location"].rpartition("/")[2])


async def ids(dds: httpx.AsyncClient, **query: Any) -> list[str]:
    return [one["@unid"] for one in (await dds.get(ORDERS, params=query)).json()]


async def test_responses_of_a_document(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: parentid."""
    first = await make(dds, "1")
    answer = await make(dds, "2", parent=first)
    assert await ids(dds, parentid=first) == [answer]
    assert await ids(dds, parentid=answer) == []


async def test_user_sorting_and_what_is_swallowed(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: only columns with user resorting; `descending` alone reverses."""
    made = [await make(dds, one) for one in ("1", "2", "3")]
    assert await ids(dds, sortcolumn="OrderRef") == made[::-1]
    assert await ids(dds, sortcolumn="OrderRef", sortorder="descending") == made
    assert await ids(dds, sortcolumn="OrderRef", sortorder="Descending") == made[::-1]
    assert await ids(dds, sortcolumn="CustomerName") == made
    assert await ids(dds, sortcolumn="Nowhere") == made


async def test_one_selection_wins(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: search, keys, parentid, category, startkeys, in this order."""
    first, second = await make(dds, "1"), await make(dds, "2")
    assert await ids(dds, keys="1", startkeys="2") == [first]
    assert await ids(dds, keys="1", parentid=second) == [first]
    assert await ids(dds, search="Zoë", keys="1") == [first, second]


async def test_the_total_may_be_left_out(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: entrycount."""
    assert "content-range" in (await dds.get(STOCK)).headers
    bare = await dds.get(STOCK, params={"entrycount": "false"})
    assert "content-range" not in bare.headers


async def test_system_columns_by_their_bits(dds: httpx.AsyncClient) -> None:
    """[S] 6.3: decimal or hexadecimal; @entryid always."""
    for mask in ("258", "0x102"):
        [entry] = (await dds.get(STOCK, params={"systemcolumns": mask, "count": 1})).json()
        system = {one for one in entry if one.startswith("@")}
        assert system == {"@entryid", "@unid", "@form"}


@pytest.mark.parametrize(
    ("given", "compact"), [("true", True), ("TRUE", True), ("1", False), ("yes", False)]
)
async def test_flags(dds: httpx.AsyncClient, given: str, compact: bool) -> None:
    """[S] 3.6: true for `true` in any case, everything else is false."""
    text = (await dds.get(STOCK, params={"compact": given, "count": 1})).text
    assert ("\n" not in text) is compact


async def test_names_in_lower_case(dds: httpx.AsyncClient) -> None:
    """[S] 8: lowercasefields."""
    path = f"{DATA}/documents/unid/{T_SHIRT}"
    document = (await dds.get(path, params={"lowercasefields": "true"})).json()
    assert document["productid"] == "demo_1"
    assert "ProductID" not in document


async def test_the_older_form_of_rich_text(dds: httpx.AsyncClient) -> None:
    """[S] 8.5: multipart=false."""
    path = f"{DATA}/documents/unid/{T_SHIRT}"
    body = {"type": "richtext", "contentType": "text/html", "data": "<p>M</p>"}
    headers = {"x-http-method-override": "PATCH"}
    await dds.post(path, json={"Body": body}, headers=headers)
    document = (await dds.get(path, params={"multipart": "false"})).json()
    assert document["Body"] == body
