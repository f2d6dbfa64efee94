"""Flows that start without a far side: deployed, shown and started over the API."""

from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import Listener, Run
from flows.services.deployments import deploy
from flows.services.flows import create_flow
from governance.roles import Role
from tests.flows.api.conftest import SETUP, AsRole, House

SCHEMA = {
    "type": "object",
    "required": ["day"],
    "properties": {"day": {"type": "string", "minLength": 10}},
}


def put_to_work(house: House, type_: str, params: dict[str, Any]) -> None:
    document = {
        "format": 1,
        "slug": "own",
        "name": "Own",
        "connections": {},
        "nodes": [
            {"id": "begin", "type": type_, "name": "Begin", "params": params},
            {"id": "end", "type": "flow.stop@1", "name": "End", "params": {}},
        ],
        "edges": [{"from": "begin", "port": "out", "to": "end"}],
    }
    version = create_flow(SETUP, workspace=house.workspace, document=document)
    deploy(SETUP, version=version, environment=house.demo, bindings={})


def start(client: APIClient, **trigger: Any) -> Any:
    return client.post("/api/v1/flows/own/runs", {"environment": "demo", "trigger": trigger})


def test_a_flow_shows_when_its_schedule_ticks_next(house: House, as_role: AsRole) -> None:
    put_to_work(house, "flow.schedule@1", {"cron": "30 6 * * *", "zone": "Europe/Berlin"})
    client = as_role(Role.VIEWER)
    ticks = client.get("/api/v1/flows/own").json()["next_ticks"]
    assert [(one["node"], one["environment"], one["zone"]) for one in ticks] == [
        ("begin", "demo", "Europe/Berlin")
    ] * 3
    assert all("T06:30:00+0" in one["local"] for one in ticks)
    instants = [datetime.fromisoformat(one["at"]) for one in ticks]
    assert instants == sorted(set(instants))
    here = client.get("/api/v1/flows/own", {"environment": "demo"}).json()
    assert here["next_ticks"] == ticks
    there = client.get("/api/v1/flows/own", {"environment": "test"}).json()
    assert there["next_ticks"] == []
    assert client.get("/api/v1/flows/orders").json()["next_ticks"] == []


def test_a_schedule_that_cannot_be_followed_is_not_published(as_role: AsRole) -> None:
    document = {
        "format": 1,
        "slug": "own",
        "name": "Own",
        "nodes": [{"id": "begin", "type": "flow.schedule@1", "params": {"cron": "0 0 30 2 *"}}],
        "edges": [],
    }
    answer = as_role(Role.ANALYST).post("/api/v1/flows", {"document": document, "note": ""})
    assert answer.status_code == 422
    assert "/nodes/0/params/cron" in {one["pointer"] for one in answer.json()["errors"]}


def test_a_start_by_hand_takes_what_the_flow_says(house: House, as_role: AsRole) -> None:
    put_to_work(house, "flow.manual@1", {"schema": SCHEMA})
    assert Listener.objects.get(trigger_type="flow.manual@1").connection is None
    client = as_role(Role.OPERATOR)
    answer = start(client, data={"day": "2026-11-23"})
    assert answer.status_code == 202
    run = Run.objects.select_related("event").get(pk=answer.json()["run_ids"][0])
    assert (run.event.data, run.event.connection) == ({"day": "2026-11-23"}, None)
    assert run.urgent
    assert client.get(f"/api/v1/runs/{run.id}").json()["state"] == "pending"


@pytest.mark.parametrize(
    ("data", "pointer"), [({}, "/trigger/data"), ({"day": "today"}, "/trigger/data/day")]
)
def test_input_that_does_not_fit_is_refused(
    house: House, as_role: AsRole, data: dict[str, Any], pointer: str
) -> None:
    put_to_work(house, "flow.manual@1", {"schema": SCHEMA})
    answer = start(as_role(Role.OPERATOR), data=data)
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Run.objects.exists()


def test_a_schedule_can_be_started_by_hand_without_a_record(house: House, as_role: AsRole) -> None:
    put_to_work(house, "flow.schedule@1", {"cron": "30 6 * * *"})
    assert start(as_role(Role.OPERATOR)).status_code == 202


def test_input_that_takes_too_long_to_check_is_refused(house: House, as_role: AsRole) -> None:
    wide = {"type": "object", "properties": {"rows": {"items": {"items": {"type": "integer"}}}}}
    put_to_work(house, "flow.manual@1", {"schema": wide})
    answer = start(as_role(Role.OPERATOR), data={"rows": [[1] * 1000] * 400})
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid")
    assert not Run.objects.exists()


def test_corrected_data_of_a_start_by_hand_is_checked_at_its_fields(
    house: House, as_role: AsRole
) -> None:
    put_to_work(house, "flow.manual@1", {"schema": SCHEMA})
    client = as_role(Role.OPERATOR)
    run_id = start(client, data={"day": "2026-11-23"}).json()["run_ids"][0]
    Run.objects.filter(pk=run_id).update(state="dead")
    url = f"/api/v1/runs/{run_id}/replay"
    answer = client.post(url, {"trigger_data": {"day": "short"}}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/trigger_data/day"]
    assert client.post(url, {"trigger_data": {"day": "2026-11-24"}}).status_code == 202
