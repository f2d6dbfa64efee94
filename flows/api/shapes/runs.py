"""Runs, their steps and their journal."""

from rest_framework import serializers

from flows.api.exact import AnyField, ObjectField
from flows.api.shapes.base import Shape
from flows.models import Run, TriggerEvent

STEP_STATES = ("pending", "running", "waiting", "succeeded", "failed", "skipped")


class FlowNameShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()


class RunErrorShape(Shape):
    vars()["class"] = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    fix = serializers.CharField()
    node = serializers.CharField()


class VerdictsShape(Shape):
    confirmed = serializers.IntegerField()
    absorbed = serializers.IntegerField()
    diverged = serializers.IntegerField()


class RunShape(Shape):
    id = serializers.UUIDField()
    flow = FlowNameShape()
    version = serializers.IntegerField()
    business_key = serializers.CharField()
    state = serializers.ChoiceField(choices=Run.State.values)
    outcome = serializers.CharField()
    error = RunErrorShape(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    receipts = VerdictsShape()
    revision = serializers.IntegerField(help_text="Grows with every change")
    resolved_at = serializers.DateTimeField(allow_null=True, help_text="Dealt with since")
    replay_of = serializers.UUIDField(allow_null=True, help_text="The run that this one replays")
    item = serializers.CharField(
        help_text="Of a loop item's dead letter: the item of the run in `replay_of`, else empty"
    )
    chunk = serializers.CharField(
        help_text="Of a run that does a part of a for-each for another one: which, else empty"
    )


class AttemptShape(Shape):
    attempt = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=["running", "succeeded", "failed", "uncertain"])
    error = ObjectField(allow_null=True)
    retry_at = serializers.DateTimeField(allow_null=True)


class StepShape(Shape):
    node = serializers.CharField()
    path = serializers.CharField(help_text="Loop item, empty outside loops")
    state = serializers.ChoiceField(choices=STEP_STATES)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ms = serializers.IntegerField(allow_null=True)
    attempts = AttemptShape(many=True)
    port = serializers.CharField(allow_null=True)
    ports = serializers.ListField(child=serializers.CharField())
    output = AnyField(allow_null=True, help_text="Masked without `read_payloads`")
    error = ObjectField(allow_null=True)
    receipt = ObjectField(allow_null=True)


class TriggerShape(Shape):
    node = serializers.CharField()
    vars()["source"] = serializers.ChoiceField(choices=TriggerEvent.Source.values)
    type = serializers.CharField()
    change = serializers.CharField()
    system = serializers.CharField()
    entity = serializers.CharField()
    entity_id = serializers.CharField()
    version = serializers.CharField()
    business_key = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField()
    vars()["data"] = AnyField(help_text="Masked without `read_payloads`")


class BoundConnectionShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    connector = serializers.CharField()
    is_twin = serializers.BooleanField()


class ReplayLinkShape(Shape):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Run.State.values)


class FailedItemShape(ReplayLinkShape):
    item = serializers.CharField(help_text="for-each/key, such as each_line/A7")
    resolved_at = serializers.DateTimeField(allow_null=True)


class RelatedRunShape(Shape):
    id = serializers.UUIDField()
    flow = serializers.CharField()
    state = serializers.ChoiceField(choices=Run.State.values)
    node = serializers.CharField(help_text="The step that called")
    path = serializers.CharField(help_text="Its loop item, empty outside loops")


class AnswerShape(Shape):
    at = serializers.DateTimeField()
    error = ObjectField()


class LookShape(Shape):
    at = serializers.DateTimeField()
    happened = serializers.BooleanField(allow_null=True, help_text="null: it could not be told")
    error = ObjectField(allow_null=True)


class UnresolvedShape(Shape):
    node = serializers.CharField()
    path = serializers.CharField(help_text="Loop item, empty outside loops")
    attempt = serializers.IntegerField()
    effect_key = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)
    sent_before = serializers.BooleanField(help_text="By the run that this one replays")
    params = AnyField(allow_null=True, help_text="Masked without `read_payloads`")
    answer = AnswerShape(allow_null=True, help_text="null: nothing came back")
    looks = LookShape(many=True)


class RunDetailShape(RunShape):
    error = ObjectField(allow_null=True)  # type: ignore[assignment]  # the whole one, with detail
    environment = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    document = ObjectField(help_text="Of the version that ran")
    trigger = TriggerShape()
    steps = StepShape(many=True)
    events_seq = serializers.IntegerField()
    connections = serializers.DictField(child=BoundConnectionShape())
    unresolved = UnresolvedShape(many=True, help_text="Steps that wait for a verdict")
    resolved_by = serializers.CharField()
    resolved_note = serializers.CharField()
    replays = ReplayLinkShape(many=True)
    failed_items = FailedItemShape(
        many=True, help_text="Dead letters of its loop items, the first 200"
    )
    called_by = RelatedRunShape(allow_null=True, help_text="The run that called this one")
    calls = RelatedRunShape(many=True, help_text="Runs that this one called, the first 200")


class RunEventShape(Shape):
    seq = serializers.IntegerField()
    type = serializers.CharField()
    node = serializers.CharField()
    path = serializers.CharField()
    at = serializers.DateTimeField()
    vars()["data"] = ObjectField()


class ManualTriggerShape(Shape):
    entity_id = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Needed where a far side has it"
    )
    node = serializers.CharField(max_length=64, default="", allow_blank=True)
    change = serializers.ChoiceField(choices=["created", "updated", "deleted"], default="updated")
    entity = serializers.CharField(max_length=64, default="", allow_blank=True)
    business_key = serializers.CharField(max_length=200, default="", allow_blank=True)
    vars()["data"] = ObjectField(default=dict)


class RunStartShape(Shape):
    environment = serializers.CharField()
    trigger = ManualTriggerShape()


class StartedShape(Shape):
    run_ids = serializers.ListField(child=serializers.UUIDField())
