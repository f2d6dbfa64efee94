"""Bulk replays over the API: who may, what one takes, how it is watched and called off."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import BulkReplay, Run
from flows.services.bulk_work import work_off
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import AsRole, House, dead_run, make_run

URL = "/api/v1/replays"
MAY = {Role.ANALYST, Role.OPERATOR, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


def post(client: APIClient, **body: Any) -> Any:
    return client.post(URL, {"environment": "demo", **body}, format="json")


def keys(answer: dict[str, Any], part: str = "runs") -> list[str]:
    return [one["business_key"] for one in answer[part]]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_start_watch_and_cancel(role: Role, house: House, as_role: AsRole) -> None:
    dead_run(house)
    made = post(as_role(Role.OPERATOR)).json()
    client = as_role(role)
    may = role in MAY
    assert post(client, dry=True).status_code == (200 if may else 403)
    assert post(client).status_code == (202 if may else 403)
    assert client.get(URL, {"environment": "demo"}).status_code == 200
    assert client.get(f"{URL}/{made['id']}").status_code == 200
    assert client.post(f"{URL}/{made['id']}/cancel").status_code == (200 if may else 403)


def test_strangers_and_nobody_find_none(
    house: House, as_role: AsRole, stranger: APIClient, nobody: APIClient
) -> None:
    dead_run(house)
    made = post(as_role(Role.OPERATOR)).json()
    for client, status in ((stranger, 404), (nobody, 401)):
        assert post(client).status_code == status
        assert client.get(URL, {"environment": "demo"}).status_code == status
        assert client.get(f"{URL}/{made['id']}").status_code == status
        assert client.post(f"{URL}/{made['id']}/cancel").status_code == status
    assert BulkReplay.objects.get().state == "running"


def test_a_look_beforehand_in_source_order_with_a_bound(house: House, as_role: AsRole) -> None:
    for minutes in (1, 3, 2):
        dead_run(house, key=f"K{minutes}", minutes_ago=minutes)
    client = as_role(Role.OPERATOR)
    dry = post(client, dry=True, limit=2, skip_superseded=False).json()
    assert keys(dry) == ["K3", "K2"]
    assert (dry["count"], dry["left"], dry["superseded_count"]) == (2, True, 0)
    assert not BulkReplay.objects.exists()


def test_it_is_worked_off_in_source_order(house: House, as_role: AsRole) -> None:
    dead = [dead_run(house, key=f"K{one}", minutes_ago=one) for one in (1, 3, 2)]
    client = as_role(Role.OPERATOR)
    answer = post(client, skip_superseded=False)
    assert answer.status_code == 202
    made = answer.json()
    assert (made["state"], made["total"], made["waiting"]) == ("running", 3, 3)
    assert Run.objects.count() == 3  # nothing is replayed within the request
    assert work_off() == 3
    seen = client.get(f"{URL}/{made['id']}").json()
    assert (seen["state"], seen["replayed"], seen["waiting"]) == ("done", 3, 0)
    assert seen["replays"]["pending"] == 3
    assert seen["created_by"] == "operator"
    replays = Run.objects.filter(replay_of__isnull=False).order_by("created_at")
    assert [one.replay_of_id for one in replays] == [dead[1].id, dead[2].id, dead[0].id]
    query = {"environment": "demo", "bulk": made["id"]}
    listed = client.get("/api/v1/runs", query).json()["results"]
    assert {one["id"] for one in listed} == {str(one.id) for one in replays}
    for one in dead:
        one.refresh_from_db()
        assert (one.resolved_by, one.resolved_note) == ("operator", "replayed")


def test_what_is_not_yet_replayed_stays_as_it_was(house: House, as_role: AsRole) -> None:
    run, client = dead_run(house), as_role(Role.OPERATOR)
    made = post(client).json()
    stopped = client.post(f"{URL}/{made['id']}/cancel").json()
    assert (stopped["state"], stopped["waiting"], stopped["ended_by"]) == (
        "cancelled",
        1,
        "operator",
    )
    assert work_off() == 0
    run.refresh_from_db()
    assert run.resolved_at is None
    again = client.post(f"{URL}/{made['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "bulk_ended")
    verbs = AuditEntry.objects.filter(object_kind="bulk_replay").values_list("verb", flat=True)
    assert sorted(verbs) == ["cancelled", "started"]


def test_what_a_newer_run_carried_over_is_left_out(house: House, as_role: AsRole) -> None:
    dead_run(house, key="OLD", minutes_ago=5)
    make_run(house, key="NEW")  # the same record, later, succeeded
    client = as_role(Role.OPERATOR)
    dry = post(client, dry=True).json()
    assert (dry["count"], dry["superseded_count"], keys(dry, "superseded")) == (0, 1, ["OLD"])
    assert post(client, dry=True, skip_superseded=False).json()["count"] == 1
    nothing = post(client).json()
    assert (nothing["state"], nothing["total"]) == ("done", 0)


def test_it_takes_what_the_filter_says(house: House, as_role: AsRole) -> None:
    dead_run(house, key="A")
    client = as_role(Role.OPERATOR)
    for body, count in (
        ({"error_code": "other"}, 0),
        ({"flow": "other"}, 0),
        ({"q": "B"}, 0),
        ({"q": "A", "flow": "orders", "error_code": "refused"}, 1),
    ):
        assert post(client, dry=True, **body).json()["count"] == count
    assert post(client, limit=10_001).status_code == 422


def test_it_takes_the_runs_that_are_named(house: House, as_role: AsRole) -> None:
    first, second = (dead_run(house, key=key, minutes_ago=ago) for key, ago in (("A", 2), ("B", 1)))
    fine = make_run(house, key="C")
    client = as_role(Role.OPERATOR)
    named = post(
        client, dry=True, runs=[str(second.id), str(fine.id)], skip_superseded=False
    ).json()
    assert keys(named) == ["B"]
    both = [str(second.id), str(first.id)]
    assert keys(post(client, dry=True, runs=both, skip_superseded=False).json()) == ["A", "B"]


def test_a_version_that_never_ran_there_is_told_at_once(house: House, as_role: AsRole) -> None:
    dead_run(house)
    client = as_role(Role.OPERATOR)
    answer = post(client, version=9)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_deployed")
    assert post(client, version=1).json()["version"] == 1
    assert BulkReplay.objects.count() == 1


def test_a_repeated_key_makes_one(house: House, as_role: AsRole) -> None:
    dead_run(house)
    client = as_role(Role.OPERATOR)
    ids = {
        client.post(
            URL, {"environment": "demo"}, format="json", headers={"Idempotency-Key": "abc"}
        ).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 1


def test_they_are_listed_newest_first(house: House, as_role: AsRole) -> None:
    client = as_role(Role.OPERATOR)
    ids = [post(client).json()["id"] for _ in range(2)]
    rows = client.get(URL, {"environment": "demo"}).json()["results"]
    assert [one["id"] for one in rows] == ids[::-1]
    assert client.get(URL, {"environment": "test"}).json()["results"] == []
