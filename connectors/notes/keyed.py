"""Documents under an external key: one that people mean, and what else carries the key.

The service has no idempotency key. So: look the key up, create, look it up again. When two
creators met, both see both documents and agree on the older one (birth time, then note number:
it rises within a file, while the time has only whole seconds); the younger is deleted. A lost
answer leaves the question open, and the probe asks the view for the key. Who was stopped with the
create on its lips finds when it goes on that another one did the work: it still looks, and removes
its own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors.notes.client import PARALLEL, NotesClient
from connectors.notes.fingerprint import fingerprint
from connectors.notes.guarded import stamps
from connectors.notes.settling import read_settled
from connectors.notes.transforms import (
    SYNC_SOURCE,
    FormProfile,
    NotesDocument,
    WrittenItem,
    check_item_name,
    profile_of,
    write_items,
)
from connectors.sdk.errors import ConfigurationError, ConflictError, NotFoundError
from connectors.sdk.operation import OperationContext
from connectors.sdk.permit import taking_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The document that shall be there, its params checked. `items` are canonical."""

    form: str
    key_item: str
    key_view: str
    key_value: str
    items: Mapping[str, Any]
    written: Sequence[WrittenItem]
    profile: FormProfile
    compute: bool

    @classmethod
    def of(cls, ctx: OperationContext, params: Mapping[str, Any]) -> "Wanted":
        """Raises `ConfigurationError` and `RejectedError` for params that cannot be."""
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
        given = {
            name: value
            for name, value in params["items"].items()
            if name.lower() != key_item.lower()
        }
        items = {**given, key_item: key_value}
        fresh = {**items, **(params.get("create_items") or {})}
        return cls(
            form=form,
            key_item=key_item,
            key_view=str(params["key_view"]),
            key_value=key_value,
            items=items,
            written=write_items(fresh, profile),
            profile=profile,
            compute=bool(params.get("compute_with_form", True)),
        )

    def to_write(self, ctx: OperationContext) -> list[WrittenItem]:
        """Items and stamps; what is empty is left out, as the service does when reading."""
        values = {one.name: one.values for one in self.written if one.rich is None}
        hash_ = fingerprint(values, self.profile.synced)
        return [*(one for one in self.written if one.is_something), *stamps(ctx, hash_)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderKey:
    """What a look-up found: documents oldest first, and conflict documents, which carry the
    same key and are nobody's record."""

    documents: Sequence[NotesDocument] = ()
    conflicts: Sequence[NotesDocument] = ()

    @property
    def winner(self) -> NotesDocument:
        return self.documents[0]


@dataclass(slots=True, kw_only=True)
class Losers:
    """What became of the younger documents under a key."""

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


async def under_key(client: NotesClient, wanted: Wanted) -> UnderKey:
    """The documents of the form whose key item is the key, letter by letter."""
    return (await under_keys(client, [wanted]))[wanted.key_value]


async def under_keys(client: NotesClient, wanted: Sequence[Wanted]) -> dict[str, UnderKey]:
    """The documents under each of several keys, by key; read together."""
    gate = asyncio.Semaphore(PARALLEL)

    async def look_up(one: Wanted) -> list[str]:
        async with gate:
            return [entry.unid for entry in await client.look_up(one.key_view, one.key_value)]

    listed = await asyncio.gather(*(look_up(one) for one in wanted))
    read = {one.unid: one for one in await client.read_all(u for unids in listed for u in unids)}
    return {
        one.key_value: _under(one, [read[unid] for unid in dict.fromkeys(unids) if unid in read])
        for one, unids in zip(wanted, listed, strict=True)
    }


def _under(wanted: Wanted, found: Sequence[NotesDocument]) -> UnderKey:
    there = [
        one
        for one in found
        if one.text(wanted.key_item) == wanted.key_value and one.form.lower() == wanted.form.lower()
    ]
    return UnderKey(
        documents=sorted((one for one in there if not one.is_conflict), key=lambda one: one.age),
        conflicts=[one for one in there if one.is_conflict],
    )


async def create_under_key(ctx: OperationContext, client: NotesClient, wanted: Wanted) -> UnderKey:
    """Create the document and look again; never empty.

    Raises `RejectedError` when a validation of the form refuses it, `UncertainError` when the
    answer is lost, `ConflictError` when it was deleted at once.
    """
    unid = await client.create(wanted.form, wanted.to_write(ctx), compute=wanted.compute)
    there = await under_key(client, wanted)
    if unid in {one.unid for one in there.documents}:
        return there
    # The view may lag behind, and somebody else may have removed ours as the younger one.
    own = await client.read_if_there(unid)
    documents = [*there.documents, *([own] if own else [])]
    if not documents:
        raise ConflictError(
            "The document was created and is gone again.",
            code="vanished",
            fix="Look who deletes documents of this form; the view must show the new document.",
            detail={"unid": unid, "view": wanted.key_view, "key": wanted.key_value},
        )
    return UnderKey(documents=sorted(documents, key=lambda one: one.age), conflicts=there.conflicts)


async def remove_losers(ctx: OperationContext, client: NotesClient, there: UnderKey) -> Losers:
    """Delete the younger documents that are Causeway's and that nobody edited since."""
    losers = Losers()
    for loser in there.documents[1:]:
        gone = await _remove(ctx, client, loser)
        (losers.removed if gone else losers.left).append(loser.unid)
    return losers


async def _remove(ctx: OperationContext, client: NotesClient, loser: NotesDocument) -> bool:
    if not _is_ours(ctx, loser):
        return False
    with suppress(NotFoundError, ConflictError), taking_back():  # the other creator was faster
        # Our own is taken back at once; another creator's only when nobody can be at it.
        mine = loser.text("SyncRev") == ctx.effect_key
        last = loser if mine else await read_settled(ctx, client, loser.unid, first=loser)
        if not _is_ours(ctx, last):
            return False
        await client.delete(last)
        return True
    return False


def _is_ours(ctx: OperationContext, document: NotesDocument) -> bool:
    """Made by Causeway and not edited by anybody since."""
    mine = document.text("SyncRev") == ctx.effect_key
    return document.text("SyncSource") == SYNC_SOURCE and (mine or document.is_echo)
