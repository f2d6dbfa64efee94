"""Dead letters and their replays over the running platform: corrected by hand, and in bulk."""

import copy
from typing import Any

import pytest

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.stack
ENDS = {"succeeded", "failed", "dead"}


def detail(stack: Stack, run_id: str) -> dict[str, Any]:
    return dict(stack.api("operator").get(f"runs/{run_id}").raise_for_status().json())


def ended(stack: Stack, run_id: str) -> dict[str, Any]:
    return dict(
        eventually(
            lambda: found if (found := detail(stack, run_id))["state"] in ENDS else None,
            what=f"the end of run {run_id}",
        )
    )


def first_run(stack: Stack, reference: str) -> dict[str, Any]:
    """The run that carried an order to Notes, once it has ended."""
    query = {"environment": "demo", "q": reference, "flow": "orders-to-notes"}

    def look() -> str | None:
        found = stack.api("operator").get("runs", params=query).json()["results"]
        return next((one["id"] for one in found if one["state"] in ENDS), None)

    return detail(stack, eventually(look, seconds=90, what=f"the end of the run for {reference}"))


def output_of(run: dict[str, Any], node: str) -> Any:
    return next(one["output"] for one in run["steps"] if one["node"] == node)


def test_a_dead_letter_arrives_once_with_a_corrected_payload(stack: Stack) -> None:
    api = stack.api("operator")
    sound = first_run(stack, stack.place_order())
    stack.fault("shop", html_answer={"path": "/api/orders", "method": "GET"})
    try:
        reference = stack.place_order()
        dead = first_run(stack, reference)
    finally:
        stack.fault("shop", clear=True)
    assert (dead["state"], dead["error"]["node"]) == ("dead", "read_order")
    corrected = copy.deepcopy(output_of(sound, "read_order"))
    corrected["order"].update(id=dead["trigger"]["entity_id"], reference=reference)
    answer = api.post(f"runs/{dead['id']}/replay", json={"outputs": {"read_order": corrected}})
    assert answer.status_code == 202, answer.text
    replay = ended(stack, answer.json()["id"])
    assert replay["state"] == "succeeded", replay["error"]
    assert replay["replay_of"] == dead["id"]
    assert output_of(replay, "read_order") == corrected
    assert len(stack.order_records()[reference]) == 1
    # The dead letter counts as dealt with; the replay can itself be replayed, and nothing doubles.
    assert detail(stack, dead["id"])["resolved_note"] == "replayed"
    again = api.post(f"runs/{replay['id']}/replay", json={}).raise_for_status().json()
    assert ended(stack, again["id"])["state"] == "succeeded"
    assert len(stack.order_records()[reference]) == 1


def test_twenty_dead_letters_are_replayed_in_order_once_each(stack: Stack) -> None:
    api = stack.api("operator")
    stack.fault("notes", lost_save={"method": "POST", "path": "/fulfil.nsf"})
    try:
        references = stack.place_orders(20)
        dead = {one: first_run(stack, one) for one in references}
    finally:
        stack.fault("notes", clear=True)
    assert {one["state"] for one in dead.values()} == {"dead"}
    assert {one["error"]["code"] for one in dead.values()} == {"vanished"}
    wish = {"environment": "demo", "flow": "orders-to-notes", "error_code": "vanished"}
    dry = api.post("replays", json={**wish, "dry": True}).raise_for_status().json()
    mine = [one["business_key"] for one in dry["runs"] if one["business_key"] in dead]
    assert sorted(mine) == sorted(references)
    times = [dead[one]["trigger"]["occurred_at"] for one in mine]
    assert times == sorted(times)
    mine_only = {**wish, "runs": [one["id"] for one in dead.values()]}
    made = api.post("replays", json=mine_only)
    assert made.status_code == 202, made.text
    path = f"replays/{made.json()['id']}"

    def done() -> dict[str, Any] | None:
        found = dict(api.get(path).raise_for_status().json())
        return found if found["state"] == "done" else None

    bulk = eventually(done, what="the end of the bulk replay")
    assert (bulk["replayed"], bulk["refused"], bulk["left_out"]) == (20, 0, 0)
    query = {"environment": "demo", "bulk": bulk["id"]}
    runs = api.get("runs", params=query).raise_for_status().json()["results"]
    assert len(runs) == 20
    for one in runs:
        assert ended(stack, one["id"])["state"] == "succeeded"
    assert api.get(path).json()["replays"]["succeeded"] == 20
    records = stack.order_records()
    assert {len(records[one]) for one in references} == {1}
    assert api.post("replays", json={**mine_only, "dry": True}).json()["count"] == 0
