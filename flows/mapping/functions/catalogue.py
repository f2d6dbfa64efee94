"""The functions as data for forms and as a page: `python -m flows.mapping.functions.catalogue`
writes `docs/functions.md`."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from connectors.sdk.codec import dumps
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.function import Example, Function, Group

_TITLES: Final = {
    Group.TEXT: "Text",
    Group.LISTS: "Lists, objects and several fields",
    Group.NUMBERS: "Numbers, money, units, yes and no",
    Group.DATES: "Dates and instants",
    Group.TABLES: "Tables of codes",
    Group.PEOPLE: "Names and telephone numbers",
    Group.ADDRESSES: "Addresses and countries",
    Group.DOCUMENTS: "HTML, rich text and order lines",
}


def catalogue() -> list[dict[str, Any]]:
    """Every function with the JSON Schema of its entry in a mapping document."""
    return [
        {
            "name": one.name,
            "title": one.title,
            "description": one.summary,
            "group": one.group.value,
            "takes": one.takes,
            "gives": one.gives,
            "over": one.over.value,
            "takes_null": one.takes_null,
            "in_expressions": one.filter,
            "schema": one.schema,
            "examples": [_example(each) for each in one.examples],
        }
        for one in FUNCTIONS.values()
    ]


def _example(one: Example) -> dict[str, Any]:
    """An example as plain JSON, its numbers exact."""
    made: dict[str, Any] = {"value": one.value, "params": one.params, "result": one.result}
    if one.names:
        made["names"] = one.names
    if one.tables:
        made["tables"] = one.tables
    return exact(made)  # type: ignore[no-any-return]


def exact(value: Any) -> Any:
    """A value in which every fraction is the Decimal of its own digits."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: exact(one) for key, one in value.items()}
    return [exact(one) for one in value] if isinstance(value, list | tuple) else value


def page() -> str:
    """`docs/functions.md`."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Functions"
    yield ""
    yield (
        "What a mapping can do to a value. This page is written from the code "
        "(`python -m flows.mapping.functions.catalogue > docs/functions.md`), and a test runs "
        "every example."
    )
    yield ""
    yield (
        'In a map node a function stands in a field\'s `functions` as `{"name": "money", "locale": '
        '"de"}`; a row of them is applied from left to right. A list goes through element by '
        "element, unless the function is *about the whole*. Null passes through untouched, unless "
        "said otherwise. Functions marked *in expressions* are filters as well: "
        '`{{ order.total | money(locale="de") }}`. On the command line: `causeway '
        'suggest-mapping` with `{"task": "function", "items": [{"id": 1, "name": "money", '
        '"params": {"locale": "de"}, "value": "1.234,56 €"}]}`. What a function cannot '
        "read stops the record with an error that says what to do; a param marked * is required."
    )
    for group, title in _TITLES.items():
        yield ""
        yield f"## {title}"
        for one in FUNCTIONS.values():
            if one.group is group:
                yield ""
                yield from _function(one)


def _function(one: Function) -> Iterator[str]:
    yield f"### `{one.name}`"
    yield ""
    marks = [f"{one.takes} → {one.gives}"]
    marks += ["about the whole"] if one.over.value == "whole" else []
    marks += ["takes null"] if one.takes_null else []
    marks += ["in expressions"] if one.filter else []
    yield f"{one.title}. {one.summary} ({', '.join(marks)})"
    if one.params:
        yield ""
        yield "| param | type | meaning |"
        yield "|---|---|---|"
        for name, schema in one.params.items():
            star = "*" * (name in one.required)
            yield f"| `{name}`{star} | {_type(schema)} | {_meaning(schema)} |"
    if one.examples:
        yield ""
        yield "| value | params | result |"
        yield "|---|---|---|"
        for each in one.examples:
            shown = _example(each)
            besides = {key: shown[key] for key in ("names", "tables") if key in shown}
            with_ = f" with {_code(besides)}" if besides else ""
            params = _code(shown["params"]) if shown["params"] else ""
            yield f"| {_code(shown['value'])}{with_} | {params} | {_code(shown['result'])} |"


def _code(value: Any) -> str:
    return "`" + dumps(value).decode().replace("|", "\\|") + "`"


def _type(schema: Any) -> str:
    if "enum" in schema:
        return " / ".join(f"`{one}`" for one in schema["enum"])
    found = schema.get("type", "any")
    return " or ".join(found) if isinstance(found, list) else str(found)


def _meaning(schema: Any) -> str:
    words = [str(schema.get("title", ""))]
    words += [str(schema["description"])] if "description" in schema else []
    if "default" in schema:
        words.append(f"default {_code(schema['default'])}")
    return "; ".join(one.rstrip(".") for one in words if one)


if __name__ == "__main__":
    sys.stdout.write(page())
