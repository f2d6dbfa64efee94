"""Mails to those who are asked: the right people, each once."""

import smtplib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from causeway.base.models import Workspace
from flows.engine.nodes.approval import Decision
from flows.models import Approval, ApprovalMail
from flows.services.approval_links import read_link
from flows.services.approval_mail import TRIES, send_due
from flows.services.approvals import decide
from governance.roles import Role, grant_role
from tests.flows.api.conftest import SETUP, House, house, make_approval, make_run

__all__ = ["house"]


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    made = replace(
        settings.CAUSEWAY, email_url="smtp://mail.example", email_from="causeway@causeway.example"
    )
    monkeypatch.setattr(settings, "CAUSEWAY", made)


def someone(name: str, workspace: Workspace, role: Role = Role.VIEWER, **more: Any) -> User:
    user = User.objects.create_user(name, **{"email": f"{name}@causeway.example", **more})
    grant_role(SETUP, user=user, workspace=workspace, role=role)
    return user


def asked(house: House, **changes: Any) -> Approval:
    return make_approval(make_run(house, state="waiting", key=changes.pop("key", "K")), **changes)


def to() -> list[str]:
    return sorted(one.to[0].partition("@")[0] for one in mail.outbox)


def test_each_of_those_who_are_asked_gets_one_mail(house: House) -> None:
    someone("nora", house.workspace)
    someone("ben", house.workspace, Role.OPERATOR)
    someone("both", house.workspace, Role.OPERATOR)
    someone("other", house.workspace)
    someone("silent", house.workspace, Role.OPERATOR, email="")
    someone("gone", house.workspace, Role.OPERATOR, is_active=False)
    someone("stranger", house.elsewhere, Role.OPERATOR)
    approval = asked(house, users=["nora", "both", "stranger", "unknown"], role="operator")
    assert send_due() == 3
    assert to() == ["ben", "both", "nora"]
    assert send_due() == 0
    assert ApprovalMail.objects.filter(sent_at__isnull=False).count() == 3
    message = next(one for one in mail.outbox if one.to == ["nora@causeway.example"])
    assert message.subject == approval.title
    assert message.from_email == "causeway@causeway.example"
    link = str(message.body).splitlines()[-1]
    actor, found = read_link(link.rpartition("/")[2])
    assert (actor.name, found.pk) == ("nora", approval.pk)


def test_where_nobody_is_named_nobody_is_written_to(house: House) -> None:
    someone("ben", house.workspace, Role.OPERATOR)
    asked(house)
    assert send_due() == 0


def test_without_a_mail_server_nothing_is_noted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CAUSEWAY", replace(settings.CAUSEWAY, email_url=""))
    someone("nora", house.workspace)
    approval = asked(house, users=["nora"])
    assert send_due() == 0
    approval.refresh_from_db()
    assert approval.invited_at is None


@pytest.mark.parametrize("closed", ["decided", "late", "left"])
def test_what_nobody_waits_for_is_not_written_about(house: House, closed: str) -> None:
    someone("nora", house.workspace)
    until = timezone.now() + timedelta(days=-1 if closed == "late" else 1)
    approval = asked(house, users=["nora"], until=until, waits=closed != "left")
    if closed == "decided":
        decide(SETUP, approval, Decision.APPROVED)
    assert send_due() == 0


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def send(self: EmailMessage, fail_silently: bool = False) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", send)


def test_a_mail_that_was_surely_not_taken_is_tried_again_a_few_times(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone("nora", house.workspace)
    asked(house, users=["nora"])
    with monkeypatch.context() as broken:
        fail(broken, smtplib.SMTPRecipientsRefused({}))
        send_due()
        row = ApprovalMail.objects.get()
        assert (row.sent_at, row.tries, row.error) == (None, 1, "SMTPRecipientsRefused")
        assert row.due_at > timezone.now() + timedelta(seconds=50)
        for _ in range(TRIES + 2):
            ApprovalMail.objects.update(due_at=timezone.now())
            send_due()
        assert ApprovalMail.objects.get().tries == TRIES
    ApprovalMail.objects.update(due_at=timezone.now())
    assert send_due() == 0


@pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected(), TimeoutError(), ValueError()])
def test_a_mail_that_was_perhaps_taken_is_not_sent_again(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    someone("nora", house.workspace)
    asked(house, users=["nora"])
    with monkeypatch.context() as broken:
        fail(broken, error)
        send_due()
    ApprovalMail.objects.update(due_at=timezone.now())
    assert send_due() == 0
    assert ApprovalMail.objects.get().error == type(error).__name__


def test_a_broken_mail_does_not_hold_up_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "ben", "cid"):
        someone(name, house.workspace)
    asked(house, users=["ann", "ben", "cid"])
    send = EmailMessage.send

    def some(self: EmailMessage, fail_silently: bool = False) -> int:
        if self.to == ["ann@causeway.example"]:
            raise smtplib.SMTPRecipientsRefused({})
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", some)
    assert send_due() == 2
    assert to() == ["ben", "cid"]


def test_a_title_cannot_bring_headers(house: House) -> None:
    someone("nora", house.workspace)
    asked(house, users=["nora"], title="A\nBcc: everybody@causeway.example")
    send_due()
    assert mail.outbox == []  # refused by the mail library; the node makes one line of a title
    assert ApprovalMail.objects.get().error == "BadHeaderError"
