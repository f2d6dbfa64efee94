"""notes.document.create: exactly one document under a key, whatever happens on the way."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.client import NotesClient
from connectors.notes.keyed import UnderKey, Wanted, create_under_key, remove_losers, under_key
from connectors.notes.receipts import item_receipts
from connectors.notes.transport import connect
from connectors.sdk.compare import compare_field
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.permit import cleared
from connectors.sdk.receipt import Receipt


async def run_create(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, action: created | found, duplicates_removed}; raises what `create_under_key`
    does."""
    wanted = Wanted.of(ctx, params)
    client = await connect(ctx)
    there = await under_key(client, wanted)
    if ctx.dry_run:
        return _predict(wanted, there)
    if there.documents:
        return await _settle(ctx, client, wanted, there)
    return await cleared(_create(ctx, client, wanted))


async def _create(ctx: OperationContext, client: NotesClient, wanted: Wanted) -> OperationResult:
    there = await create_under_key(ctx, client, wanted)
    return await _settle(ctx, client, wanted, there)


async def probe_create(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when there is a document under the key, whoever made it."""
    wanted = Wanted.of(ctx, params)
    client = await connect(ctx)
    there = await under_key(client, wanted)
    if not there.documents:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=await _settle(ctx, client, wanted, there))


async def _settle(
    ctx: OperationContext, client: NotesClient, wanted: Wanted, there: UnderKey
) -> OperationResult:
    """The oldest wins, our own losers go, and the winner is compared with what was sent."""
    winner = there.winner
    losers = await remove_losers(ctx, client, there)
    ours = winner.text("SyncRev") == ctx.effect_key
    fields = (
        item_receipts(wanted.written, winner)
        if ours
        else [compare_field(wanted.key_item, wanted.key_value, winner.item(wanted.key_item))]
    )
    receipt = Receipt(
        system=ctx.connection.system,
        entity="document",
        record_id=winner.unid,
        action="created" if ours else "found",
        fields=fields,
    )
    output = {
        "unid": winner.unid,
        "action": receipt.action,
        "duplicates_removed": len(losers.removed),
    }
    return OperationResult(output=output, receipt=receipt)


def _predict(wanted: Wanted, there: UnderKey) -> OperationResult:
    if there.documents:
        unid = there.winner.unid
        output = {"unid": unid, "action": "found", "duplicates_removed": 0}
        sentence = f"would find '{wanted.form}' {wanted.key_value} as {unid}, change nothing"
        return OperationResult(output=output, prediction=sentence)
    count = sum(1 for one in wanted.written if one.is_something)
    output = {"unid": "", "action": "created", "duplicates_removed": 0}
    sentence = f"would create '{wanted.form}' {wanted.key_value} with {count} items"
    return OperationResult(output=output, prediction=sentence)
