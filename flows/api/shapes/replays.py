"""Replays, dead letters that are solved, and verdicts."""

from rest_framework import serializers

from flows.api.exact import AnyField, ObjectField
from flows.api.shapes.base import Shape
from flows.api.shapes.runs import RunShape
from flows.models import BulkReplay
from flows.services.bulk_replays import MOST_AT_ONCE


class ReplayShape(Shape):
    from_node = serializers.CharField(
        max_length=64,
        default="",
        allow_blank=True,
        help_text="Where to begin; else where the run broke off",
    )
    item = serializers.CharField(
        max_length=120,
        default="",
        allow_blank=True,
        help_text="Path of a loop item such as each_line/A7: only that one, and nothing after it",
    )
    trigger_data = ObjectField(
        default=None, allow_null=True, help_text="In place of the trigger event's data"
    )
    outputs = ObjectField(default=dict, help_text="Outputs of upstream nodes, by node id")
    version = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Another version of the flow"
    )
    dry = serializers.BooleanField(default=False, help_text="Only say what would be taken over")


class ReplayPreviewShape(Shape):
    version = serializers.IntegerField()
    attached = serializers.ListField(
        child=serializers.CharField(), help_text="Nodes whose outputs are taken over"
    )


class BulkReplayShape(Shape):
    environment = serializers.CharField()
    runs = serializers.ListField(
        child=serializers.UUIDField(),
        default=list,
        max_length=MOST_AT_ONCE,
        help_text="Only these; else all that fit",
    )
    flow = serializers.CharField(default="", allow_blank=True, help_text="Slug of a flow")
    q = serializers.CharField(default="", allow_blank=True, help_text="As for GET /runs")
    error_code = serializers.CharField(default="", allow_blank=True)
    limit = serializers.IntegerField(default=100, min_value=1, max_value=MOST_AT_ONCE)
    skip_superseded = serializers.BooleanField(
        default=True, help_text="Leave out what a newer run of the record carried over"
    )
    version = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    dry = serializers.BooleanField(default=False, help_text="Only say what would be replayed")


class BulkPreviewShape(Shape):
    count = serializers.IntegerField()
    runs = RunShape(many=True, help_text="The first of those taken, in source-time order")
    superseded_count = serializers.IntegerField()
    superseded = RunShape(many=True, help_text="The first of those left out")
    left = serializers.BooleanField(help_text="More match than `limit`")


class BulkRowShape(Shape):
    id = serializers.UUIDField()
    environment = serializers.CharField()
    state = serializers.ChoiceField(choices=BulkReplay.State.values)
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(help_text="Who cancelled it")
    problem = serializers.CharField(help_text="Why it was stopped")
    version = serializers.IntegerField(allow_null=True)
    skip_superseded = serializers.BooleanField()
    total = serializers.IntegerField(help_text="Dead letters taken; the other counts add up to it")
    replayed = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Superseded or dealt with meanwhile")
    refused = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Of a cancelled one: what stays as it was")


class ReplayStatesShape(Shape):
    pending = serializers.IntegerField()
    running = serializers.IntegerField()
    waiting = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    dead = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class RefusedShape(Shape):
    run = serializers.UUIDField()
    business_key = serializers.CharField()
    message = serializers.CharField()


class BulkDetailShape(BulkRowShape):
    replays = ReplayStatesShape(help_text="How many of the new runs are where")
    problems = RefusedShape(many=True, help_text="The first that were refused, and why")


class ResolveShape(Shape):
    note = serializers.CharField(max_length=500, default="", allow_blank=True)


class VerdictShape(Shape):
    node = serializers.CharField(max_length=64)
    path = serializers.CharField(
        default="", allow_blank=True, help_text="Loop item, empty outside loops"
    )
    happened = serializers.BooleanField()
    output = AnyField(
        default=None, allow_null=True, help_text="What the step gave; only if it happened"
    )
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
