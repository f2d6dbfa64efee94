"""notes.document.update: guarded against others, and proven to have taken place.

The service offers If-Unmodified-Since with whole seconds, and it may answer 200 although the
save was dropped. So: read, change with the Last-Modified that was read and a stamp (SyncRev),
read again and look for the stamp.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.client import NotesClient
from connectors.notes.fingerprint import fingerprint
from connectors.notes.receipts import item_receipts
from connectors.notes.transforms import (
    SYNC_SOURCE,
    NotesDocument,
    WrittenItem,
    profile_of,
    refuse_damage,
    write_items,
)
from connectors.sdk.errors import ConflictError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.receipt import FieldResult, Receipt
from connectors.sdk.redact import shorten


async def run_update(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, changed, changed_items, version}.

    Raises `ConflictError` when somebody else saved: before (`version` is stale), in between
    (412) or over it (stamp missing). `NotFoundError`, `RejectedError`, `UncertainError` too. A
    rich text that would look the same is not written; one that would lose files is refused.
    """
    client = NotesClient(ctx)
    unid = unid_of(params)
    before = await client.read(unid)
    written = _written(ctx, params, before)
    if before.text("SyncRev") == ctx.effect_key:
        return _result(
            ctx, before, written, action="updated", changed=[one.name for one in written]
        )
    changes = _changes(before, written)
    names = [one.name for one in changes]
    if not changes:
        return _result(ctx, before, written, action="unchanged", changed=[])
    _refuse_stale(params.get("version"), before)
    for one in changes:
        if one.rich is not None:
            refuse_damage(one.name, one.sent, before.item(one.name))
    if ctx.dry_run:
        return _predict(before, changes)
    await client.patch(
        unid,
        _body(ctx, before, changes),
        last_modified=before.last_modified,
        form=before.form if params.get("compute_with_form", False) else "",
    )
    after = await client.read(unid)
    if after.text("SyncRev") != ctx.effect_key:
        raise ConflictError(
            "The server said that it saved, and did not: somebody else saved at that moment.",
            code="lost_save",
            fix="Read the document again and decide with its present values.",
            detail={"unid": unid, "items": names},
        )
    return _result(ctx, after, written, action="updated", changed=names)


async def probe_update(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the document carries our stamp, or all the values anyway."""
    document = await NotesClient(ctx).read(unid_of(params))
    written = _written(ctx, params, document)
    stamped = document.text("SyncRev") == ctx.effect_key
    if not stamped and _changes(document, written):
        return ProbeResult(happened=False)
    changed = [one.name for one in written] if stamped else []
    action = "updated" if stamped else "unchanged"
    result = _result(ctx, document, written, action=action, changed=changed)
    return ProbeResult(happened=True, result=result)


def _written(
    ctx: OperationContext, params: Mapping[str, Any], document: NotesDocument
) -> list[WrittenItem]:
    profile = profile_of(ctx.connection, document.form)
    return write_items(params["items"], profile, document.rich_names)


def _changes(document: NotesDocument, written: Sequence[WrittenItem]) -> list[WrittenItem]:
    """What is not there yet."""
    receipts = item_receipts(written, document)
    return [
        one
        for one, receipt in zip(written, receipts, strict=True)
        if receipt.result is FieldResult.DIVERGED
    ]


def _refuse_stale(version: Any, document: NotesDocument) -> None:
    if isinstance(version, Mapping) and version.get("hash") not in {None, document.hash}:
        raise ConflictError(
            "Somebody changed the document since this run read it.",
            code="changed",
            fix="Run the flow again: it will decide with the present values.",
            detail={"unid": document.unid, "read": dict(version), "now": document.version},
        )


def _body(
    ctx: OperationContext, before: NotesDocument, changes: Sequence[WrittenItem]
) -> dict[str, Any]:
    """Changed items and the stamps; the hash is that of the document after the change."""
    after = {name.lower(): (name, values) for name, values in before.values.items()}
    for one in changes:
        if one.rich is None:
            after[one.name.lower()] = (one.name, one.values)
    synced = profile_of(ctx.connection, before.form).synced
    return {
        **{one.name: one.body for one in changes},
        "SyncSource": SYNC_SOURCE,
        "SyncRev": ctx.effect_key,
        "SyncHash": fingerprint(dict(after.values()), synced),
    }


def _result(
    ctx: OperationContext,
    document: NotesDocument,
    written: Sequence[WrittenItem],
    *,
    action: str,
    changed: list[str],
) -> OperationResult:
    receipt = Receipt(
        system=ctx.connection.system,
        entity="document",
        record_id=document.unid,
        action=action,
        fields=item_receipts(written, document),
    )
    output = {
        "unid": document.unid,
        "changed": action == "updated",
        "changed_items": changed,
        "version": document.version,
    }
    return OperationResult(output=output, receipt=receipt)


def _predict(document: NotesDocument, changes: Sequence[WrittenItem]) -> OperationResult:
    parts = [
        f"{one.name} {document.item(one.name)!r} → {one.sent!r}"
        if one.rich is None
        else f"{one.name} (rich text) → {shorten(one.rich.text, 80)!r}"
        for one in changes
    ]
    output = {
        "unid": document.unid,
        "changed": True,
        "changed_items": [one.name for one in changes],
        "version": document.version,
    }
    sentence = f"would change '{document.form}' {document.unid}: {', '.join(parts)}"
    return OperationResult(output=output, prediction=sentence)
