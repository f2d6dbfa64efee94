"""Mapping documents: which field is made of what, function by function."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.errors import RejectedError
from flows.engine.node_compiler import Findings, NodeCompiler
from flows.mapping.crosswalk import Crosswalk, Direction
from flows.mapping.document import compile_mapping
from flows.mapping.functions import FUNCTIONS

TABLES = {
    "states": Crosswalk(
        slug="states", left={"Shipped": "4"}, right={"4": "Shipped", "5": "Shipped"}
    )
}
NAMES: dict[str, Any] = {
    "order": {
        "ref": " AB-1 ",
        "total": Decimal("20.555"),
        "note": None,
        "empty": "",
        "first": "Ada",
        "last": "Lovelace",
        "lines": [
            {"sku": "A", "qty": 2, "price": Decimal("1.005")},
            {"sku": "B", "qty": 1, "price": None},
            {"sku": "A", "qty": 1},
        ],
    },
    "_crosswalks": TABLES,
}


def mapped(*fields: dict[str, Any]) -> dict[str, Any]:
    notes = Findings("m")
    made = compile_mapping(fields, NodeCompiler(notes, ("fields",)))
    assert notes.problems == []
    return made.apply(NAMES, TABLES)


def through(value: Any, *functions: dict[str, Any]) -> Any:
    return mapped({"target": "x", "value": value, "functions": list(functions)})["x"]


def test_targets_nest() -> None:
    found = mapped(
        {"target": "items.Ref", "source": "order.ref", "functions": [{"name": "trim"}]},
        {"target": 'items["Item.SKU"]', "source": "order.lines[].sku"},
        {"target": "fixed", "value": [1, {"a": None}]},
        {"target": "full", "expression": "{{ order.first }} {{ order.last }}"},
        {"target": "bare", "expression": "order.total * 2"},
    )
    assert found == {
        "items": {"Ref": "AB-1", "Item.SKU": ["A", "B", "A"]},
        "fixed": [1, {"a": None}],
        "full": "Ada Lovelace",
        "bare": Decimal("41.110"),
    }


def test_parallel_lists_keep_their_lengths() -> None:
    found = mapped(
        {"target": "qty", "source": "order.lines[].qty"},
        {
            "target": "price",
            "source": "order.lines[].price",
            "functions": [{"name": "round", "digits": 2}],
        },
    )
    assert found == {"qty": [2, 1, 1], "price": [Decimal("1.01"), None, None]}


def test_several_sources_go_into_one_target() -> None:
    found = mapped(
        {
            "target": "name",
            "sources": ["order.first", "order.middle", "order.last"],
            "functions": [{"name": "join", "separator": " "}],
        }
    )
    assert found == {"name": "Ada Lovelace"}


def test_every_value_says_where_it_comes_from() -> None:
    fields: list[dict[str, Any]] = [
        {
            "target": "ref",
            "source": "order.ref",
            "functions": [{"name": "trim"}, {"name": "lower"}],
        },
        {"target": "note", "source": "order.note", "default": "none"},
        {"target": "n", "source": "order.ref", "functions": [{"name": "number"}]},
        {"target": "off", "value": 1, "when": "order.first == 'Bob'"},
        {"target": "full", "sources": ["order.first", "order.last"]},
        {"target": "gone", "source": "order.nowhere"},
    ]
    made = compile_mapping(fields, NodeCompiler(Findings("m"), ("fields",)))
    ref, note, number, off, full, gone = made.origins(NAMES, TABLES)
    assert (ref.sources, ref.read, ref.value) == (("order.ref",), " AB-1 ", "ab-1")
    assert [(one.name, one.before, one.after) for one in ref.steps] == [
        ("trim", " AB-1 ", "AB-1"),
        ("lower", "AB-1", "ab-1"),
    ]
    assert [(one.name, one.after) for one in note.steps] == [("default", "none")]
    assert (number.written, number.read) == (False, " AB-1 ")
    assert "is not a number" in number.error
    assert (off.written, off.error) == (False, "")
    assert (full.sources, full.value) == (("order.first", "order.last"), ["Ada", "Lovelace"])
    assert "There is no" in gone.error


def test_when_and_default() -> None:
    found = mapped(
        {"target": "a", "value": 1, "when": "{{ order.note is none }}"},
        {"target": "b", "value": 1, "when": "order.note is not none"},
        {"target": "c", "source": "order.gone", "default": "d"},
        {"target": "d", "source": "order.note", "default": " d ", "functions": [{"name": "trim"}]},
        {"target": "e", "source": "order.empty", "default": "d"},
        {"target": "f", "source": "order.note"},
        {
            "target": "g",
            "source": "order.ref",
            "default": "other",
            "functions": [{"name": "lookup", "table": {"x": "y"}, "on_missing": "null"}],
        },
    )
    assert found == {"a": 1, "c": "d", "d": "d", "e": "", "f": None, "g": "other"}


def test_a_source_that_is_not_there_names_the_target() -> None:
    with pytest.raises(RejectedError) as caught:
        mapped({"target": "items.X", "source": "order.gone.deeper"})
    assert caught.value.code == "source_missing"
    assert "items.X" in caught.value.message
    assert "order.gone" in caught.value.message


@pytest.mark.parametrize(
    ("value", "function", "expected"),
    [
        (" a ", {"name": "trim"}, "a"),
        ("a", {"name": "upper"}, "A"),
        ("A", {"name": "lower"}, "a"),
        (7, {"name": "text"}, "7"),
        (None, {"name": "text"}, ""),
        ("abcdef", {"name": "truncate", "length": 3}, "abc"),
        ("abcdef", {"name": "truncate", "length": 4, "ellipsis": "…"}, "abc…"),
        ("abc", {"name": "truncate", "length": 3, "ellipsis": "…"}, "abc"),
        ("a-b-c", {"name": "replace", "old": "-", "new": ""}, "abc"),
        ("a, b,,c", {"name": "split"}, ["a", "b", "c"]),
        (["a", None, "b", 3], {"name": "join", "separator": "; "}, "a; b; 3"),
        ([None, "", "b"], {"name": "first"}, "b"),
        ([], {"name": "first"}, None),
        (["a", "b", "a"], {"name": "unique"}, ["a", "b"]),
        (["a ", " b"], {"name": "trim"}, ["a", "b"]),
        (None, {"name": "trim"}, None),
        ("", {"name": "default", "value": "x"}, "x"),
        (None, {"name": "default", "value": 5}, 5),
        ("Ada", {"name": "concat", "with": ["order.note", "order.last"]}, "Ada Lovelace"),
        (None, {"name": "concat", "with": ["order.first"], "separator": "-"}, "Ada"),
        ("7", {"name": "template", "text": "No. {{ value }} of {{ order.first }}"}, "No. 7 of Ada"),
        ("1,234.50", {"name": "number"}, Decimal("1234.50")),
        ("1.234,5", {"name": "number", "locale": "de"}, Decimal("1234.5")),
        ("12", {"name": "number"}, 12),
        ("", {"name": "number"}, None),
        (Decimal("2.50"), {"name": "number"}, Decimal("2.50")),
        (Decimal("2.345"), {"name": "round", "digits": 2}, Decimal("2.35")),
        (Decimal("2.345"), {"name": "round", "digits": 2, "mode": "half_even"}, Decimal("2.34")),
        (Decimal("-2.5"), {"name": "round", "mode": "floor"}, Decimal(-3)),
        ("Yes", {"name": "bool"}, True),
        ("0", {"name": "bool"}, False),
        (1, {"name": "bool"}, True),
        ("ja", {"name": "bool", "true": ["Ja"]}, True),
        ("23.11.2026", {"name": "date", "in": "dd.MM.yyyy"}, "2026-11-23"),
        (
            "2026-11-23",
            {"name": "date", "out": "d. MMMM yyyy", "locale": "de"},
            "23. November 2026",
        ),
        (
            "2026-11-23T23:30:00Z",
            {"name": "date", "out": "yyyy-MM-dd HH:mm", "to_zone": "Europe/Paris"},
            "2026-11-24 00:30",
        ),
        (
            "11/23/2026 01:05:09 PM",
            {"name": "date", "in": "MM/dd/yyyy hh:mm:ss a", "out": "yyyy-MM-dd'T'HH:mm:ss"},
            "2026-11-23T13:05:09",
        ),
        (
            "2026-11-23 11:21:30",
            {"name": "datetime_utc", "zone": "Europe/Paris"},
            "2026-11-23T10:21:30Z",
        ),
        ("2026-11-23T11:21:30+01:00", {"name": "datetime_utc"}, "2026-11-23T10:21:30Z"),
        ("2026-11-23", {"name": "datetime_utc", "zone": "UTC"}, "2026-11-23T00:00:00Z"),
        ("2026-11-23T23:30:00Z", {"name": "date_only", "zone": "Europe/Paris"}, "2026-11-24"),
        ("2026-11-23T23:30:00Z", {"name": "date_only"}, "2026-11-23"),
        ("", {"name": "date_only"}, None),
        ("5", {"name": "crosswalk", "table": "states", "direction": "to_left"}, "Shipped"),
        ("Shipped", {"name": "crosswalk", "table": "states", "direction": "to_right"}, "4"),
        (4, {"name": "crosswalk", "table": "states", "direction": "to_left"}, "Shipped"),
        (
            "9",
            {"name": "crosswalk", "table": "states", "direction": "to_left", "on_missing": "null"},
            None,
        ),
        (
            "9",
            {"name": "crosswalk", "table": "states", "direction": "to_left", "default": "?"},
            "?",
        ),
        ("a", {"name": "lookup", "table": {"a": 1}}, 1),
        ("fr", {"name": "country_name", "locale": "en"}, "France"),
        ("DE", {"name": "country_name", "locale": "fr"}, "Allemagne"),
        (
            "<p>One &amp; <b>two</b></p><script>x</script><p>three<br>four</p>",
            {"name": "html_to_text"},
            "One & two\n\nthree\nfour",
        ),
        ("a < b\nc\n\nd", {"name": "text_to_html"}, "<p>a &lt; b<br>c</p><p>d</p>"),
    ],
)
def test_functions(value: Any, function: dict[str, Any], expected: Any) -> None:
    found = through(value, function)
    assert found == expected
    assert type(found) is type(expected)


def test_every_function_is_shown_by_an_example() -> None:
    marks = test_functions.pytestmark
    shown = {case[1]["name"] for case in marks[0].args[1]}
    assert shown == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("value", "function", "code"),
    [
        (
            "9",
            {"name": "crosswalk", "table": "states", "direction": "to_left"},
            "crosswalk_missing",
        ),
        ("9", {"name": "crosswalk", "table": "none", "direction": "to_left"}, "crosswalk_unknown"),
        ("9", {"name": "lookup", "table": {"a": 1}}, "crosswalk_missing"),
        ("XQ", {"name": "country_name"}, "unknown_country"),
        ("FRA", {"name": "country_name"}, "unknown_country"),
        ("FR", {"name": "country_name", "locale": "xx-nowhere"}, "mapping"),
        ("1.2.3", {"name": "number"}, "mapping"),
        ("maybe", {"name": "bool"}, "mapping"),
        (2, {"name": "bool"}, "mapping"),
        (5, {"name": "trim"}, "mapping"),
        ("32.13.2026", {"name": "date", "in": "dd.MM.yyyy"}, "mapping"),
        ("yesterday", {"name": "date"}, "mapping"),
        ("2026-11-23", {"name": "date", "in": "QQQ"}, "mapping"),
        ("2026-11-23 10:00", {"name": "datetime_utc"}, "mapping"),
        ("2026-11-23 10:00", {"name": "datetime_utc", "zone": "Mars/Base"}, "mapping"),
        ("2026-11-23 10:00", {"name": "datetime_utc", "zone": "../../etc/passwd"}, "mapping"),
        (Decimal("1e900"), {"name": "round"}, "mapping"),
        (["a"], {"name": "concat", "with": ["order.first"]}, "mapping"),
        ("a" * 1000, {"name": "replace", "old": "a", "new": "b" * 2000}, "mapping"),
        ("x", {"name": "template", "text": "{{ value.y }}"}, "undefined"),
    ],
)
def test_functions_refuse(value: Any, function: dict[str, Any], code: str) -> None:
    with pytest.raises(RejectedError) as caught:
        through(value, function)
    assert caught.value.code == code
    assert caught.value.fix
    assert caught.value.detail["target"] == "x"


def test_a_template_does_not_evaluate_its_value() -> None:
    function = {"name": "template", "text": "<{{ value }}>"}
    assert through("{{ order.first }}", function) == "<{{ order.first }}>"


def test_what_a_mapping_depends_on_is_noted() -> None:
    notes = Findings("m")
    compile_mapping(
        [
            {"target": "a", "source": "one.x", "when": "two.y"},
            {"target": "b", "expression": "{{ three }}"},
            {
                "target": "c",
                "value": 1,
                "functions": [
                    {"name": "concat", "with": ["four.z"]},
                    {"name": "template", "text": "{{ value }} {{ five }}"},
                    {"name": "crosswalk", "table": "states", "direction": "to_left"},
                ],
            },
        ],
        NodeCompiler(notes, ("fields",)),
    )
    assert {name for name, _ in notes.names} == {"one", "two", "three", "four", "five"}
    assert dict(notes.names)["two"] == "/fields/0/when"
    assert notes.crosswalks == {"states"}


@given(st.text(), st.text())
def test_a_crosswalk_is_two_tables(left: str, right: str) -> None:
    table = Crosswalk(slug="t", left={left: right}, right={right: left})
    assert table.find(left, Direction.TO_RIGHT) == right
    assert table.find(right, Direction.TO_LEFT) == left


@given(st.text())
def test_html_made_of_text_reads_as_the_text(text: str) -> None:
    def squeeze(one: str) -> str:
        return "".join(one.split())

    html = through(text, {"name": "text_to_html"})
    back = through(html, {"name": "html_to_text"})
    assert squeeze(back) == squeeze(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-10**9,
                   max_value=10**9))  # fmt: skip
def test_rounding_never_makes_a_float(value: Decimal) -> None:
    found = through(value, {"name": "round", "digits": 2})
    assert type(found) is Decimal
    assert abs(found - value) <= Decimal("0.005")
