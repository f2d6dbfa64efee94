"""Bulk replays: many dead letters taken at once and worked off one after the other."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace
from flows.models.run import Run


class BulkReplay(models.Model):
    """What somebody asked for, and how far it has come.

    Its items are fixed when it is made: what dies meanwhile is not taken up. Each chunk is one
    transaction under the lock of this row, which counts what the chunk did; a process that dies
    leaves the last chunk as if it had never begun.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, db_index=False)
    # Who asked, and under whose permissions it goes on; null: a part of the system.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False
    )
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, default="", blank=True)  # of a cancelled one
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    problem = models.CharField(max_length=500, default="", blank=True)  # why it was stopped
    skip_superseded = models.BooleanField()
    version = models.PositiveIntegerField(null=True)  # null: each run's own
    total = models.PositiveIntegerField()
    replayed = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)  # superseded, or dealt with meanwhile
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "flows_bulk_replay"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    total__gte=models.F("replayed") + models.F("left_out") + models.F("refused")
                ),
                name="bulk_replay_counts_fit",
            ),
            models.CheckConstraint(
                condition=models.Q(state="running", ended_at__isnull=True)
                | (~models.Q(state="running") & models.Q(ended_at__isnull=False)),
                name="bulk_replay_ended_or_running",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=models.Q(state="running"), name="bulk_replay_running"
            ),
            models.Index(fields=["environment", "-id"], name="bulk_replay_latest"),
        ]


class BulkReplayItem(models.Model):
    """One dead letter of a bulk replay; `place` counts from 1 in source-time order."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        REPLAYED = "replayed"
        SUPERSEDED = "superseded"
        DEALT_WITH = "dealt_with"
        REFUSED = "refused"

    pk = models.CompositePrimaryKey("bulk_id", "place")
    bulk = models.ForeignKey(
        BulkReplay, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    place = models.PositiveIntegerField()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="bulk_items")
    replay = models.OneToOneField(
        Run, on_delete=models.SET_NULL, null=True, related_name="bulk_item"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    problem = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        db_table = "flows_bulk_replay_item"
        indexes: ClassVar = [
            models.Index(
                fields=["bulk", "place"],
                condition=models.Q(outcome="waiting"),
                name="bulk_item_waiting",
            )
        ]
