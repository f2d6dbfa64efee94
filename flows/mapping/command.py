"""What `causeway suggest-mapping` answers: one JSON object in, one JSON value out.

    {"task": "map", "source_fields": [{"name", "type"}], "samples": [{field: value}],
     "target_fields": [{"name", "type", "entity"?, "role"?}], "target_samples"?: [{field: value}]}
    → [{"source", "target", "entity"?, "role"?, "confidence", "explanation",
        "transform": {"kind", "parameters"?, "functions"?}}], several for a source, best first
    {"task": "lines", "items": [{"id", "format": "html|dxl|items|text", "locale", "content"}]}
    → [{"id", "lines": [{"reference", "name", "quantity", "unit_price", "total"}], "kind",
        "flags", "provenance": [{field: place}], "row_flags": [[flag]]}]

    {"task": "address", "items": [{"id", "text", "country_hint"}]}
    → [{"id", "components": {street, house_number, unit, postcode, city, state, country, name,
        po_box}, "rest"}]
    {"task": "street", "items": [{"id", "text"}]}
    → [{"id", "components": {street, house_number, addition1, addition2}}]
    {"task": "function", "items": [{"id", "name", "params", "value"}]}
    → [{"id", "value"} or {"id", "error": {"message", "code", "fix"}}]

Numbers are JSON numbers with all the digits that the source wrote; a field that the source
lacks is null. Nothing here touches a network or a database.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from flows.mapping.addresses import MAX_TEXT, parse_address, part
from flows.mapping.lines import LinesError, Reading, Row, read_lines


class CommandError(ValueError):
    """The request cannot be answered; the message says what to give instead."""


def answer(request: Any, preset: str = "") -> Any:
    """The answer to one request. Raises `CommandError`.

    `preset` is the task of a command that has but one.
    """
    if not isinstance(request, Mapping):
        raise CommandError("The input must be one JSON object; see docs/mapping.md.")
    task = request.get("task", preset)
    if preset and task != preset:
        raise CommandError(f"This command does {preset!r}; leave `task` out.")
    if task == "map":
        return _map(request)
    if task not in _TASKS:
        raise CommandError(f"`task` is {task!r}; give one of map, {', '.join(_TASKS)}.")
    items = request.get("items")
    if not isinstance(items, list) or not all(isinstance(one, Mapping) for one in items):
        raise CommandError("`items` must be a list of objects; see docs/mapping.md.")
    return [_TASKS[task](one) for one in items]


def _map(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    # Only this task needs the thesaurus; the others start sooner without it.
    from flows.mapping.matcher import FieldError, read_fields, suggest

    samples = request.get("samples")
    try:
        sources = read_fields(request.get("source_fields"), samples)
        targets = read_fields(
            request.get("target_fields"), request.get("target_samples"), what="target_fields"
        )
    except FieldError as error:
        raise CommandError(str(error)) from None
    return [suggestion_json(one) for one in suggest(sources, targets)]


def suggestion_json(suggestion: Any) -> dict[str, Any]:
    """A suggestion as the contract gives it; a target's entity and role where it was given."""
    from flows.mapping.matcher.chain import functions_of

    target = suggestion.target
    made = suggestion.transform
    functions = functions_of(made, suggestion.source.profile)
    return {
        "source": suggestion.source.name,
        "target": target.name,
        **{key: value for key in ("entity", "role") if (value := getattr(target, key))},
        "confidence": suggestion.confidence,
        "transform": {
            "kind": made.kind,
            **({"parameters": made.params} if made.params else {}),
            **({"functions": functions} if functions else {}),
        },
        "explanation": suggestion.explanation,
    }


def _lines(item: Mapping[str, Any]) -> dict[str, Any]:
    locale = item.get("locale") or ""
    if not isinstance(locale, str):
        raise CommandError(f"Item {item.get('id')!r}: `locale` must be a text such as de or fr_CA.")
    try:
        found = read_lines(item.get("content"), item.get("format", ""), locale)
    except LinesError as error:
        raise CommandError(f"Item {item.get('id')!r}: {error}") from None
    return {"id": item.get("id"), **lines_json(found)}


def lines_json(reading: Reading) -> dict[str, Any]:
    """A reading as the contract gives it."""
    return {
        "lines": [_row(one) for one in reading.rows],
        "kind": reading.kind,
        "flags": list(reading.flags),
        "provenance": [dict(one.places) for one in reading.rows],
        "row_flags": [list(one.flags) for one in reading.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "name": row.name,
        "quantity": row.quantity,
        "unit_price": row.unit_price,
        "total": row.total,
    }


def _address(item: Mapping[str, Any]) -> dict[str, Any]:
    hint = item.get("country_hint") or ""
    if not isinstance(hint, str):
        raise CommandError(f"Item {item.get('id')!r}: `country_hint` must be a text such as DE.")
    found = asdict(parse_address(_text(item), hint))
    rest = found.pop("rest")
    return {"id": item.get("id"), "components": found, "rest": rest}


def _street(item: Mapping[str, Any]) -> dict[str, Any]:
    found = part(_text(item))
    parts = {
        "street": found.street,
        "house_number": found.number,
        "addition1": found.before,
        "addition2": found.after,
    }
    return {"id": item.get("id"), "components": parts}


def _function(item: Mapping[str, Any]) -> dict[str, Any]:
    from flows.mapping.functions.call import call  # not above: reading lines needs none of it

    params = item.get("params", {})
    if not isinstance(params, Mapping):
        raise CommandError(f"Item {item.get('id')!r}: `params` must be an object.")
    try:
        found = call(str(item.get("name", "")), item.get("value"), params)
    except ValueError as error:  # functions', dates' and values' errors
        told = {"message": str(error), "code": getattr(error, "code", "mapping")}
        return {"id": item.get("id"), "error": {**told, "fix": getattr(error, "fix", "")}}
    return {"id": item.get("id"), "value": found}


def _text(item: Mapping[str, Any]) -> str:
    text = item.get("text")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise CommandError(
            f"Item {item.get('id')!r}: `text` must be a text of at most {MAX_TEXT} characters."
        )
    return text


_TASKS: Final[dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "lines": _lines,
    "address": _address,
    "street": _street,
    "function": _function,
}
