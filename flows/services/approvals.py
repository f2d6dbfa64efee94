"""What runs ask people: reading the open questions, and deciding them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.groups import group_name
from causeway.base.models import Environment, Workspace
from causeway.base.permissions import allowed, check, workspaces_visible_to
from causeway.base.problems import Problem
from flows.engine.nodes.approval import Decision, decision_signal
from flows.models import Approval, Run, Wait
from flows.nudges import nudge
from flows.services.starts import next_revision


def visible_to(actor: Actor) -> QuerySet[Approval]:
    """The questions that the actor may know of. Every read starts here."""
    return Approval.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_runs")
    ).select_related("workspace", "environment", "run__flow", "run__version")


def open_approvals(actor: Actor, environment: Environment) -> QuerySet[Approval]:
    """Those that wait for a decision. Raises `PermissionDenied` without `read_runs`."""
    check(actor, "read_runs", environment.workspace)
    return visible_to(actor).filter(environment=environment, pk__in=waiting_approvals())


def waiting_approvals() -> QuerySet[Approval]:
    """All questions, of any workspace, that wait for a decision."""
    return Approval.objects.filter(Exists(_waits()), decision="", until__gt=timezone.now())


def is_open(approval: Approval) -> bool:
    """Whether a decision still counts."""
    return waiting_approvals().filter(pk=approval.pk).exists()


def find_approval(actor: Actor, approval_id: UUID) -> Approval:
    """The question. Raises `Http404` when it is not visible."""
    found = visible_to(actor).filter(pk=approval_id).first()
    if found is None:
        raise Http404("There is no such approval.")
    return found


def may_decide(actor: Actor, approval: Approval) -> bool:
    """Whether the actor is one of those who are asked: named, of the role, or, where neither is
    given, with `start_runs`. Holders of `manage_access` may stand in. Nobody decides in a
    workspace whose runs they may not see."""
    return _Rights(actor).decides(approval)


def decide(
    actor: Actor, approval: Approval, decision: Decision, *, comment: str = "", via: str = "api"
) -> Approval:
    """Approve or reject: the run goes on with it. `via` (api, link) is for the audit log.

    The same decision of the same person once more changes nothing. Raises `PermissionDenied` for
    whoever is not asked, and 409 problems when it was decided otherwise (`already_decided`) or
    nobody waits for it any more (`approval_closed`).
    """
    if not may_decide(actor, approval):
        raise PermissionDenied("You are not among those who are asked.")
    with transaction.atomic():
        # In the order of those who make a run wait: the run, then what it asks.
        run = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=approval.run_id)
        locked = Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
        if locked.decision:
            if (locked.decision, locked.decided_by) != (decision.value, _name(actor)):
                raise Problem(
                    409,
                    "already_decided",
                    f"{locked.decided_by} {locked.decision} it already.",
                )
            return find_approval(actor, approval.pk)
        now = timezone.now()
        signal = decision_signal(decision, by=_name(actor), at=now.isoformat(), comment=comment)
        answered = locked.until > now and Wait.objects.filter(
            run=run, node=locked.node, path=locked.path, answered_at__isnull=True
        ).update(answer={"port": signal.port, "output": signal.output}, answered_at=now)
        if not answered:
            raise Problem(409, "approval_closed", "The run no longer waits for this decision.")
        if run.state == Run.State.WAITING:
            run.due_at, run.revision = now, next_revision()
            run.save(update_fields=["due_at", "revision"])
        locked.decision = decision.value
        locked.decided_by = _name(actor)
        locked.decided_at = now
        locked.comment = comment
        locked.save(update_fields=["decision", "decided_by", "decided_at", "comment"])
        record(
            actor,
            decision.value,
            subject("approval", locked.pk, _label(approval), approval.workspace),
            detail={
                "run": str(run.pk),
                "node": locked.node,
                "flow": approval.run.flow.slug,
                "environment": approval.environment.slug,
                "asked": _Rights(actor).is_asked(approval),
                "via": via,
            },
        )
        transaction.on_commit(nudge)
    return find_approval(actor, approval.pk)


def approval_rows(actor: Actor, approvals: Sequence[Approval]) -> list[dict[str, Any]]:
    """The API's form. What the run carried is seen by those who may decide, or read payloads."""
    rights = _Rights(actor)
    waited_for = set(
        waiting_approvals()
        .filter(pk__in=[one.pk for one in approvals])
        .values_list("pk", flat=True)
    )
    return [_row(one, rights, is_open=one.pk in waited_for) for one in approvals]


def _row(approval: Approval, rights: "_Rights", *, is_open: bool) -> dict[str, Any]:
    may = rights.decides(approval)
    shown = may or rights.holds("read_payloads", approval.workspace)
    run = approval.run
    return {
        "id": approval.pk,
        "title": approval.title if shown else _node_name(approval),
        "message": approval.message if shown else "",
        "masked": not shown,
        "flow": {"slug": run.flow.slug, "name": run.flow.name},
        "environment": approval.environment.slug,
        "run": run.pk,
        "node": approval.node,
        "path": approval.path,
        "business_key": run.business_key,
        "role": approval.role,
        "users": approval.users,
        "asked_at": approval.asked_at,
        "until": approval.until,
        "open": is_open,
        "may_decide": may,
        "decision": approval.decision or None,
        "decided_by": approval.decided_by,
        "decided_at": approval.decided_at,
        "comment": approval.comment if shown else "",
    }


class _Rights:
    """What one actor may do, each thing asked once."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._held: dict[tuple[str, UUID], bool] = {}
        self._groups: frozenset[str] | None = None

    def holds(self, permission: str, workspace: Workspace) -> bool:
        at = permission, workspace.pk
        if at not in self._held:
            self._held[at] = allowed(self.actor, permission, workspace)
        return self._held[at]

    def decides(self, approval: Approval) -> bool:
        workspace = approval.workspace
        return self.holds("read_runs", workspace) and (
            self.is_asked(approval) or self.holds("manage_access", workspace)
        )

    def is_asked(self, approval: Approval) -> bool:
        user = self.actor.user
        if user is None:
            return False
        if not (approval.role or approval.users):
            return self.holds("start_runs", approval.workspace)
        if user.get_username() in approval.users:
            return True
        if self._groups is None:
            self._groups = frozenset(user.groups.values_list("name", flat=True))
        return bool(approval.role) and (
            group_name(approval.workspace, approval.role) in self._groups
        )


def _waits() -> QuerySet[Wait]:
    return Wait.objects.filter(
        run_id=OuterRef("run_id"),
        node=OuterRef("node"),
        path=OuterRef("path"),
        answered_at__isnull=True,
    )


def _name(actor: Actor) -> str:
    return str(actor)[:150]


def _node_name(approval: Approval) -> str:
    document: Mapping[str, Any] = approval.run.version.document
    names = {one["id"]: one.get("name", one["id"]) for one in document["nodes"]}
    return str(names.get(approval.node, approval.node))


def _label(approval: Approval) -> str:
    return approval.run.business_key or str(approval.run_id)
