"""Flows, versions, deployments, the catalog."""

from rest_framework import serializers

from flows.api.exact import ObjectField
from flows.api.shapes.base import Shape


class ConnectorShape(Shape):
    id = serializers.CharField()
    name = serializers.CharField()
    hue = serializers.CharField()
    icon = serializers.CharField()
    summary = serializers.CharField()
    settings_schema = ObjectField()
    secrets_schema = ObjectField()


class NodeTypeShape(Shape):
    type = serializers.CharField(help_text="name@version")
    title = serializers.CharField()
    summary = serializers.CharField()
    icon = serializers.CharField()
    hue = serializers.CharField()
    kind = serializers.ChoiceField(choices=["trigger", "action", "control", "data"])
    ports = serializers.ListField(child=serializers.CharField())
    modes = serializers.ListField(child=serializers.CharField(), required=False)
    connector = serializers.CharField(allow_null=True)
    effect = serializers.ChoiceField(choices=["read", "write"], allow_null=True)
    params_schema = ObjectField()
    output_schema = ObjectField()
    listens = serializers.BooleanField(
        help_text="Has a connection slot, and waits for news of the trigger type in param `event`"
    )


class CatalogShape(Shape):
    connectors = ConnectorShape(many=True)
    node_types = NodeTypeShape(many=True)


class FunctionShape(Shape):
    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    group = serializers.CharField(help_text="What it is about, for lists")
    takes = serializers.CharField(help_text="JSON type of the value, or any")
    gives = serializers.CharField(help_text="JSON type of the result, or any")
    over = serializers.ChoiceField(
        choices=["each", "whole"], help_text="Whether a list goes through element by element"
    )
    takes_null = serializers.BooleanField()
    in_expressions = serializers.BooleanField(help_text="May be a filter in an expression")
    schema = ObjectField(help_text="JSON Schema of its entry in a mapping")
    examples = serializers.ListField(child=ObjectField())


class FunctionsShape(Shape):
    functions = FunctionShape(many=True)


class DeployedShape(Shape):
    version = serializers.IntegerField()
    deployed_at = serializers.DateTimeField()


class TodayShape(Shape):
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()


class FlowShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    latest_version = serializers.IntegerField()
    deployed = DeployedShape(allow_null=True)
    connectors = serializers.ListField(child=serializers.CharField())
    today = TodayShape()
    last_run_at = serializers.DateTimeField(allow_null=True)


class FlowVersionShape(Shape):
    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the logic, layout apart")
    note = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class FlowVersionDocumentShape(FlowVersionShape):
    document = ObjectField()


class NextTickShape(Shape):
    node = serializers.CharField()
    environment = serializers.CharField()
    at = serializers.DateTimeField()
    local = serializers.DateTimeField(help_text="As the schedule's zone shows it")
    zone = serializers.CharField(help_text="IANA name")


class FlowDetailShape(FlowShape):
    document = ObjectField(help_text="Of the latest version")
    versions = FlowVersionShape(many=True)
    next_ticks = NextTickShape(many=True, help_text="Of deployed schedules, soonest first")
    keep_days = serializers.IntegerField(
        allow_null=True,
        help_text="Days for which runs that are over are kept; 0 for ever",
    )


class RetentionShape(Shape):
    keep_days = serializers.IntegerField(
        allow_null=True,
        min_value=0,
        max_value=36500,
        help_text="Days after their end; 0 keeps for ever, null as the installation says",
    )


class FlowCheckShape(Shape):
    document = ObjectField()


class FlowPublishShape(Shape):
    document = ObjectField()
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class DraftSaveShape(Shape):
    document = ObjectField(help_text="Of the flow; need not be valid yet")
    base = serializers.IntegerField(
        min_value=1, help_text="Number of the version that it started from"
    )
    revision = serializers.IntegerField(
        min_value=0, help_text="The one that this save started from; 0 where there is no draft"
    )


class DraftShape(DraftSaveShape):
    updated_at = serializers.DateTimeField()


class OtherDraftShape(Shape):
    name = serializers.CharField()
    base = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class DraftsShape(Shape):
    draft = DraftShape(allow_null=True, help_text="The reader's own")
    others = OtherDraftShape(many=True, help_text="Who else has a draft, latest first")


class FlowProblemShape(Shape):
    code = serializers.CharField()
    pointer = serializers.CharField(help_text="JSON Pointer into the document")
    message = serializers.CharField()
    fix = serializers.CharField()
    node = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])


class FlowProblemsShape(Shape):
    problems = FlowProblemShape(many=True)


class DeploymentShape(Shape):
    id = serializers.UUIDField()
    flow = serializers.CharField()
    version = serializers.IntegerField()
    environment = serializers.CharField()
    bindings = serializers.DictField(
        child=serializers.CharField(), help_text="Slot to connection slug"
    )
    backlog_cap = serializers.IntegerField()
    deployed_by = serializers.CharField(allow_null=True)
    deployed_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)


class DeploymentRequestShape(Shape):
    flow = serializers.CharField()
    version = serializers.IntegerField(min_value=1)
    environment = serializers.CharField()
    bindings = serializers.DictField(child=serializers.CharField(), default=dict)
    backlog_cap = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
