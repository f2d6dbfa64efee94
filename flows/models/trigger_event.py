"""News that was accepted, and the deliveries that brought it."""

from typing import ClassVar

from django.db import models

from causeway.base.ids import new_id
from causeway.base.models import Environment
from connectors.connections.models import Connection
from flows.models.payload import PackedJSONField


class TriggerEvent(models.Model):
    """One accepted piece of news: `connectors.sdk.trigger.SourceEvent`, made durable.

    The same state of a record reported twice (hook and poll) is one row: `system`, `entity`,
    `entity_id`, `version`, `type` are unique together within an environment.
    """

    class Source(models.TextChoices):
        HOOK = "hook"
        POLL = "poll"
        MANUAL = "manual"
        SCHEDULE = "schedule"
        FAILURE = "failure"  # of another flow's run
        CALL = "call"  # by another flow's run

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of their own: this table is written for every piece of news, and both are only
    # asked for together with what the indexes below start with.
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, db_index=False)
    source = models.CharField(max_length=8, choices=Source.choices)
    type = models.CharField(max_length=120)
    change = models.CharField(max_length=16)
    system = models.CharField(max_length=200)
    entity = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=200)
    version = models.CharField(max_length=200)
    business_key = models.CharField(max_length=200, blank=True)
    data = PackedJSONField()
    source_time = models.DateTimeField()
    source_sequence = models.BigIntegerField(default=0)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "type", "system", "entity", "entity_id", "version"],
                name="trigger_event_unique",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "business_key"], name="trigger_event_business_key")
        ]


class Delivery(models.Model):
    """A delivery id that a far side used, and the event that it brought or repeated.

    `event` is null when the delivery was well-formed and no listener wanted its news.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, db_index=False)
    delivery_id = models.CharField(max_length=200)
    event = models.ForeignKey(
        TriggerEvent, on_delete=models.CASCADE, related_name="deliveries", null=True
    )
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "delivery_id"], name="delivery_id_unique")
        ]
        # Ids grow with time: what is over is found by them too.
        indexes: ClassVar = [models.Index(fields=["connection", "id"], name="delivery_newest")]


class RefusedDelivery(models.Model):
    """Deliveries of a connection that were refused for one reason within some seconds, the last
    of them named. Nothing of their bodies is kept, and of each connection only the newest rows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False)
    code = models.CharField(max_length=40)
    detail = models.CharField(max_length=300)
    delivery_id = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["connection", "id"], name="refused_delivery_newest")
        ]
