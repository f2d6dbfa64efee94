"""Approvals over the API: who sees what is asked, who may decide, and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from flows.models import Approval, Run, Wait
from flows.services.masking import masked_event_data
from governance.models import AuditEntry
from governance.roles import PERMISSIONS_OF, Role, grant_role
from tests.flows.api.conftest import (
    PAYLOAD,
    SETUP,
    AsRole,
    House,
    client_of,
    make_approval,
    make_run,
)

URL = "/api/v1/approvals"


@pytest.fixture
def run(house: House) -> Run:
    made = make_run(house, state="waiting")
    made.due_at = timezone.now() + timedelta(days=1)
    made.save()
    return made


def decide(client: APIClient, approval: Approval, decision: str = "approved", **more: Any) -> Any:
    body = {"decision": decision, **more}
    return client.post(f"{URL}/{approval.pk}/decide", body, format="json")


def listed(client: APIClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{URL}?environment=demo").json()["results"]
    return found


@pytest.mark.parametrize("role", list(Role))
def test_who_may_decide_when_nobody_is_named(role: Role, run: Run, as_role: AsRole) -> None:
    approval = make_approval(run)
    may = "start_runs" in PERMISSIONS_OF[role]
    [row] = listed(as_role(role))
    assert row["may_decide"] is may
    assert decide(as_role(role), approval).status_code == (200 if may else 403)
    approval.refresh_from_db()
    assert approval.decision == ("approved" if may else "")


@pytest.mark.parametrize("role", list(Role))
def test_of_a_role_only_its_holders_and_who_stands_in(
    role: Role, run: Run, as_role: AsRole
) -> None:
    approval = make_approval(run, role="viewer")
    may = role in (Role.VIEWER, Role.ADMINISTRATOR)
    assert decide(as_role(role), approval).status_code == (200 if may else 403)
    if may:
        entry = AuditEntry.objects.get(verb="approved")
        assert entry.detail["asked"] is (role is Role.VIEWER)


def test_who_is_named_may_decide_and_their_colleagues_may_not(
    run: Run, house: House, as_role: AsRole
) -> None:
    approval = make_approval(run, users=["viewer"])
    assert decide(as_role(Role.OPERATOR), approval).status_code == 403
    assert decide(as_role(Role.VIEWER), approval, comment="Fine.").json()["comment"] == "Fine."


def test_what_was_carried_is_for_those_who_are_asked_or_read_payloads(
    run: Run, as_role: AsRole
) -> None:
    make_approval(run, users=["release_engineer"])
    seen = {role: listed(as_role(role))[0] for role in Role}
    hidden = {role for role, row in seen.items() if PAYLOAD not in str(row)}
    assert hidden == {Role.VIEWER}  # a release engineer reads no payloads, and is asked
    assert seen[Role.VIEWER]["masked"]
    assert (seen[Role.VIEWER]["title"], seen[Role.VIEWER]["message"]) == ("ask", "")


def test_strangers_and_nobody_see_and_decide_nothing(
    run: Run, stranger: APIClient, nobody: APIClient
) -> None:
    approval = make_approval(run, users=["stranger"])
    assert stranger.get(f"{URL}/{approval.pk}").status_code == 404
    assert decide(stranger, approval).status_code == 404
    assert nobody.get(f"{URL}/{approval.pk}").status_code == 401
    assert decide(nobody, approval).status_code in (401, 403)
    assert listed_status(stranger) == 404
    approval.refresh_from_db()
    assert approval.decision == ""


def listed_status(client: APIClient) -> int:
    status: int = client.get(f"{URL}?environment=demo").status_code
    return status


def test_a_closed_account_decides_nothing(run: Run, house: House) -> None:
    approval = make_approval(run, role="viewer")
    user = User.objects.create_user("gone", is_active=False)
    grant_role(SETUP, user=user, workspace=house.workspace, role=Role.VIEWER)
    assert decide(client_of(user), approval).status_code in (401, 403)


def test_a_decision_wakes_the_run_and_is_written_down(run: Run, as_role: AsRole) -> None:
    approval = make_approval(run)
    before = run.revision
    body = decide(as_role(Role.OPERATOR), approval, "rejected", comment="Too much.").json()
    assert (body["decision"], body["decided_by"], body["open"]) == ("rejected", "operator", False)
    run.refresh_from_db()
    assert run.due_at <= timezone.now()
    assert run.revision > before
    wait = Wait.objects.get()
    assert wait.answer == {
        "port": "rejected",
        "output": {
            "decision": "rejected",
            "by": "operator",
            "at": wait.answer["output"]["at"],
            "comment": "Too much.",
        },
    }
    entry = AuditEntry.objects.get(verb="rejected")
    assert (entry.actor, entry.detail["node"]) == ("operator", "ask")
    assert PAYLOAD not in str(entry.detail)
    assert listed(as_role(Role.OPERATOR)) == []


def test_the_first_decision_counts(run: Run, as_role: AsRole) -> None:
    approval = make_approval(run)
    assert decide(as_role(Role.OPERATOR), approval).status_code == 200
    again = decide(as_role(Role.OPERATOR), approval)  # a second click
    assert again.status_code == 200
    for client, decision in (
        (as_role(Role.OPERATOR), "rejected"),
        (as_role(Role.ANALYST), "approved"),
    ):
        answer = decide(client, approval, decision)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
        assert "operator" in answer.json()["detail"]
    assert AuditEntry.objects.filter(verb__in=["approved", "rejected"]).count() == 1


def test_nobody_decides_what_is_waited_for_no_longer(run: Run, as_role: AsRole) -> None:
    approval = make_approval(run, waits=False)
    answer = decide(as_role(Role.OPERATOR), approval)
    assert (answer.status_code, answer.json()["code"]) == (409, "approval_closed")
    assert listed(as_role(Role.OPERATOR)) == []
    assert as_role(Role.OPERATOR).get(f"{URL}/{approval.pk}").json()["open"] is False


def test_nobody_decides_after_the_deadline(run: Run, as_role: AsRole) -> None:
    approval = make_approval(run, until=timezone.now() - timedelta(seconds=1))
    assert decide(as_role(Role.OPERATOR), approval).status_code == 409
    assert listed(as_role(Role.OPERATOR)) == []


def test_a_decision_is_one_of_two(run: Run, as_role: AsRole) -> None:
    approval = make_approval(run)
    answer = decide(as_role(Role.OPERATOR), approval, "perhaps")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/decision"


def test_a_list_costs_the_same_for_one_and_many(
    house: House, as_role: AsRole, django_assert_max_num_queries: Any
) -> None:
    for key in range(12):
        make_approval(make_run(house, key=str(key), state="waiting"), role="viewer")
    client = as_role(Role.OPERATOR)
    with django_assert_max_num_queries(30):
        assert len(listed(client)) == 12


def test_the_journal_hides_what_was_asked() -> None:
    wait = {"kind": "approval", "key": "k", "until": "2026-11-24", "about": {"title": PAYLOAD}}
    assert PAYLOAD not in str(masked_event_data({"wait": wait}))
    assert PAYLOAD not in str(masked_event_data({"answers": [{"about": {"title": PAYLOAD}}]}))
