"""Runs over the API: find them, look into one, start and cancel."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from flows.models import Delivery, Run, TriggerEvent
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import PAYLOAD, AsRole, House, make_run

URL = "/api/v1/runs"
MAY_START = {Role.ANALYST, Role.OPERATOR, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}
SEES_PAYLOADS = {Role.ANALYST, Role.OPERATOR, Role.ADMINISTRATOR}


def found(client: APIClient, **query: Any) -> list[str]:
    rows = client.get(URL, {"environment": "demo", **query}).json()["results"]
    return [row["business_key"] for row in rows]


def test_a_row_says_what_happened(house: House, as_role: AsRole) -> None:
    run = make_run(house)
    [row] = as_role(Role.VIEWER).get(URL, {"environment": "demo"}).json()["results"]
    assert row["id"] == str(run.id)
    assert row["flow"] == {"slug": "orders", "name": "Orders"}
    assert (row["version"], row["state"], row["duration_ms"]) == (1, "succeeded", 0)
    assert row["receipts"] == {"confirmed": 1, "absorbed": 0, "diverged": 0}


def test_search(house: House, as_role: AsRole) -> None:
    client = as_role(Role.OPERATOR)
    first = make_run(house, key="XKBKNABJK")
    make_run(house, key="OHSATSERP", state="dead")
    Delivery.objects.create(
        connection=house.shop,
        delivery_id="msg_1",
        event=first.event,
        received_at=timezone.now(),
    )
    assert found(client) == ["OHSATSERP", "XKBKNABJK"]
    assert found(client, q="XKB") == ["XKBKNABJK"]
    assert found(client, q="xkbknabjk") == ["XKBKNABJK"]
    assert found(client, q=str(first.id)) == ["XKBKNABJK"]
    assert found(client, q="msg_1") == ["XKBKNABJK"]
    assert found(client, q=first.lane_key) == ["XKBKNABJK"]
    assert found(client, q="KNAB") == []
    assert found(client, state="dead") == ["OHSATSERP"]
    assert found(client, state="dead,succeeded") == ["OHSATSERP", "XKBKNABJK"]
    assert found(client, flow="orders", state="dead") == ["OHSATSERP"]
    assert found(client, flow="other") == []


def test_what_needs_attention(house: House, as_role: AsRole) -> None:
    client = as_role(Role.VIEWER)
    for state in ("succeeded", "failed", "dead", "cancelled"):
        make_run(house, key=state.upper(), state=state)
    solved = make_run(house, key="SOLVED", state="dead")
    Run.objects.filter(pk=solved.pk).update(resolved_at=timezone.now())
    assert found(client, attention="true") == ["DEAD"]
    assert found(client, attention="true", flow="other") == []
    assert len(found(client, attention="false")) == 5


def test_only_what_changed_since(house: House, as_role: AsRole) -> None:
    old, new = make_run(house, key="OLD"), make_run(house, key="NEW")
    Run.objects.filter(pk=old.pk).update(revision=5)
    Run.objects.filter(pk=new.pk).update(revision=6)
    assert found(as_role(Role.VIEWER), changed_after="5") == ["NEW"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"state": "broken"}, "/state"),
        ({"changed_after": "x"}, "/changed_after"),
        ({"changed_after": "9" * 30}, "/changed_after"),
        ({"cursor": "!!"}, "/cursor"),
        ({"limit": "0"}, "/limit"),
    ],
)
def test_nonsense_is_unprocessable(query: dict[str, str], pointer: str, as_role: AsRole) -> None:
    answer = as_role(Role.VIEWER).get(URL, {"environment": "demo", **query})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_character_that_no_text_holds_is_unprocessable(as_role: AsRole) -> None:
    answer = as_role(Role.VIEWER).get(URL, {"environment": "demo", "q": "a\x00b"})
    assert answer.status_code == 422


def test_an_environment_is_needed(as_role: AsRole) -> None:
    answer = as_role(Role.VIEWER).get(URL)
    assert (answer.status_code, answer.json()["code"]) == (422, "environment_needed")
    assert as_role(Role.VIEWER).get(URL, {"environment": "mars"}).status_code == 404


def test_pages_follow_each_other(house: House, as_role: AsRole) -> None:
    for number in range(5):
        make_run(house, key=f"K{number}")
    client = as_role(Role.VIEWER)
    first = client.get(URL, {"environment": "demo", "limit": "2"}).json()
    second = client.get(URL, {"environment": "demo", "limit": "2", "cursor": first["next"]}).json()
    third = client.get(URL, {"environment": "demo", "limit": "2", "cursor": second["next"]}).json()
    keys = [row["business_key"] for page in (first, second, third) for row in page["results"]]
    assert keys == ["K4", "K3", "K2", "K1", "K0"]
    assert third["next"] is None


def test_the_number_of_queries_does_not_grow_with_the_runs(
    house: House, as_role: AsRole, django_assert_num_queries: Any
) -> None:
    client = as_role(Role.VIEWER)

    def queries(count: int) -> int:
        for number in range(count):
            make_run(house, key=f"K{number}")
        with django_assert_num_queries(14, exact=False) as captured:
            client.get(URL, {"environment": "demo"})
        return len(captured)

    assert queries(1) == queries(20)


def test_strangers_and_nobody_see_no_run(
    house: House, stranger: APIClient, nobody: APIClient
) -> None:
    run = make_run(house)
    assert stranger.get(URL, {"environment": "demo"}).status_code == 404
    assert nobody.get(URL, {"environment": "demo"}).status_code == 401
    for path in (f"{URL}/{run.id}", f"{URL}/{run.id}/events"):
        assert stranger.get(path).status_code == 404
        assert nobody.get(path).status_code == 401
    assert stranger.post(f"{URL}/{run.id}/cancel").status_code == 404
    assert stranger.get(f"{URL}/{uuid4()}").status_code == 404
    assert stranger.get(f"{URL}/not-an-id").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_payloads_are_for_who_may_read_them(role: Role, house: House, as_role: AsRole) -> None:
    run = make_run(house)
    client = as_role(role)
    detail, events = client.get(f"{URL}/{run.id}"), client.get(f"{URL}/{run.id}/events")
    assert (PAYLOAD in detail.content.decode()) == (role in SEES_PAYLOADS)
    assert (PAYLOAD in events.content.decode()) == (role in SEES_PAYLOADS)
    step = next(one for one in detail.json()["steps"] if one["node"] == "done")
    assert step["receipt"]["verdict"] == "confirmed"
    if role not in SEES_PAYLOADS:
        assert step["output"] == {"masked": True}
        assert detail.json()["trigger"]["data"] == {"masked": True}


def test_one_run_with_its_steps(house: House, as_role: AsRole) -> None:
    run = make_run(house)
    body = as_role(Role.OPERATOR).get(f"{URL}/{run.id}").json()
    placed, done = body["steps"]
    assert (placed["node"], placed["state"], placed["port"]) == ("placed", "succeeded", "out")
    assert (done["node"], done["state"], done["ms"]) == ("done", "succeeded", 20)
    assert [(one["attempt"], one["state"]) for one in done["attempts"]] == [
        (1, "failed"),
        (2, "succeeded"),
    ]
    assert done["attempts"][0]["error"]["code"] == "not_reached"
    assert done["output"] == {"who": PAYLOAD}
    assert body["trigger"]["entity_id"] == "6"
    assert body["events_seq"] == 9
    assert body["connections"] == {
        "shop": {"slug": "shop", "name": "Shop", "connector": "prestashop", "is_twin": False}
    }
    assert body["document"]["slug"] == "orders"


def test_the_journal_from_a_number_on(house: House, as_role: AsRole) -> None:
    run = make_run(house)
    body = as_role(Role.OPERATOR).get(f"{URL}/{run.id}/events", {"after": "7"}).json()
    assert [one["seq"] for one in body["results"]] == [8, 9]
    assert body["next"] is None


def start(client: APIClient, *, key: str = "", **trigger: Any) -> Any:
    return client.post(
        "/api/v1/flows/orders/runs",
        {"environment": "demo", "trigger": {"entity_id": "6", **trigger}},
        headers={"Idempotency-Key": key} if key else {},
    )


@pytest.mark.parametrize("role", list(Role))
def test_who_may_start(role: Role, as_role: AsRole) -> None:
    answer = start(as_role(role))
    assert answer.status_code == (202 if role in MAY_START else 403)
    assert Run.objects.count() == (1 if role in MAY_START else 0)


def test_a_started_run_is_due_in_its_lane(as_role: AsRole) -> None:
    answer = start(as_role(Role.OPERATOR), business_key="XKB", data={"order_id": "6"})
    [id_] = answer.json()["run_ids"]
    run = Run.objects.select_related("event").get(pk=id_)
    assert (run.state, run.lane, run.lane_key) == ("pending", "order", "6")
    assert run.due_at <= timezone.now()
    assert run.revision > 0
    assert (run.event.source, run.event.system, run.event.data) == (
        "manual",
        "shop.example",
        {"order_id": "6"},
    )
    assert AuditEntry.objects.filter(verb="started", actor="operator").exists()


def test_each_start_by_hand_is_news(as_role: AsRole) -> None:
    client = as_role(Role.OPERATOR)
    assert start(client).json() != start(client).json()
    assert TriggerEvent.objects.count() == 2


def test_a_repeated_key_starts_once(as_role: AsRole) -> None:
    client = as_role(Role.OPERATOR)
    first, again = start(client, key="abc"), start(client, key="abc")
    assert first.json() == again.json()
    assert again.status_code == 202
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Run.objects.count() == 1
    assert start(as_role(Role.ANALYST), key="abc").json() != first.json()


def test_a_key_used_for_something_else_is_refused(as_role: AsRole) -> None:
    client = as_role(Role.OPERATOR)
    start(client, key="abc")
    answer = start(client, key="abc", data={"other": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Run.objects.count() == 1


def test_a_call_that_failed_does_not_use_its_key_up(as_role: AsRole) -> None:
    client = as_role(Role.OPERATOR)
    assert start(client, key="abc", node="nobody").status_code == 422
    assert start(client, key="abc").status_code == 202


def test_a_flow_that_is_not_deployed_is_not_started(as_role: AsRole) -> None:
    answer = as_role(Role.OPERATOR).post(
        "/api/v1/flows/orders/runs", {"environment": "test", "trigger": {"entity_id": "6"}}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "not_deployed")


def test_a_start_needs_an_entity(as_role: AsRole) -> None:
    answer = as_role(Role.OPERATOR).post(
        "/api/v1/flows/orders/runs", {"environment": "demo", "trigger": {}}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/trigger/entity_id"


@pytest.mark.parametrize("state", ["pending", "waiting"])
def test_what_has_not_begun_can_be_cancelled(state: str, house: House, as_role: AsRole) -> None:
    run = make_run(house, state=state)
    behind = make_run(house, key="BEHIND", state="pending")
    Run.objects.filter(pk=behind.pk).update(lane_key=run.lane_key, parked=True)
    answer = as_role(Role.OPERATOR).post(f"{URL}/{run.id}/cancel")
    assert answer.status_code == 200
    assert answer.json()["state"] == "cancelled"
    assert answer.json()["revision"] > 0
    behind.refresh_from_db()
    assert not behind.parked


@pytest.mark.parametrize("state", ["running", "succeeded", "dead", "cancelled"])
def test_what_runs_or_has_ended_cannot(state: str, house: House, as_role: AsRole) -> None:
    run = make_run(house, state=state)
    answer = as_role(Role.OPERATOR).post(f"{URL}/{run.id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")
    run.refresh_from_db()
    assert run.state == state


def test_viewers_do_not_cancel(house: House, as_role: AsRole) -> None:
    run = make_run(house, state="pending")
    assert as_role(Role.VIEWER).post(f"{URL}/{run.id}/cancel").status_code == 403
    run.refresh_from_db()
    assert run.state == "pending"


def test_an_unfinished_run_says_when_it_goes_on(house: House, as_role: AsRole) -> None:
    run = make_run(house, state="waiting")
    later = timezone.now() + timedelta(minutes=5)
    Run.objects.filter(pk=run.pk).update(due_at=later)
    body = as_role(Role.VIEWER).get(f"{URL}/{run.id}").json()
    assert body["due_at"] is not None
