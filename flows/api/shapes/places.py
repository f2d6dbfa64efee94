"""Session, connections, crosswalks, home and the sandbox."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from connectors.connections.models import Connection
from flows.api.exact import ObjectField
from flows.api.shapes.runs import VerdictsShape


class UserShape(Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()
    initials = serializers.CharField()


class EnvironmentShape(Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["sandbox", "test", "production"])


class SessionShape(Serializer[Any]):
    user = UserShape(allow_null=True)
    workspace = serializers.CharField(allow_null=True)
    permissions = serializers.ListField(child=serializers.CharField())
    environments = EnvironmentShape(many=True)
    demo = serializers.BooleanField()
    csrf = serializers.CharField(help_text="To be sent as X-CSRFToken")


class LoginShape(Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, write_only=True, trim_whitespace=False)


class SecretShape(Serializer[Any]):
    set = serializers.BooleanField()
    changed_at = serializers.DateTimeField(allow_null=True)


class ConnectionShape(Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    environment = serializers.CharField()
    connector = serializers.CharField()
    system = serializers.CharField(help_text="Identity of the far side")
    state = serializers.ChoiceField(choices=Connection.State.values)
    state_message = serializers.CharField()
    facts = ObjectField()
    checked_at = serializers.DateTimeField(allow_null=True)
    is_twin = serializers.BooleanField()
    settings = ObjectField()
    secrets = serializers.DictField(
        child=SecretShape(), help_text="Which secrets are set; never their values"
    )
    hook_path = serializers.CharField(
        allow_null=True, help_text="Where the far side delivers; null without manage_connections"
    )


class ConnectionCreateShape(Serializer[Any]):
    environment = serializers.CharField()
    slug = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    connector = serializers.CharField(max_length=64)
    settings = ObjectField(default=dict)
    secrets = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False), default=dict, write_only=True
    )


class ConnectionChangeShape(Serializer[Any]):
    name = serializers.CharField(max_length=120, required=False)
    settings = ObjectField(required=False)
    secrets = serializers.DictField(
        child=serializers.CharField(allow_null=True, trim_whitespace=False),
        required=False,
        write_only=True,
        help_text="Absent ones stay, null removes",
    )


class CrosswalkShape(Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    left_label = serializers.CharField()
    right_label = serializers.CharField()
    changed_at = serializers.DateTimeField()
    entries_count = serializers.IntegerField()


class CrosswalkEntryShape(Serializer[Any]):
    left = serializers.CharField()
    right = serializers.CharField()
    note = serializers.CharField()
    direction = serializers.ChoiceField(choices=["both", "to_right", "to_left"])


class CrosswalkDetailShape(CrosswalkShape):
    entries = CrosswalkEntryShape(many=True)


class SentenceShape(Serializer[Any]):
    text = serializers.CharField()
    confirmed = serializers.IntegerField(help_text="Confirmed or absorbed today")
    records = serializers.IntegerField()
    at = serializers.DateTimeField()


class CardShape(Serializer[Any]):
    flow = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    vars()["from"] = serializers.CharField(allow_null=True, help_text="Connector id")
    to = serializers.CharField(allow_null=True, help_text="Connector id")
    status = serializers.ChoiceField(choices=["flowing", "idle", "delayed", "failing"])
    lag_ms = serializers.IntegerField(allow_null=True)
    lag_mean_ms = serializers.IntegerField(allow_null=True)
    lag_max_ms = serializers.IntegerField(allow_null=True)
    late_since = serializers.DateTimeField(allow_null=True)
    last_ended_at = serializers.DateTimeField(allow_null=True)
    today = serializers.IntegerField()
    receipts = VerdictsShape()
    vars()["errors"] = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    spark = serializers.ListField(
        child=serializers.IntegerField(), help_text="Succeeded runs of each of the last 24 hours"
    )


class HealthShape(Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    connector = serializers.CharField()
    system = serializers.CharField()
    state = serializers.ChoiceField(choices=Connection.State.values)
    state_message = serializers.CharField()
    facts = ObjectField()
    checked_at = serializers.DateTimeField(allow_null=True)
    is_twin = serializers.BooleanField()


class ChangeShape(Serializer[Any]):
    kind = serializers.ChoiceField(choices=["deployed", "published"])
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    who = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class HomeShape(Serializer[Any]):
    sentence = SentenceShape()
    cards = CardShape(many=True)
    connections = HealthShape(many=True)
    changes = ChangeShape(many=True)


class SandboxShape(Serializer[Any]):
    shop = ObjectField()
    notes = ObjectField()
