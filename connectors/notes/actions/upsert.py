"""notes.document.upsert: the document under a key is as the flow wants it, new or changed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.notes.client import NotesClient
from connectors.notes.guarded import Change, Outcome, change_document, probe_change
from connectors.notes.keyed import (
    Losers,
    UnderKey,
    Wanted,
    create_under_key,
    remove_losers,
    under_key,
)
from connectors.notes.receipts import item_receipts
from connectors.notes.transforms import NotesDocument
from connectors.notes.transport import connect
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.permit import cleared
from connectors.sdk.receipt import Receipt


async def run_upsert(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, action: created | updated | unchanged, changed_items, removed, left, conflicts,
    version}.

    Of several documents under the key the oldest is the one; younger ones of Causeway's own
    are removed, those that people made or edited are left and named. Raises what
    `create_under_key` and `change_document` do.
    """
    wanted = Wanted.of(ctx, params)
    client = await connect(ctx)
    there = await under_key(client, wanted)
    if ctx.dry_run:
        return await _predict(ctx, client, wanted, there)
    if not there.documents:
        return await cleared(_create(ctx, client, wanted))
    return await _settle(ctx, client, wanted, there)


async def _create(ctx: OperationContext, client: NotesClient, wanted: Wanted) -> OperationResult:
    there = await create_under_key(ctx, client, wanted)
    return await _settle(ctx, client, wanted, there)


async def _settle(
    ctx: OperationContext, client: NotesClient, wanted: Wanted, there: UnderKey
) -> OperationResult:
    losers = await remove_losers(ctx, client, there)
    if _made(ctx, there.winner):
        return _created(ctx, wanted, there, losers)
    outcome = await change_document(ctx, client, _change(wanted, there.winner))
    return _changed(ctx, outcome, there, losers)


async def probe_upsert(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the oldest document under the key has our stamp, or is as wanted."""
    wanted = Wanted.of(ctx, params)
    client = await connect(ctx)
    there = await under_key(client, wanted)
    if not there.documents:
        return ProbeResult(happened=False)
    if _made(ctx, there.winner):
        losers = await remove_losers(ctx, client, there)
        return ProbeResult(happened=True, result=_created(ctx, wanted, there, losers))
    outcome = await probe_change(ctx, client, _change(wanted, there.winner))
    if outcome is None:
        return ProbeResult(happened=False)
    losers = await remove_losers(ctx, client, there)
    return ProbeResult(happened=True, result=_changed(ctx, outcome, there, losers))


def _made(ctx: OperationContext, document: NotesDocument) -> bool:
    """Created by this very effect: its first save is the one that carries the stamp."""
    stamped = document.text("SyncRev") == ctx.effect_key
    return stamped and document.modified - document.created < timedelta(seconds=2)


def _change(wanted: Wanted, winner: NotesDocument) -> Change:
    return Change(unid=winner.unid, decide=lambda _: wanted.items, compute=wanted.compute)


def _created(
    ctx: OperationContext, wanted: Wanted, there: UnderKey, losers: Losers
) -> OperationResult:
    document = there.winner
    receipt = Receipt(
        system=ctx.connection.system,
        entity="document",
        record_id=document.unid,
        action="created",
        fields=item_receipts(wanted.written, document),
    )
    names = [one.name for one in wanted.written if one.is_something]
    output = _output(document, "created", names, there, losers)
    return OperationResult(output=output, receipt=receipt)


def _changed(
    ctx: OperationContext, outcome: Outcome, there: UnderKey, losers: Losers
) -> OperationResult:
    output = _output(outcome.document, outcome.action, outcome.changed_items, there, losers)
    return OperationResult(output=output, receipt=outcome.receipt(ctx.connection.system))


def _output(
    document: NotesDocument | None,
    action: str,
    names: list[str],
    there: UnderKey,
    losers: Losers,
) -> dict[str, Any]:
    return {
        "unid": document.unid if document else "",
        "action": action,
        "changed_items": names,
        "removed": losers.removed,
        "left": losers.left,
        "conflicts": [one.unid for one in there.conflicts],
        "version": document.version if document else None,
    }


async def _predict(
    ctx: OperationContext, client: NotesClient, wanted: Wanted, there: UnderKey
) -> OperationResult:
    what = f"'{wanted.form}' {wanted.key_value}"
    if not there.documents:
        names = [one.name for one in wanted.written if one.is_something]
        output = _output(None, "created", names, there, Losers())
        sentence = f"would create {what} with {len(names)} items"
        return OperationResult(output=output, prediction=sentence)
    outcome = await change_document(ctx, client, _change(wanted, there.winner))
    planned = outcome.action == "planned"
    losers = Losers(left=[one.unid for one in there.documents[1:]])
    action = "updated" if planned else "unchanged"
    output = _output(outcome.document, action, outcome.changed_items, there, losers)
    told = f"change {what}: {outcome.told()}" if planned else f"find {what} as wanted"
    return OperationResult(output=output, prediction=f"would {told}")
