"""notes.agent.run: an agent of the database, with a document if it wants one."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.client import NotesClient
from connectors.notes.transport import connect
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import UncertainError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt, Verdict


async def run_agent(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{agent, document}: the document as the agent left it, null without one.

    Needs Domino 9.0.1 FP9 or newer, else `ConfigurationError` (too_old). What an agent does only
    it knows: `proof` names items with the values that show that it ran; the receipt compares
    them, and with one of them missing the step is not proven. Raises `RejectedError` for an
    agent that is not there, `ConflictError` when it ran too recently.
    """
    client, agent, unid = await connect(ctx), str(params["agent"]), _unid(params)
    if unid:
        await client.read(unid)
    if ctx.dry_run:
        on = f" on {unid}" if unid else ""
        output = {"agent": agent, "document": None}
        return OperationResult(output=output, prediction=f"would run agent '{agent}'{on}")
    await client.run_agent(agent, unid=unid, wait=bool(params.get("wait", True)))
    return await read_back(_result(ctx, client, params))


async def probe_agent(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether it ran, by its proof on the document.

    Without a proof nobody can tell: happened is False where the flow says that the agent may
    run twice, else `UncertainError` for a person.
    """
    client = await connect(ctx)
    proof, unid = params.get("proof") or {}, _unid(params)
    if proof and unid:
        result = await _result(ctx, client, params)
        if result.receipt and result.receipt.verdict is not Verdict.DIVERGED:
            return ProbeResult(happened=True, result=result)
        return ProbeResult(happened=False)
    if params.get("repeat_safe"):
        return ProbeResult(happened=False)
    raise UncertainError(
        "The agent was called and the answer was lost; nobody can tell whether it ran.",
        code="cannot_probe",
        fix="Look at the agent's log, then replay or close the run. Name the items that prove a "
        "run, or say that the agent may run twice.",
    )


def _unid(params: Mapping[str, Any]) -> str:
    return unid_of(params) if params.get("unid") else ""


async def _result(
    ctx: OperationContext, client: NotesClient, params: Mapping[str, Any]
) -> OperationResult:
    unid = _unid(params)
    document = await client.read(unid) if unid else None
    proof = params.get("proof") or {}
    receipt = Receipt(
        system=ctx.connection.system,
        entity="agent",
        record_id=str(params["agent"]),
        action="ran",
        fields=[
            compare_field(name, value, document.item(name) if document else None)
            for name, value in proof.items()
        ],
    )
    output = {
        "agent": str(params["agent"]),
        "document": document.to_output() if document else None,
    }
    return OperationResult(output=output, receipt=receipt)
