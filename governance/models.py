"""What governance keeps."""

from typing import ClassVar

from django.db import models

from causeway.base.ids import new_id
from causeway.base.models import Workspace


class AuditEntry(models.Model):
    """One act of a person or of the system. A trigger in the database refuses every change and
    every removal.

    People and objects are kept by name and id, not by foreign key: the entry outlives both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="audit")
    at = models.DateTimeField()
    actor = models.CharField(max_length=160)
    actor_user_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    object_label = models.CharField(max_length=200)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-id"], name="audit_latest"),
            models.Index(fields=["object_kind", "object_id", "-id"], name="audit_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.object_kind} {self.object_label}"
