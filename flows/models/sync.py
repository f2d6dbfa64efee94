"""Links between two records, what is open about them, and the rules that people left."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace
from flows.models.flow import Flow
from flows.sync.conflict import ConflictKind
from flows.sync.link import LinkState

ASKING = ("fields", "deleted", "loop", "candidates")
"""Kinds of conflicts about which a person has to decide before anything more is written."""


class Link(models.Model):
    """Two records that are the same thing, by the systems that hold them.

    `memory` is a packed `flows.sync.link.Link`. Whoever works on a link holds its lease under an
    effect key; `version` counts what was saved. `matching` says whether the other record may be
    looked for, or whether a person said that there is none.
    """

    class Matching(models.TextChoices):
        FIND = "find"
        NEW = "new"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, db_index=False)
    # The flow that keeps both sides the same, and its node; a flow that goes leaves its links.
    flow = models.ForeignKey(Flow, on_delete=models.SET_NULL, null=True, db_index=False)
    node = models.CharField(max_length=64, blank=True, default="")
    entity = models.CharField(max_length=64)
    left_system = models.CharField(max_length=200, blank=True, default="")
    left_id = models.CharField(max_length=200, blank=True, default="")
    right_system = models.CharField(max_length=200, blank=True, default="")
    right_id = models.CharField(max_length=200, blank=True, default="")
    label = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in LinkState], default="new"
    )
    matching = models.CharField(max_length=4, choices=Matching.choices, default=Matching.FIND)
    memory = models.BinaryField(default=b"")
    hops = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    writes = models.PositiveIntegerField(default=0)
    echoes = models.PositiveIntegerField(default=0)
    lease_by = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    synced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flows_link"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "entity", "left_system", "left_id"],
                condition=~Q(left_id=""),
                name="link_left_once",
            ),
            models.UniqueConstraint(
                fields=["environment", "entity", "right_system", "right_id"],
                condition=~Q(right_id=""),
                name="link_right_once",
            ),
            models.CheckConstraint(
                condition=~Q(left_id="") | ~Q(right_id=""), name="link_has_a_side"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "entity", "-id"], name="link_latest"),
            models.Index(fields=["environment", "state", "-id"], name="link_by_state"),
            # What people type into the search is the beginning of a label.
            models.Index(
                fields=["environment", "label"],
                name="link_by_label",
                opclasses=["uuid_ops", "varchar_pattern_ops"],
            ),
        ]


class Conflict(models.Model):
    """One entry of the inbox: see `flows.sync.conflict`.

    `fields` lists {field, left, right, left_base, right_base, winner, by}; `resolutions` by field
    {choice, value}, which count once the link was brought together again.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ANSWERED = "answered"  # a person decided; it is not carried out yet
        DECIDED = "decided"
        SETTLED = "settled"  # both sides agree again without a decision
        TOLD = "told"  # nothing to decide: a rule chose

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, db_index=False)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, db_index=False)
    link = models.ForeignKey(
        Link, on_delete=models.CASCADE, related_name="conflicts", db_index=False
    )
    entity = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ConflictKind])
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    fields = ExactJSONField()
    resolutions = ExactJSONField(default=dict)
    run_id = models.UUIDField(null=True)
    effect_key = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "flows_conflict"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["link"],
                condition=Q(state__in=["open", "answered"], kind__in=ASKING),
                name="conflict_asks_once",
            ),
            models.UniqueConstraint(
                fields=["link"],
                condition=Q(state__in=["open", "answered"], kind="diverged"),
                name="conflict_diverged_once",
            ),
            # The same run tells the same thing once, however often it was begun.
            models.UniqueConstraint(
                fields=["link", "effect_key", "digest"],
                condition=Q(state="told"),
                name="conflict_told_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "state", "-id"], name="conflict_inbox"),
            models.Index(fields=["link", "-id"], name="conflict_of_link"),
        ]


class SyncRule(models.Model):
    """A decision that was remembered: who wins a field of an entity when both sides changed it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, db_index=False)
    entity = models.CharField(max_length=64)
    field = models.CharField(max_length=64)
    winner = models.CharField(
        max_length=6, choices=[(one, one) for one in ("left", "right", "newest")]
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False
    )
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "flows_syncrule"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "entity", "field"], name="sync_rule_once")
        ]


class SyncRollup(models.Model):
    """What became of the looks at an entity's links, by hour; written with each look."""

    pk = models.CompositePrimaryKey("environment_id", "entity", "hour")
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    entity = models.CharField(max_length=64)
    hour = models.DateTimeField()
    looks = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    echoes_left = models.PositiveIntegerField(default=0)
    echoes_right = models.PositiveIntegerField(default=0)
    writes_left = models.PositiveIntegerField(default=0)
    writes_right = models.PositiveIntegerField(default=0)
    creates = models.PositiveIntegerField(default=0)
    deletes = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    overruled = models.PositiveIntegerField(default=0)
    loops = models.PositiveIntegerField(default=0)
    diverged = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "flows_syncrollup"
