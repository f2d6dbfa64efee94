"""notes.document.get and notes.document.find."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.client import Entry
from connectors.notes.transport import connect
from connectors.sdk.errors import ConfigurationError, RejectedError
from connectors.sdk.operation import OperationContext, OperationResult

MOST = 1000  # documents that a query may find
_UNID = re.compile(r"[0-9A-F]{32}")


def unid_of(params: Mapping[str, Any]) -> str:
    """The `unid` param, upper case. Raises `ConfigurationError` when it is none."""
    unid = str(params.get("unid") or "").strip().upper()
    if not _UNID.fullmatch(unid):
        raise ConfigurationError(
            f"{unid[:40]!r} is no universal id.",
            code="unid",
            fix="Give the 32 hexadecimal digits of a document's universal id.",
        )
    return unid


async def run_get(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """One document: {document, version}.

    Raises `NotFoundError` when it is gone or hidden; with `if_missing` "null" both are null
    instead, for flows to which a deleted document is no failure.
    """
    client, unid = await connect(ctx), unid_of(params)
    if params.get("if_missing", "fail") == "null":
        found = await client.read_if_there(unid)
        if found is None:
            return OperationResult(output={"document": None, "version": None})
        return OperationResult(output={"document": found.to_output(), "version": found.version})
    document = await client.read(unid)
    return OperationResult(output={"document": document.to_output(), "version": document.version})


async def run_find(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """The oldest document under an exact key of a view, or of those that a DQL query finds:
    {document, version, conflicts}, or {document: null, conflicts}. Conflict documents carry the
    key too; `conflicts` names them."""
    client = await connect(ctx)
    if params.get("query"):
        hits = await client.query(str(params["query"]), params.get("values") or {}, most=MOST)
        if len(hits) == MOST:
            raise RejectedError(
                f"The query finds {MOST} documents or more: the one that is meant is not clear.",
                code="too_many",
                fix="Ask for less, or search for documents instead of finding one.",
            )
        unids = [one.unid for one in hits]
    else:
        key = str(params["key"])
        entries = await client.look_up(str(params["view"]), key)
        unids = [one.unid for one in exact_entries(entries, key)]
    found = await client.read_all(unids)
    conflicts = [one.unid for one in found if one.is_conflict]
    documents = [one for one in found if not one.is_conflict]
    if not documents:
        return OperationResult(output={"document": None, "conflicts": conflicts})
    oldest = min(documents, key=lambda one: one.age)
    return OperationResult(
        output={
            "document": oldest.to_output(),
            "version": oldest.version,
            "conflicts": conflicts,
        }
    )


def exact_entries(entries: Sequence[Entry], key: str) -> Sequence[Entry]:
    """Entries whose key is `key` letter by letter.

    Views compare without regard to case, and the service does not say which column is the
    sorted one: an entry that shows the key in other letters, and nowhere exactly, is another
    one's. An entry whose key column is hidden counts.
    """

    def shown(entry: Entry) -> list[str]:
        return [
            str(value)
            for values in entry.columns.values()
            for value in (values if isinstance(values, list) else [values])
        ]

    def other_letters(entry: Entry) -> bool:
        values = shown(entry)
        return key not in values and key.casefold() in {one.casefold() for one in values}

    return [one for one in entries if not other_letters(one)]
