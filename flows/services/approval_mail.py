"""E-mails to those who are asked: each person once.

A mail counts as sent before it leaves: a process that dies over it leaves nobody asked twice, and
the question stands on its page in any case. Only where the mail server surely did not take it, it
is tried again.
"""

import smtplib
import socket
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from causeway.base.actors import person
from causeway.base.groups import group_name
from flows.models import Approval, ApprovalMail
from flows.services.approval_links import link_for
from flows.services.approvals import may_decide, waiting_approvals

log = structlog.get_logger(__name__)

TRIES: Final = 5
_PAUSE: Final = timedelta(minutes=1)  # before the second try; doubles with each
_AT_ONCE: Final = 50
# What a mail server says, or does not, before it has taken a message.
_NOT_TAKEN: Final = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    ConnectionRefusedError,
    socket.gaierror,
)


def send_due() -> int:
    """Send what is due; how many mails left. Without a mail server nothing is."""
    if not settings.CAUSEWAY.email_url:
        return 0
    _invite()
    sent = 0
    for _ in range(_AT_ONCE):
        mail = _take_one()
        if mail is None:
            break
        sent += _send(mail)
    return sent


def _invite() -> None:
    """Note who gets a mail about each new question."""
    with transaction.atomic():
        found = list(
            waiting_approvals()
            .filter(invited_at__isnull=True)
            .select_related("workspace")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("pk")[:_AT_ONCE]
        )
        now = timezone.now()
        for approval in found:
            ApprovalMail.objects.bulk_create(
                [
                    ApprovalMail(approval=approval, user=user, due_at=now)
                    for user in _asked(approval)
                    if may_decide(person(user), approval)
                ],
                ignore_conflicts=True,
            )
        Approval.objects.filter(pk__in=[one.pk for one in found]).update(invited_at=now)


def _asked(approval: Approval) -> QuerySet[User]:
    """Who is named or holds the role, and has an address. Where neither is given nobody is
    written to: that would be most of the workspace."""
    asked = Q(username__in=approval.users)
    if approval.role:
        asked |= Q(groups__name=group_name(approval.workspace, approval.role))
    return User.objects.filter(asked, is_active=True).exclude(email="").distinct().order_by("pk")


def _take_one() -> ApprovalMail | None:
    with transaction.atomic():
        mail = (
            ApprovalMail.objects.filter(
                sent_at__isnull=True, due_at__lte=timezone.now(), approval__in=waiting_approvals()
            )
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("due_at", "pk")
            .first()
        )
        if mail is not None:
            mail.sent_at = timezone.now()
            mail.tries += 1
            mail.save(update_fields=["sent_at", "tries"])
    return mail


def _send(mail: ApprovalMail) -> bool:
    found = ApprovalMail.objects.select_related(
        "user", "approval__environment", "approval__run__flow"
    ).get(pk=mail.pk)
    try:
        _message(found).send()
    except _NOT_TAKEN as error:
        _put_off(found, error)
        return False
    except Exception as error:
        # Perhaps it was taken: nobody is asked twice.
        log.warning("mail perhaps not sent", approval=str(found.approval_id), error=_kind(error))
        _note(found, error)
        return False
    return True


def _put_off(mail: ApprovalMail, error: Exception) -> None:
    log.warning("mail not taken", approval=str(mail.approval_id), error=_kind(error))
    if mail.tries < TRIES:
        mail.sent_at = None
        mail.due_at = timezone.now() + _PAUSE * 2 ** (mail.tries - 1)
        mail.save(update_fields=["sent_at", "due_at"])
    _note(mail, error)


def _note(mail: ApprovalMail, error: Exception) -> None:
    mail.error = _kind(error)
    mail.save(update_fields=["error"])


def _message(mail: ApprovalMail) -> EmailMessage:
    approval = mail.approval
    lines = [
        approval.title,
        "",
        *([approval.message, ""] if approval.message else []),
        f"Flow: {approval.run.flow.name}",
        f"Environment: {approval.environment.name}",
        *([f"About: {approval.run.business_key}"] if approval.run.business_key else []),
        f"Until: {_shown(approval.until)}",
        "",
        "Approve or reject here (the link is yours alone, do not pass it on):",
        link_for(approval, mail.user),
    ]
    return EmailMessage(
        subject=approval.title,
        body="\n".join(lines),
        from_email=settings.CAUSEWAY.email_from,
        to=[mail.user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _kind(error: Exception) -> str:
    return type(error).__name__
