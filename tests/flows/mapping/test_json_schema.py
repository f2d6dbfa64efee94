"""Schemas of flows: nothing is fetched, nothing hangs, numbers stay exact."""

import socket
import time
from decimal import Decimal
from typing import Any

import pytest

from flows.mapping.json_schema import SchemaLimitError, findings, schema_fault, validator


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    assert schema_fault(schema) == ""
    return [message for _, message in findings(validator(schema), value)]


def doubling(levels: int) -> dict[str, Any]:
    """Each level asks the next twice: 2 ** levels checks out of a page of text."""
    steps: dict[str, Any] = {
        f"a{level}": {"allOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(levels)
    }
    return {"$defs": {**steps, f"a{levels}": {"type": "string"}}, "$ref": "#/$defs/a0"}


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "^(a+)+$"},
        {"properties": {"a": {"items": {"pattern": "^(a|a)*$"}}}},
        {"patternProperties": {"^(a+)+$": {}}},
        {"patternProperties": {"^a$": {"pattern": "(a+)+"}}},
        {"$ref": "http://127.0.0.1:1/schema"},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        {"$dynamicRef": "file:///etc/passwd"},
        {"items": {"$ref": "other.json#/a"}},
        {"$ref": "#/nowhere"},
        {"$ref": "#nowhere"},
        {"multipleOf": 0},
        {"type": "nonsense"},
    ],
)
def test_a_dangerous_schema_is_refused_before_anything_runs(schema: dict[str, Any]) -> None:
    assert schema_fault(schema)


def test_a_schema_that_doubles_is_stopped() -> None:
    schema = doubling(40)
    assert schema_fault(schema) == ""
    began = time.process_time()
    with pytest.raises(SchemaLimitError, match="too many checks"):
        findings(validator(schema), "x")
    assert time.process_time() - began < 30
    assert problems(doubling(5), 1) != []  # the next validation has a share of its own


def test_a_schema_that_refers_to_itself_is_stopped() -> None:
    with pytest.raises(SchemaLimitError, match="without end"):
        findings(validator({"$ref": "#"}), 1)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a schema opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    for schema in (
        {"$schema": "http://127.0.0.1:1/x"},
        {"$id": "http://127.0.0.1:1/x", "$defs": {"a": {}}, "$ref": "#/$defs/a"},
    ):
        assert schema_fault(schema) == ""
        assert list(findings(validator(schema), 1)) == []
    with pytest.raises(SchemaLimitError, match="nowhere"):
        findings(validator({"$ref": "http://127.0.0.1:1/x"}), 1)


def test_a_text_that_is_too_long_for_its_pattern_does_not_have_its_form() -> None:
    assert problems({"pattern": "^[^@]+@[^@]+\\.[a-z]+$"}, "a@b.c") == []
    assert problems({"pattern": "^[^@]+@[^@]+\\.[a-z]+$"}, "a" * 300 + "@b.c") != []
    with pytest.raises(SchemaLimitError):
        problems({"patternProperties": {"a+b+c+": {}}}, {"a" * 100_000: 1})


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "integer"}, Decimal("1e999999999"), True),
        ({"type": "integer"}, Decimal("1e-999999999"), False),
        ({"type": "integer"}, Decimal("1.50"), False),
        ({"type": "integer"}, Decimal("2.00"), True),
        ({"type": "integer"}, 2.0, True),
        ({"type": "integer"}, True, False),
        ({"multipleOf": Decimal("0.01")}, Decimal("20.10"), True),
        ({"multipleOf": 0.01}, Decimal("20.101"), False),
        ({"multipleOf": 0.01}, Decimal("1e900"), True),
        ({"multipleOf": 7}, Decimal("1e999999999"), False),
        ({"multipleOf": 2}, "text", True),
        ({"uniqueItems": True}, [1, Decimal("1.0")], False),
        ({"uniqueItems": True}, [{"a": 1, "b": 2}, {"b": 2, "a": 1}], False),
        ({"uniqueItems": True}, [1, "1", True, None, [1]], True),
        ({"uniqueItems": False}, [1, 1], True),
        ({"patternProperties": {"^n_": {"type": "number"}}}, {"n_a": "x", "b": "y"}, False),
    ],
)
def test_numbers_and_lists_of_any_size(schema: dict[str, Any], value: Any, fits: bool) -> None:
    began = time.process_time()
    assert (problems(schema, value) == []) is fits
    assert time.process_time() - began < 1


def test_a_long_list_is_searched_for_repetitions_soon() -> None:
    began = time.process_time()
    rows = [{"sku": str(number)} for number in range(50_000)]
    assert problems({"uniqueItems": True}, rows) == []
    assert problems({"uniqueItems": True}, [*rows, rows[0]]) == ["The value repeats an element."]
    assert time.process_time() - began < 5


def test_a_literal_takes_no_expression_where_others_do() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"type": "string", "x-literal": True}}}
    check = validator(schema, expressions=True)
    assert [message for _, message in findings(check, {"a": "{{ x }}", "b": "plain"})] == []
    [told] = [message for _, message in findings(check, {"a": 1, "b": "x = '{{ y }}'"})]
    assert told == "b stands as it is written: give what varies as a value beside it."
    assert problems(schema, {"a": 1, "b": "x = '{{ y }}'"}) == []
