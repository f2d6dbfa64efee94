"""News from a database: what its agent delivers, and what a poll finds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.notes.polls import Saved, saved_since
from connectors.notes.sweep import DOCUMENT_DELETED, deleted_event
from connectors.notes.transforms import NotesDocument, instant_text, profile_of
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

TYPE = "notes.document_event@1"
CONFLICT_TYPE = "notes.conflict_event@1"
# Near real time where nothing may be installed in the database: one short request.
EVERY = timedelta(seconds=10)


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
    if kind not in {"created", "updated", "deleted"}:
        raise ValueError(f"The kind {kind!r} is neither created, updated nor deleted.")
    try:
        modified = datetime.fromisoformat(str(body["modified"]))
    except ValueError:
        raise ValueError(f"modified is no time: {str(body['modified'])[:40]!r}.") from None
    if modified.tzinfo is None:
        raise ValueError("modified has no zone.")
    if kind == "deleted":
        return [
            deleted_event(
                connection,
                unid=str(body["unid"]).upper(),
                form=str(body["form"]),
                moment=modified.astimezone(UTC),
                business_key=str(body.get("key") or ""),
            )
        ]
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
    changes = set(params.get("changes") or ())
    return matches_form(params, event) and (not changes or event.change in changes)


async def poll(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    """Documents saved since the last poll that Causeway did not write itself.

    Deleted and conflict documents give no news here.
    """
    saved = await saved_since(ctx, cursor)
    if cursor is None:
        return _page((), saved)
    events = [
        _event(
            ctx.connection,
            unid=one.unid,
            form=one.form,
            modified=one.modified,
            fingerprint=one.hash,
            change="created" if _is_new(one, saved.since) else "updated",
            business_key=_business_key(ctx.connection, one),
        )
        for one in saved.documents
        if not one.is_conflict and not one.is_echo
    ]
    return _page(events, saved)


async def poll_conflicts(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    """Conflict documents that came since the last poll: the losers of two saves, or of two
    replicas, each with the document that won."""
    saved = await saved_since(ctx, cursor)
    if cursor is None:
        return _page((), saved)
    events = [
        SourceEvent(
            type=CONFLICT_TYPE,
            change="created" if _is_new(one, saved.since) else "updated",
            entity="conflict",
            entity_id=one.unid,
            version=version_of(one.modified, one.hash),
            occurred_at=one.modified,
            business_key=_business_key(ctx.connection, one),
            data={
                "unid": one.unid,
                "winner": one.parent,
                "form": one.form,
                "modified": instant_text(one.modified),
                "database": str(ctx.connection.settings.get("database", "")),
                "replica_id": ctx.connection.system,
            },
        )
        for one in saved.documents
        if one.is_conflict
    ]
    return _page(events, saved)


def matches_form(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Forms in any case; an empty or absent list means all."""
    forms = {str(one).lower() for one in params.get("forms") or ()}
    return not forms or str(event.data["form"]).lower() in forms


def _page(events: Sequence[SourceEvent], saved: Saved) -> PollPage:
    return PollPage(
        events=events, cursor=saved.cursor, more=saved.more, quiet=saved.quiet, default=EVERY
    )


def _business_key(connection: ConnectionConfig, document: NotesDocument) -> str:
    return document.text(profile_of(connection, document.form).key_item)


def _is_new(document: NotesDocument, since: datetime) -> bool:
    """Made since the last poll, and not by Causeway: its own documents can only be updated."""
    return document.created >= since and not document.text("SyncSource")


DOCUMENT_EVENT = Trigger(name="notes.document_event", version=1, matches=matches, poll=poll)
CONFLICT_EVENT = Trigger(
    name="notes.conflict_event", version=1, matches=matches_form, poll=poll_conflicts
)
TRIGGERS = (DOCUMENT_EVENT, CONFLICT_EVENT, DOCUMENT_DELETED)
