"""A dry run against far sides that are there: reads leave, writes are told and not done."""

import copy
from typing import Any

import pytest

from tests.stack.harness import Stack
from tests.stack.test_replay import first_run

pytestmark = pytest.mark.stack


def writes(stack: Stack) -> tuple[Any, Any]:
    return copy.deepcopy(stack.order_records()), stack.orders()


def test_effects_are_predicted_and_not_done(stack: Stack) -> None:
    carried = first_run(stack, stack.place_order())
    assert carried["state"] == "succeeded"
    before = writes(stack)
    answer = stack.api("operator").post(
        "flows/orders-to-notes/dry-runs", json={"environment": "demo", "runs": [carried["id"]]}
    )
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    assert result["state"] == "succeeded", result["error"]
    effects = result["effects"]
    assert effects
    assert all(one["says"].startswith("would ") for one in effects)
    assert {one["connection"] for one in effects} == {"notes"}
    assert writes(stack) == before


def test_a_far_side_that_fails_is_asked_once_and_told(stack: Stack) -> None:
    carried = first_run(stack, stack.place_order())
    stack.fault("shop", html_answer={"path": "/api/orders", "method": "GET"})
    try:
        answer = stack.api("operator").post(
            "flows/orders-to-notes/dry-runs", json={"environment": "demo", "runs": [carried["id"]]}
        )
    finally:
        stack.fault("shop", clear=True)
    (result,) = answer.json()["results"]
    assert (result["state"], result["error"]["node"]) == ("dead", "read_order")
    assert result["effects"] == []
