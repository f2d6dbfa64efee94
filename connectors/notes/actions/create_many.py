"""notes.document.create_many: one document under each of many keys, in few requests.

The Domino REST API and the agent endpoint take many new documents at once; over the data service
it is one request each. Every document is as safe as one of `notes.document.create`: looked up
before and after, the oldest under a key wins.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.client import NotesClient
from connectors.notes.keyed import UnderKey, Wanted, remove_losers, under_keys
from connectors.notes.receipts import item_receipts
from connectors.notes.transport import connect
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConfigurationError, ConflictError, FarSideError, UncertainError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.permit import cleared
from connectors.sdk.receipt import FieldReceipt, FieldResult, Receipt

MOST = 200


async def run_create_many(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{documents: [{key_value, unid, action: created | found}], refused: [{key_value, code,
    message}], duplicates_removed}, in the order of the params.

    One that Notes refuses stops no other. Raises `UncertainError` when the answer for some was
    lost: the probe and the next attempt look every key up again.
    """
    wanted = _wanted(ctx, params)
    client = await connect(ctx)
    there = await under_keys(client, wanted)
    missing = [one for one in wanted if not there[one.key_value].documents]
    if ctx.dry_run:
        sentence = (
            f"would create {len(missing)} of {len(wanted)} '{params['form']}' documents, the "
            "others are there"
        )
        return OperationResult(output=_output(wanted, there, {}, 0), prediction=sentence)
    if not missing:
        return await _settle(ctx, client, wanted, there, {})
    return await cleared(_create(ctx, client, wanted, there, missing))


async def probe_create_many(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when there is a document under every key; else the missing ones may be made."""
    wanted = _wanted(ctx, params)
    client = await connect(ctx)
    there = await under_keys(client, wanted)
    if not all(there[one.key_value].documents for one in wanted):
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=await _settle(ctx, client, wanted, there, {}))


def _wanted(ctx: OperationContext, params: Mapping[str, Any]) -> list[Wanted]:
    shared = {name: one for name, one in params.items() if name != "documents"}
    wanted = [Wanted.of(ctx, {**shared, **one}) for one in params["documents"]]
    keys = [one.key_value for one in wanted]
    if not keys or len(keys) > MOST:
        raise ConfigurationError(
            f"{len(keys)} documents are to be made; 1 to {MOST} are possible at once.",
            code="how_many",
            fix="Part the list before this step.",
        )
    if twice := sorted({one for one in keys if keys.count(one) > 1}):
        raise ConfigurationError(
            f"{len(twice)} keys are given twice: which document is meant is not clear.",
            code="key_twice",
            fix="Give each key once.",
            detail={"keys": twice[:20]},
        )
    return wanted


async def _create(
    ctx: OperationContext,
    client: NotesClient,
    wanted: Sequence[Wanted],
    there: dict[str, UnderKey],
    missing: Sequence[Wanted],
) -> OperationResult:
    made = await client.create_all(
        missing[0].form, [one.to_write(ctx) for one in missing], compute=missing[0].compute
    )
    outcomes = {one.key_value: unid for one, unid in zip(missing, made, strict=True)}
    unclear = [one for one in made if isinstance(one, UncertainError)]
    if unclear:
        raise UncertainError(
            f"It is not known whether {len(unclear)} of {len(missing)} documents were made.",
            code=unclear[0].code,
            fix="Nothing to do: every key is looked up before the next attempt.",
            detail=unclear[0].detail,
        )
    refused: dict[str, FarSideError] = {
        key: one for key, one in outcomes.items() if isinstance(one, FarSideError)
    }
    if refused and len(refused) == len(wanted):
        raise next(iter(refused.values()))
    fresh = [one for one in missing if one.key_value not in refused]
    there |= await under_keys(client, fresh)
    for one in fresh:
        if not there[one.key_value].documents:  # the view may lag behind
            own = await client.read_if_there(str(outcomes[one.key_value]))
            if own is None:
                raise ConflictError(
                    "A document was created and is gone again.",
                    code="vanished",
                    fix="Look who deletes documents of this form; the view must show the new "
                    "document.",
                    detail={"key": one.key_value, "view": one.key_view},
                )
            there[one.key_value] = UnderKey(documents=[own])
    return await _settle(ctx, client, wanted, there, refused)


async def _settle(
    ctx: OperationContext,
    client: NotesClient,
    wanted: Sequence[Wanted],
    there: Mapping[str, UnderKey],
    refused: Mapping[str, FarSideError],
) -> OperationResult:
    """The oldest under each key wins, our own losers go, the winners are compared."""
    removed = 0
    fields: list[FieldReceipt] = []
    created = 0
    for one in wanted:
        if one.key_value in refused:
            continue
        removed += len((await remove_losers(ctx, client, there[one.key_value])).removed)
        winner = there[one.key_value].winner
        ours = winner.text("SyncRev") == ctx.effect_key
        created += ours
        receipts = (
            item_receipts(one.written, winner)
            if ours
            else [compare_field(one.key_item, one.key_value, winner.item(one.key_item))]
        )
        fields.append(_summary(one.key_value, winner.unid, receipts))
    receipt = Receipt(
        system=ctx.connection.system,
        entity="document",
        record_id=f"{len(fields)} documents",
        action="created" if created else "found",
        fields=fields,
    )
    output = _output(wanted, there, refused, removed, effect=ctx.effect_key)
    return OperationResult(output=output, receipt=receipt)


def _summary(key: str, unid: str, receipts: Sequence[FieldReceipt]) -> FieldReceipt:
    """One receipt a document: its worst item, named where it is not as it was sent."""
    order = [FieldResult.DIVERGED, FieldResult.ABSORBED, FieldResult.SAME]
    result = min((one.result for one in receipts), key=order.index, default=FieldResult.SAME)
    worst = [one.field for one in receipts if one.result is result]
    note = "" if result is FieldResult.SAME else ", ".join(worst)[:300]
    return FieldReceipt(field=key, sent=key, read_back=unid, result=result, note=note)


def _output(
    wanted: Sequence[Wanted],
    there: Mapping[str, UnderKey],
    refused: Mapping[str, FarSideError],
    removed: int,
    *,
    effect: str = "",
) -> dict[str, Any]:
    documents = []
    for one in wanted:
        if one.key_value in refused:
            continue
        found = there[one.key_value].documents
        ours = not found or (bool(effect) and found[0].text("SyncRev") == effect)
        documents.append(
            {
                "key_value": one.key_value,
                "unid": found[0].unid if found else "",
                "action": "created" if ours else "found",
            }
        )
    return {
        "documents": documents,
        "refused": [
            {"key_value": key, "code": error.code, "message": error.message}
            for key, error in refused.items()
        ],
        "duplicates_removed": removed,
    }
