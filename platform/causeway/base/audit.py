"""Who did what: told by the services, kept by whoever listens (governance).

Services call `record` inside the transaction of what they did. The entry then stands or falls
with the act itself, and flows need not know who keeps the log.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.models import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was acted upon: `kind` is one of our words (flow, deployment, connection, run)."""

    kind: str
    id: str
    label: str
    workspace: Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One act. `verb` is a past participle ("published"). `before` and `after` are digests of
    the subject's state, "" where there was none. `detail` is JSON without secrets."""

    actor: Actor
    verb: str
    subject: Subject
    at: datetime
    before: str = ""
    after: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[AuditRecord], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have `listener` called with every record, in the transaction of the act. Once is enough."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def record(
    actor: Actor,
    verb: str,
    subject: Subject,
    *,
    before: str = "",
    after: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Tell every listener. What a listener raises undoes the act: no deed without its entry."""
    entry = AuditRecord(
        actor=actor,
        verb=verb,
        subject=subject,
        at=timezone.now(),
        before=before,
        after=after,
        detail=dict(detail or {}),
    )
    for listener in _listeners:
        listener(entry)


def state_digest(state: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON-like state, for `before` and `after`."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def subject(kind: str, id_: UUID | str, label: str, workspace: Workspace) -> Subject:
    """Shorthand for the services."""
    return Subject(kind=kind, id=str(id_), label=label, workspace=workspace)
