"""notes.folder.change: put documents into a folder, take others out."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.client import NotesClient, Selection
from connectors.notes.transport import connect
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConfigurationError, RejectedError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt


async def run_folder(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{folder, added: [unid], removed: [unid]}: what was not so before.

    Putting a document into a folder does not save it. Raises `RejectedError` when some could
    not be moved (the others were, as the service does it) and `ConfigurationError` for a view.
    """
    client, folder = await connect(ctx), str(params["folder"])
    add, remove = _wanted(params)
    inside = await _members(client, folder)
    added = [one for one in add if one not in inside]
    removed = [one for one in remove if one in inside]
    if ctx.dry_run:
        sentence = (
            f"would put {len(added)} documents into '{folder}' and take {len(removed)} out"
            if added or removed
            else f"would find '{folder}' as wanted"
        )
        return OperationResult(output=_output(folder, added, removed), prediction=sentence)
    if not added and not removed:
        return _result(ctx, folder, add, remove, inside, [], [])
    refused: RejectedError | None = None
    try:
        await client.change_folder(folder, add=added, remove=removed)
    except RejectedError as error:
        refused = error
    inside = await read_back(_members(client, folder))
    missing = [one for one in added if one not in inside]
    if refused is not None and (missing or set(removed) & inside):
        raise RejectedError(
            f"{len(missing) or len(removed)} documents could not be moved; the others were.",
            code="folder_partly",
            fix="Look whether these documents are still there and visible to the user.",
            detail={**refused.detail, "not_added": missing[:50]},
        ) from refused
    return _result(ctx, folder, add, remove, inside, added, removed)


async def probe_folder(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the folder holds what it should and nothing that it should not."""
    client, folder = await connect(ctx), str(params["folder"])
    add, remove = _wanted(params)
    inside = await _members(client, folder)
    if not set(add) <= inside or set(remove) & inside:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=_result(ctx, folder, add, remove, inside, add, remove))


def _wanted(params: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    add = list(dict.fromkeys(unid_of({"unid": one}) for one in params.get("add") or ()))
    remove = list(dict.fromkeys(unid_of({"unid": one}) for one in params.get("remove") or ()))
    if not add and not remove:
        raise ConfigurationError(
            "No document is to be moved.", code="empty", fix="Give ids to add or to remove."
        )
    if set(add) & set(remove):
        raise ConfigurationError(
            "A document is to be put in and taken out at once.",
            code="both_ways",
            fix="Keep it in one of the lists.",
        )
    return add, remove


async def _members(client: NotesClient, folder: str) -> set[str]:
    listing = await client.entries(folder, Selection(bare=True))
    return {one.unid for one in listing.entries}


def _output(folder: str, added: Sequence[str], removed: Sequence[str]) -> dict[str, Any]:
    return {"folder": folder, "added": list(added), "removed": list(removed)}


def _result(
    ctx: OperationContext,
    folder: str,
    add: Sequence[str],
    remove: Sequence[str],
    inside: set[str],
    added: Sequence[str],
    removed: Sequence[str],
) -> OperationResult:
    receipt = Receipt(
        system=ctx.connection.system,
        entity="folder",
        record_id=folder,
        action="updated" if added or removed else "unchanged",
        fields=[
            *(compare_field(one, True, one in inside) for one in add),
            *(compare_field(one, False, one in inside) for one in remove),
        ],
    )
    return OperationResult(output=_output(folder, added, removed), receipt=receipt)
