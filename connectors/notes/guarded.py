"""Changing a document that others change too: guarded, and proven to have taken place.

The data service offers If-Unmodified-Since with whole seconds, and it may answer 200 although
the save was dropped. So: read until the last save is at rest (`settling`; where a revision names
the state it is at once), see that the items which we are about to write are still what they were,
write with the state that was read as its condition and a stamp (SyncRev), read again and look for
the stamp.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.notes.client import NotesClient
from connectors.notes.fingerprint import canonical_value, fingerprint
from connectors.notes.receipts import item_receipts
from connectors.notes.settling import read_settled
from connectors.notes.transforms import (
    SYNC_SOURCE,
    NotesDocument,
    WrittenItem,
    profile_of,
    refuse_damage,
    stamp,
    write_items,
)
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConflictError
from connectors.sdk.operation import OperationContext
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import FieldResult, Receipt
from connectors.sdk.redact import shorten

Decide = Callable[[NotesDocument], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a document shall become. `decide` gives its items from what it is now, and nothing
    new for one that is as it shall be. `version` and `expected` are what the flow knows of it;
    `form` renames its form, `compute` runs the formulas of the fields."""

    unid: str
    decide: Decide
    version: Any = None
    expected: Mapping[str, Any] = field(default_factory=dict)
    form: str = ""
    compute: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The document behind the change; `action` is updated, unchanged, or planned in a dry
    run."""

    before: NotesDocument
    document: NotesDocument
    written: Sequence[WrittenItem]
    changed: Sequence[WrittenItem]
    action: str
    form: str = ""

    @property
    def changed_items(self) -> list[str]:
        return [one.name for one in self.changed]

    def receipt(self, system: str, *, action: str = "") -> Receipt:
        fields = item_receipts(self.written, self.document)
        if self.form:
            fields.append(compare_field("Form", self.form, self.document.form))
        return Receipt(
            system=system,
            entity="document",
            record_id=self.document.unid,
            action=action or self.action,
            fields=fields,
        )

    def told(self) -> str:
        """The changes in words: "Stock 38 → 12"."""
        parts = [
            f"{one.name} {self.before.item(one.name)!r} → {one.sent!r}"
            if one.rich is None
            else f"{one.name} (rich text) → {shorten(one.rich.text, 80)!r}"
            for one in self.changed
        ]
        if self.form and self.form != self.before.form:
            parts.append(f"form {self.before.form!r} → {self.form!r}")
        return ", ".join(parts)


async def change_document(ctx: OperationContext, client: NotesClient, change: Change) -> Outcome:
    """Carry out `change`, or in a dry run say what it would do.

    Raises `ConflictError` when somebody else saved: before (`version`, `expected`), meanwhile
    (an item of ours, or 412) or over it (stamp missing), and for conflict documents. A rich text
    that would look the same is not written; one that would lose files is refused. Raises
    `NotFoundError`, `RejectedError`, `UncertainError` too.
    """
    first = await client.read(change.unid)
    if _stamped(ctx, first):
        return _outcome(ctx, change, first, first, action="updated")
    _refuse_conflict(first)
    if not _pending(ctx, change, first):
        return _outcome(ctx, change, first, first, action="unchanged")
    refuse_stale(ctx, change, first)
    _refuse_damage(ctx, change, first)
    if ctx.dry_run:
        return _outcome(ctx, change, first, first, action="planned")
    before = await read_settled(ctx, client, change.unid, first=first)
    _refuse_moved(ctx, change, first, before)
    refuse_stale(ctx, change, before)
    _refuse_damage(ctx, change, before)
    written = _written(ctx, change, before)
    changes = changed_items(before, written)
    await client.patch(
        before,
        [*changes, *_stamps(ctx, change, before, changes)],
        form=change.form or (before.form if change.compute else ""),
        compute=change.compute,
    )
    after = await read_back(client.read(change.unid))
    if not _stamped(ctx, after):
        raise ConflictError(
            "The server said that it saved, and did not: somebody else saved at that moment.",
            code="lost_save",
            fix="Read the document again and decide with its present values.",
            detail={"unid": change.unid, "items": [one.name for one in changes]},
        )
    return Outcome(
        before=before,
        document=after,
        written=written,
        changed=changes,
        action="updated",
        form=change.form,
    )


async def probe_change(
    ctx: OperationContext, client: NotesClient, change: Change
) -> Outcome | None:
    """The outcome when the document carries our stamp, or is as it shall be anyway."""
    document = await client.read(change.unid)
    if _stamped(ctx, document):
        return _outcome(ctx, change, document, document, action="updated")
    if _pending(ctx, change, document):
        return None
    return _outcome(ctx, change, document, document, action="unchanged")


def changed_items(document: NotesDocument, written: Sequence[WrittenItem]) -> list[WrittenItem]:
    """What is not there yet."""
    receipts = item_receipts(written, document)
    return [
        one
        for one, receipt in zip(written, receipts, strict=True)
        if receipt.result is FieldResult.DIVERGED
    ]


def _stamped(ctx: OperationContext, document: NotesDocument) -> bool:
    return document.text("SyncRev") == ctx.effect_key


def _written(ctx: OperationContext, change: Change, document: NotesDocument) -> list[WrittenItem]:
    profile = profile_of(ctx.connection, change.form or document.form)
    return write_items(change.decide(document), profile, document.rich_names)


def _pending(ctx: OperationContext, change: Change, document: NotesDocument) -> bool:
    renames = bool(change.form) and change.form.lower() != document.form.lower()
    return renames or bool(changed_items(document, _written(ctx, change, document)))


def _outcome(
    ctx: OperationContext,
    change: Change,
    before: NotesDocument,
    document: NotesDocument,
    *,
    action: str,
) -> Outcome:
    written = _written(ctx, change, document)
    changed = {
        "updated": written,
        "unchanged": [],
        "planned": changed_items(before, written),
    }[action]
    return Outcome(
        before=before,
        document=document,
        written=written,
        changed=changed,
        action=action,
        form=change.form,
    )


def _refuse_conflict(document: NotesDocument) -> None:
    if document.is_conflict:
        raise ConflictError(
            "This is a conflict document: the loser of two saves, not the one people mean.",
            code="conflict_document",
            fix="Settle the conflict in Notes, or change the document that it hangs from.",
            detail={"unid": document.unid, "winner": document.parent},
        )


def refuse_stale(ctx: OperationContext, change: Change, document: NotesDocument) -> None:
    """Against what the flow knows: items by value, the version by its fingerprints."""
    for name, value in change.expected.items():
        if _values(value) != _values(document.item(name)):
            raise ConflictError(
                f"{name} is no longer what this run expects.",
                code="changed",
                fix="Run the flow again: it will decide with the present values.",
                detail={"unid": document.unid, "item": name},
            )
    version = change.version
    if not isinstance(version, Mapping):
        return
    stale = version.get("hash") not in {None, document.hash}
    if not stale and _beyond_synced(ctx, change, document):
        now = document.version
        name = _finest(version, now)
        stale = version.get(name) not in {None, "", now[name]}
    if stale:
        raise ConflictError(
            "Somebody changed the document since this run read it.",
            code="changed",
            fix="Run the flow again: it will decide with the present values.",
            detail={"unid": document.unid, "read": dict(version), "now": document.version},
        )


def _finest(known: Mapping[str, Any], now: Mapping[str, str]) -> str:
    """What tells two states apart best among what both know."""
    names = ("revision", "content", "last_modified")
    return next((one for one in names if known.get(one) and now.get(one)), "last_modified")


def _refuse_damage(ctx: OperationContext, change: Change, document: NotesDocument) -> None:
    """A rich text that would lose files is not written."""
    for one in changed_items(document, _written(ctx, change, document)):
        if one.rich is not None:
            refuse_damage(one.name, one.sent, document.item(one.name))


def _beyond_synced(ctx: OperationContext, change: Change, document: NotesDocument) -> bool:
    """Whether an item is written that the fingerprint of the synced items does not cover."""
    synced = profile_of(ctx.connection, document.form).synced
    if synced is None:
        return False
    known = {one.lower() for one in synced}
    return any(one.name.lower() not in known for one in _written(ctx, change, document))


def _refuse_moved(
    ctx: OperationContext, change: Change, first: NotesDocument, before: NotesDocument
) -> None:
    """While we waited for the last save to be at rest, somebody saved one of our items."""
    moved = [
        one.name
        for one in _written(ctx, change, before)
        if _values(first.item(one.name)) != _values(before.item(one.name))
    ]
    if moved:
        raise ConflictError(
            f"Somebody else is changing {', '.join(moved)} at this moment.",
            code="changed",
            fix="Read the document again and decide with its present values.",
            detail={"unid": before.unid, "items": moved},
        )


def _values(value: Any) -> list[str]:
    """Comparable: Notes knows no difference between one value and a list of it, nor between
    empty and missing. A rich text is compared as people see it."""
    if isinstance(value, Mapping) and "fingerprint" in value:
        return [str(value["fingerprint"])]
    values = value if isinstance(value, list) else [value]
    texts = [canonical_value(one) for one in values]
    return texts if any(texts) else []


def _stamps(
    ctx: OperationContext,
    change: Change,
    before: NotesDocument,
    changes: Sequence[WrittenItem],
) -> list[WrittenItem]:
    """The stamps; the hash is that of the document after the change."""
    after = {name.lower(): (name, values) for name, values in before.values.items()}
    for one in changes:
        if one.rich is None:
            after[one.name.lower()] = (one.name, one.values)
    synced = profile_of(ctx.connection, change.form or before.form).synced
    return stamps(ctx, fingerprint(dict(after.values()), synced))


def stamps(ctx: OperationContext, hash_: str) -> list[WrittenItem]:
    """What every write of Causeway leaves behind."""
    return [
        stamp("SyncSource", SYNC_SOURCE),
        stamp("SyncRev", ctx.effect_key),
        stamp("SyncHash", hash_),
    ]
