"""notes.document.create: exactly one document under a key, whatever happens on the way.

The service has no idempotency key. So: look the key up, create, look it up again. When two
creators met, both see both documents and agree on the older one (birth time, then note number:
it rises within a file, while the time has only whole seconds); the younger is deleted. A lost
answer leaves the question open, and the probe asks the view for the key.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from connectors.notes.actions.read import read_entries
from connectors.notes.client import NotesClient
from connectors.notes.fingerprint import fingerprint
from connectors.notes.receipts import item_receipts
from connectors.notes.transforms import (
    SYNC_SOURCE,
    FormProfile,
    NotesDocument,
    WrittenItem,
    check_item_name,
    profile_of,
    write_items,
)
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConfigurationError, ConflictError, NotFoundError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The params, checked."""

    form: str
    key_item: str
    key_view: str
    key_value: str
    written: Sequence[WrittenItem]
    profile: FormProfile
    compute: bool

    @classmethod
    def of(cls, ctx: OperationContext, params: Mapping[str, Any]) -> "_Wanted":
        form, key_item = str(params["form"]), str(params["key_item"])
        key_value = str(params["key_value"]).strip()
        check_item_name(key_item)
        if not key_value:
            raise ConfigurationError(
                "The key is empty: every document would be the same one.",
                code="empty_key",
                fix="Give a key that names the record on the other side.",
            )
        profile = profile_of(ctx.connection, form)
        items = {
            name: value
            for name, value in params["items"].items()
            if name.lower() != key_item.lower()
        }
        return cls(
            form=form,
            key_item=key_item,
            key_view=str(params["key_view"]),
            key_value=key_value,
            written=write_items({**items, key_item: key_value}, profile),
            profile=profile,
            compute=bool(params.get("compute_with_form", True)),
        )

    def body(self, ctx: OperationContext) -> dict[str, Any]:
        """Items and stamps; what is empty is left out, as the service does when reading."""
        values = {one.name: one.values for one in self.written if one.rich is None}
        return {
            **{one.name: one.body for one in self.written if one.is_something},
            "SyncSource": SYNC_SOURCE,
            "SyncRev": ctx.effect_key,
            "SyncHash": fingerprint(values, self.profile.synced),
        }


async def run_create(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, action: created | found, duplicates_removed}.

    Raises `RejectedError` when a validation of the form refuses it, `UncertainError` when the
    answer is lost.
    """
    wanted = _Wanted.of(ctx, params)
    client = NotesClient(ctx)
    there = await _under_key(client, wanted)
    if ctx.dry_run:
        return _predict(wanted, there)
    if there:
        return await _settle(ctx, client, wanted, there)
    unid = await client.create(wanted.form, wanted.body(ctx), compute=wanted.compute)
    there = await _under_key(client, wanted)
    if unid not in {one.unid for one in there}:
        # The view may lag behind, and somebody else may have removed ours as the younger one.
        own = await client.read_if_there(unid)
        there = [*there, *([own] if own else [])]
    if not there:
        raise ConflictError(
            "The document was created and is gone again.",
            code="vanished",
            fix="Look who deletes documents of this form; the view must show the new document.",
            detail={"unid": unid, "view": wanted.key_view, "key": wanted.key_value},
        )
    return await _settle(ctx, client, wanted, there)


async def probe_create(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when there is a document under the key, whoever made it."""
    wanted = _Wanted.of(ctx, params)
    client = NotesClient(ctx)
    there = await _under_key(client, wanted)
    if not there:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=await _settle(ctx, client, wanted, there))


async def _under_key(client: NotesClient, wanted: _Wanted) -> list[NotesDocument]:
    entries = await client.look_up(wanted.key_view, wanted.key_value)
    return [
        one
        for one in await read_entries(client, entries)
        if one.text(wanted.key_item) == wanted.key_value and one.form.lower() == wanted.form.lower()
    ]


async def _settle(
    ctx: OperationContext, client: NotesClient, wanted: _Wanted, there: Sequence[NotesDocument]
) -> OperationResult:
    """The oldest wins, our own losers go, and the winner is compared with what was sent."""
    winner, *losers = sorted(there, key=lambda one: one.age)
    removed = 0
    for loser in losers:
        removed += await _remove(ctx, client, loser)
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
    output = {"unid": winner.unid, "action": receipt.action, "duplicates_removed": removed}
    return OperationResult(output=output, receipt=receipt)


async def _remove(ctx: OperationContext, client: NotesClient, loser: NotesDocument) -> bool:
    """Delete a younger document of ours. One that a person made or edited since stays."""
    mine = loser.text("SyncRev") == ctx.effect_key
    if loser.text("SyncSource") != SYNC_SOURCE or not (mine or loser.is_echo):
        return False
    with suppress(NotFoundError, ConflictError):  # the other creator was faster
        await client.delete(loser.unid, last_modified=loser.last_modified)
        return True
    return False


def _predict(wanted: _Wanted, there: Sequence[NotesDocument]) -> OperationResult:
    if there:
        oldest = min(there, key=lambda one: one.age)
        output = {"unid": oldest.unid, "action": "found", "duplicates_removed": 0}
        sentence = f"would find '{wanted.form}' {wanted.key_value} as {oldest.unid}, change nothing"
        return OperationResult(output=output, prediction=sentence)
    count = sum(1 for one in wanted.written if one.is_something)
    output = {"unid": "", "action": "created", "duplicates_removed": 0}
    sentence = f"would create '{wanted.form}' {wanted.key_value} with {count} items"
    return OperationResult(output=output, prediction=sentence)
