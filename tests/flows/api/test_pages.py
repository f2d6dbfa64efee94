"""The page behind the link of a mail: looking decides nothing, a button decides once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.utils import timezone

from flows.models import Approval, Run
from flows.services.approval_links import link_for
from governance.models import AuditEntry
from governance.roles import Role, grant_role, revoke_role
from tests.flows.api.conftest import PAYLOAD, SETUP, House, make_approval, make_run


@pytest.fixture
def nora(house: House) -> User:
    user = User.objects.create_user("nora", email="nora@causeway.example")
    grant_role(SETUP, user=user, workspace=house.workspace, role=Role.VIEWER)
    return user


@pytest.fixture
def run(house: House) -> Run:
    made = make_run(house, state="waiting")
    Run.objects.filter(pk=made.pk).update(due_at=timezone.now() + timedelta(days=1))
    return made


@pytest.fixture
def approval(run: Run, nora: User) -> Approval:
    return make_approval(run, users=["nora"], title="Refund <b>6</b>?")


def path_of(approval: Approval, user: User) -> str:
    return "/approve/" + link_for(approval, user).rpartition("/")[2]


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_scanner_that_opens_the_link_decides_nothing(
    approval: Approval, nora: User, client: Client
) -> None:
    for _ in range(3):
        page = client.get(path_of(approval, nora))
        assert page.status_code == 200
        assert client.head(path_of(approval, nora)).status_code == 200
    text = page.content.decode()
    assert PAYLOAD in text
    assert "Refund &lt;b&gt;6&lt;/b&gt;?" in text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    approval.refresh_from_db()
    assert approval.decision == ""


def test_the_button_decides_and_the_page_says_so(
    approval: Approval, nora: User, client: Client, run: Run
) -> None:
    path = path_of(approval, nora)
    answer = client.post(path, {"decision": "rejected", "comment": " <i>No</i> "})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    approval.refresh_from_db()
    assert (approval.decision, approval.decided_by) == ("rejected", "nora")
    run.refresh_from_db()
    assert run.due_at <= timezone.now()
    shown = client.get(path).content.decode()
    assert "nora rejected this" in shown
    assert "&lt;i&gt;No&lt;/i&gt;" in shown
    assert "<form" not in shown
    assert AuditEntry.objects.get(verb="rejected").detail["via"] == "link"


def test_a_link_decides_once(approval: Approval, nora: User, client: Client) -> None:
    path = path_of(approval, nora)
    assert client.post(path, {"decision": "approved"}).status_code == 303
    again = client.post(path, {"decision": "rejected"})
    assert again.status_code == 409
    assert "nora approved it already" in again.content.decode()
    approval.refresh_from_db()
    assert approval.decision == "approved"


def test_a_link_is_worth_nothing_after_the_deadline(
    approval: Approval, nora: User, client: Client
) -> None:
    Approval.objects.update(until=timezone.now() - timedelta(seconds=1))
    page = client.get(path_of(approval, nora))
    assert "no longer waits" in page.content.decode()
    assert client.post(path_of(approval, nora), {"decision": "approved"}).status_code == 409
    approval.refresh_from_db()
    assert approval.decision == ""


@pytest.mark.parametrize(
    "decision", ["", "perhaps", "approved\x00"], ids=["none", "unknown", "strange"]
)
def test_what_is_no_decision_is_refused(
    decision: str,
    approval: Approval,
    nora: User,
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert client.post(path_of(approval, nora), {"decision": decision}).status_code == 422
    long = {"decision": "approved", "comment": "x" * 1001}
    assert client.post(path_of(approval, nora), long).status_code == 422
    assert "/approve/" not in caplog.text  # the address would let its reader decide


def test_a_link_of_somebody_who_may_no_longer_decide_shows_nothing(
    approval: Approval, nora: User, client: Client, house: House
) -> None:
    path = path_of(approval, nora)
    revoke_role(SETUP, user=nora, workspace=house.workspace, role=Role.VIEWER)
    page = client.get(path)
    assert page.status_code == 404
    assert PAYLOAD not in page.content.decode()
    grant_role(SETUP, user=nora, workspace=house.workspace, role=Role.VIEWER)
    User.objects.filter(pk=nora.pk).update(is_active=False)
    assert client.post(path, {"decision": "approved"}).status_code == 404
    approval.refresh_from_db()
    assert approval.decision == ""


def test_a_link_that_was_tampered_with_leads_to_nothing(
    approval: Approval, nora: User, client: Client
) -> None:
    path = path_of(approval, nora)
    other = signing.dumps([approval.pk.hex, nora.pk], salt="something.else")
    for wrong in (path[:-1], path[:-2] + "xx", f"/approve/{other}", "/approve/x"):
        page = client.get(wrong)
        assert page.status_code == 404
        assert PAYLOAD not in page.content.decode()
    odd = "/approve/" + signing.dumps({"a": 1}, salt="causeway.approval")
    assert client.get(odd).status_code == 404
