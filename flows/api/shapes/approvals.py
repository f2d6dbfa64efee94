"""Questions that runs put to people."""

from rest_framework import serializers

from flows.api.shapes.base import Shape
from flows.api.shapes.runs import FlowNameShape
from flows.engine.nodes.approval import Decision

DECISIONS = [one.value for one in Decision]


class ApprovalShape(Shape):
    id = serializers.UUIDField()
    title = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    masked = serializers.BooleanField(
        help_text="Title and message are hidden: neither asked, nor `read_payloads`"
    )
    flow = FlowNameShape()
    environment = serializers.CharField()
    run = serializers.UUIDField()
    node = serializers.CharField()
    path = serializers.CharField(help_text="Loop item, empty outside loops")
    business_key = serializers.CharField()
    role = serializers.CharField(help_text="Whose holders may decide")
    users = serializers.ListField(child=serializers.CharField(), help_text="Who may decide")
    asked_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    open = serializers.BooleanField(help_text="A decision still counts")
    may_decide = serializers.BooleanField(help_text="Whether the reader may")
    decision = serializers.ChoiceField(choices=DECISIONS, allow_null=True)
    decided_by = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    comment = serializers.CharField()


class DecisionShape(Shape):
    decision = serializers.ChoiceField(choices=DECISIONS)
    comment = serializers.CharField(max_length=1000, default="", allow_blank=True)
