"""Upserts against the twin as each version: once, and nothing that was not meant."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.client import ShopClient
from connectors.prestashop.tests.imitated import imitated
from connectors.sdk.operation import OperationContext, OperationResult
from connectors.sdk.receipt import Verdict

VERSIONS = ("9.1.4", "8.2.1", "1.7.8.11")
MAY = {"email": "may@meadow.example", "firstname": "May", "lastname": "Field", "newsletter": True}
MILL = {
    "customer_id": "2",
    "firstname": "May",
    "lastname": "Field",
    "address1": "Mill Lane 3",
    "city": "Paris",
    "postcode": "75001",
    "country_iso": "FR",
}
JAR = {
    "reference": "JAR-0123",
    "name": [{"language": "en", "value": "Honey jar"}, {"language": "2", "value": "Tarro"}],
    "description": "<p>Acacia &amp; lime</p>",
    "price": Decimal("12.345678"),
    "active": True,
    "id_category_default": "2",
}


async def run(ctx: OperationContext, name: str, params: dict[str, Any]) -> OperationResult:
    operation = CONNECTOR.operation(f"prestashop.{name}@1")
    assert operation is not None
    return await operation.run(ctx, params)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "params", "change"),
    [
        ("customer.upsert", MAY, {"lastname": "Meadow", "company": "Mill & Co"}),
        ("address.upsert", MILL, {"address2": "Rear house"}),
        ("product.upsert", JAR, {"price": "11.5", "name": "Honey jar, small"}),
    ],
)
async def test_it_is_there_once_and_then_as_it_was_changed(
    version: str, name: str, params: dict[str, Any], change: dict[str, Any]
) -> None:
    operation = CONNECTOR.operation(f"prestashop.{name}@1")
    assert operation is not None
    assert operation.probe is not None
    async with imitated(version) as ctx:
        planned = await operation.run(replace(ctx, dry_run=True), params)
        assert (await operation.probe(ctx, params)).happened is False
        made = await operation.run(ctx, params)
        again = await operation.run(ctx, params)
        probed = await operation.probe(ctx, params)
        id_ = made.output["id"]
        changed = await operation.run(ctx, {**params, **change, "address_id": id_})
        after = await operation.probe(ctx, {**params, **change})
    assert planned.prediction is not None
    assert planned.output["id"] is None
    assert made.output["action"] == "created"
    assert (again.output["id"], again.output["action"]) == (id_, "unchanged")
    assert probed.happened
    assert (changed.output["id"], changed.output["action"]) == (id_, "updated")
    for one in (made, again, changed):
        assert one.receipt is not None
        assert one.receipt.verdict is not Verdict.DIVERGED
    assert after.happened


async def test_a_new_product_is_for_sale_and_has_a_stock_row() -> None:
    async with imitated("9.1.4") as ctx:
        id_ = (await run(ctx, "product.upsert", JAR)).output["id"]
        row = await ShopClient(ctx).row("products", id_)
        got = await run(ctx, "stock.set", {"reference": "JAR-0123", "quantity": 5})
    assert (str(row["state"]), str(row["active"]), str(row["show_price"])) == ("1", "1", "1")
    assert [one["value"] for one in row["link_rewrite"]] == ["honey-jar", "tarro"]
    assert [one["value"] for one in row["name"]] == ["Honey jar", "Tarro"]
    # What is given in one language stands in all of a new record.
    assert [one["value"] for one in row["description"]] == ["<p>Acacia &amp; lime</p>"] * 2
    assert row["associations"]["categories"] == [{"id": 2}]
    assert got.output["product_id"] == id_


async def test_an_address_of_an_old_order_stays_as_it_was() -> None:
    async with imitated("9.1.4") as ctx:
        client = ShopClient(ctx)
        order = await client.row("orders", "2")
        used = str(order["id_address_delivery"])
        before = dict(await client.row("addresses", used))
        params = {**MILL, "customer_id": str(before["id_customer"]), "address_id": used}
        got = await run(ctx, "address.upsert", params)
        again = await run(ctx, "address.upsert", params)
        after = dict(await client.row("addresses", used))
    assert got.output["replaced_id"] == used
    assert again.output["id"] == got.output["id"]
    assert again.output["action"] == "unchanged"
    assert after == {**before, "deleted": "1", "date_upd": after["date_upd"]}


async def test_a_password_of_a_new_customer_is_drawn_and_never_told() -> None:
    async with imitated("9.1.4") as ctx:
        got = await run(ctx, "customer.upsert", MAY)
        row = await ShopClient(ctx).row("customers", got.output["id"])
    assert str(row["passwd"]) not in str(got)
    assert [one["id"] for one in row["associations"]["groups"]] == [3]
    assert str(row["is_guest"]) == "0"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_delta_is_added_once(version: str) -> None:
    params = {"product_id": "1", "combination_id": "1", "delta": -4}
    async with imitated(version) as ctx:
        base = (await run(ctx, "stock.adjust", {**params, "delta": 0})).output["quantity"]
        got = await run(ctx, "stock.adjust", {**params, "expected_quantity": base})
        operation = CONNECTOR.operation("prestashop.stock.adjust@1")
        assert operation is not None
        assert operation.probe is not None
        probed = await operation.probe(ctx, params)
        elsewhere = replace(ctx, session={})
        other = await operation.probe(elsewhere, {**params, "expected_quantity": base})
    assert got.output["quantity"] == base - 4
    assert probed.happened
    assert other.happened
