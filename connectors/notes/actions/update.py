"""notes.document.update: guarded against others, and proven to have taken place."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.guarded import Change, Outcome, change_document, probe_change
from connectors.notes.transport import connect
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult


async def run_update(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, changed, changed_items, version}; raises what `change_document` does."""
    return _result(ctx, await change_document(ctx, await connect(ctx), _change(params)))


async def probe_update(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the document carries our stamp, or all the values anyway."""
    outcome = await probe_change(ctx, await connect(ctx), _change(params))
    if outcome is None:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=_result(ctx, outcome))


def _change(params: Mapping[str, Any]) -> Change:
    items = params["items"]
    return Change(
        unid=unid_of(params),
        decide=lambda _: items,
        version=params.get("version"),
        expected=params.get("expected") or {},
        compute=bool(params.get("compute_with_form", False)),
    )


def _result(ctx: OperationContext, outcome: Outcome) -> OperationResult:
    document = outcome.document
    output = {
        "unid": document.unid,
        "changed": outcome.action != "unchanged",
        "changed_items": outcome.changed_items,
        "version": document.version,
    }
    if outcome.action == "planned":
        sentence = f"would change '{document.form}' {document.unid}: {outcome.told()}"
        return OperationResult(output=output, prediction=sentence)
    return OperationResult(output=output, receipt=outcome.receipt(ctx.connection.system))
