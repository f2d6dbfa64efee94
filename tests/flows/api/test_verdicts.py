"""Verdicts over the API: who may, who sees what was sent, what is refused."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from flows.models import Deployment, Run, RunEvent
from flows.services.deployments import deploy
from flows.services.flows import create_flow
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import PAYLOAD, SETUP, AsRole, House, document, make_run

MAY = {Role.ANALYST, Role.OPERATOR, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}
CUT = {"class": "UncertainError", "code": "cut", "message": "The line was cut.", "fix": "Look."}


@pytest.fixture
def deployment(house: House) -> Deployment:
    """order placed -> set its state -> end."""
    made = document("states")
    made["nodes"].insert(
        1,
        {
            "id": "set",
            "type": "prestashop.order.set_state@1",
            "name": "Set the state",
            "connection": "shop",
            "params": {"order_id": "{{ trigger.data.order_id }}", "state_id": "3"},
        },
    )
    made["edges"] = [
        {"from": "placed", "port": "out", "to": "set"},
        {"from": "set", "port": "out", "to": "done"},
    ]
    version = create_flow(SETUP, workspace=house.workspace, document=made)
    found, _ = deploy(SETUP, version=version, environment=house.demo, bindings={"shop": "shop"})
    return found


def doubtful(house: House, deployment: Deployment, *, answered: bool = True) -> Run:
    """A dead letter: nobody knows whether `set` took effect."""
    run = make_run(house, state="dead")
    Run.objects.filter(pk=run.pk).update(
        flow=deployment.flow_id,
        version=deployment.version_id,
        deployment=deployment,
        error={**CUT, "code": "unresolved", "node": "set"},
        ended_at=timezone.now(),
    )
    RunEvent.objects.filter(run=run).delete()
    detail = {"received": PAYLOAD}
    entries: list[tuple[str, str, dict[str, Any]]] = [
        ("run_started", "", {"flow": "states", "version": 1, "trigger_node": "placed"}),
        ("step_succeeded", "placed", {"ports": ["out"], "ms": 0, "output": {}}),
        ("step_started", "set", {}),
        ("attempt_started", "set", {"attempt": 1, "effect_key": "k1"}),
    ]
    if answered:
        error = {**CUT, "detail": detail}
        entries.append(("attempt_uncertain", "set", {"attempt": 1, "error": error}))
    failed = {"error": {**CUT, "code": "unresolved"}, "ports": [], "unresolved": True}
    entries += [("step_failed", "set", failed), ("run_dead", "set", {"error": failed["error"]})]
    RunEvent.objects.bulk_create(
        RunEvent(
            run=run,
            seq=seq,
            type=type_,
            node=node,
            at=timezone.now(),
            data={"retry_at": None, **data} if type_ == "attempt_uncertain" else data,
        )
        for seq, (type_, node, data) in enumerate(entries, start=1)
    )
    return Run.objects.get(pk=run.pk)


def verdict(client: APIClient, run: Run, **body: Any) -> Any:
    wish = {"node": "set", "happened": True, **body}
    return client.post(f"/api/v1/runs/{run.id}/verdict", wish, format="json")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_decide(role: Role, house: House, deployment: Deployment, as_role: AsRole) -> None:
    run = doubtful(house, deployment)
    assert verdict(as_role(role), run).status_code == (202 if role in MAY else 403)
    assert Run.objects.filter(replay_of=run).count() == int(role in MAY)


def test_strangers_and_nobody_decide_nothing(
    house: House, deployment: Deployment, stranger: APIClient, nobody: APIClient
) -> None:
    run = doubtful(house, deployment)
    assert verdict(stranger, run).status_code == 404
    assert verdict(nobody, run).status_code == 401
    assert Run.objects.count() == 1


def test_both_facts_for_those_who_read_payloads(
    house: House, deployment: Deployment, as_role: AsRole
) -> None:
    url = f"/api/v1/runs/{doubtful(house, deployment).id}"
    [seen] = as_role(Role.OPERATOR).get(url).json()["unresolved"]
    assert seen["params"] == {"order_id": "6", "state_id": "3"}
    assert seen["answer"]["error"]["detail"] == {"received": PAYLOAD}
    assert (seen["effect_key"], seen["sent_before"], seen["looks"]) == ("k1", False, [])
    answer = as_role(Role.VIEWER).get(url)
    [masked] = answer.json()["unresolved"]
    assert masked["params"] == {"masked": True}
    assert masked["answer"]["error"]["message"] == CUT["message"]
    assert PAYLOAD not in answer.content.decode()


def test_nothing_came_back_at_all(house: House, deployment: Deployment, as_role: AsRole) -> None:
    url = f"/api/v1/runs/{doubtful(house, deployment, answered=False).id}"
    [seen] = as_role(Role.OPERATOR).get(url).json()["unresolved"]
    assert (seen["answer"], seen["attempt"]) == (None, 1)
    assert seen["sent_at"] is not None


def test_what_happened_is_written_down(
    house: House, deployment: Deployment, as_role: AsRole
) -> None:
    run, client = doubtful(house, deployment), as_role(Role.OPERATOR)
    made = verdict(client, run, output={"changed": True}, note="It is 3 there").json()
    started = RunEvent.objects.get(run_id=made["id"], type="run_started")
    assert started.data["effects"] == {"k1": {"output": {"changed": True}, "verdict": True}}
    assert started.data["replay"]["verdict"] == {"node": "set", "path": "", "happened": True}
    before = client.get(f"/api/v1/runs/{run.id}").json()
    assert (before["resolved_by"], before["resolved_note"]) == ("operator", "It is 3 there")
    [entry] = AuditEntry.objects.filter(verb="decided")
    assert entry.actor == "operator"
    assert entry.detail["happened"] is True
    assert entry.detail["replay"] == made["id"]


def test_what_did_not_happen_is_in_doubt_no_more(
    house: House, deployment: Deployment, as_role: AsRole
) -> None:
    run = doubtful(house, deployment)
    made = verdict(as_role(Role.OPERATOR), run, happened=False).json()
    started = RunEvent.objects.get(run_id=made["id"], type="run_started")
    assert started.data["effects"] == {}


def test_an_old_doubt_is_not_decided_again(
    house: House, deployment: Deployment, as_role: AsRole
) -> None:
    """Found by thinking it through: the replay may have sent it, so that "it did not happen" of
    the first run would send it twice."""
    run, client = doubtful(house, deployment), as_role(Role.OPERATOR)
    made = verdict(client, run, happened=False).json()
    assert verdict(client, run, happened=False).json()["code"] == "replay_under_way"
    Run.objects.filter(pk=made["id"]).update(state="dead")
    again = verdict(client, run, happened=False)
    assert (again.status_code, again.json()["code"]) == (409, "replayed_since")
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"node": "placed"}, 409, "not_unresolved"),
        ({"node": "nobody"}, 409, "not_unresolved"),
        ({"path": "each/1"}, 409, "not_unresolved"),
        ({"happened": False, "output": {}}, 422, "invalid"),
        ({"happened": None}, 422, "invalid"),
    ],
)
def test_a_verdict_that_makes_no_sense(
    body: dict[str, Any],
    status: int,
    code: str,
    house: House,
    deployment: Deployment,
    as_role: AsRole,
) -> None:
    run = doubtful(house, deployment)
    answer = verdict(as_role(Role.OPERATOR), run, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Run.objects.count() == 1
