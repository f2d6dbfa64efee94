"""Session, connections, crosswalks, home and the sandbox."""

from rest_framework import serializers

from connectors.connections.models import Connection
from flows.api.exact import ObjectField
from flows.api.shapes.base import Shape
from flows.api.shapes.runs import VerdictsShape


class UserShape(Shape):
    username = serializers.CharField()
    name = serializers.CharField()
    initials = serializers.CharField()


class EnvironmentShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["sandbox", "test", "production"])


class SessionShape(Shape):
    user = UserShape(allow_null=True)
    workspace = serializers.CharField(allow_null=True)
    permissions = serializers.ListField(child=serializers.CharField())
    environments = EnvironmentShape(many=True)
    demo = serializers.BooleanField()
    csrf = serializers.CharField(help_text="To be sent as X-CSRFToken")


class LoginShape(Shape):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, write_only=True, trim_whitespace=False)


class SecretShape(Shape):
    set = serializers.BooleanField()
    changed_at = serializers.DateTimeField(allow_null=True)


class CircuitShape(Shape):
    """How a connection is protected just now."""

    state = serializers.ChoiceField(choices=["closed", "open", "half_open", "paused"])
    cause = serializers.ChoiceField(
        choices=["", "failures", "credentials", "retry_after"],
        help_text="Why it is not closed; empty while it is",
    )
    since = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)
    limit = serializers.IntegerField(help_text="Calls at the same time that it gets now")
    cap = serializers.IntegerField(help_text="The most that it may get (max_concurrency)")
    in_flight = serializers.IntegerField()
    p95_ms = serializers.IntegerField(
        allow_null=True, help_text="95 % of the last calls were answered within; null before any"
    )


class QuietShape(Shape):
    """The quiet hours of a connection, in which what can wait waits."""

    mode = serializers.ChoiceField(choices=["pause", "slow"])
    zone = serializers.CharField(help_text="Time zone of the hours")
    until = serializers.DateTimeField(
        allow_null=True, help_text="When they are over; null outside of them"
    )


class ConnectionShape(Shape):
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
    circuit = CircuitShape()
    quiet = QuietShape(allow_null=True)
    settings = ObjectField()
    secrets = serializers.DictField(
        child=SecretShape(), help_text="Which secrets are set; never their values"
    )
    hook_path = serializers.CharField(
        allow_null=True, help_text="Where the far side delivers; null without manage_connections"
    )
    hook_url = serializers.CharField(allow_null=True, help_text="The same as a full address")


class HookRotateShape(Shape):
    keep_old = serializers.BooleanField(
        default=True, help_text="Whether the secret before still signs for a day"
    )


class HookSecretShape(Shape):
    secret = serializers.CharField(help_text="Shown this once")
    old_until = serializers.DateTimeField(allow_null=True)


class TestEventShape(Shape):
    arrived = serializers.BooleanField()
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status; null: no answer")
    message = serializers.CharField(help_text="What stood in the way; empty when it arrived")
    delivery_id = serializers.CharField()
    ms = serializers.IntegerField()


class AskedShape(Shape):
    """What was asked of a far side in some time."""

    calls = serializers.IntegerField(help_text="Operations, polls and checks")
    requests = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Calls that were not reached or answered, or 5xx")
    throttled = serializers.IntegerField(help_text="Calls that got 429")
    mean_ms = serializers.IntegerField(
        allow_null=True, help_text="Mean time of a request; null without any"
    )


class AskedByShape(AskedShape):
    operation = serializers.CharField(help_text="Type of the operation or trigger, or `check`")
    share = serializers.FloatField(help_text="Of the day's requests, in percent")


class LoadShape(Shape):
    """The load that Causeway puts on a far side."""

    minute = AskedShape(help_text="The last whole minute")
    hour = AskedShape(help_text="The last 60 minutes")
    day = AskedShape(help_text="The last 24 hours")
    cap_per_minute = serializers.FloatField(
        allow_null=True, help_text="The most requests a minute (rate_limit)"
    )
    learnt_per_minute = serializers.FloatField(
        allow_null=True, help_text="What the far side was found to bear; null where it never said"
    )
    operations = AskedByShape(many=True, help_text="Of the day, the one that asks most first")
    minutes = serializers.ListField(
        child=serializers.IntegerField(), help_text="Requests of the last 60 minutes, oldest first"
    )
    hours = serializers.ListField(
        child=serializers.IntegerField(), help_text="Requests of the last 24 hours, oldest first"
    )


class RefusalShape(Shape):
    """Why a delivery was refused."""

    code = serializers.CharField()
    reason = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes, where they are known")
    count = serializers.IntegerField(help_text="Refusals within some seconds that this stands for")


class DeliveryShape(Shape):
    delivery_id = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    refused = RefusalShape(allow_null=True, help_text="null: it was accepted")
    test = serializers.BooleanField()
    type = serializers.CharField(allow_null=True, help_text="null: no listener wanted it")
    change = serializers.CharField(allow_null=True)
    entity = serializers.CharField(allow_null=True)
    entity_id = serializers.CharField(allow_null=True)
    business_key = serializers.CharField(allow_blank=True)
    run_ids = serializers.ListField(child=serializers.CharField())


class ConnectionCreateShape(Shape):
    environment = serializers.CharField()
    slug = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    connector = serializers.CharField(max_length=64)
    settings = ObjectField(default=dict)
    secrets = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False), default=dict, write_only=True
    )


class ConnectionChangeShape(Shape):
    name = serializers.CharField(max_length=120, required=False)
    settings = ObjectField(required=False)
    secrets = serializers.DictField(
        child=serializers.CharField(allow_null=True, trim_whitespace=False),
        required=False,
        write_only=True,
        help_text="Absent ones stay, null removes",
    )


class CrosswalkShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    left_label = serializers.CharField()
    right_label = serializers.CharField()
    changed_at = serializers.DateTimeField()
    entries_count = serializers.IntegerField()


class CrosswalkEntryShape(Shape):
    left = serializers.CharField()
    right = serializers.CharField()
    note = serializers.CharField()
    direction = serializers.ChoiceField(choices=["both", "to_right", "to_left"])


class CrosswalkDetailShape(CrosswalkShape):
    entries = CrosswalkEntryShape(many=True)


class SentenceShape(Shape):
    text = serializers.CharField()
    confirmed = serializers.IntegerField(help_text="Confirmed or absorbed today")
    records = serializers.IntegerField()
    at = serializers.DateTimeField()


class CardShape(Shape):
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


class HealthShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    connector = serializers.CharField()
    system = serializers.CharField()
    state = serializers.ChoiceField(choices=Connection.State.values)
    state_message = serializers.CharField()
    facts = ObjectField()
    checked_at = serializers.DateTimeField(allow_null=True)
    is_twin = serializers.BooleanField()
    circuit = CircuitShape()


class ChangeShape(Shape):
    kind = serializers.ChoiceField(choices=["deployed", "published"])
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    who = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class HomeShape(Shape):
    sentence = SentenceShape()
    cards = CardShape(many=True)
    connections = HealthShape(many=True)
    changes = ChangeShape(many=True)


class SandboxShape(Shape):
    shop = ObjectField()
    notes = ObjectField()
