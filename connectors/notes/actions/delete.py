"""notes.document.delete: marked as deleted by default, gone for good when the flow says so."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.guarded import (
    Change,
    Outcome,
    change_document,
    probe_change,
    refuse_stale,
)
from connectors.notes.settling import read_settled
from connectors.notes.transforms import NotesDocument
from connectors.notes.transport import connect
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConfigurationError, NotFoundError, UncertainError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt


async def run_delete(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, action: marked | deleted | unchanged, version}.

    `mode` soft writes the mark (an item, another form, or both) and leaves the document; hard
    deletes it, unless somebody saved it since. A document that is gone already is deleted well
    (unchanged); marking needs it to be there. Raises what `change_document` does.
    """
    if params.get("mode", "soft") != "hard":
        outcome = await change_document(ctx, await connect(ctx), _mark(params))
        return _marked(ctx, outcome)
    client, unid = await connect(ctx), unid_of(params)
    first = await client.read_if_there(unid)
    if first is None:
        return _deleted(ctx, unid, action="unchanged")
    change = _guard(params)
    refuse_stale(ctx, change, first)
    if ctx.dry_run:
        sentence = f"would delete '{first.form}' {unid} for good"
        output = {"unid": unid, "action": "deleted", "version": first.version}
        return OperationResult(output=output, prediction=sentence)
    last = await read_settled(ctx, client, unid, first=first)
    refuse_stale(ctx, change, last)
    with suppress(NotFoundError):  # somebody else was faster
        await client.delete(last)
    if await read_back(client.read_if_there(unid)) is not None:
        raise UncertainError(
            "The server said that it deleted the document, and still shows it.",
            code="still_there",
            fix="Look whether somebody saved it at that moment, or replication brought it back.",
            detail={"unid": unid},
        )
    return _deleted(ctx, unid, action="deleted")


async def probe_delete(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the mark, or no document, is there."""
    client, unid = await connect(ctx), unid_of(params)
    if params.get("mode", "soft") == "hard":
        if await client.read_if_there(unid) is not None:
            return ProbeResult(happened=False)
        return ProbeResult(happened=True, result=_deleted(ctx, unid, action="deleted"))
    outcome = await probe_change(ctx, client, _mark(params))
    if outcome is None:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=_marked(ctx, outcome))


def _mark(params: Mapping[str, Any]) -> Change:
    item, form = str(params.get("mark_item") or ""), str(params.get("mark_form") or "")
    if not item and not form:
        raise ConfigurationError(
            "Nothing says how a document is marked as deleted.",
            code="no_mark",
            fix="Name the item that gets the mark, another form, or both; or choose hard.",
        )
    items = {item: params.get("mark_value") or "1"} if item else {}

    def decide(document: NotesDocument) -> Mapping[str, Any]:
        return items

    return Change(unid=unid_of(params), decide=decide, version=params.get("version"), form=form)


def _guard(params: Mapping[str, Any]) -> Change:
    return Change(unid=unid_of(params), decide=lambda _: {}, version=params.get("version"))


def _marked(ctx: OperationContext, outcome: Outcome) -> OperationResult:
    action = "unchanged" if outcome.action == "unchanged" else "marked"
    document = outcome.document
    output = {"unid": document.unid, "action": action, "version": document.version}
    if outcome.action == "planned":
        sentence = f"would mark '{document.form}' {document.unid} as deleted: {outcome.told()}"
        return OperationResult(output=output, prediction=sentence)
    receipt = outcome.receipt(ctx.connection.system, action=action)
    return OperationResult(output=output, receipt=receipt)


def _deleted(ctx: OperationContext, unid: str, *, action: str) -> OperationResult:
    receipt = Receipt(
        system=ctx.connection.system,
        entity="document",
        record_id=unid,
        action=action,
        fields=[compare_field("deleted", True, True)],
    )
    output = {"unid": unid, "action": action, "version": None}
    return OperationResult(output=output, receipt=receipt)
