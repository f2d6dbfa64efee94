"""Questions that runs put to people."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace
from flows.models.run import Run


class Approval(models.Model):
    """A question and its decision, one for good.

    It is open while its step waits (`Wait`) and the deadline is not over. `title` and `message`
    are made of what the run carried.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, db_index=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="approvals", db_index=False)
    node = models.CharField(max_length=64)
    path = models.TextField(blank=True)  # loop item path, "" outside loops
    title = models.CharField(max_length=200)
    message = models.TextField(blank=True)
    role = models.CharField(max_length=32, blank=True)
    users = ExactJSONField(default=list)  # user names
    until = models.DateTimeField()
    asked_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)  # when it was noted who gets a mail
    decision = models.CharField(max_length=8, choices=Decision.choices, default="", blank=True)
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "node", "path"], name="approval_asked_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-id"],
                condition=models.Q(decision=""),
                name="approval_undecided",
            ),
        ]


class ApprovalMail(models.Model):
    """A mail to one of those who are asked: one for good. It counts as sent before it leaves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, default="", blank=True)  # what became of the last try

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["approval", "user"], name="approval_mail_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at__isnull=True),
                name="approval_mail_due",
            )
        ]
