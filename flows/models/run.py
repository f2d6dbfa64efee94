"""Runs, their journal and the receipts of what they wrote."""

from typing import ClassVar

from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace
from flows.models.deployment import Deployment
from flows.models.flow import Flow, FlowVersion
from flows.models.payload import PackedJSONField
from flows.models.trigger_event import TriggerEvent


class Run(models.Model):
    """One trigger event going through one flow version.

    Claiming: a run is due when `state` is pending or waiting and `due_at` has passed; a claim
    sets `claim_token`, `lease_until` and counts `claims`, and every later write names the token.
    Lanes: of the unfinished runs that share (environment, lane, lane_key) only the first in
    order (source_time, source_sequence, id) may be claimed; a waiting run holds no lane, unless
    it `holds_lane`. When a claim meets many runs that stand behind others, it parks them, so that
    a long lane does not hide the rest; the end of a run wakes the next one of its lane. Where
    `supersedable` runs of one flow stand in a lane and have not begun, a claim calls all but the
    newest off.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        WAITING = "waiting"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        DEAD = "dead"  # dead letter: kept with all that is needed to resume
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Every index costs on each claim and each end: foreign keys get one only where it is read.
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, db_index=False)
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, db_index=False)
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    event = models.ForeignKey(
        TriggerEvent, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    trigger_node = models.CharField(max_length=64)
    business_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    outcome = models.CharField(max_length=200, blank=True)  # what a stop node said
    lane = models.CharField(max_length=64, blank=True)
    lane_key = models.CharField(max_length=200, blank=True)
    source_time = models.DateTimeField()
    source_sequence = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    claim_token = models.UUIDField(null=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    claims = models.PositiveIntegerField(default=0)
    urgent = models.BooleanField(default=False, db_default=False)  # somebody waits for it
    supersedable = models.BooleanField(default=False, db_default=False)
    holds_lane = models.BooleanField(default=False, db_default=False)  # also while it waits
    parked = models.BooleanField(default=False)  # stands in a long lane; woken from there
    # Its worker died once: it goes again among a few such, and where that ends badly on its own.
    alone = models.BooleanField(default=False)
    # 1: its worker died again while it carried others of these. Two and more: one less than the
    # workers that died with nothing but this run.
    suspicion = models.PositiveSmallIntegerField(default=0)
    next_seq = models.PositiveIntegerField(default=1)
    revision = models.BigIntegerField(default=0)  # number of its last change, for live lists
    error = ExactJSONField(null=True)  # FarSideError.to_dict() plus "node"
    # A replay is a further run of the event. Its journal opens with what it attaches.
    replay_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replays", db_index=False
    )
    # A dead letter of one loop item ("each_line/A7") of the run in `replay_of`, which went through.
    item = models.CharField(max_length=120, blank=True, default="", db_default="")
    # A part of another run: some items of a for-each ("each_line/A7+100"), see flows.engine.chunks.
    chunk = models.CharField(max_length=120, blank=True, default="", db_default="")
    replay_number = models.PositiveSmallIntegerField(default=0, db_default=0)
    trigger_data = PackedJSONField(null=True)  # in place of the event's, where it was edited
    # Whether the flows that listen to failures were started for this one.
    failure_told = models.BooleanField(default=False, db_default=False)
    # A dead letter or failed run that somebody dealt with: replayed, or marked as solved.
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=150, default="", db_default="", blank=True)
    resolved_note = models.CharField(max_length=500, default="", db_default="", blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "deployment", "trigger_node", "replay_number"],
                name="run_once_per_event",
            ),
            models.UniqueConstraint(
                fields=["environment", "lane", "lane_key"],
                condition=models.Q(state="running") & ~models.Q(lane=""),
                name="run_one_active_in_lane",
            ),
            models.UniqueConstraint(
                fields=["event", "flow", "trigger_node", "item"],
                condition=~models.Q(item=""),
                name="run_one_letter_of_item",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["urgent", "deployment", "due_at"],
                condition=models.Q(state__in=["pending", "waiting"], parked=False, alone=False),
                name="run_due",
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=["pending", "waiting"], alone=True),
                name="run_due_alone",
            ),
            models.Index(
                fields=["environment", "lane", "lane_key", "source_time", "source_sequence", "id"],
                condition=models.Q(parked=True),
                name="run_parked",
            ),
            models.Index(
                fields=["deployment"],
                condition=models.Q(state="pending"),
                name="run_backlog",
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="running"), name="run_leased"
            ),
            models.Index(
                fields=["environment", "lane", "lane_key", "source_time", "source_sequence", "id"],
                condition=models.Q(state__in=["pending", "running", "waiting"]),
                name="run_lane_order",
            ),
            models.Index(fields=["environment", "-id"], name="run_latest"),
            models.Index(fields=["flow", "environment", "-id"], name="run_latest_of_flow"),
            models.Index(fields=["environment", "business_key"], name="run_by_business_key"),
            models.Index(fields=["environment", "revision"], name="run_by_revision"),
            models.Index(
                fields=["replay_of"],
                condition=models.Q(replay_of__isnull=False),
                name="run_replays",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["dead", "failed"], failure_told=False),
                name="run_failures_untold",
            ),
            models.Index(
                fields=["environment", "source_time", "source_sequence", "id"],
                condition=models.Q(state="dead", resolved_at__isnull=True),
                name="run_dead_letters",
            ),
        ]


class RunEvent(models.Model):
    """One entry of a run's journal, in the engine's words (`flows.engine.events`).

    `seq` counts from 1 within the run; it numbers the live events of the run too.
    """

    pk = models.CompositePrimaryKey("run_id", "seq")
    # The writer locks the run's row in the same transaction: a check in the database would
    # only repeat that for each of the many rows.
    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    node = models.CharField(max_length=64, blank=True)
    path = models.TextField(blank=True)  # loop item path, "" outside loops
    at = models.DateTimeField()
    data = PackedJSONField(default=dict)


class Receipt(models.Model):
    """Read-back of one write; see `connectors.sdk.receipt`. One per effect key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    node = models.CharField(max_length=64)
    path = models.TextField(blank=True)
    effect_key = models.CharField(max_length=200)
    system = models.CharField(max_length=200)
    entity = models.CharField(max_length=64)
    record_id = models.CharField(max_length=200)
    action = models.CharField(max_length=16)
    verdict = models.CharField(max_length=10)
    fields = ExactJSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "effect_key"], name="receipt_once_per_effect")
        ]
        indexes: ClassVar = [
            models.Index(fields=["system", "entity", "record_id"], name="receipt_by_record")
        ]
