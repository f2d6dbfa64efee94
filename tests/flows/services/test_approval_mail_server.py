"""Mails over a real connection to a mail server that wants to know who writes."""

import email
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.conf import settings
from django.test import override_settings

from flows.models import ApprovalMail
from flows.services.approval_links import read_link
from flows.services.approval_mail import send_due
from tests.flows.api.conftest import House, house
from tests.flows.services.test_approval_mail import asked, someone

__all__ = ["house"]
# The server lives for a second, on this machine alone: a certificate would show nothing.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
USER, PASSWORD = "causeway", "s3cret words"


@dataclass
class Server:
    """Takes what is addressed to this house; everybody else is refused."""

    took: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: Any
    ) -> str:
        if not to.endswith("@causeway.example"):
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert envelope.original_content is not None
        self.took.append(email.message_from_bytes(envelope.original_content, policy=default))
        return "250 OK"


def _who(
    _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any
) -> AuthResult:
    known = isinstance(data, LoginPassword) and data == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=known, handled=False)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        handler = Server(port=int(free.getsockname()[1]))
    controller = Controller(
        handler, hostname="127.0.0.1", port=handler.port, authenticator=_who, auth_required=True,
        auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    made = replace(
        settings.CAUSEWAY,
        email_url=f"smtp://127.0.0.1:{handler.port}",
        email_from="Causeway <causeway@causeway.example>",
    )
    monkeypatch.setattr(settings, "CAUSEWAY", made)
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=handler.port,
        EMAIL_HOST_USER=USER,
        EMAIL_HOST_PASSWORD=PASSWORD,
    ):
        yield handler
    controller.stop()


def test_a_mail_arrives_as_it_was_written(house: House, server: Server) -> None:
    someone("nora", house.workspace)
    approval = asked(house, users=["nora"])
    approval.title = "Freigabe für Müller & Söhne, 1.299,00 €"
    approval.save(update_fields=["title"])
    assert send_due() == 1
    [message] = server.took
    assert message["Subject"].strip() == approval.title  # it was folded before its first word
    assert message["From"] == "Causeway <causeway@causeway.example>"
    assert message["To"] == "nora@causeway.example"
    text = message.get_content()
    assert approval.title in text
    link = text.split()[-1]
    actor, found = read_link(link.rpartition("/")[2])
    assert (actor.name, found.pk) == ("nora", approval.pk)


def test_whoever_the_server_refuses_is_told_of_and_keeps_nobody_from_theirs(
    house: House, server: Server
) -> None:
    someone("nora", house.workspace)
    someone("ben", house.workspace, email="ben@elsewhere.example")
    asked(house, users=["nora", "ben"])
    assert send_due() == 1
    assert [one["To"] for one in server.took] == ["nora@causeway.example"]
    refused = ApprovalMail.objects.get(user__username="ben")
    assert (refused.sent_at, refused.error) == (None, "SMTPRecipientsRefused")


# Django leaves the connection of a refused login to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_wrong_password_sends_nothing_and_is_told(house: House, server: Server) -> None:
    someone("nora", house.workspace)
    asked(house, users=["nora"])
    with override_settings(EMAIL_HOST_PASSWORD="wrong"):
        assert send_due() == 0
    assert server.took == []
    row = ApprovalMail.objects.get()
    assert (row.sent_at, row.error) == (None, "SMTPAuthenticationError")
    ApprovalMail.objects.update(due_at=row.approval.asked_at)
    assert send_due() == 1


def test_a_server_that_is_not_there_is_asked_again_later(house: House, server: Server) -> None:
    someone("nora", house.workspace)
    asked(house, users=["nora"])
    with override_settings(EMAIL_PORT=1):
        assert send_due() == 0
    assert ApprovalMail.objects.get().sent_at is None
    ApprovalMail.objects.update(due_at=ApprovalMail.objects.get().approval.asked_at)
    assert send_due() == 1
    assert len(server.took) == 1
