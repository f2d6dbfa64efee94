"""Links, the inbox of the sync, rules."""

from rest_framework import serializers

from flows.api.shapes.base import Shape
from flows.services.conflicts import MOST_AT_ONCE
from flows.sync.conflict import ConflictKind
from flows.sync.link import LinkState

STATES = [one.value for one in LinkState]
KINDS = [one.value for one in ConflictKind]
CONFLICT_STATES = ["open", "answered", "decided", "settled", "told"]
SIDES = ["left", "right"]


class RecordShape(Shape):
    """A record by the system that holds it."""

    system = serializers.CharField(max_length=200)
    id = serializers.CharField(max_length=200)


class KnownRecordShape(Shape):
    system = serializers.CharField()
    id = serializers.CharField(allow_blank=True, help_text="Empty: not known yet")


class LinkShape(Shape):
    id = serializers.UUIDField()
    entity = serializers.CharField()
    # Through `vars` where a field carries the name of something that serializers have.
    vars()["label"] = serializers.CharField(
        help_text="What people call the record; a person's name perhaps"
    )
    state = serializers.ChoiceField(choices=STATES)
    left = KnownRecordShape()
    right = KnownRecordShape()
    flow = serializers.CharField(allow_null=True, help_text="Slug of the flow that keeps it")
    node = serializers.CharField()
    hops = serializers.IntegerField()
    writes = serializers.IntegerField()
    echoes = serializers.IntegerField()
    open = serializers.BooleanField(help_text="Something waits for a person")
    created_at = serializers.DateTimeField()
    synced_at = serializers.DateTimeField(allow_null=True)


class ConflictFieldShape(Shape):
    field = serializers.CharField(
        help_text="*record* stands for the record, *candidates* for which one it is"
    )
    left = serializers.JSONField()
    right = serializers.JSONField()
    left_base = serializers.JSONField()
    right_base = serializers.JSONField()
    winner = serializers.CharField(help_text="Of an overruled one: the side, or merged")
    by = serializers.CharField(help_text="Which rule, why an expression failed, or which side")


class ResolutionShape(Shape):
    field = serializers.CharField()
    choice = serializers.CharField()
    value = serializers.JSONField(allow_null=True)


class ConflictShape(Shape):
    id = serializers.UUIDField()
    link = serializers.UUIDField()
    vars()["label"] = serializers.CharField()
    environment = serializers.CharField()
    entity = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.ChoiceField(choices=CONFLICT_STATES)
    left = KnownRecordShape()
    right = KnownRecordShape()
    vars()["fields"] = ConflictFieldShape(many=True)
    resolutions = ResolutionShape(many=True)
    run = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()


class PendingWriteShape(Shape):
    side = serializers.ChoiceField(choices=SIDES)
    action = serializers.CharField()
    vars()["fields"] = serializers.ListField(child=serializers.CharField())


class LinkReceiptShape(Shape):
    run = serializers.UUIDField()
    system = serializers.CharField()
    entity = serializers.CharField()
    record_id = serializers.CharField()
    action = serializers.CharField()
    verdict = serializers.ChoiceField(choices=["confirmed", "absorbed", "diverged"])
    vars()["fields"] = serializers.ListField(child=serializers.JSONField())
    at = serializers.DateTimeField()


class LinkDetailShape(LinkShape):
    base = serializers.JSONField(
        help_text="By side what it said when both were last brought together; null: never"
    )
    pending = PendingWriteShape(many=True, help_text="Writes that were about to leave")
    receipts = LinkReceiptShape(many=True)
    conflicts = ConflictShape(many=True)


class NewLinkShape(Shape):
    environment = serializers.CharField()
    entity = serializers.RegexField("^[a-z][a-z0-9_-]{0,63}$")
    left = RecordShape()
    right = RecordShape()


class RefreshedShape(Shape):
    run_ids = serializers.ListField(child=serializers.UUIDField())


class PairsShape(Shape):
    environment = serializers.CharField()
    entity = serializers.RegexField("^[a-z][a-z0-9_-]{0,63}$")
    csv = serializers.CharField(
        max_length=20_000_000,
        trim_whitespace=False,
        help_text="With the columns left_system, left_id, right_system, right_id",
    )


class RefusedLineShape(Shape):
    line = serializers.IntegerField()
    message = serializers.CharField()


class ImportedShape(Shape):
    made = serializers.IntegerField()
    known = serializers.IntegerField(help_text="Pairs that were linked already")
    refused_count = serializers.IntegerField()
    refused = RefusedLineShape(many=True, help_text="The first hundred")


class DecidedFieldShape(Shape):
    field = serializers.CharField(max_length=64)
    choice = serializers.ChoiceField(
        choices=["left", "right", "value", "keep"], help_text="keep: only for what diverged"
    )
    value = serializers.JSONField(
        allow_null=True, default=None, help_text="Of candidates: the id, null for none of them"
    )


class DecideShape(Shape):
    decisions = DecidedFieldShape(many=True, allow_empty=False)
    remember = serializers.BooleanField(default=False, help_text="Make rules of the choices")


class DecidedShape(ConflictShape):
    looked_at = serializers.BooleanField(
        help_text="A run carries it out now; else the next news of the record does"
    )


class DecideManyShape(Shape):
    environment = serializers.CharField()
    ids = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MOST_AT_ONCE
    )
    choice = serializers.ChoiceField(choices=SIDES)
    remember = serializers.BooleanField(default=False)


class DecidedManyShape(Shape):
    decided = serializers.ListField(child=serializers.UUIDField())
    left_out = serializers.ListField(
        child=serializers.UUIDField(), help_text="Closed meanwhile, or a choice of candidates"
    )


class SyncRuleShape(Shape):
    id = serializers.UUIDField()
    entity = serializers.CharField()
    field = serializers.CharField()
    winner = serializers.ChoiceField(choices=["left", "right", "newest"])
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
