"""Flows, versions, deployments, the catalog."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from flows.api.exact import ObjectField


class ConnectorShape(Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    hue = serializers.CharField()
    icon = serializers.CharField()
    summary = serializers.CharField()
    settings_schema = ObjectField()
    secrets_schema = ObjectField()


class NodeTypeShape(Serializer[Any]):
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


class CatalogShape(Serializer[Any]):
    connectors = ConnectorShape(many=True)
    node_types = NodeTypeShape(many=True)


class DeployedShape(Serializer[Any]):
    version = serializers.IntegerField()
    deployed_at = serializers.DateTimeField()


class TodayShape(Serializer[Any]):
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()


class FlowShape(Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    latest_version = serializers.IntegerField()
    deployed = DeployedShape(allow_null=True)
    connectors = serializers.ListField(child=serializers.CharField())
    today = TodayShape()
    last_run_at = serializers.DateTimeField(allow_null=True)


class FlowVersionShape(Serializer[Any]):
    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the logic, layout apart")
    note = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class FlowVersionDocumentShape(FlowVersionShape):
    document = ObjectField()


class FlowDetailShape(FlowShape):
    document = ObjectField(help_text="Of the latest version")
    versions = FlowVersionShape(many=True)


class FlowCheckShape(Serializer[Any]):
    document = ObjectField()


class FlowPublishShape(Serializer[Any]):
    document = ObjectField()
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class FlowProblemShape(Serializer[Any]):
    code = serializers.CharField()
    pointer = serializers.CharField(help_text="JSON Pointer into the document")
    message = serializers.CharField()
    fix = serializers.CharField()
    node = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])


class FlowProblemsShape(Serializer[Any]):
    problems = FlowProblemShape(many=True)


class DeploymentShape(Serializer[Any]):
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


class DeploymentRequestShape(Serializer[Any]):
    flow = serializers.CharField()
    version = serializers.IntegerField(min_value=1)
    environment = serializers.CharField()
    bindings = serializers.DictField(child=serializers.CharField(), default=dict)
    backlog_cap = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
