"""The meadow is the recorded shop just before order 6, and order 6 is the recorded one."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.prestashop.tests.twin.conftest import (
    MEADOW,
    Running,
    recordings,
    running,
)
from connectors.prestashop.tests.twin.test_replay import request_of
from fixtures.worlds import build_shop

VOLATILE = {"date_add", "date_upd", "invoice_date", "delivery_date", "last_passwd_gen"}
DRAWN = {"secure_key", "passwd"}


def recorded(number: str) -> Any:
    [one] = [one for one in recordings() if one["name"].startswith(f"{number}-")]
    return json.loads(one["response"]["body"])


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {*VOLATILE, *names}}


def test_the_world_file_is_what_its_generator_writes() -> None:
    assert MEADOW.read_text("utf-8") == build_shop.text(build_shop.build())


def test_composed_rows_are_listed_and_not_marked_where_they_are_served() -> None:
    world = json.loads(MEADOW.read_text("utf-8"))
    served = {(name, row["id"]) for name, rows in world["tables"].items() for row in rows}
    listed = {(one["resource"], one["id"]) for one in world["composed"]}
    assert listed
    assert listed < served
    assert not any("composed" in row for rows in world["tables"].values() for row in rows)


async def test_order_6_is_the_recorded_document(twin: Running) -> None:
    answer = await twin.twin("recorded-order")
    assert answer.status_code == 201
    assert answer.json()["reference"] == "XPYEWWWWK"
    [wanted] = [one for one in recorded("168")["orders"] if one["id"] == 6]
    seen = await twin.order(6)
    assert without(seen) == without(wanted)
    assert list(seen) == list(wanted)
    assert seen["date_add"] == seen["date_upd"] == seen["invoice_date"] == "2026-11-23 11:21:26"
    for path, number in (
        ("order_details?filter[id_order]=[6]", "164"),
        ("order_histories?filter[id_order]=[6]", "165"),
    ):
        rows = await twin.api("GET", f"/api/{path}&display=full&output_format=JSON")
        assert rows.json() == recorded(number)
    assert await twin.quantity(20) == 36


async def test_order_6_without_display_is_the_recorded_bytes(twin: Running) -> None:
    await twin.twin("recorded-order")
    [one] = [one for one in recordings() if one["name"] == "163-order-created-json"]
    seen = await twin.api("GET", "/api/orders/6?output_format=JSON")
    assert seen.text == one["response"]["body"]


async def test_the_recorded_order_is_placed_once_and_first(twin: Running) -> None:
    assert (await twin.twin("recorded-order")).status_code == 201
    assert (await twin.twin("recorded-order")).status_code == 409
    await twin.twin("reset")
    line = {"product_id": 8, "quantity": 1}
    assert (await twin.twin("orders", {"lines": [line]})).json()["id"] == "6"
    assert (await twin.twin("recorded-order")).status_code == 409


async def test_its_customer_lives_where_the_recordings_say(twin: Running) -> None:
    customer = await twin.api("GET", "/api/customers/3?display=full&output_format=JSON")
    [row] = customer.json()["customers"]
    assert (row["firstname"], row["lastname"], row["email"]) == (
        "Jane",
        "Roe",
        "jane.doe@buyer.example",
    )
    address = await twin.api("GET", "/api/addresses/7?output_format=JSON")
    assert without(address.json()["address"]) == without(recorded("157")["address"]) | {"id": 7} | {
        name: int(recorded("157")["address"][name]) for name in ("id_customer", "id_country")
    }


@pytest.fixture
async def replayed_tables(installed: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """The installed shop after the recorded requests up to the cart of order 6."""
    async with running(world=installed) as twin:
        for one in recordings():
            if one["name"].startswith("160-"):
                break
            method, path, headers, body = request_of(one)
            await twin.client.request(method, path, headers=headers, content=body)
        found: dict[str, dict[int, dict[str, Any]]] = {}
        for name in json.loads(MEADOW.read_text("utf-8"))["tables"]:
            answer = await twin.api("GET", f"/api/{name}?display=full&output_format=JSON")
            rows = answer.json()
            found[name] = {row["id"]: row for row in rows[name]} if rows else {}
        return found


async def test_the_meadow_is_where_the_recorded_writes_lead(
    twin: Running, replayed_tables: dict[str, dict[int, dict[str, Any]]]
) -> None:
    for name, rows in replayed_tables.items():
        answer = await twin.api("GET", f"/api/{name}?display=full&output_format=JSON")
        meadow = {row["id"]: row for row in answer.json()[name]}
        for id_, row in rows.items():
            drawn = DRAWN if (name, id_) == ("customers", 3) else set()
            assert without(meadow[id_], *drawn) == without(row, *drawn), f"{name} {id_}"
        extra = meadow.keys() - rows.keys()
        assert not extra or name in {"customers", "addresses"}, f"{name}: {extra}"
