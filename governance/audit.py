"""The audit log: every act that a service records, kept for good."""

from django.db.models import QuerySet

from causeway.base.actors import Actor
from causeway.base.audit import AuditRecord
from causeway.base.permissions import workspaces_visible_to
from governance.models import AuditEntry


def keep(record: AuditRecord) -> None:
    """Listener of `causeway.base.audit`: store one entry in the transaction of the act."""
    AuditEntry.objects.create(
        workspace=record.subject.workspace,
        at=record.at,
        actor=str(record.actor),
        actor_user_id=record.actor.user.pk if record.actor.user else None,
        verb=record.verb,
        object_kind=record.subject.kind,
        object_id=record.subject.id,
        object_label=record.subject.label[:200],
        before=record.before,
        after=record.after,
        detail=dict(record.detail),
    )


def visible_to(actor: Actor) -> QuerySet[AuditEntry]:
    """The entries that the actor may read, newest first: those of workspaces they administer."""
    return AuditEntry.objects.filter(
        workspace__in=workspaces_visible_to(actor, "manage_access")
    ).order_by("-id")
