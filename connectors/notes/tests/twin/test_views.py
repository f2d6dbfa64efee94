"""Views against the documented contract."""

from typing import Any

import httpx
import pytest

from connectors.notes.tests.conftest import ORDER, Clock

DATA = "/fulfil.nsf/api/data"


def view(name: str, part: str = "") -> str:
    return f"{DATA}/collections/name/{name.replace(' ', '%20').replace(chr(92), '%5C')}{part}"


async def order(dds: httpx.AsyncClient, **items: Any) -> str:
    answer = await dds.post(
        f"{DATA}/documents", params={"form": "Order Record"}, json={**ORDER, **items}
    )
    return str(answer.headers["location"][-32:])


async def test_databases_and_views_are_listed(dds: httpx.AsyncClient) -> None:
    """[S] 5.1, 5.2: hidden views too."""
    [database] = (await dds.get("/api/data")).json()
    assert database["@filepath"] == "fulfil.nsf"
    assert database["@replicaid"] == "802579AB00112233"
    names = {one["@title"] for one in (await dds.get(f"{DATA}/collections")).json()}
    assert names == {
        "(OrdersByExternalKey)", "(StockByKey)", "Orders\\By status", "Orders\\By date",
        "Stock", "Customers", "All documents",
    }  # fmt: skip


async def test_design_names_are_the_keys_of_entries(dds: httpx.AsyncClient) -> None:
    """[S] 5.3."""
    columns = (await dds.get(view("All documents", "/design"))).json()
    assert [one["@name"] for one in columns] == ["$1", "$2", "OrderNo", "ProductID"]
    assert [one["@field"] for one in columns] == [False, False, True, True]
    [entry] = (await dds.get(view("All documents"), params={"count": "1"})).json()
    assert entry["$2"]


