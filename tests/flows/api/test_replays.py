"""Replays and solved dead letters over the API: who may, what it makes, what it refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from flows.models import Run, RunEvent
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import PAYLOAD, AsRole, House, make_run

URL = "/api/v1/runs"
MAY = {Role.ANALYST, Role.OPERATOR, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


def dead_run(house: House, *, key: str = "XKB", minutes_ago: int = 0) -> Run:
    """A dead letter: its last node `done` never succeeded."""
    run = make_run(house, key=key, state="dead")
    RunEvent.objects.filter(run=run, seq__gte=7).delete()
    RunEvent.objects.create(
        run=run,
        seq=7,
        type="run_dead",
        node="done",
        at=timezone.now(),
        data={"error": {"code": "refused"}, "outcome": ""},
    )
    run.error = {"class": "RejectedError", "code": "refused", "message": "no", "node": "done"}
    run.source_time -= timedelta(minutes=minutes_ago)
    run.ended_at = timezone.now()
    run.save()
    return run


def replay(client: APIClient, run: Run, **body: Any) -> Any:
    return client.post(f"{URL}/{run.id}/replay", body, format="json")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_replay_and_solve(role: Role, house: House, as_role: AsRole) -> None:
    run, other, third = (dead_run(house, key=key) for key in ("A", "B", "C"))
    client = as_role(role)
    may = role in MAY
    assert replay(client, run).status_code == (202 if may else 403)
    solved = client.post(f"{URL}/{other.id}/resolve", {"note": "x"}, format="json")
    assert solved.status_code == (200 if may else 403)
    bulk = client.post("/api/v1/replays", {"environment": "demo"}, format="json")
    assert bulk.status_code == (202 if may else 403)
    assert Run.objects.filter(replay_of=third).count() == int(may)
    assert Run.objects.filter(replay_number__gt=0).count() == (2 if may else 0)


def test_strangers_and_nobody_replay_nothing(
    house: House, stranger: APIClient, nobody: APIClient
) -> None:
    run = dead_run(house)
    for client, status in ((stranger, 404), (nobody, 401)):
        assert replay(client, run).status_code == status
        assert client.post(f"{URL}/{run.id}/resolve", {}, format="json").status_code == status
        answer = client.post("/api/v1/replays", {"environment": "demo"}, format="json")
        assert answer.status_code == status
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


def bulk(client: APIClient, **body: Any) -> Any:
    return client.post("/api/v1/replays", {"environment": "demo", **body}, format="json").json()


def test_bulk_in_source_order_with_a_bound(house: House, as_role: AsRole) -> None:
    for minutes in (1, 3, 2):
        dead_run(house, key=f"K{minutes}", minutes_ago=minutes)
    client = as_role(Role.OPERATOR)
    dry = bulk(client, dry=True, limit=2, skip_superseded=False)
    assert [one["business_key"] for one in dry["runs"]] == ["K3", "K2"]
    assert (dry["count"], dry["left"], dry["replay_ids"]) == (2, True, [])
    assert Run.objects.count() == 3
    done = bulk(client, limit=2, skip_superseded=False)
    assert [str(Run.objects.get(pk=one).replay_of_id) for one in done["replay_ids"]] == [
        one["id"] for one in dry["runs"]
    ]
    rest = bulk(client, skip_superseded=False)
    assert [one["business_key"] for one in rest["runs"]] == ["K1"]
    assert bulk(client)["count"] == 0


def test_what_a_newer_run_carried_over_is_left_out(house: House, as_role: AsRole) -> None:
    dead_run(house, key="OLD", minutes_ago=5)
    make_run(house, key="NEW")  # the same record, later, succeeded
    client = as_role(Role.OPERATOR)
    answer = bulk(client, dry=True)
    assert (answer["count"], [one["business_key"] for one in answer["superseded"]]) == (0, ["OLD"])
    assert bulk(client, dry=True, skip_superseded=False)["count"] == 1


def test_bulk_takes_what_the_filter_says(house: House, as_role: AsRole) -> None:
    dead_run(house, key="A")
    client = as_role(Role.OPERATOR)
    assert bulk(client, dry=True, error_code="other")["count"] == 0
    assert bulk(client, dry=True, flow="other")["count"] == 0
    assert bulk(client, dry=True, q="B")["count"] == 0
    assert bulk(client, dry=True, q="A", flow="orders", error_code="refused")["count"] == 1
    over = client.post("/api/v1/replays", {"environment": "demo", "limit": 501}, format="json")
    assert over.status_code == 422


def test_a_solved_dead_letter_says_who_and_why(house: House, as_role: AsRole) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    body = client.post(f"{URL}/{run.id}/resolve", {"note": "typed in"}, format="json").json()
    assert (body["resolved_by"], body["resolved_note"]) == ("operator", "typed in")
    assert body["resolved_at"]
    assert bulk(client)["count"] == 0
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


def test_bulk_takes_the_runs_that_are_named(house: House, as_role: AsRole) -> None:
    first, second = dead_run(house, key="A", minutes_ago=2), dead_run(house, key="B", minutes_ago=1)
    fine = make_run(house, key="C")
    client = as_role(Role.OPERATOR)
    named = bulk(client, dry=True, runs=[str(second.id), str(fine.id)], skip_superseded=False)
    assert [one["business_key"] for one in named["runs"]] == ["B"]
    done = bulk(client, runs=[str(second.id), str(first.id)], skip_superseded=False)
    assert [one["business_key"] for one in done["runs"]] == ["A", "B"]
