"""Dry runs over the API: who may, which events, which version, and that nothing stays behind."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import Run, RunEvent, TriggerEvent
from flows.services.flows import publish_version
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import PAYLOAD, SETUP, AsRole, House, document, make_run

URL = "/api/v1/flows/orders/dry-runs"
MAY = {Role.ANALYST, Role.OPERATOR, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


def dry(client: APIClient, **body: Any) -> Any:
    return client.post(URL, {"environment": "demo", **body}, format="json")


@pytest.mark.parametrize("role", list(Role))
def test_who_may(role: Role, house: House, as_role: AsRole) -> None:
    make_run(house)
    assert dry(as_role(role)).status_code == (200 if role in MAY else 403)


def test_strangers_and_nobody_may_not(house: House, stranger: APIClient, nobody: APIClient) -> None:
    make_run(house)
    assert dry(stranger).status_code == 404
    assert dry(nobody).status_code == 401


def test_the_latest_events_in_the_order_of_the_source_and_nothing_stored(
    house: House, as_role: AsRole
) -> None:
    runs = [make_run(house, key=key) for key in ("A", "B", "C")]
    before = (Run.objects.count(), RunEvent.objects.count(), TriggerEvent.objects.count())
    answer = dry(as_role(Role.OPERATOR), last=2)
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [one["run_id"] for one in results] == [str(run.id) for run in runs[1:]]
    assert {one["state"] for one in results} == {"succeeded"}
    assert results[0]["outcome"] == "seen"
    assert results[0]["state_then"] == runs[1].state
    assert (Run.objects.count(), RunEvent.objects.count(), TriggerEvent.objects.count()) == before
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert entry.verb == "dry_run"


def test_another_version_as_a_shadow(house: House, as_role: AsRole) -> None:
    """What would the version that is not deployed yet have done?"""
    changed = document()
    changed["nodes"][1]["params"] = {"outcome": "shadow {{ trigger.entity_id }}"}
    version, _ = publish_version(SETUP, house.flow, document=changed)
    run = make_run(house)
    (result,) = dry(as_role(Role.ANALYST), version=version.number).json()["results"]
    assert result["outcome"] == f"shadow {run.event.entity_id}"


def test_certain_runs_only(house: House, as_role: AsRole) -> None:
    wanted, _ = make_run(house, key="A"), make_run(house, key="B")
    results = dry(as_role(Role.OPERATOR), runs=[str(wanted.id)]).json()["results"]
    assert [one["run_id"] for one in results] == [str(wanted.id)]


def test_who_may_not_read_payloads_sees_no_data(house: House, as_role: AsRole) -> None:
    changed = document()
    changed["nodes"][1]["params"] = {"outcome": PAYLOAD}
    version, _ = publish_version(SETUP, house.flow, document=changed)
    make_run(house)
    answer = dry(as_role(Role.RELEASE_ENGINEER), version=version.number)
    assert answer.status_code == 200
    assert PAYLOAD not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"version": 99}, 422, "unknown"),
        ({"runs": ["00000000-0000-7000-8000-000000000000"]}, 422, "unknown"),
        ({"bindings": {"shop": "nowhere"}}, 422, "unknown"),
        ({"last": 101}, 422, "invalid"),
        ({"environment": "test"}, 409, "not_deployed"),
        ({"environment": "test", "version": 1}, 422, "slot_unbound"),
    ],
)
def test_what_makes_no_sense_is_refused(
    body: dict[str, Any], status: int, code: str, house: House, as_role: AsRole
) -> None:
    make_run(house)
    answer = dry(as_role(Role.OPERATOR), **body)
    assert answer.status_code == status, answer.content
    assert answer.json()["code"] == code


def test_an_event_of_another_trigger_node_is_told_and_no_error(
    house: House, as_role: AsRole
) -> None:
    run = make_run(house)
    Run.objects.filter(pk=run.pk).update(trigger_node="gone")
    (result,) = dry(as_role(Role.OPERATOR)).json()["results"]
    assert result["state"] == "not_finished"
