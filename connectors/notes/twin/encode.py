"""From documents to the JSON of the service."""

from collections.abc import Iterable
from typing import Any

from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind, instant
from connectors.notes.twin.wire import Fields


def document_href(path: str, unid: str) -> str:
    return f"/{path.replace(' ', '%20')}/api/data/documents/unid/{unid}"


def collapse(values: list[Any]) -> Any:
    """A list of one is a scalar [S]."""
    return values[0] if len(values) == 1 else values


def typed_date(value: Any, strong: bool) -> Any:
    """A date or a list of them; strongly typed, one object with either in `data` [S]."""
    return Fields([("data", value), ("type", "datetime")]) if strong else value


def item_value(item: Item, *, strong: bool, multipart: bool) -> Any:
    """The value of an item, or None where the key is left out: empty lists [S]."""
    if item.kind is Kind.RICHTEXT:
        return _richtext(item, multipart)
    if not item.values:
        return None
    if item.kind is Kind.DATETIME:
        return typed_date(collapse(item.values), strong)
    return collapse(item.values)


def _richtext(item: Item, multipart: bool) -> Fields:
    order = (
        "contentType",
        "contentID",
        "contentDisposition",
        "contentTransferEncoding",
        "data",
        "boundary",
    )
    if multipart:
        parts = [
            Fields([(name, part[name]) for name in order if name in part]) for part in item.values
        ]
        return Fields([("type", "multipart"), ("content", parts)])
    body = Fields([("type", "richtext"), ("contentType", "text/html")])
    text = "".join(
        part.get("data", "") for part in item.values if "text/html" in part.get("contentType", "")
    )
    if text:
        body.append(("data", text))
    return body


def document_json(
    document: Document,
    path: str,
    *,
    strong: bool = False,
    hidden: bool = False,
    multipart: bool = True,
    lowercase: bool = False,
    fields: Iterable[str] | None = None,
) -> Fields:
    """Keys in the service's order [S]: system keys, `$` items, the rest; Form never."""
    out = Fields(
        [
            ("@href", document_href(path, document.unid)),
            ("@unid", document.unid),
            ("@noteid", f"{document.note_id:X}"),
        ]
    )
    if document.parent:
        out.append(("@parentid", document.parent))
    out.append(("@created", typed_date(instant(document.created), strong)))
    out.append(("@modified", typed_date(instant(document.modified), strong)))
    out.append(("@authors", collapse(document.authors)))
    if document.form:
        out.append(("@form", document.form))
    if hidden:
        out += _hidden(document)
    wanted = None if fields is None else {one.lower() for one in fields}
    for item in document.items.values():
        if wanted is not None and item.name.lower() not in wanted:
            continue
        value = item_value(item, strong=strong, multipart=multipart)
        if value is not None:
            out.append((item.name.lower() if lowercase else item.name, value))
    return out


def _hidden(document: Document) -> Fields:
    found = Fields([("$UpdatedBy", collapse(document.authors))])
    if document.parent:
        found.append(("$REF", document.parent))
    if document.conflict:
        found.append(("$Conflict", ""))
    return found
