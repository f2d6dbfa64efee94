"""From JSON bodies to items, and the form's formulas at a save."""

import json
from typing import Any

from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind, parse_date
from connectors.notes.twin.wire import ServiceError, notes_error
from connectors.notes.twin.world import Form

CANNOT_CONVERT = "Unable to convert string to date"


def read_body(raw: bytes) -> list[tuple[str, Any]]:
    """The members of a JSON object in order, doubles included. Anything else: 400 [S]."""
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_Members)
    except ValueError:
        body = None
    if not isinstance(body, _Members):
        raise ServiceError(400, "Error while parsing the JSON content", exception="JsonException")
    return list(body)


class _Members(list[tuple[str, Any]]):
    def as_dict(self) -> dict[str, Any]:
        return dict(self)


def is_ignored(name: str) -> bool:
    """System keys and Form may come back in a body and are skipped [S]."""
    return name.startswith(("$", "@")) or name.lower() == "form"


def decode_item(name: str, value: Any, form: Form | None, *, day_first: bool) -> Item | None:
    """One member as an item; None for objects the service skips silently [S].

    The type follows the value, not the item that was there [S]: text written into a number
    item makes it text. Only fields that the form declares as dates turn text into dates [S].
    """
    known = form.field_named(name) if form else None
    if isinstance(value, _Members):
        return _typed(name, value.as_dict(), day_first)
    values = value if isinstance(value, list) else [value]
    if any(one is None or isinstance(one, bool | list) for one in values):
        # Not confirmed [U]: null, booleans and mixed lists are refused.
        raise notes_error("Unsupported value type")
    numbers = [isinstance(one, int | float) for one in values]
    if any(numbers):
        if not all(numbers):
            raise notes_error("Array elements must be of the same type")
        return Item(name, Kind.NUMBER, [float(one) for one in values])
    if known and known.kind is Kind.DATETIME:
        texts = [str(one) for one in values if one != ""]
        return Item(name, Kind.DATETIME, [_date(one, day_first) for one in texts])
    return Item(name, Kind.TEXT, [str(one) for one in values])


def _typed(name: str, value: dict[str, Any], day_first: bool) -> Item | None:
    kind, data = value.get("type"), value.get("data")
    if kind == "datetime":
        texts = data if isinstance(data, list) else [data]
        if isinstance(data, list) and None in texts:
            raise ServiceError(500, "java.lang.NullPointerException", exception="NPE")
        dates = [_date(one, day_first) for one in texts if isinstance(one, str)]
        return Item(name, Kind.DATETIME, dates) if len(dates) == len(texts) else None
    if kind == "richtext":
        if value.get("attachments"):
            raise ServiceError(400, "Updating embedded objects is not supported.")
        part = {
            "contentType": value.get("contentType", "text/html"),
            "data": value.get("data", ""),
        }
        return Item(name, Kind.RICHTEXT, [part])
    if kind == "multipart":
        return Item(name, Kind.RICHTEXT, _parts(value.get("content")))
    return None


def _parts(content: Any) -> list[dict[str, str]]:
    """Parts after the first need the boundary of an earlier one; the boundary is everything
    behind `boundary=`, so it must be the last parameter [S]."""
    parts = [one.as_dict() for one in content] if isinstance(content, list) else []
    boundaries: set[str] = set()
    for number, part in enumerate(parts):
        if number and part.get("boundary") not in boundaries:
            raise ServiceError(400, "Multipart boundary not found.")
        kind = str(part.get("contentType", ""))
        at = kind.lower().find("boundary=")
        if at >= 0:
            boundaries.add("--" + kind[at + 9 :].strip('"'))
    return parts


def _date(text: str, day_first: bool) -> str:
    stored = parse_date(text, day_first=day_first)
    if stored is None:
        raise notes_error(CANNOT_CONVERT)
    return stored


def compute_with_form(document: Document, form: Form | None) -> None:
    """Default values, then validations of the form's fields; no form events [S]."""
    if form is None:
        return
    for known in form.fields.values():
        if known.default is not None and document.item(known.name) is None:
            values = known.default if isinstance(known.default, list) else [known.default]
            document.put(Item(known.name, known.kind, list(values)))
    for rule in form.validations:
        item = document.item(rule.item)
        values = [one for one in item.values if one != ""] if item else []
        bad = {
            "required": not values,
            "number": any(not isinstance(one, float) for one in values),
            "contains": any(rule.text not in str(one) for one in values),
        }[rule.rule]
        if bad:
            raise notes_error(rule.message)
