"""Documents and items in the endpoint's typed JSON, and back."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.notes.twin.endpoint.wrong import Wrong
from connectors.notes.twin.fingerprint import fingerprint
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind, instant
from connectors.notes.twin.ways import Endpoint

_PARTS = (
    "contentType",
    "contentID",
    "contentDisposition",
    "contentTransferEncoding",
    "data",
    "boundary",
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")


def revision(document: Document, endpoint: Endpoint) -> str:
    """Time, with hundredths where the agent can read them, and fingerprint of all items."""
    moment = document.modified
    ticks = f",{moment.microsecond // 10000:02d}" if endpoint.hundredths else ""
    return f"{moment:%Y%m%dT%H%M%S}{ticks}-{fingerprint(document.items.values())[:16]}"


def meta_json(document: Document, endpoint: Endpoint, *, editable: bool) -> dict[str, Any]:
    meta: dict[str, Any] = {
        "unid": document.unid,
        "noteid": f"{document.note_id:X}",
        "form": document.form,
        "created": instant(document.created),
        "modified": instant(document.modified),
        "revision": revision(document, endpoint),
        "editable": editable,
    }
    if document.parent:
        meta["parent"] = document.parent
    if document.conflict:
        meta["conflict"] = True
    if document.readers():
        meta["readers"] = True
    return meta


def items_json(document: Document, wanted: Any, *, rich: bool) -> dict[str, Any]:
    names = None if wanted is None else {str(one).lower() for one in wanted}
    return {
        item.name: _item_json(item)
        for item in document.items.values()
        if (names is None or item.name.lower() in names)
        and (rich or item.kind is not Kind.RICHTEXT)
    }


def _item_json(item: Item) -> dict[str, Any]:
    if item.kind is Kind.RICHTEXT:
        parts = [{name: part[name] for name in _PARTS if name in part} for part in item.values]
        return {"type": "mime", "parts": parts}
    values = list(item.values)
    if item.kind is Kind.NUMBER:
        values = [int(one) if one == int(one) else one for one in values]
    return {"type": item.kind.value, "values": values}


def put_items(document: Document, items: Any) -> None:
    """`values` [] removes; flags of an item that is there stay. Raises `Wrong` bad_request."""
    if not isinstance(items, Mapping):
        raise Wrong("bad_request", "items: an object of items is expected")
    for name, given in items.items():
        if name.startswith(("$", "@")) or name.lower() == "form" or not isinstance(given, Mapping):
            raise Wrong("bad_request", f"{name} cannot be written")
        kind, old = given.get("type"), document.item(name)
        if kind == "html":
            document.put(_rich(name, str(given["html"]), str(given["text"])))
            continue
        values = given.get("values")
        if kind not in {"text", "number", "datetime"} or not isinstance(values, list):
            raise Wrong("bad_request", f"{name}: type and values are expected")
        if not values:
            document.items.pop(name.lower(), None)
            continue
        document.put(_plain(name, str(kind), values, old))


def _plain(name: str, kind: str, values: list[Any], old: Item | None) -> Item:
    if kind == "number":
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
            raise Wrong("bad_request", f"{name}: numbers are expected")
        return Item(name, Kind.NUMBER, [float(one) for one in values])
    if not all(isinstance(one, str) for one in values):
        raise Wrong("bad_request", f"{name}: texts are expected")
    if kind == "datetime":
        for one in values:
            if not _DATE.fullmatch(one):
                raise Wrong("bad_request", f"{name}: dates are expected")
            datetime.fromisoformat(one)
        return Item(name, Kind.DATETIME, list(values))
    flagged = old is not None and old.kind in {Kind.NAMES, Kind.AUTHORS, Kind.READERS}
    return Item(name, old.kind if flagged and old else Kind.TEXT, list(values))


def _rich(name: str, html: str, text: str) -> Item:
    """MIME multipart/alternative in ASCII."""
    ascii_html = html.encode("ascii", "xmlcharrefreplace").decode()
    boundary = "=_endpoint"
    return Item(
        name,
        Kind.RICHTEXT,
        [
            {"contentType": f'multipart/alternative; boundary="{boundary}"'},
            {
                "contentType": "text/plain; charset=UTF-8",
                "data": text,
                "boundary": f"--{boundary}",
            },
            {
                "contentType": "text/html; charset=US-ASCII",
                "data": f"<html><body>{ascii_html}</body></html>",
                "boundary": f"--{boundary}",
            },
        ],
    )
