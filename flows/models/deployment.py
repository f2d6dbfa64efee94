"""Which flow version runs in which environment, and what it listens to."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from causeway.base.models import Environment
from connectors.connections.models import Connection
from flows.models.flow import Flow, FlowVersion


class Deployment(models.Model):
    """A flow version put to work in an environment. Deploying another version retires this row
    and adds one, so that the history of what ran when stays.

    `bindings` maps each connection slot of the document to a connection id of the environment.
    Of the runs that are due, workers take from each deployment in proportion to `weight`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="deployments")
    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="deployments")
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="deployments"
    )
    bindings = ExactJSONField(default=dict)
    backlog_cap = models.PositiveIntegerField(default=100_000)
    weight = models.PositiveSmallIntegerField(default=10, db_default=10)
    deployed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    deployed_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["flow", "environment"],
                condition=models.Q(retired_at__isnull=True),
                name="deployment_one_active",
            )
        ]


class Listener(models.Model):
    """A trigger node of an active deployment, unrolled so that ingress finds it in one read.

    Written and removed together with its deployment. `trigger_type` is the node's type
    ("prestashop.order_event@1"), `params` its params.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="listeners")
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="listeners", null=True
    )
    node = models.CharField(max_length=64)
    trigger_type = models.CharField(max_length=120)
    params = ExactJSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["connection", "trigger_type"], name="listener_by_connection")
        ]


class PollCursor(models.Model):
    """How far a poll of a connection's trigger type has come; stored with the events it gave."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="poll_cursors"
    )
    trigger_type = models.CharField(max_length=120)
    cursor = ExactJSONField(null=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "trigger_type"], name="poll_cursor_unique"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="poll_cursor_due")]
