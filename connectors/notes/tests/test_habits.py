"""notes.form.profile: the habits of a form's documents."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notes.actions.profile import run_profile
from connectors.notes.habits import ItemHabit, look_of
from connectors.notes.tests.conftest import ORDER, Served, fits
from connectors.sdk.errors import NotFoundError

BY_KEY = {"form": "Order Record", "view": "(OrdersByExternalKey)"}


async def order(served: Served, number: int, **items: Any) -> str:
    fields = {**ORDER, "OrderNo": f"N-{number}", "ExternalKey": f"k{number}", **items}
    body = {"form": "Order Record", "items": fields}
    return str((await served.control.post("/_twin/documents", json=body)).json()["unid"])


async def profile(served: Served, **params: Any) -> dict[str, Any]:
    result = await run_profile(served.ctx(), {**BY_KEY, **params})
    return dict(fits("notes.form.profile", result.output))


async def test_types_lists_gaps_and_formats(served: Served) -> None:
    lines = {"Item_SKU": ["a", "b"], "Item_Qty": [1, 2]}
    await order(served, 1, Carrier="129,50", OrderStatus="Shipped")
    await order(served, 2, Carrier="1.129,50", OrderStatus="Shipped", **lines)
    unid = await order(served, 3, Carrier="€ 12.50", OrderStatus="Closed", TrackingNo="")
    await served.save(unid, Phone=None, CustomerName="")
    output = await profile(served)
    assert (output["form"], output["sampled"], output["conflicts"]) == ("Order Record", 3, 0)
    items = {one["name"]: one for one in output["items"]}
    assert items["Carrier"]["looks"] == {"number with comma": 2, "amount with currency": 1}
    assert items["OrderStatus"]["values"] == ["Shipped", "Closed"]
    assert items["Item_Qty"]["types"] == {"number": 4}
    assert (items["Item_Qty"]["multi"], items["Item_Qty"]["most_values"]) == (True, 2)
    assert items["Item_Qty"]["list_rate"] == round(Decimal(1) / 3, 4)
    assert items["OrderDate"]["types"] == {"date": 3}
    assert items["CustomerName"]["empty_rate"] == round(Decimal(1) / 3, 4)
    assert items["EMail"]["looks"] == {"e-mail address": 3}
    assert items["OrderNo"]["values"] == []
    suggested = output["suggested"]
    assert {"Item_SKU", "Item_Qty"} <= set(suggested["multi"])
    assert "OrderDate" in suggested["dates"]
    assert {"Total", "Item_Qty"} <= set(suggested["numbers"])
    assert suggested["key_item"] in {"OrderNo", "ExternalKey"}


async def test_a_number_item_with_text_is_found_out_and_no_failure(served: Served) -> None:
    await order(served, 1)
    unid = await order(served, 2)
    document = served.twin.store.databases["fulfil.nsf"].documents[unid]
    item = document.items["total"]
    item.kind, item.values = type(item.kind).TEXT, ["on request"]
    items = {one["name"]: one for one in (await profile(served))["items"]}
    assert items["Total"]["types"] == {"number": 1, "text": 1}


async def test_stamps_and_conflicts_do_not_count(served: Served) -> None:
    unid = await order(served, 1, SyncRev="x")
    body = {"form": "Order Record", "conflict_of": unid, "items": {**ORDER, "ExternalKey": "k1"}}
    await served.control.post("/_twin/documents", json=body)
    output = await profile(served)
    assert (output["sampled"], output["conflicts"]) == (1, 1)
    assert "SyncRev" not in {one["name"] for one in output["items"]}


async def test_the_sample_is_spread_over_the_view(served: Served) -> None:
    for number in range(100, 450):
        await order(served, number)
    output = await profile(served, sample=30)
    keys = next(one for one in output["items"] if one["name"] == "ExternalKey")
    assert output["sampled"] == 30
    assert keys["distinct"] == 30
    reads = {path for _, path, _ in await served.requests() if "start=" in path}
    assert len(reads) == 3


async def test_a_form_that_the_view_does_not_show(served: Served) -> None:
    with pytest.raises(NotFoundError) as caught:
        await profile(served, view="Customers")
    assert caught.value.code == "no_sample"


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("42", "whole number"),
        ("129.50", "number with point"),
        ("1,129.50", "number with point"),
        ("129,50", "number with comma"),
        ("1.129,50", "number with comma"),
        ("EUR 1.129,50", "amount with currency"),
        ("12 €", "amount with currency"),
        ("2026-11-23", "date, year first"),
        ("2026-11-23T10:21:30Z", "date, year first"),
        ("23.11.2026", "date with points"),
        ("11/23/26", "date with slashes"),
        ("jane@buyer.example", "e-mail address"),
        ("CN=Ann Editor/OU=Sales/O=Acme", "Notes name"),
        ("Ann Editor/Acme", "Notes name"),
        ("C19DBA6C3A81ABCF2BA2AED24430F4EF", "universal id"),
        ("Nein", "yes or no"),
        ("https://shop.example/x", "web address"),
        ("Awaiting Approval", "text"),
    ],
)
def test_what_text_looks_like(text: str, look: str) -> None:
    assert look_of(text) == look


VALUES = st.lists(st.one_of(st.text(max_size=5), st.integers(-9, 9)), max_size=4)


@given(st.lists(VALUES, max_size=20))
def test_nothing_is_counted_twice_or_not_at_all(documents: list[list[Any]]) -> None:
    habit = ItemHabit()
    for values in documents:
        habit.add("Item", values, dates=False)
    output = habit.to_output(len(documents)) if documents else None
    filled = [
        v for values in documents for v in values if str(v).strip("".join(map(chr, range(33))))
    ]
    assert habit.types.total() == len(filled)
    assert habit.values.total() == len(filled)
    assert habit.looks.total() == habit.types["text"]
    if output:
        assert output["missing_rate"] == 0
        assert 0 <= output["empty_rate"] <= 1
