"""Schemas and samples as lists of fields."""

from typing import Any

import pytest

from flows.mapping.matcher.flatten import fields_of_sample, fields_of_schema


def test_a_schema_gives_its_leaves() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": ["integer", "null"]},
            "at": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "rows": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
            },
        },
    }
    assert fields_of_schema(schema) == [
        {"name": "id", "type": "integer", "required": True},
        {"name": "at", "type": "datetime", "required": False},
        {"name": "tags", "type": "string list", "required": False},
        {"name": "rows[].sku", "type": "string", "required": False},
    ]


@pytest.mark.parametrize("schema", [None, 3, {}, {"type": "string"}, {"properties": 3}])
def test_a_schema_without_fields_gives_none(schema: Any) -> None:
    assert fields_of_schema(schema) == []


def test_endless_schemas_end() -> None:
    schema: dict[str, Any] = {"properties": {}}
    schema["properties"]["again"] = schema
    assert fields_of_schema(schema) == []


def test_a_sample_gives_its_leaves_with_their_values() -> None:
    sample = {"a": {"b": 1}, "rows": [{"sku": "A"}, {"sku": "B", "n": 2}, 7], "tags": ["x"]}
    assert fields_of_sample(sample) == [
        {"name": "a.b", "samples": [1]},
        {"name": "rows[].sku", "samples": ["A", "B"]},
        {"name": "rows[].n", "samples": [2]},
        {"name": "tags", "samples": [["x"]]},
    ]
