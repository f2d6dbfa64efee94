"""Placing an order through a cart: what both recorded shops made of one, and the twin's."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.prestashop.actions.order_create import create_order, probe_order
from connectors.prestashop.actions.order_get import get_order
from connectors.prestashop.tests.imitated import imitated
from connectors.prestashop.tests.recorded import RecordedShop, context, only, xml_fields
from connectors.sdk.errors import NotFoundError, RejectedError, UncertainError
from connectors.sdk.receipt import FieldResult, Verdict

MARK = "causeway-" + "84e0c0eafaa95a34c293f278ac52e45ce537bab5e752a00e6959a13ae103b65a"[:32]
CARTS = (
    f"/api/carts?filter[gift_message]=[{MARK}]&display=[id,gift_message]&sort=[id_ASC]"
    "&output_format=JSON"
)
ORDERS = "/api/orders?filter[id_cart]=[7]&display=full&sort=[id_ASC]&output_format=JSON"
CURRENCY = (
    "/api/configurations?filter[name]=[PS_CURRENCY_DEFAULT]&display=[name,value]&output_format=JSON"
)
CUSTOMER = "/api/customers/3?display=full&output_format=JSON"
# The recorded cart and order (161 to 166b).
WANTED: dict[str, Any] = {
    "customer_id": "3",
    "delivery_address_id": "7",
    "carrier_id": "2",
    "lines": [
        {"product_id": "1", "combination_id": "1", "quantity": 2},
        {"product_id": "6", "quantity": "1"},
    ],
    "total_paid": "82.43",
}


def settings(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(CURRENCY, "200", lambda body: {"configurations": body["configurations"][:1]})


def placed(**changes: Any) -> Any:
    return lambda body: only("orders", 6, id=7, id_cart=7, **changes)(body)


async def test_a_total_that_is_not_the_shops_diverges(shop: RecordedShop) -> None:
    """166b: the answer echoes our total with 201; the order is in the state payment error."""
    settings(shop)
    shop.derive(CARTS, "041")
    shop.derive(CUSTOMER, "144")
    shop.derive("/api/carts?output_format=JSON", "166a", method="POST")
    shop.derive("/api/orders?output_format=JSON", "166b", method="POST")
    shop.derive(ORDERS, "168", placed(current_state=8))
    got = await create_order(context(shop), WANTED)
    assert (got.output["order_id"], got.output["cart_id"], got.output["state_id"]) == (
        "7",
        "7",
        "8",
    )
    assert got.output["total_paid"] == Decimal("60.67")
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.DIVERGED
    diverged = {one.field for one in got.receipt.fields if one.result is FieldResult.DIVERGED}
    assert {"total_paid", "payment_accepted"} <= diverged


async def test_an_order_that_is_there_is_not_placed_again(shop: RecordedShop) -> None:
    shop.derive(CARTS, "160", lambda body: {"carts": [{"id": 7, "gift_message": MARK}]})
    shop.derive(ORDERS, "168", placed(id_carrier=2))
    got = await create_order(context(shop), {**WANTED, "total_paid": "60.67"})
    assert got.output["changed"] is False
    assert got.receipt is not None
    assert (got.receipt.action, got.receipt.verdict) == ("found", Verdict.CONFIRMED)
    assert shop.writes() == []


async def test_a_cart_that_was_left_is_ordered(shop: RecordedShop) -> None:
    settings(shop)
    shop.derive(CARTS, "160", lambda body: {"carts": [{"id": 7, "gift_message": MARK}]})
    shop.derive(ORDERS, "041")
    shop.derive(ORDERS, "168", placed())
    shop.derive("/api/orders?output_format=JSON", "166b", method="POST")
    await create_order(context(shop), WANTED)
    assert [one[1] for one in shop.writes()] == ["/api/orders"]


async def test_an_empty_500_is_uncertain_and_the_probe_knows(shop: RecordedShop) -> None:
    """166c: a cart that is an order already."""
    settings(shop)
    shop.derive(CARTS, "160", lambda body: {"carts": [{"id": 7, "gift_message": MARK}]})
    shop.derive(ORDERS, "041")
    shop.derive(ORDERS, "168", placed())
    shop.derive("/api/orders?output_format=JSON", "166c", method="POST")
    ctx = context(shop)
    with pytest.raises(UncertainError):
        await create_order(ctx, WANTED)
    assert (await probe_order(ctx, WANTED)).happened


async def test_a_module_that_the_shop_lacks(shop: RecordedShop) -> None:
    settings(shop)
    shop.derive(CARTS, "041")
    shop.derive(CUSTOMER, "144")
    shop.derive("/api/carts?output_format=JSON", "166a", method="POST")
    shop.derive("/api/orders?output_format=JSON", "167", method="POST")
    with pytest.raises((RejectedError, UncertainError)):
        await create_order(context(shop), {**WANTED, "module": "nosuchmodule"})


async def test_a_dry_run_places_nothing(shop: RecordedShop) -> None:
    shop.derive(CARTS, "041")
    got = await create_order(context(shop, dry_run=True), WANTED)
    assert got.prediction == "would place an order of 2 lines over 82.43 for customer 3"
    assert shop.writes() == []


@pytest.mark.parametrize(
    "lines", [[], [{"product_id": "1", "quantity": 0}], [{"quantity": 1}], [{"product_id": "1"}]]
)
async def test_lines_that_name_nothing(lines: list[dict[str, Any]]) -> None:
    shop = RecordedShop(version="9.1")
    shop.derive(CARTS, "041")
    with pytest.raises(RejectedError):
        await create_order(context(shop), {**WANTED, "lines": lines})
    assert shop.writes() == []


@pytest.mark.parametrize("version", ["9.1.4", "8.2.1", "1.7.8.11"])
async def test_an_order_is_placed_once_with_its_carrier(version: str) -> None:
    async with imitated(version) as ctx:
        wanted = {
            "customer_id": "2",
            "delivery_address_id": "5",
            "carrier_id": "2",
            "lines": [
                {"product_id": "1", "combination_id": "1", "quantity": 2},
                {"reference": "demo_11", "quantity": 1},
            ],
            "total_paid": "1",
        }
        first = await create_order(ctx, wanted)
        # What the shop computes is what a flow should have sent: now both agree.
        wanted["total_paid"] = first.output["total_paid"]
        again = await create_order(ctx, wanted)
        probed = await probe_order(ctx, wanted)
        order = (await get_order(ctx, {"order_id": first.output["order_id"]})).output
    assert first.receipt is not None
    assert first.receipt.verdict is Verdict.DIVERGED
    assert (again.output["order_id"], again.output["changed"]) == (
        first.output["order_id"],
        False,
    )
    assert probed.happened
    assert order["carrier"]["id"] == "2"
    assert [one["quantity"] for one in order["order"]["lines"]] == [2, 1]
    # The key stays where PATCH lacks.
    assert bool(order["order"]["gift_message"]) is (version == "1.7.8.11")


async def test_the_right_total_is_confirmed() -> None:
    async with imitated("9.1.4") as ctx:
        wanted = {**WANTED, "customer_id": "2", "delivery_address_id": "5", "total_paid": "1"}
        total = (await create_order(ctx, wanted)).output["total_paid"]
    async with imitated("9.1.4") as ctx:
        got = await create_order(ctx, {**wanted, "total_paid": total})
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    assert got.output["state_id"] == "11"


async def test_a_customer_who_is_not_there_gets_no_cart(shop: RecordedShop) -> None:
    settings(shop)
    shop.derive(CARTS, "041")
    shop.derive(CUSTOMER, "048")
    with pytest.raises(NotFoundError):
        await create_order(context(shop), WANTED)
    assert shop.writes() == []


async def test_a_reference_that_nothing_carries() -> None:
    async with imitated("9.1.4") as ctx:
        with pytest.raises(NotFoundError):
            await create_order(ctx, {**WANTED, "lines": [{"reference": "nope", "quantity": 1}]})


async def test_the_cart_is_filled_as_it_was_recorded(shop: RecordedShop) -> None:
    """166a, and beside it our key and the carrier (160)."""
    settings(shop)
    shop.derive(CARTS, "041")
    shop.derive(CUSTOMER, "144")
    shop.derive("/api/carts?output_format=JSON", "166a", method="POST")
    shop.derive("/api/orders?output_format=JSON", "166b", method="POST")
    shop.derive(ORDERS, "168", placed())
    sent: list[bytes] = []
    handle = shop.handle

    def keep(request: Any) -> Any:
        if request.method == "POST":
            sent.append(request.content)
        return handle(request)

    shop.handle = keep  # type: ignore[method-assign]
    await create_order(context(shop), WANTED)
    recorded = set(xml_fields(shop.recording("166a")["request"]["body"]))
    assert recorded <= set(xml_fields(sent[0]))
    assert ("gift_message", MARK) in xml_fields(sent[0])
    assert ("delivery_option", '{"7":"2,"}') in xml_fields(sent[0])
