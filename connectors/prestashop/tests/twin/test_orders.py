"""Orders from the front office and from the webservice, states, stock."""

import asyncio
from decimal import Decimal

from connectors.prestashop.tests.twin.conftest import Running

XML = '<?xml version="1.0"?><prestashop>{}</prestashop>'


def line(product: int, combination: int = 0, quantity: int = 1) -> dict[str, int]:
    return {"product_id": product, "combination_id": combination, "quantity": quantity}


async def test_a_front_office_order_adds_up(twin: Running) -> None:
    wanted = {"customer_id": "4", "lines": [line(1, 2, 3), line(6)], "module": "ps_checkpayment"}
    placed = (await twin.twin("orders", wanted)).json()
    order = await twin.order(placed["id"])
    assert order["total_products"] == "69.260000"  # 3 x 19.12 + 11.90
    assert order["total_products_wt"] == "83.810000"  # 69.41 + 14.40
    assert order["total_shipping_tax_incl"] == "8.470000"
    assert order["total_paid"] == order["total_paid_tax_incl"] == "92.280000"
    assert order["total_paid_real"] == "0.000000"
    assert (order["current_state"], order["valid"], order["id_carrier"]) == (1, "0", 2)
    assert order["payment"] == "Payment by check"
    rows = order["associations"]["order_rows"]
    assert rows[0]["product_name"] == "Hummingbird printed t-shirt (Size:S - Color:Black)"
    assert [row["product_reference"] for row in rows] == ["demo_1", "demo_11"]
    assert placed["total"] == "92.28"
    assert placed["state"] == {"id": "1", "name": "Awaiting check payment", "color": "#34209E"}
    assert placed["placed"] == "2026-11-23T10:21:26Z"


async def test_a_country_without_a_tax_rule_pays_no_tax(twin: Running) -> None:
    wanted = {"address_id": 5, "lines": [line(8)]}
    order = await twin.order((await twin.twin("orders", wanted)).json()["id"])
    assert order["total_paid_tax_incl"] == order["total_paid_tax_excl"] == "18.900000"


async def test_stock_and_its_sum_go_down(twin: Running) -> None:
    before = await twin.quantity(20), await twin.quantity(1)
    await twin.twin("orders", {"lines": [line(1, 1, 2)]})
    assert (await twin.quantity(20), await twin.quantity(1)) == (before[0] - 2, before[1] - 2)


async def test_what_is_not_there_is_sold_only_by_a_shop_that_takes_back_orders(
    twin: Running,
) -> None:
    answer = await twin.twin("orders", {"lines": [line(1, 1, 39)], "ignore_stock": False})
    assert answer.status_code == 409
    assert answer.json() == {"error": "Only 38 of Hummingbird printed t-shirt are left."}
    split = await twin.twin(
        "orders", {"lines": [line(1, 1, 20), line(1, 1, 19)], "ignore_stock": False}
    )
    assert split.status_code == 409
    allowed = {"lines": [line(1, 1, 39)]}
    assert (await twin.twin("orders", allowed)).status_code == 201
    assert await twin.quantity(20) == -1


async def test_orders_that_make_no_sense_are_refused(twin: Running) -> None:
    for wanted in (
        {},
        {"lines": [line(99)]},
        {"lines": "1"},
        {"lines": ["1"]},
        {"lines": [{"product_id": 1, "combination_id": "x", "quantity": 1}]},
        {"lines": [line(1, 9)]},
        {"lines": [line(1, 1, 0)]},
        {"lines": [line(8)], "customer_id": 99},
        {"lines": [line(8)], "customer_id": 3, "address_id": 8},
        {"lines": [line(8)], "module": "ps_magic"},
    ):
        answer = await twin.twin("orders", wanted)
        assert answer.status_code == 409, wanted
        assert answer.json()["error"]
    assert len((await twin.state())["orders"]) == 5


