"""Deletions, found by comparing a view with what it showed before.

The change list never shows them. A document that has left the view is read by its id: one that
is still there was only filtered out. One that cannot be read may be deleted, or hidden by a
Readers item for a while; it is news when the next sweep cannot read it either.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.notes.client import NotesClient, Selection
from connectors.notes.transforms import instant_text
from connectors.notes.transport import connect
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ConfigurationError
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

TYPE = "notes.document_deleted@1"
EVERY = timedelta(minutes=15)
AT_ONCE = 2000  # entries of one call
MOST_READ = 200  # absent documents looked at in one sweep; the others in the next


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Forms in any case; an empty or absent list means all."""
    forms = {str(one).lower() for one in params.get("forms") or ()}
    return not forms or str(event.data["form"]).lower() in forms


async def poll(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    """The next part of a sweep over the connection's `sweep_view`, and at its end the
    deletions. The first sweep learns what there is.

    The cursor is {known, found, at, last, moved, absent}: documents of the last sweep and of this
    one so far, by form; how many entries were read, the last of them, whether the view moved
    meanwhile; and {unid: [form, since]} of those that could not be read once. Raises
    `ConfigurationError` without a `sweep_view`.
    """
    view = str(ctx.connection.settings.get("sweep_view") or "")
    if not view:
        raise ConfigurationError(
            "The connection does not say which view to sweep for deletions.",
            code="no_sweep_view",
            fix="Name a flat view of the documents whose deletion matters, in the connection's "
            "settings.",
        )
    client, before = await connect(ctx), dict(cursor or {"known": None})
    await _need_forms(client, view)
    at, found = int(before.get("at") or 0), _unpack(before.get("found") or {})
    # One entry of the last part again: a view that moved up in between would hide documents.
    start = max(at - 1, 0)
    listing = await client.entries(view, Selection(bare=True), start=start, count=AT_ONCE)
    first = listing.entries[0].unid if listing.entries else ""
    moved = bool(before.get("moved")) or listing.moved or bool(at and first != before.get("last"))
    for one in listing.entries:
        if one.unid:
            found[one.unid] = one.form
    if not listing.complete:
        at = start + len(listing.entries)
        last = listing.entries[-1].unid
        part = {"at": at, "last": last, "moved": moved, "found": _pack(found)}
        going_on = {"known": None, **before, **part}
        return PollPage(events=(), cursor=going_on, more=True)
    if before.get("known") is None:
        learnt = {"known": _pack(found), "absent": {}}
        return PollPage(events=(), cursor=learnt, every="sweep_interval", default=EVERY)
    return await _compare(ctx, client, before, found, moved=moved)


async def _need_forms(client: NotesClient, view: str) -> None:
    """A flow asks for forms, and a document that is gone can no longer be asked."""
    if client.tells_forms:
        return
    if "form" not in {one.name.lower() for one in await client.columns(view)}:
        raise ConfigurationError(
            f"The view {view} does not show the forms of its documents.",
            code="no_form_column",
            fix="Add a column for the field Form to the view, and allow it in the schema.",
        )


async def _compare(
    ctx: OperationContext,
    client: NotesClient,
    before: Mapping[str, Any],
    found: dict[str, str],
    *,
    moved: bool,
) -> PollPage:
    absent: dict[str, list[str]] = {
        unid: kept for unid, kept in (before.get("absent") or {}).items() if unid not in found
    }
    known = _unpack(before["known"])
    gone = [unid for unid in known if unid not in found and unid not in absent]
    looked = [*absent, *gone][:MOST_READ]
    now, events = instant_text(ctx.now()), []
    for unid in looked:
        if await client.read_if_there(unid) is not None:
            form, _ = absent.pop(unid, (known.get(unid, ""), ""))
            if moved:  # perhaps it only slipped from one page to the other
                found[unid] = form
        elif unid in absent:
            form, since = absent.pop(unid)
            events.append(_event(ctx, unid, form, since))
        else:
            absent[unid] = [known[unid], now]
    # Those that this sweep did not come to are known until the next.
    later = {unid: known[unid] for unid in gone if unid not in looked}
    cursor = {"known": _pack({**found, **later}), "absent": absent}
    return PollPage(
        events=events,
        cursor=cursor,
        every="sweep_interval",
        default=EVERY,
    )


def _event(ctx: OperationContext, unid: str, form: str, since: str) -> SourceEvent:
    """`since` is our clock at the first sweep that missed it; the deletion itself has no
    time."""
    return deleted_event(ctx.connection, unid=unid, form=form, moment=datetime.fromisoformat(since))


def deleted_event(
    connection: ConnectionConfig,
    *,
    unid: str,
    form: str,
    moment: datetime,
    business_key: str = "",
) -> SourceEvent:
    """That a document is gone, missed or told at `moment`, aware UTC. A sweep that misses what an
    agent told of tells it again, as news of its own: the two clocks do not compare."""
    since = instant_text(moment)
    return SourceEvent(
        type=TYPE,
        change="deleted",
        entity="document",
        entity_id=unid,
        version=f"gone-{since}",
        occurred_at=moment,
        business_key=business_key,
        data={
            "unid": unid,
            "form": form,
            "missed_since": since,
            "database": str(connection.settings.get("database", "")),
            "replica_id": connection.system,
            "change": "deleted",
        },
    )


def _pack(unids: Mapping[str, str]) -> dict[str, str]:
    """Ids by form, 16 bytes each in base64: a large database has a cursor of some megabytes."""
    forms: dict[str, list[str]] = {}
    for unid, form in unids.items():
        forms.setdefault(form, []).append(unid)
    return {
        form: base64.b64encode(bytes.fromhex("".join(ids))).decode() for form, ids in forms.items()
    }


def _unpack(packed: Mapping[str, str]) -> dict[str, str]:
    return {unid: form for form, text in packed.items() for unid in _ids(text)}


def _ids(text: str) -> Iterable[str]:
    digits = base64.b64decode(text).hex().upper()
    return (digits[at : at + 32] for at in range(0, len(digits), 32))


DOCUMENT_DELETED = Trigger(name="notes.document_deleted", version=1, matches=matches, poll=poll)
