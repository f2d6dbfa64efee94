"""The example flows with the data that real shops and databases have."""

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.catalog import default_catalog
from flows.engine.compile import compile_flow
from flows.engine.events import EventType
from flows.engine.inline import InlineResult, StubOperations, VirtualClock, run_inline
from flows.engine.run import EndState, RunHeader
from flows.engine.spec import parse
from flows.mapping.crosswalk import Crosswalk

FIXTURES = Path(__file__).parents[2] / "fixtures"
LINE = {"reference": "demo_1", "name": "Tee", "quantity": 1, "unit_price_tax_incl": Decimal("9.50")}
ADDRESS = {
    "firstname": "Jane", "lastname": "Doe", "company": "", "address1": "Gran Vía 1",
    "address2": "", "postcode": "28013", "city": "Madrid", "country_iso": "ES",
    "phone": "1", "phone_mobile": "2",
}  # fmt: skip


def status_table() -> Crosswalk:
    entries = json.loads((FIXTURES / "crosswalks" / "order-status.json").read_text())["entries"]
    both = [one for one in entries if one["direction"] == "both"]
    return Crosswalk(
        slug="order-status",
        left={one["left"]: one["right"] for one in both},
        right={one["right"]: one["left"] for one in entries},
    )


async def run(name: str, answers: Mapping[str, Any]) -> tuple[InlineResult, StubOperations]:
    entity_id = "6" if name == "orders-to-notes" else "A" * 32
    plan = compile_flow(
        parse((FIXTURES / "flows" / f"{name}.json").read_bytes()), default_catalog()
    )
    header = RunHeader(
        run_id="run-1",
        flow=name,
        version=1,
        trigger_node=plan.triggers[0].node,
        trigger={"type": "x", "entity_id": entity_id, "data": {}},
        origin_event_id="event-1",
    )
    operations = StubOperations(answers)
    result = await run_inline(
        plan,
        header=header,
        operations=operations,
        clock=VirtualClock(datetime(2026, 11, 23, 10, tzinfo=UTC)),
        rng=random.Random(1),
        crosswalks={"order-status": status_table()},
    )
    return result, operations


async def order(
    *, delivery: Mapping[str, Any] | None = None, customer: Any = None, **changes: Any
) -> tuple[InlineResult, dict[str, Any] | None]:
    """An order through Orders to Notes; what would be created, None when nothing."""
    carrier = {"id": None, "name": None}
    read = {
        "order": {
            "id": "6", "reference": "ABC", "current_state": "2",
            "date_add": "2026-11-23T10:00:00Z", "payment": "Card",
            "total_paid_tax_incl": Decimal("9.50"), "lines": [LINE], **changes,
        },
        "customer": customer
        or {"id": "3", "firstname": "Jane", "lastname": "Doe", "email": "j@d.example"},
        "delivery": {**ADDRESS, **(delivery or {})},
        "carrier": carrier,
        "currency": {"iso_code": "JPY"},
        "shop": {"system": "shop.example"},
    }  # fmt: skip
    result, operations = await run("orders-to-notes", {"read_order": read, "create_record": {}})
    made = [call.params["items"] for call in operations.calls if call.node == "create_record"]
    return result, made[0] if made else None


@pytest.mark.parametrize(
    ("delivery", "item", "expected"),
    [
        ({"phone": "", "phone_mobile": "0170"}, "Phone", "0170"),
        ({"phone": None, "phone_mobile": None}, "Phone", ""),
        ({"firstname": "", "lastname": "", "company": "ACME"}, "ShipName", ""),
        ({"firstname": "", "lastname": "", "company": "ACME"}, "ShipCompany", "ACME"),
        ({"address2": "2º B"}, "ShipStreet", "Gran Vía 1 2º B"),
        ({"address2": None}, "ShipStreet", "Gran Vía 1"),
        ({"postcode": "SW1A 1AA"}, "ShipPostcode", "SW1A 1AA"),
    ],
)
async def test_odd_addresses_cross(delivery: Any, item: str, expected: str) -> None:
    result, made = await order(delivery=delivery)
    assert result.end.state is EndState.SUCCEEDED
    assert made is not None
    assert made[item] == expected


