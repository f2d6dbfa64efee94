"""Steps that wait for something from outside, and the news that they wait for."""

from typing import ClassVar

from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from connectors.connections.models import Connection
from flows.models.deployment import Deployment
from flows.models.run import Run
from flows.models.trigger_event import TriggerEvent


class Wait(models.Model):
    """A step that waits, and its answer: one for good, a second one changes nothing.

    It is written in the transaction that makes its run waiting, and goes when the run ends.
    `topic` and `key` say which news answers it (see `flows.store.waits.topic_of`); the answer is
    then `event`, else `answer` ({port, output}). `taken` says that the run has gone on with it.
    """

    pk = models.CompositePrimaryKey("run_id", "node", "path")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="waits", db_index=False)
    node = models.CharField(max_length=64)
    path = models.TextField(blank=True)  # loop item path, "" outside loops
    kind = models.CharField(max_length=16)
    topic = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=200)
    until = models.DateTimeField()
    registered_at = models.DateTimeField()
    event = models.ForeignKey(TriggerEvent, on_delete=models.PROTECT, null=True, db_index=False)
    answer = ExactJSONField(null=True)
    answered_at = models.DateTimeField(null=True)
    taken = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["topic", "key"],
                condition=models.Q(answered_at__isnull=True) & ~models.Q(topic=""),
                name="wait_for_news",
            ),
            models.Index(
                fields=["run"],
                condition=models.Q(answered_at__isnull=False, taken=False),
                name="wait_answered",
            ),
        ]


class AwaitedNews(models.Model):
    """A node of a deployed flow that waits for news, unrolled so that acceptance finds it in the
    read that finds the listeners. `params` are those of the trigger type.

    That of a retired deployment stays while a run may still come to the node.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deployment = models.ForeignKey(
        Deployment, on_delete=models.CASCADE, related_name="awaited_news"
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="awaited_news"
    )
    node = models.CharField(max_length=64)
    trigger_type = models.CharField(max_length=120)
    params = ExactJSONField(default=dict)
    match = models.CharField(max_length=16)
    topic = models.CharField(max_length=64)


class HeardNews(models.Model):
    """News that some deployed flow may wait for: a step that comes to its wait a moment later
    finds it here. Kept for 30 days."""

    pk = models.CompositePrimaryKey("topic", "key", "event_id")
    topic = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    event = models.ForeignKey(TriggerEvent, on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="heard_news_age")]
