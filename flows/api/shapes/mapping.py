"""Suggested mappings and what was learnt from people."""

from rest_framework import serializers

from flows.api.shapes.base import Shape


class MappingSideShape(Shape):
    """One of `fields`, `schema`, `sample` and `operation`."""

    vars()["fields"] = serializers.ListField(
        child=serializers.JSONField(),
        required=False,
        max_length=500,
        help_text="Each {name, type, entity, role, samples} or just a name",
    )
    schema = serializers.JSONField(required=False, help_text="JSON Schema")
    sample = serializers.JSONField(required=False, help_text="An object as the far side gives it")
    operation = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Its type, such as prestashop.order.get@1",
    )
    samples = serializers.ListField(
        child=serializers.JSONField(), required=False, max_length=200, help_text="Records"
    )


class MappingSuggestShape(Shape):
    vars()["source"] = MappingSideShape()
    target = MappingSideShape()


class MappingTransformShape(Shape):
    kind = serializers.CharField()
    parameters = serializers.JSONField(required=False)
    functions = serializers.JSONField(
        required=False, help_text="Entries for `functions` of a map field"
    )


class MappingSuggestionShape(Shape):
    vars()["source"] = serializers.CharField()
    target = serializers.CharField()
    entity = serializers.CharField(required=False)
    role = serializers.CharField(required=False)
    confidence = serializers.FloatField(help_text="The chance that a person would accept it")
    transform = MappingTransformShape()
    explanation = serializers.CharField()


class MappingSuggestionsShape(Shape):
    results = MappingSuggestionShape(many=True)


class MappingVerdictShape(Shape):
    vars()["source"] = serializers.CharField()
    target = serializers.CharField()
    accepted = serializers.IntegerField(help_text="Times accepted")
    rejected = serializers.IntegerField(help_text="Times rejected")
    changed_at = serializers.DateTimeField()


class MappingVerdictGivenShape(Shape):
    vars()["source"] = serializers.JSONField(help_text="A field, or its name")
    target = serializers.JSONField(help_text="A field, or its name")
    accepted = serializers.BooleanField()


class MappingLearnShape(Shape):
    verdicts = serializers.ListField(child=MappingVerdictGivenShape(), max_length=500)


class MappingCountShape(Shape):
    count = serializers.IntegerField()
