"""What the manifest says an operation costs is what the twin counts, once states are known."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.client import ShopClient
from connectors.prestashop.reference import Reference
from connectors.prestashop.tests.imitated import asked, imitated
from connectors.prestashop.tests.test_upserts_imitated import JAR, MAY, MILL
from connectors.sdk.operation import OperationContext

COST = {one["name"]: one.get("cost", 1) for one in CONNECTOR.manifest["operations"]}


@pytest.fixture
async def twin() -> AsyncIterator[OperationContext]:
    async with imitated("9.1.4") as ctx:
        yield ctx


async def run(ctx: OperationContext, name: str, /, **params: Any) -> Any:
    operation = CONNECTOR.operation(f"{name}@1")
    assert operation is not None
    return (await operation.run(ctx, params)).output


@pytest.mark.parametrize(
    ("name", "params"),
    [
        # At most: an order whose two addresses are one costs a request less.
        ("prestashop.order.get", {"order_id": "2"}),
        ("prestashop.order.set_tracking", {"order_id": "2", "tracking_number": "T1"}),
        ("prestashop.order.set_state", {"order_id": "2", "state_id": "5"}),
        ("prestashop.order.ship", {"order_id": "2", "tracking_number": "T1", "state_id": "5"}),
        ("prestashop.stock.set", {"product_id": "1", "combination_id": "1", "quantity": 41}),
        (
            "prestashop.stock.adjust",
            {"product_id": "1", "combination_id": "1", "delta": 2},
        ),
        ("prestashop.order.add_message", {"order_id": "2", "message": "Two parcels"}),
        (
            "prestashop.order.create",
            {
                "customer_id": "2",
                "delivery_address_id": "5",
                "carrier_id": "2",
                "lines": [{"product_id": "1", "combination_id": "1", "quantity": 1}],
                "total_paid": "1",
            },
        ),
        ("prestashop.customer.upsert", {**MAY, "firstname": "June"}),
        ("prestashop.address.upsert", {**MILL, "city": "Lyon"}),
        ("prestashop.product.upsert", {**JAR, "price": "13"}),
        ("prestashop.resource.get", {"resource": "taxes", "id": "1"}),
        ("prestashop.resource.list", {"resource": "taxes"}),
        (
            "prestashop.resource.create",
            {"resource": "taxes", "key": ["rate"], "fields": {"rate": "7.500", "active": True}},
        ),
        (
            "prestashop.resource.update",
            {"resource": "addresses", "id": "5", "fields": {"address2": "Rear"}},
        ),
        ("prestashop.resource.delete", {"resource": "taxes", "id": "2"}),
        ("prestashop.product.search", {"limit": 100}),
        ("prestashop.stock.search", {"limit": 100}),
    ],
)
async def test_an_operation_costs_what_the_manifest_says(
    twin: OperationContext, name: str, params: dict[str, Any]
) -> None:
    # What rarely changes is read once for many operations.
    await run(twin, "prestashop.order.get", order_id="1")
    for known, given in (("customer", MAY), ("address", MILL), ("product", JAR)):
        await run(twin, f"prestashop.{known}.upsert", **given)
    await Reference(twin, ShopClient(twin)).configuration("PS_CURRENCY_DEFAULT")
    before = await asked(twin)
    await run(twin, name, **params)
    assert 0 < await asked(twin) - before <= COST[name]
    if name != "prestashop.order.get":
        assert await asked(twin) - before == COST[name]