async def test_a_guest_with_an_odd_address_for_mail_and_no_carrier() -> None:
    guest = {"id": "9", "firstname": None, "lastname": None, "email": " Jane+Shop@D.Example "}
    result, made = await order(customer=guest)
    assert result.end.state is EndState.SUCCEEDED
    assert made is not None
    assert (made["EMail"], made["CustomerName"]) == ("jane+shop@d.example", "")
    assert (made["Carrier"], made["Currency"]) == ("", "JPY")


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [LINE, LINE, LINE]},
        {"total_paid_tax_incl": Decimal("0.00")},
        {"current_state": "6"},
    ],
)
async def test_same_skus_free_and_cancelled_orders_cross(changes: Any) -> None:
    result, made = await order(**changes)
    assert result.end.state is EndState.SUCCEEDED
    assert made is not None
    assert len(made["Item_SKU"]) == len(changes.get("lines", [LINE]))
    if "current_state" in changes:
        assert made["OrderStatus"] == "Cancelled"


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": []},
        {"reference": ""},
        {"current_state": "99"},
        {"customer": dict.fromkeys(("id", "firstname", "lastname", "email"))},
    ],
)
async def test_what_is_no_order_record_stops_before_notes(changes: Any) -> None:
    result, made = await order(**changes)
    assert made is None
    assert result.end.state in {EndState.DEAD, EndState.FAILED}
    assert result.end.error is not None
    assert result.end.error["node"] in {"to_record", "check_record"}


def document(**items: Any) -> dict[str, Any]:
    return {"document": {"is_conflict": False, "items": items}, "version": {}}


@pytest.mark.parametrize(
    ("name", "read"), [("status-to-shop", "read_record"), ("stock-to-shop", "read_item")]
)
@pytest.mark.parametrize("found", [{"document": None, "version": None}, document()])
async def test_a_deleted_or_foreign_document_ends_quietly(name: str, read: str, found: Any) -> None:
    result, operations = await run(name, {read: found})
    assert result.end.state is EndState.SUCCEEDED
    assert [call.node for call in operations.calls] == [read]
    assert not [one for one in result.events if one.type is EventType.STEP_FAILED]


async def test_a_status_that_the_crosswalk_lacks_sets_nothing() -> None:
    record = document(ShopOrderID="6", OrderNo="ABC", OrderStatus="Mislaid", TrackingNo="")
    result, operations = await run("status-to-shop", {"read_record": record})
    assert result.end.state is EndState.SUCCEEDED
    assert [call.node for call in operations.calls] == ["read_record"]


@pytest.mark.parametrize("stock", [12, Decimal("12"), "12", " 12 "])
async def test_whole_stock_reaches_the_shop(stock: Any) -> None:
    item = document(ShopProductID="1", ShopCombinationID="2", Stock=stock)
    result, operations = await run("stock-to-shop", {"read_item": item, "set_stock": {}})
    assert result.end.state is EndState.SUCCEEDED
    assert operations.calls[-1].params["quantity"] == 12


@pytest.mark.parametrize("stock", [-1, Decimal("1.5"), "twelve", "", None])
async def test_stock_that_is_no_count_stops_before_the_shop(stock: Any) -> None:
    item = document(ShopProductID="1", ShopCombinationID="2", Stock=stock)
    result, operations = await run("stock-to-shop", {"read_item": item})
    assert result.end.state in {EndState.DEAD, EndState.FAILED}
    assert [call.node for call in operations.calls] == ["read_item"]
    assert result.end.error is not None
    assert result.end.error["node"] in {"to_stock", "check_stock"}
