"""Replays and solved dead letters over the API: who may, what it makes, what it refuses."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import Run, RunEvent
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import PAYLOAD, AsRole, House, dead_run, make_run

URL = "/api/v1/runs"
MAY = {Role.ANALYST, Role.OPERATOR, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


def replay(client: APIClient, run: Run, **body: Any) -> Any:
    return client.post(f"{URL}/{run.id}/replay", body, format="json")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_replay_and_solve(role: Role, house: House, as_role: AsRole) -> None:
    run, other = (dead_run(house, key=key) for key in ("A", "B"))
    client = as_role(role)
    may = role in MAY
    assert replay(client, run).status_code == (202 if may else 403)
    solved = client.post(f"{URL}/{other.id}/resolve", {"note": "x"}, format="json")
    assert solved.status_code == (200 if may else 403)
    assert Run.objects.filter(replay_number__gt=0).count() == int(may)


def test_strangers_and_nobody_replay_nothing(
    house: House, stranger: APIClient, nobody: APIClient
) -> None:
    run = dead_run(house)
    for client, status in ((stranger, 404), (nobody, 401)):
        assert replay(client, run).status_code == status
        assert client.post(f"{URL}/{run.id}/resolve", {}, format="json").status_code == status
    assert Run.objects.count() == 1


def test_a_replay_is_a_new_run_of_the_same_event(house: House, as_role: AsRole) -> None:
    run = dead_run(house, minutes_ago=5)
    client = as_role(Role.OPERATOR)
    body = replay(client, run).json()
    made = Run.objects.get(pk=body["id"])
    assert (made.event_id, made.replay_of_id, made.replay_number) == (run.event_id, run.id, 1)
    assert (made.state, made.source_time) == ("pending", run.source_time)
    seeds = list(RunEvent.objects.filter(run=made).order_by("seq"))
    assert [(one.type, one.node) for one in seeds] == [
        ("run_started", ""),
        ("step_succeeded", "placed"),
    ]
    assert made.next_seq == 3
    assert seeds[0].data["replay"]["of"] == str(run.id)
    assert body["replay_of"] == str(run.id)
    before = client.get(f"{URL}/{run.id}").json()
    assert before["replays"] == [{"id": str(made.id), "state": "pending"}]
    assert (before["resolved_by"], before["resolved_note"]) == ("operator", "replayed")
    [entry] = AuditEntry.objects.filter(verb="replayed")
    assert (entry.actor, entry.detail["replay"]) == ("operator", str(made.id))


def test_while_one_is_under_way_there_is_no_second(house: House, as_role: AsRole) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    first = replay(client, run).json()
    assert replay(client, run).json()["code"] == "replay_under_way"
    running = Run.objects.get(pk=first["id"])
    assert replay(client, running).json()["code"] == "not_ended"
    Run.objects.filter(pk=running.pk).update(state="dead")
    assert replay(client, run).status_code == 202
    assert sorted(Run.objects.values_list("replay_number", flat=True)) == [0, 1, 2]


def test_a_repeated_key_replays_once(house: House, as_role: AsRole) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    answers = [
        client.post(
            f"{URL}/{run.id}/replay", {}, format="json", headers={"Idempotency-Key": "abc"}
        ).json()["id"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert Run.objects.count() == 2


def test_edited_trigger_data_is_what_the_replay_sees(house: House, as_role: AsRole) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    body = replay(client, run, trigger_data={"order_id": "7"}).json()
    assert body["trigger"]["data"] == {"order_id": "7"}
    seeds = RunEvent.objects.filter(run_id=body["id"])
    assert [one.type for one in seeds] == ["run_started"]
    assert seeds[0].data["replay"]["revision"] == 1
    run.event.refresh_from_db()
    assert run.event.data["customer"] == PAYLOAD  # what was accepted stays as it came
    viewer = as_role(Role.VIEWER).get(f"{URL}/{body['id']}").json()
    assert viewer["trigger"]["data"] == {"masked": True}


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"from_node": "nobody"}, 422, "from_node"),
        ({"outputs": {"nobody": {}}}, 422, "output_place"),
        ({"trigger_data": {}, "from_node": "done"}, 422, "trigger_edited"),
        ({"version": 9}, 409, "not_deployed"),
        ({"version": 0}, 422, "invalid"),
    ],
)
def test_a_wish_that_makes_no_sense(
    wish: dict[str, Any], status: int, code: str, house: House, as_role: AsRole
) -> None:
    answer = replay(as_role(Role.OPERATOR), dead_run(house), **wish)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Run.objects.count() == 1


def test_a_solved_dead_letter_says_who_and_why(house: House, as_role: AsRole) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    body = client.post(f"{URL}/{run.id}/resolve", {"note": "typed in"}, format="json").json()
    assert (body["resolved_by"], body["resolved_note"]) == ("operator", "typed in")
    assert body["resolved_at"]
    assert client.get(URL, {"environment": "demo", "attention": "true"}).json()["results"] == []
    assert AuditEntry.objects.filter(verb="resolved").count() == 1
    fine = make_run(house)
    answer = client.post(f"{URL}/{fine.id}/resolve", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_resolvable")


def test_a_look_beforehand_says_what_is_taken_over_and_changes_nothing(
    house: House, as_role: AsRole
) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    answer = replay(client, run, dry=True)
    assert (answer.status_code, answer.json()) == (200, {"version": 1, "attached": ["placed"]})
    edited = replay(client, run, dry=True, trigger_data={"order_id": "7"})
    assert edited.json()["attached"] == []
    wrong = replay(client, run, dry=True, outputs={"nobody": {}})
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["/outputs/nobody"]
    assert Run.objects.count() == 1
    assert not AuditEntry.objects.filter(verb="replayed").exists()
    run.refresh_from_db()
    assert run.resolved_at is None
    assert replay(as_role(Role.VIEWER), run, dry=True).status_code == 403


def test_an_item_that_no_loop_had_is_refused_by_name(house: House, as_role: AsRole) -> None:
    answer = replay(as_role(Role.OPERATOR), dead_run(house), item="each/A7")
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/item", "item")]
