"""Between the REST API's JSON and stored items: pure.

The API gives dates as ISO with hundredths and any offset, typed by the schema alone; a text that
looks like a full instant is taken for one, since nothing else tells. Arrays and scalars follow the
schema. Read and written rich text is `{type, encoding, content}`.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.notes.transforms import (
    DocumentFacts,
    NotesDocument,
    StoredItem,
    WrittenItem,
    http_date,
    instant_text,
    make_document,
    read_moment,
)
from connectors.notes.transforms.richtext import is_rich_text
from connectors.sdk import codec
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ContractError

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def read_rest_document(raw: Mapping[str, Any], connection: ConnectionConfig) -> NotesDocument:
    """A document with its `@meta`. Raises `ContractError` when that is missing or broken."""
    try:
        meta = raw["@meta"]
        modified = read_moment(meta.get("lastmodifiedinfile") or meta["lastmodified"])
        facts = DocumentFacts(
            unid=str(meta["unid"]).upper(),
            note_id=int(meta.get("noteid") or 0),
            form=str(raw.get("Form") or ""),
            created=read_moment(meta["created"]),
            modified=modified,
            last_modified=http_date(modified),
            is_conflict="$Conflict" in raw,
            parent=str(meta.get("parentunid") or _first(raw.get("$REF")) or "").upper(),
            revision=str(meta["revision"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ContractError(
            "The document lacks a part of its @meta, or has it in an unknown form.",
            code="document_shape",
            detail={
                "expected": "@meta: unid, created, lastmodifiedinfile, revision",
                "received": repr(error)[:200],
            },
        ) from error
    stored = {
        name: _stored(value)
        for name, value in raw.items()
        if not name.startswith(("@", "$")) and name.lower() != "form"
    }
    return make_document(facts, stored, connection)


def _stored(value: Any) -> StoredItem:
    if is_rich_text(value):
        return StoredItem(rich=value)
    values = [] if value is None else value if isinstance(value, list) else [value]
    read = [_value(one) for one in values if one is not None]
    dates = [isinstance(one, str) and bool(_INSTANT.fullmatch(one)) for one in values]
    return StoredItem(values=read, is_date=bool(dates) and all(dates))


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return instant_text(read_moment(value))
    if isinstance(value, Mapping | list):
        return codec.dumps(value).decode()
    return value


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def rest_values(items: Sequence[WrittenItem]) -> dict[str, Any]:
    """Items as the API takes them; null removes one. What a flow gave as a list stays one."""
    return {one.name: _written(one) for one in items}


def _written(item: WrittenItem) -> Any:
    if item.rich is not None:
        html = item.rich.html.encode("ascii", "xmlcharrefreplace").decode()
        page = f"<html><body>{html}</body></html>"
        return {"type": "text/html", "encoding": "PLAIN", "content": page}
    if not item.values:
        return None
    if isinstance(item.sent, list) or len(item.values) > 1:
        return list(item.values)
    return item.values[0]


def read_column(value: Any) -> Any:
    """A view's column in its general shape: a list of one as a scalar, instants in UTC."""
    values = [_value(one) for one in value if one is not None] if isinstance(value, list) else None
    if values is None:
        return None if value is None else _value(value)
    return values[0] if len(values) == 1 else values
