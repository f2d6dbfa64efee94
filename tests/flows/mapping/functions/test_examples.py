"""Every function does what its examples say, in a mapping and by itself; the page is up to date."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.engine.expression import compile_field
from flows.engine.node_compiler import Findings, NodeCompiler
from flows.mapping.crosswalk import Crosswalk
from flows.mapping.document import compile_mapping
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.call import call
from flows.mapping.functions.catalogue import catalogue, exact, page
from flows.mapping.functions.function import Example, Function
from flows.mapping.json_schema import schema_fault

CASES = [(one, example) for one in FUNCTIONS.values() for example in one.examples]
IDS = [f"{one.name}-{at}" for at, (one, _) in enumerate(CASES)]


def _tables(example: Example) -> dict[str, Crosswalk]:
    return {slug: Crosswalk(slug=slug, left=left) for slug, left in example.tables.items()}


def _no_float(value: Any) -> bool:
    if isinstance(value, dict | list):
        return all(map(_no_float, value.values() if isinstance(value, dict) else value))
    return type(value) in (str, int, Decimal, bool, type(None))


@pytest.mark.parametrize(("function", "example"), CASES, ids=IDS)
def test_an_example_is_what_a_mapping_makes(function: Function, example: Example) -> None:
    notes = Findings("m")
    entry = {"name": function.name, **exact(dict(example.params))}
    field = {"target": "x", "value": exact(example.value), "functions": [entry]}
    made = compile_mapping([field], NodeCompiler(notes, ("fields",)))
    assert notes.problems == []
    found = made.apply({**example.names, "_crosswalks": _tables(example)}, _tables(example))["x"]
    assert found == exact(example.result)
    assert _no_float(found)


@pytest.mark.parametrize(
    ("function", "example"),
    [case for case in CASES if case[0].name != "template"],
    ids=[one for one in IDS if not one.startswith("template-")],
)
def test_an_example_is_what_a_call_makes(function: Function, example: Example) -> None:
    value, params = exact(example.value), exact(dict(example.params))
    found = call(function.name, value, params, names=example.names, crosswalks=_tables(example))
    assert found == exact(example.result)


@pytest.mark.parametrize(
    ("function", "example"),
    [case for case in CASES if case[0].filter and "in" not in case[1].params],
)
def test_an_example_is_what_an_expression_makes(function: Function, example: Example) -> None:
    arguments = ", ".join(f"{key}=p.{key}" for key in example.params)
    field = compile_field(f"{{{{ v | {function.name}({arguments}) }}}}")
    found = field.evaluate({"v": exact(example.value), "p": exact(dict(example.params))})
    assert found == exact(example.result)


def test_every_function_has_an_example_and_a_schema_for_forms() -> None:
    for one in catalogue():
        assert one["examples"], one["name"]
        assert one["title"], one["name"]
        assert one["description"].endswith("."), one["name"]
        assert not schema_fault(one["schema"]), one["name"]
        for name, schema in one["schema"]["properties"].items():
            assert name == "name" or schema.get("title"), (one["name"], name)


def test_the_page_is_what_the_code_says() -> None:
    path = Path(__file__).parents[4] / "docs" / "functions.md"
    assert path.read_text() == page(), (
        "Write it anew: python -m flows.mapping.functions.catalogue > docs/functions.md"
    )
