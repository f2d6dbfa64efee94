"""notes.document.change_status: one step of a document's life, with its date and log line.

What a form does in its QuerySave event (stamp a date, write a log) runs in the Notes client
only, never for the data service; so the operation does it where the flow names the items.
"""

from collections.abc import Mapping
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.guarded import Change, Outcome, change_document, probe_change
from connectors.notes.transforms import NotesDocument, instant_text, profile_of
from connectors.notes.transport import connect
from connectors.sdk.errors import ConfigurationError, ConflictError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult


async def run_change_status(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, changed, from, status, version}.

    Raises `ConflictError` when the status is none of `from`, and what `change_document` does.
    """
    outcome = await change_document(ctx, await connect(ctx), _change(ctx, params))
    return _result(ctx, params, outcome)


async def probe_change_status(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the document carries our stamp, or has the status anyway."""
    try:
        outcome = await probe_change(ctx, await connect(ctx), _change(ctx, params))
    except ConflictError:  # it has a status that this step does not begin from
        outcome = None
    if outcome is None:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=_result(ctx, params, outcome))


def _change(ctx: OperationContext, params: Mapping[str, Any]) -> Change:
    item, status = str(params["status_item"]), str(params["status"])
    allowed = [str(one) for one in params.get("from") or ()]
    date_item, log_item = str(params.get("date_item") or ""), str(params.get("log_item") or "")
    now = ctx.now()

    def decide(document: NotesDocument) -> Mapping[str, Any]:
        current = document.text(item)
        if current == status:
            return {item: status}
        if allowed and current not in allowed:
            raise ConflictError(
                f"{item} is {current!r}: this step begins from {', '.join(allowed)} only.",
                code="status",
                fix="Look who changed the status; correct the flow if the step is right.",
                detail={"unid": document.unid, "now": current, "allowed": allowed},
            )
        items: dict[str, Any] = {item: status}
        if date_item:
            if date_item.lower() not in profile_of(ctx.connection, document.form).dates:
                raise ConfigurationError(
                    f"{date_item} is no date item of {document.form!r} in the connection's form "
                    "profiles: a text in its place would break views.",
                    code="date_item",
                    fix=f"Add {date_item} to the date items of the form, or leave it out here.",
                )
            items[date_item] = instant_text(now)
        if log_item:
            lines = document.item(log_item)
            lines = lines if isinstance(lines, list) else [] if lines in (None, "") else [lines]
            line = f"{now:%Y-%m-%d %H:%M} UTC Causeway: {current or 'new'} > {status}"
            items[log_item] = [*lines, line]
        return items

    return Change(
        unid=unid_of(params),
        decide=decide,
        version=params.get("version"),
        compute=bool(params.get("compute_with_form", False)),
    )


def _result(ctx: OperationContext, params: Mapping[str, Any], outcome: Outcome) -> OperationResult:
    document = outcome.document
    output = {
        "unid": document.unid,
        "changed": outcome.action != "unchanged",
        "from": outcome.before.text(str(params["status_item"])),
        "status": str(params["status"]),
        "version": document.version,
    }
    if outcome.action == "planned":
        sentence = f"would change '{document.form}' {document.unid}: {outcome.told()}"
        return OperationResult(output=output, prediction=sentence)
    return OperationResult(output=output, receipt=outcome.receipt(ctx.connection.system))
