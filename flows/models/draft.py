"""What a person is making of a flow before it is published."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from flows.models.flow import Flow


class FlowDraft(models.Model):
    """A person's private document of a flow: one each, need not be a valid flow, runs nowhere.

    `revision` counts its saves from 1; a save names the one that it started from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    document = ExactJSONField()
    base = models.PositiveIntegerField()  # number of the version that it started from
    revision = models.PositiveIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "user"], name="flow_draft_one_each")
        ]

    def __str__(self) -> str:
        return f"{self.flow_id} of {self.user_id}"
