"""Between the agent endpoint's typed items and stored items: pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.transforms import (
    DocumentFacts,
    NotesDocument,
    StoredItem,
    WrittenItem,
    http_date,
    make_document,
    read_moment,
)
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ContractError


def read_endpoint_document(
    result: Mapping[str, Any], connection: ConnectionConfig
) -> NotesDocument:
    """A document of `get`. Raises `ContractError` when it is not as the contract has it."""
    try:
        meta, items = result["meta"], result["items"]
        modified = read_moment(meta["modified"])
        facts = DocumentFacts(
            unid=str(meta["unid"]).upper(),
            note_id=int(str(meta.get("noteid") or "0"), 16),
            form=str(meta.get("form") or ""),
            created=read_moment(meta["created"]),
            modified=modified,
            last_modified=http_date(modified),
            is_conflict=bool(meta.get("conflict", False)),
            parent=str(meta.get("parent") or "").upper(),
            revision=str(meta["revision"]),
        )
        stored = {str(name): _stored(one) for name, one in items.items()}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ContractError(
            "The agent endpoint's document is not as its contract has it.",
            code="document_shape",
            detail={"expected": "meta, items", "received": repr(error)[:200]},
        ) from error
    return make_document(facts, stored, connection)


def _stored(item: Mapping[str, Any]) -> StoredItem:
    match item["type"]:
        case "mime":
            return StoredItem(rich={"type": "multipart", "content": item["parts"]})
        case "dxl":
            return StoredItem(rich=str(item["dxl"]))
        case "richtext":
            text = str(item["text"])
            return StoredItem(rich={"type": "text/plain", "encoding": "PLAIN", "content": text})
        case kind:
            return StoredItem(values=list(item["values"]), is_date=kind == "datetime")


def endpoint_values(items: Sequence[WrittenItem]) -> dict[str, Any]:
    """Items as the endpoint takes them; one without values is removed over there."""
    return {one.name: _written(one) for one in items}


def _written(item: WrittenItem) -> dict[str, Any]:
    if item.rich is not None:
        return {"type": "html", "html": item.rich.html, "text": item.rich.text}
    if item.is_date:
        return {"type": "datetime", "values": list(item.values)}
    numbers = bool(item.values) and not any(isinstance(one, str) for one in item.values)
    return {"type": "number" if numbers else "text", "values": list(item.values)}
