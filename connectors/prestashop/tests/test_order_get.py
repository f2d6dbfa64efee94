"""Reading an order, against both recorded shops."""

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.prestashop.actions.order_get import get_order
from connectors.prestashop.tests.recorded import RecordedShop, context, only, request_key
from connectors.sdk.codec import dumps
from connectors.sdk.errors import ContractError, NotFoundError, RejectedError

FULL = "?display=full&output_format=JSON"


HISTORIES = (
    "/api/order_histories?filter[id_order]=[6]&display=full&sort=[id_DESC]&limit=100"
    "&output_format=JSON"
)


def payments_of(reference: str) -> str:
    return (
        f"/api/order_payments?filter[order_reference]=[{reference}]&display=full"
        "&sort=[id_DESC]&limit=100&output_format=JSON"
    )


def around(shop: RecordedShop) -> None:
    """Order 6's state changes (165) and, in the form of 082, its payment."""
    reference = only("orders", 6)(shop.body("168"))["orders"][0]["reference"]
    shop.derive(HISTORIES, "165")
    shop.derive(
        payments_of(reference),
        "082",
        lambda body: {
            "order_payments": [
                {**body["order_payments"][0], "order_reference": reference, "amount": "60.670000"}
            ]
        },
    )


def whole_order(shop: RecordedShop) -> None:
    """Order 6 and all around it. One row by id with display=full is a list (recording 026)."""
    shop.serve("200")
    shop.derive(f"/api/orders/6{FULL}", "168", only("orders", 6))
    shop.derive(f"/api/customers/3{FULL}", "144")
    shop.derive(f"/api/addresses/7{FULL}", "153")
    shop.derive(f"/api/countries/6{FULL}", "180")
    # The recorded list of states ends before Madrid's.
    shop.derive(
        f"/api/states/383{FULL}",
        "182",
        lambda body: {"states": [{**body["states"][0], "id": 383, "iso_code": "ES-M"}]},
    )
    shop.serve("060")
    shop.serve("185")
    shop.serve("183")
    around(shop)


async def test_the_order_arrives_in_canonical_shape(shop: RecordedShop) -> None:
    whole_order(shop)
    got = (await get_order(context(shop), {"order_id": "6"})).output
    recorded = only("orders", 6)(shop.body("168"))["orders"][0]
    hours = {"9.1": "10:21:26", "8.2": recorded["date_add"][11:].replace("11:", "10:", 1)}
    order = got["order"]
    assert order["id"] == "6"
    assert order["reference"] == recorded["reference"]
    assert order["current_state"] == "11"
    assert order["date_add"] == f"2026-11-23T{hours[shop.version]}Z"
    assert order["total_paid_tax_incl"] == Decimal("60.67")
    assert str(order["total_shipping"]) == "0.00"
    assert order["valid"] is True
    assert [line["quantity"] for line in order["lines"]] == [2, 1]
    assert [line["product_id"] for line in order["lines"]] == ["1", "6"]
    assert [line["product_attribute_id"] for line in order["lines"]] == ["1", "0"]
    assert order["lines"][0]["unit_price_tax_incl"] == Decimal("23.1352")
    assert order["lines"][1]["reference"] == "demo_11"
    assert got["state"] == {
        "id": "11",
        "name": "Remote payment accepted",
        "paid": True,
        "shipped": False,
    }
    assert got["customer"] == {
        "id": "3",
        "firstname": "Jane",
        "lastname": "Doe",
        "email": "jane.doe@buyer.example",
        "company": "",
    }
    assert got["delivery"]["postcode"] == "28013"
    assert got["delivery"]["state_iso"] == "ES-M"
    assert got["delivery"]["country_iso"] == "ES"
    assert got["delivery"]["country_name"] == "Spain"
    assert got["invoice"] == got["delivery"]
    assert got["carrier"] == {"id": "1", "name": "Click and collect"}
    assert got["currency"] == {"iso_code": "EUR"}
    assert got["shop"] == {"system": "shop.example"}
    (history,) = got["histories"]
    assert (history["id"], history["state_id"]) == ("12", "11")
    assert history["state_name"] == "Remote payment accepted"
    (payment,) = got["payments"]
    assert payment["amount"] == Decimal("60.67")
    assert payment["method"] == "Payments by check"
    assert payment["date_add"].endswith("Z")
    assert not {"card_number", "card_holder"} & payment.keys()