async def test_200_orders_at_once_have_their_own_reference_and_take_exact_stock(
    twin: Running,
) -> None:
    before = await twin.quantity(21)
    wanted = {"lines": [line(1, 2)], "ignore_stock": True}
    answers = await asyncio.gather(*(twin.twin("orders", wanted) for _ in range(200)))
    placed = [answer.json() for answer in answers]
    assert len({one["reference"] for one in placed}) == 200
    assert {one["id"] for one in placed} == {str(number) for number in range(6, 206)}
    assert await twin.quantity(21) == before - 200
    state = await twin.state()
    assert len(state["orders"]) == 205


async def test_a_paid_and_shipped_order(twin: Running) -> None:
    order_id = (await twin.twin("orders", {"lines": [line(8)]})).json()["id"]
    for state in (3, 4):
        body = XML.format(
            f"<order_history><id_order>{order_id}</id_order>"
            f"<id_order_state>{state}</id_order_state></order_history>"
        )
        assert (await twin.api("POST", "/api/order_histories", body)).status_code == 201
    order = await twin.order(order_id)
    assert (order["current_state"], order["valid"]) == (4, "1")
    assert (order["invoice_number"], order["delivery_number"]) == (3, 3)
    assert order["total_paid_real"] == order["total_paid_tax_incl"]
    path = "/api/order_payments?display=full&output_format=JSON&sort=[id_DESC]&limit=1"
    [payment] = (await twin.api("GET", path)).json()["order_payments"]
    assert Decimal(payment["amount"]) == Decimal(order["total_paid"])
    assert payment["payment_method"] == "Wire payment"
    [shown] = [one for one in (await twin.state())["orders"] if one["id"] == order_id]
    assert shown["states_written"] == ["10", "3", "4"]


async def test_a_canceled_order_gives_its_stock_back(twin: Running) -> None:
    before = await twin.quantity(8)
    order_id = (await twin.twin("orders", {"lines": [line(8, 0, 5)]})).json()["id"]
    assert await twin.quantity(8) == before - 5
    body = XML.format(f"<order><id>{order_id}</id><current_state>6</current_state></order>")
    assert (await twin.api("PATCH", f"/api/orders/{order_id}", body)).status_code == 200
    assert await twin.quantity(8) == before


async def test_tracking_shows_on_the_order_and_leaves_its_date(twin: Running) -> None:
    placed = (await twin.twin("orders", {"lines": [line(8)]})).json()
    path = f"/api/order_carriers?filter[id_order]=[{placed['id']}]&output_format=JSON"
    [carrier] = (await twin.api("GET", path)).json()["order_carriers"]
    twin.clock.now = twin.clock.now.replace(hour=12)
    body = XML.format(
        f"<order_carrier><id>{carrier['id']}</id><tracking_number>1Z 4471</tracking_number>"
        "</order_carrier>"
    )
    assert (await twin.api("PATCH", "/api/order_carriers/1", body)).status_code == 200
    order = await twin.order(placed["id"])
    assert order["shipping_number"] == "1Z 4471"
    assert order["date_upd"] == order["date_add"]


async def test_the_demo_key_may_do_what_the_flows_need_and_no_more(twin: Running) -> None:
    key = "CAUSEWAYMEADOWDEMOSHOPKEY0000004"
    statuses = {
        (method, path): (await twin.api(method, path, key=key)).status_code
        for method, path in (
            ("GET", "/api/orders/1"),
            ("GET", "/api/customers/3"),
            ("POST", "/api/orders"),
            ("DELETE", "/api/orders/1"),
            ("PATCH", "/api/customers/3"),
            ("GET", "/api/employees"),
        )
    }
    assert list(statuses.values()) == [200, 200, 405, 405, 405, 401]
    body = XML.format("<stock_available><id>20</id><quantity>7</quantity></stock_available>")
    answer = await twin.api("PATCH", "/api/stock_availables/20", body, key=key)
    assert answer.status_code == 200
    assert await twin.quantity(20) == 7


async def test_a_hostile_body_is_refused(twin: Running) -> None:
    body = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
        "<prestashop><order><id>1</id><note>&a;</note></order></prestashop>"
    )
    answer = await twin.api("PATCH", "/api/orders/1?output_format=JSON", body)
    assert answer.status_code == 500
    assert answer.json()["errors"][-1]["code"] == 127
    assert (await twin.order(1))["note"] == "Test"
