"""Dry runs: what would happen."""

from rest_framework import serializers

from flows.api.exact import AnyField, ObjectField
from flows.api.shapes.base import Shape
from flows.services.dry_runs import MOST


class DryRunOrderShape(Shape):
    environment = serializers.CharField()
    runs = serializers.ListField(
        child=serializers.UUIDField(),
        default=list,
        max_length=MOST,
        help_text="The events of these runs; else those of the latest ones",
    )
    last = serializers.IntegerField(default=20, min_value=1, max_value=MOST)
    version = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Else the deployed one"
    )
    bindings = serializers.DictField(
        child=serializers.CharField(),
        default=dict,
        help_text="Connection slot to slug of a connection, before those of the deployment",
    )


class PredictedEffectShape(Shape):
    node = serializers.CharField()
    name = serializers.CharField()
    path = serializers.CharField(allow_blank=True)
    type = serializers.CharField()
    connection = serializers.CharField(allow_null=True, help_text="Slug of the connection")
    says = serializers.CharField(
        allow_blank=True, help_text="What would be done; empty without read_payloads"
    )
    output = AnyField(allow_null=True)


class DryRunShape(Shape):
    run_id = serializers.UUIDField(help_text="The run that the event started then")
    business_key = serializers.CharField(allow_blank=True)
    entity_id = serializers.CharField(allow_blank=True)
    source_time = serializers.DateTimeField()
    state_then = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["succeeded", "failed", "dead", "not_finished"],
        help_text="not_finished: no time was left, or the version has no such trigger node",
    )
    outcome = serializers.CharField(allow_blank=True)
    error = ObjectField(allow_null=True)
    effects = PredictedEffectShape(many=True)
    steps = serializers.IntegerField(help_text="Steps that succeeded")


class DryRunsShape(Shape):
    results = DryRunShape(many=True, help_text="In source-time order")