async def test_keys_match_the_first_sorted_column(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: prefix unless exact, any case."""
    first = await order(dds, ExternalKey="shop/order/1")
    await order(dds, ExternalKey="shop/order/12")
    url = view("(OrdersByExternalKey)")
    both = (await dds.get(url, params={"keys": "SHOP/order/1"})).json()
    assert len(both) == 2
    exact = await dds.get(url, params={"keys": "SHOP/order/1", "keysexactmatch": "true"})
    assert [one["@unid"] for one in exact.json()] == [first]
    assert exact.headers["content-range"] == "items 0-0/1"
    none = await dds.get(url, params={"keys": "shop/order/2", "keysexactmatch": "true"})
    assert none.json() == []
    assert "content-range" not in none.headers


async def test_startkeys_go_on_to_the_end(dds: httpx.AsyncClient) -> None:
    """[S] 6.1."""
    for number in ("a", "b", "c"):
        await order(dds, ExternalKey=number)
    entries = (await dds.get(view("(OrdersByExternalKey)"), params={"startkeys": "b"})).json()
    assert [one["ExternalKey"] for one in entries] == ["b", "c"]


async def test_categories_are_entries_and_a_selection(dds: httpx.AsyncClient) -> None:
    """[S] 6.3: category rows have no document; category= leaves its documents."""
    await order(dds, OrderStatus="Shipped", OrderRef="A")
    await order(dds, OrderStatus="Awaiting Approval", OrderRef="B")
    rows = (await dds.get(view("Orders\\By status"))).json()
    assert [one["@position"] for one in rows] == ["1", "1.1", "2", "2.1"]
    assert rows[0]["@category"] is True
    assert rows[0]["@unid"] == ""
    assert rows[0]["OrderStatus"] == "Awaiting Approval"
    assert "OrderStatus" not in rows[1]
    only = (await dds.get(view("OrdersByStatus"), params={"category": "shipped"})).json()
    assert [one["OrderRef"] for one in only] == ["A"]


async def test_the_limit_and_its_exact_words(dds: httpx.AsyncClient) -> None:
    """[S] 6.1, 4: two blanks."""
    assert (await dds.get(view("Stock"), params={"count": "100"})).status_code == 200
    answer = await dds.get(view("Stock"), params={"count": "101"})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Limit exceeded.  Cannot read more than 100 entries."


async def test_paging_by_parameters_and_by_range(dds: httpx.AsyncClient) -> None:
    """[S] 6.1, 6.2."""
    whole = (await dds.get(view("Stock"), params={"count": "100"})).json()
    default = await dds.get(view("Stock"))
    assert len(default.json()) == 10
    assert default.headers["content-range"] == f"items 0-9/{len(whole)}"
    page = await dds.get(view("Stock"), params={"ps": "7", "page": "2"})
    assert [one["@unid"] for one in page.json()] == [one["@unid"] for one in whole[14:21]]
    ranged = await dds.get(view("Stock"), headers={"Range": "items=5-6"})
    assert [one["@unid"] for one in ranged.json()] == [one["@unid"] for one in whole[5:7]]
    past = await dds.get(view("Stock"), params={"start": "5000"})
    assert past.json() == []
    assert "content-range" not in past.headers
    assert (await dds.get(view("Stock"), params={"count": "-1"})).status_code == 400
    assert (await dds.get(view("Stock"), headers={"Range": "items=a"})).status_code == 500


async def test_dates_in_views_are_full_utc(dds: httpx.AsyncClient) -> None:
    """[S] 6.3: a date alone becomes midnight of the server's zone."""
    await order(dds, OrderDate="10/03/2026")
    [entry] = (await dds.get(view("Orders\\By date"))).json()
    assert entry["OrderDate"] == "2026-03-09T23:00:00Z"


async def test_a_saved_document_moves_in_its_views(dds: httpx.AsyncClient, clock: Clock) -> None:
    unid = await order(dds, ExternalKey="old")
    clock.move(1)
    await dds.post(
        f"{DATA}/documents/unid/{unid}",
        json={"ExternalKey": "new"},
        headers={"X-HTTP-Method-Override": "PATCH"},
    )
    url = view("(OrdersByExternalKey)")
    assert (await dds.get(url, params={"keys": "old"})).json() == []
    assert len((await dds.get(url, params={"keys": "new"})).json()) == 1


async def test_reading_marks_a_document_read_unless_told_not_to(dds: httpx.AsyncClient) -> None:
    """[S] 8: markread defaults to true."""
    unid = await order(dds, ExternalKey="k")
    url = f"{DATA}/documents/unid/{unid}"
    await dds.get(url, params={"markread": "false"})
    [entry] = (await dds.get(view("(OrdersByExternalKey)"))).json()
    assert "@read" not in entry
    await dds.get(url)
    [entry] = (await dds.get(view("(OrdersByExternalKey)"))).json()
    assert entry["@read"] is True


async def test_readers_hide_documents_but_not_from_the_total(
    dds: httpx.AsyncClient,
) -> None:
    """[S] 2.2, 6.4: absent in views, 404 by UNID, counted all the same."""
    made = await dds.post(
        "/_twin/documents",
        json={
            "form": "Order Record",
            "items": {
                "OrderNo": "1", "Total": 1, "EMail": "a@b", "ExternalKey": "secret",
                "DocReaders": ["[Board]"],
            },
        },
    )  # fmt: skip
    unid = made.json()["unid"]
    assert (await dds.get(f"{DATA}/documents/unid/{unid}")).status_code == 404
    await order(dds, ExternalKey="open")
    answer = await dds.get(view("(OrdersByExternalKey)"))
    assert [one["ExternalKey"] for one in answer.json()] == ["open"]
    assert answer.headers["content-range"].endswith("/2")


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("collections/name/Nothing", 404, "The URI must refer to an existing view."),
        ("collections/title/Stock", 404, "The query method title not supported"),
    ],
)
async def test_unknown_views(dds: httpx.AsyncClient, path: str, status: int, message: str) -> None:
    """[S] 4."""
    answer = await dds.get(f"{DATA}/{path}")
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert list(answer.json()) == ["code", "text", "message"]