async def test_what_the_key_may_not_read_of_an_order_is_null(shop: RecordedShop) -> None:
    """010: a key that was made for the rest goes on reading orders."""
    whole_order(shop)
    reference = only("orders", 6)(shop.body("168"))["orders"][0]["reference"]
    for target in (HISTORIES, payments_of(reference)):
        shop.queue.pop(request_key("GET", target))
        shop.derive(target, "010")
    got = (await get_order(context(shop), {"order_id": "6"})).output
    assert (got["histories"], got["payments"]) == (None, None)
    assert got["state"]["id"] == "11"


async def test_both_versions_give_the_same_shape() -> None:
    """8.2 sends text where 9.1 sends numbers."""

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(one) for name, one in value.items()}
        return [shape(one) for one in value] if isinstance(value, list) else type(value)

    shapes = []
    for version in ("9.1", "8.2"):
        shop = RecordedShop(version=version)
        whole_order(shop)
        shapes.append(shape((await get_order(context(shop), {"order_id": 6})).output))
    assert shapes[0] == shapes[1]


async def test_secrets_of_the_shop_never_leave_the_connector(shop: RecordedShop) -> None:
    whole_order(shop)
    told = dumps((await get_order(context(shop), {"order_id": "6"})).output).decode()
    customer = shop.body("144")["customers"][0]
    for secret in (customer["passwd"], customer["secure_key"]):
        assert secret not in told
        assert json.dumps(secret)[1:-1] not in told


async def test_what_rarely_changes_is_asked_for_once(shop: RecordedShop) -> None:
    whole_order(shop)
    ctx = context(shop)
    await get_order(ctx, {"order_id": "6"})
    asked = len(shop.log)
    await get_order(ctx, {"order_id": "6"})
    again = sorted(path for _, path, _ in shop.log[asked:])
    assert again == [
        "/api/addresses/7",
        "/api/customers/3",
        "/api/order_histories",
        "/api/order_payments",
        "/api/orders/6",
    ]


async def test_an_unknown_order_is_not_found(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(f"/api/orders/9999{FULL}", "048")
    with pytest.raises(NotFoundError):
        await get_order(context(shop), {"order_id": "9999"})


@pytest.mark.parametrize("order_id", ["", "0", "-1", "6/../customers", "6?x", "six", "1" * 30])
async def test_what_is_no_id_is_not_sent(order_id: str) -> None:
    shop = RecordedShop(version="9.1")
    with pytest.raises(RejectedError):
        await get_order(context(shop), {"order_id": order_id})
    assert shop.log == []


async def test_an_order_that_ships_nothing_and_whose_customer_was_erased(
    shop: RecordedShop,
) -> None:
    shop.serve("200")
    shop.derive(
        f"/api/orders/6{FULL}",
        "168",
        only("orders", 6, id_carrier="0", id_address_delivery=0, current_state=77),
    )
    shop.derive(f"/api/customers/3{FULL}", "048")
    shop.derive(f"/api/addresses/7{FULL}", "048")
    shop.serve("060")
    shop.derive(f"/api/order_states/77{FULL}", "048")
    shop.serve("183")
    around(shop)
    got = (await get_order(context(shop), {"order_id": "6"})).output
    assert got["carrier"] == {"id": None, "name": None}
    assert got["customer"]["email"] is None
    assert got["delivery"]["city"] is None
    assert got["state"] == {"id": "77", "name": None, "paid": None, "shipped": None}


async def test_an_answer_that_dropped_empty_fields_is_a_broken_contract(
    shop: RecordedShop,
) -> None:
    """JSON without `display` leaves out every field that is 0 or empty (025 against 026)."""
    shop.serve("200")
    shop.derive(f"/api/orders/1{FULL}", "025", lambda body: {"orders": [body["order"]]})
    with pytest.raises(ContractError) as caught:
        await get_order(context(shop), {"order_id": "1"})
    assert caught.value.code == "unexpected_shape"
    assert "valid" in caught.value.message
    assert shop.body("026")["orders"][0]["secure_key"] not in str(caught.value.to_dict())
