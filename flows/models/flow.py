"""Flows and their versions."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from causeway.base.models import Workspace


class Flow(models.Model):
    """A flow by name; what it does is in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="flows")
    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    # Days for which its runs are kept when they are over; null: as the installation says, 0: ever.
    keep_days = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="flow_slug_unique")
        ]

    def __str__(self) -> str:
        return self.slug


class FlowVersion(models.Model):
    """A flow document as it was published; never changed afterwards (a trigger in the database
    refuses updates)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = ExactJSONField()
    digest = models.CharField(max_length=64)  # sha-256 of the canonical logic, without layout
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "number"], name="flow_version_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.flow_id} v{self.number}"
