"""The main job, end to end, through real processes: shop, hook, worker, Notes and back."""

from collections import Counter
from typing import Any

import pytest

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.stack

SHIPPED = "4"
MANY = 200


def items(stack: Stack, reference: str) -> dict[str, Any]:
    found = eventually(
        lambda: stack.order_records().get(reference), what=f"an Order Record for {reference}"
    )
    assert len(found) == 1
    return dict(found[0]["items"])


def test_the_first_order_that_crosses_is_the_recorded_one(stack: Stack) -> None:
    record = items(stack, "XPYEWWWWK")
    assert record["ShopOrderID"] == "6"
    assert record["CustomerName"] == "Jane Roe"
    assert record["EMail"] == "jane.doe@buyer.example"
    assert record["ShipName"] == "Jane Roe"
    assert (record["ShipPostcode"], record["ShipCity"]) == ("28013", "Madrid")
    assert record["Item_SKU"] == ["demo_1", "demo_11"]
    assert record["Item_Qty"] == [2, 1]
    assert record["Item_Price"] == [23.14, 14.4]
    assert record["Total"] == 60.67
    assert record["OrderStatus"] == "Awaiting Approval"
    assert record["ExternalKey"].endswith("/order/6")


def test_a_status_in_notes_moves_the_order_in_the_shop(stack: Stack) -> None:
    reference = stack.place_order()
    [record] = eventually(lambda: stack.order_records().get(reference), what="the record")
    stack.save_document(record["unid"], {"OrderStatus": "In Fulfilment"})
    eventually(
        lambda: stack.orders()[reference]["state"]["id"] in (3, "3"), what="state 3 in the shop"
    )
    stack.save_document(record["unid"], {"OrderStatus": "Shipped", "TrackingNo": "1Z 4471"})
    order = eventually(
        lambda: (
            (found := stack.orders()[reference]) and str(found["state"]["id"]) == SHIPPED and found
        ),
        what="state 4 in the shop",
    )
    assert order["tracking"] == "1Z 4471"


def test_tracking_reaches_the_shop_before_the_shipped_state(stack: Stack) -> None:
    reference = stack.place_order()
    [record] = eventually(lambda: stack.order_records().get(reference), what="the record")
    before = stack.http.get(f"{stack.shop}/_twin/requests").json()
    last = max((one["number"] for one in before["requests"]), default=0)
    stack.save_document(record["unid"], {"OrderStatus": "Shipped", "TrackingNo": "FIRST 1"})
    eventually(lambda: str(stack.orders()[reference]["state"]["id"]) == SHIPPED, what="state 4")
    writes = [
        one["path"].split("?")[0].split("/")[2]
        for one in stack.http.get(f"{stack.shop}/_twin/requests", params={"since": last}).json()[
            "requests"
        ]
        if one["method"] in {"POST", "PUT", "PATCH"} and one["path"].startswith("/api/")
    ]
    assert writes == ["order_carriers", "order_histories"]


def test_stock_reaches_the_right_combination(stack: Stack) -> None:
    item = next(
        one
        for one in stack.documents("Product Catalog Item")
        if one["items"]["ShopCombinationID"] == "2"
    )
    before = stack.shop_state()
    stack.save_document(item["unid"], {"Stock": 77})

    def stocks(state: dict[str, Any]) -> dict[tuple[str, str], int]:
        return {
            (str(product["id"]), str(one["id"])): one["quantity"]
            for product in state["products"]
            for one in product["combinations"]
        }

    eventually(
        lambda: stocks(stack.shop_state())[(item["items"]["ShopProductID"], "2")] == 77,
        what="77 pieces of combination 2",
    )
    after = stocks(stack.shop_state())
    changed = {key for key, count in stocks(before).items() if after[key] != count}
    assert changed <= {(item["items"]["ShopProductID"], "2")}


def test_every_write_of_a_run_has_a_receipt(stack: Stack) -> None:
    api = stack.api("operator")
    runs = api.get("runs", params={"environment": "demo", "q": "XPYEWWWWK"}).json()["results"]
    run = next(one for one in runs if one["flow"]["slug"] == "orders-to-notes")
    assert run["state"] == "succeeded"
    assert run["receipts"]["diverged"] == 0
    assert run["receipts"]["confirmed"] + run["receipts"]["absorbed"] == 1


def test_200_orders_at_once_arrive_once_and_come_back(stack: Stack) -> None:
    references = stack.place_orders(MANY)
    assert len(set(references)) == MANY

    def arrived() -> dict[str, Any] | None:
        records = stack.order_records()
        return records if all(one in records for one in references) else None

    records = eventually(arrived, seconds=120, every=1, what=f"{MANY} Order Records")
    counts = Counter({one: len(records[one]) for one in references})
    assert set(counts.values()) == {1}
    stack.ship((records[one][0]["unid"], f"T-{one}") for one in references)

    def shipped() -> bool:
        orders = stack.orders()
        return all(str(orders[one]["state"]["id"]) == SHIPPED for one in references)

    eventually(shipped, seconds=120, every=1, what=f"{MANY} shipped orders")
    orders = stack.orders()
    assert {one: orders[one]["tracking"] for one in references} == {
        one: f"T-{one}" for one in references
    }
    assert all(len(found) == 1 for found in stack.order_records().values())
