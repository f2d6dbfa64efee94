"""notes.view.read: entries by every choice that the service offers."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.actions.view import run_view
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import ORDER, Served, fits
from connectors.sdk.errors import ConfigurationError, PermissionDeniedError
from connectors.sdk.http import Answer


async def read(served: Served, view: str = "(StockByKey)", **params: Any) -> dict[str, Any]:
    result = await run_view(served.ctx(), {"view": view, **params})
    return dict(fits("notes.view.read", result.output))


async def order(served: Served, number: str, status: str = "Shipped") -> str:
    items = {**ORDER, "OrderNo": number, "ExternalKey": number, "OrderStatus": status}
    body = {"form": "Order Record", "items": items}
    return str((await served.control.post("/_twin/documents", json=body)).json()["unid"])


async def queries(served: Served) -> list[str]:
    return [path for _, path, _ in await served.requests() if "/collections/name/" in path]


async def test_entries_with_their_columns(served: Served) -> None:
    output = await read(served, key="1/1")
    [entry] = output["entries"]
    assert entry["columns"]["ProductID"] == "demo_1"
    assert entry["form"] == "Product Catalog Item"
    assert not entry["is_category"]
    assert (output["total"], output["complete"], output["moved"]) == (1, True, False)


async def test_a_key_may_be_a_beginning(served: Served) -> None:
    assert (await read(served, key="1/"))["entries"] == []
    assert len((await read(served, key="1/", exact=False))["entries"]) > 1


async def test_categories_and_one_of_them(served: Served) -> None:
    shipped = await order(served, "A", "Shipped")
    await order(served, "B", "Closed")
    rows = (await read(served, "OrdersByStatus"))["entries"]
    assert [(one["is_category"], one["indent"]) for one in rows] == [
        (True, 0), (False, 1), (True, 0), (False, 1),
    ]  # fmt: skip
    assert rows[0]["columns"] == {"OrderStatus": "Closed"}
    [only] = (await read(served, "OrdersByStatus", category="shipped"))["entries"]
    assert only["unid"] == shipped


async def test_responses_of_a_document(served: Served) -> None:
    parent = await order(served, "A")
    body = {"form": "Order Record", "conflict_of": parent, "items": {**ORDER, "ExternalKey": "A"}}
    child = (await served.control.post("/_twin/documents", json=body)).json()["unid"]
    [entry] = (await read(served, "(OrdersByExternalKey)", parent=parent))["entries"]
    assert entry["unid"] == child
    assert entry["is_response"]


async def test_from_a_key_on(served: Served) -> None:
    keys = ["a", "b", "c"]
    for key in keys:
        await order(served, key)
    rows = (await read(served, "(OrdersByExternalKey)", start_key="b"))["entries"]
    assert [one["columns"]["ExternalKey"] for one in rows] == ["b", "c"]


async def test_another_order(served: Served) -> None:
    for number, ref in (("1", "B"), ("2", "A"), ("3", "C")):
        unid = await order(served, number)
        await served.save(unid, OrderRef=ref)
    rows = await read(
        served, "(OrdersByExternalKey)", sort_column="OrderRef", sort_order="descending"
    )
    assert [one["columns"]["OrderRef"] for one in rows["entries"]] == ["C", "B", "A"]


async def test_a_column_that_is_not_there_is_refused(served: Served) -> None:
    """The service would swallow it."""
    with pytest.raises(ConfigurationError) as caught:
        await read(served, sort_column="Nope")
    assert caught.value.code == "sort_column"


async def test_two_selections_are_refused(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await read(served, key="1/1", category="x")
    assert caught.value.code == "selection"


async def test_start_count_and_page(served: Served) -> None:
    keys = [f"{number:03}" for number in range(25)]
    for key in keys:
        await order(served, key)

    async def shown(**params: Any) -> list[str]:
        rows = (await read(served, "(OrdersByExternalKey)", **params))["entries"]
        return [one["columns"]["ExternalKey"] for one in rows]

    assert await shown(start=3, count=4) == keys[3:7]
    assert await shown(page=2, count=10) == keys[20:]
    assert await shown(start=100) == []
    assert (await read(served, "(OrdersByExternalKey)", count=10))["complete"] is False


async def test_without_the_total(served: Served) -> None:
    output = await read(served, "Stock", entry_count=False, count=3)
    assert output["total"] is None
    assert "entrycount=false" in (await queries(served))[-1]


async def test_many_pages_and_a_server_with_a_lower_limit(
    served_world: Callable[..., Any],
) -> None:
    served = await served_world(server={"max_view_entries": 20})
    keys = [f"{number:03}" for number in range(70)]
    for key in keys:
        await order(served, key)
    output = await read(served, "(OrdersByExternalKey)", count=65)
    assert [one["columns"]["ExternalKey"] for one in output["entries"]] == keys[:65]
    assert (output["complete"], output["moved"]) == (False, False)
    whole = await read(served, "(OrdersByExternalKey)", count=5000)
    assert [one["columns"]["ExternalKey"] for one in whole["entries"]] == keys
    assert whole["complete"]


async def test_a_view_that_moves_between_two_pages_is_told(
    served_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await served_world(server={"max_view_entries": 20})
    for number in range(30):
        await order(served, f"b{number:03}")
    call = DdsClient._call

    async def moving(self: DdsClient, *args: Any, **kwargs: Any) -> Answer:
        answer = await call(self, *args, **kwargs)
        if answer.status == 200 and "OrdersByExternalKey" in args[1]:
            await order(served, "a first one")
        return answer

    monkeypatch.setattr(DdsClient, "_call", moving)
    output = await read(served, "(OrdersByExternalKey)", count=30)
    assert output["moved"] is True


async def test_full_text(served_world: Callable[..., Any]) -> None:
    served = await served_world(database={"full_text": True})
    rows = (await read(served, "Stock", search="hummingbird AND white", search_most=2))["entries"]
    assert len(rows) == 2
    with pytest.raises(Exception, match="understandable"):
        await read(served, "Stock", search="(white")


async def test_without_an_index(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await read(served, "Stock", search="white")
    assert caught.value.code == "no_index"


async def test_views_that_are_missing_or_closed(served_world: Callable[..., Any]) -> None:
    served = await served_world(views={"Stock": {"api": False}})
    with pytest.raises(PermissionDeniedError):
        await read(served, "Stock")
    with pytest.raises(ConfigurationError) as caught:
        await read(served, "Nowhere")
    assert caught.value.code == "view_missing"
