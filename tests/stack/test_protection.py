"""A far side that is away is left in peace, and everything arrives once it is back."""

import time
from typing import Any

import pytest

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.stack

ORDERS = 30
AWAY = 8.0  # seconds


def circuit(stack: Stack, slug: str) -> dict[str, Any]:
    found = stack.api("operator").get("connections", params={"environment": "demo"}).json()
    return dict(next(one["circuit"] for one in found["results"] if one["slug"] == slug))


def test_a_shop_that_is_down_is_hardly_called_and_then_all_orders_arrive(stack: Stack) -> None:
    eventually(lambda: circuit(stack, "shop")["state"] == "closed", what="a shop that is well")
    last = stack.http.get(f"{stack.shop}/_twin/requests").json()["last"]
    stack.fault("shop", down=True)
    try:
        references = stack.place_orders(ORDERS)
        end = time.monotonic() + AWAY
        eventually(lambda: circuit(stack, "shop")["state"] != "closed", what="the circuit to open")
        eventually(
            lambda: any(
                one["state"] == "waiting"
                for one in stack.api("operator")
                .get("runs", params={"environment": "demo", "state": "waiting"})
                .json()["results"]
            ),
            what="runs that wait",
        )
        time.sleep(max(0.0, end - time.monotonic()))
        calls = [
            one
            for one in stack.http.get(
                f"{stack.shop}/_twin/requests", params={"since": last}
            ).json()["requests"]
            if one["path"].startswith("/api")
        ]
    finally:
        stack.fault("shop", clear=True)
    # What was under way when it went away, and then a probe at 1, 3, 7 ... seconds.
    assert 0 < len(calls) <= ORDERS, f"{len(calls)} requests to a shop that is down"

    def arrived() -> bool:
        records = stack.order_records()
        return all(reference in records for reference in references)

    eventually(arrived, seconds=30, what=f"all {ORDERS} orders in Notes")
    records = stack.order_records()
    assert [len(records[one]) for one in references] == [1] * ORDERS
    eventually(lambda: circuit(stack, "shop")["state"] == "closed", what="the circuit to close")
