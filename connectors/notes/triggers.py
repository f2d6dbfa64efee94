"""News from a database: what its agent delivers, and what a poll finds."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.notes.client import ChangedDocument, NotesClient
from connectors.notes.transforms import NotesDocument, instant_text, profile_of
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

TYPE = "notes.document_event@1"
# Domino's change list goes by the time of the save; what was saved while the previous list was
# made must not be missed.
OVERLAP = timedelta(minutes=2)
PAGE = 200
PARALLEL_READS = 8


def version_of(modified: datetime, fingerprint: str) -> str:
    """Names one state of a document, the same from hook and poll. The save's time has whole
    seconds, so the hash tells two saves within one apart."""
    moment = instant_text(modified)
    return f"{moment}-{fingerprint[:16]}" if fingerprint else moment


def read_hook(connection: ConnectionConfig, body: Mapping[str, Any]) -> Sequence[SourceEvent]:
    """The event in a delivery of the agent.

    Raises `ValueError` when the body is none, or comes from another database.
    """
    missing = [name for name in ("unid", "form", "modified", "replica_id") if not body.get(name)]
    if missing:
        raise ValueError(f"The delivery lacks {', '.join(missing)}.")
    replica = str(body["replica_id"]).upper().replace(":", "")
    expected = str(connection.settings.get("replica_id") or connection.system).upper()
    if replica != expected:
        raise ValueError(f"The delivery is from database {replica}, this hook is {expected}'s.")
    kind = body.get("kind", "updated")
    if kind not in {"created", "updated"}:
        raise ValueError(f"The kind {kind!r} is neither created nor updated.")
    try:
        modified = datetime.fromisoformat(str(body["modified"]))
    except ValueError:
        raise ValueError(f"modified is no time: {str(body['modified'])[:40]!r}.") from None
    if modified.tzinfo is None:
        raise ValueError("modified has no zone.")
    return [
        _event(
            connection,
            unid=str(body["unid"]).upper(),
            form=str(body["form"]),
            modified=modified.astimezone(UTC),
            fingerprint=str(body.get("hash") or ""),
            change=str(kind),
            business_key=str(body.get("key") or ""),
        )
    ]


def _event(
    connection: ConnectionConfig,
    *,
    unid: str,
    form: str,
    modified: datetime,
    fingerprint: str,
    change: str,
    business_key: str,
) -> SourceEvent:
    return SourceEvent(
        type=TYPE,
        change=change,
        entity="document",
        entity_id=unid,
        version=version_of(modified, fingerprint),
        occurred_at=modified,
        business_key=business_key,
        data={
            "unid": unid,
            "form": form,
            "modified": instant_text(modified),
            "database": str(connection.settings.get("database", "")),
            "replica_id": connection.system,
            "change": change,
        },
    )


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Forms in any case; an empty or absent list means all."""
    forms = {str(one).lower() for one in params.get("forms") or ()}
    changes = set(params.get("changes") or ())
    return (not forms or str(event.data["form"]).lower() in forms) and (
        not changes or event.change in changes
    )


async def poll(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    """Documents saved since the last poll that Causeway did not write itself.

    The cursor is {since, seen}: the server's clock at the previous list, and the states
    ({unid: modified}) already looked at inside the overlap. Deleted and conflict documents
    give no news.
    """
    client = NotesClient(ctx)
    if cursor is None:
        _, now = await client.changed_since(ctx.now())
        return PollPage(events=(), cursor={"since": instant_text(now or ctx.now()), "seen": {}})
    since = datetime.fromisoformat(str(cursor["since"]))
    seen: dict[str, str] = dict(cursor.get("seen") or {})
    rows, now = await client.changed_since(since - OVERLAP)
    fresh = sorted(
        (one for one in rows if seen.get(one.unid) != instant_text(one.modified)),
        key=lambda one: (one.modified, one.unid),
    )
    more = len(fresh) > PAGE
    documents = await _read_all(client, fresh[:PAGE])
    events = [
        _event(
            ctx.connection,
            unid=one.unid,
            form=one.form,
            modified=one.modified,
            fingerprint=one.hash,
            change="created" if _is_new(one, since) else "updated",
            business_key=one.text(profile_of(ctx.connection, one.form).key_item),
        )
        for one in documents
        if not one.is_conflict and not one.is_echo
    ]
    reached = since if more else (now or since)
    left = {one.unid for one in fresh[PAGE:]}
    # A document read just now may be younger than its row in the list: the next poll then
    # sees another time and reports it again, with the same version.
    kept = {
        one.unid: instant_text(one.modified)
        for one in rows
        if one.unid not in left and one.modified >= reached - OVERLAP
    }
    return PollPage(events=events, cursor={"since": instant_text(reached), "seen": kept}, more=more)


async def _read_all(client: NotesClient, rows: Sequence[ChangedDocument]) -> list[NotesDocument]:
    gate = asyncio.Semaphore(PARALLEL_READS)

    async def read(unid: str) -> NotesDocument | None:
        async with gate:
            return await client.read_if_there(unid)

    found = await asyncio.gather(*(read(one.unid) for one in rows))
    return [one for one in found if one is not None]


def _is_new(document: NotesDocument, since: datetime) -> bool:
    """Made since the last poll, and not by Causeway: its own documents can only be updated."""
    return document.created >= since and not document.text("SyncSource")


DOCUMENT_EVENT = Trigger(name="notes.document_event", version=1, matches=matches, poll=poll)
