"""The inbox of the sync: what waits for a person, and what they decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Environment, Workspace
from causeway.base.permissions import allowed, check, workspaces_visible_to
from causeway.base.problems import FieldError, Problem
from flows.models import Conflict, Link, SyncRule
from flows.services.masking import MASKED
from flows.sync.conflict import CANDIDATES, RECORD

KEEP: Final = "keep"
MOST_AT_ONCE: Final = 500
_VALUES: Final = ("left", "right", "left_base", "right_base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One field: left, right, value, or keep (what diverged stays as it is)."""

    field: str
    choice: str
    value: Any = None


def visible_to(actor: Actor) -> QuerySet[Conflict]:
    """The entries that the actor may see. Every read starts here."""
    return Conflict.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_runs")
    ).select_related("workspace", "environment", "link__flow")


def list_conflicts(
    actor: Actor, environment: Environment, *, state: str = "", kind: str = "", entity: str = ""
) -> QuerySet[Conflict]:
    """Those of an environment. Raises `PermissionDenied` without `read_runs`."""
    check(actor, "read_runs", environment.workspace)
    given = {"state": state, "kind": kind, "entity": entity}
    wanted = {name: value for name, value in given.items() if value}
    return visible_to(actor).filter(environment=environment, **wanted)


def find_conflict(actor: Actor, conflict_id: UUID) -> Conflict:
    """The entry. Raises `Http404` when it is not visible."""
    found = visible_to(actor).filter(pk=conflict_id).first()
    if found is None:
        raise Http404("There is no such conflict.")
    return found


def conflict_rows(actor: Actor, conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """Rows of the inbox; values are masked without `read_payloads`."""
    may: dict[UUID, bool] = {}
    rows = []
    for one in conflicts:
        if one.workspace_id not in may:
            may[one.workspace_id] = allowed(actor, "read_payloads", one.workspace)
        rows.append(conflict_row(one, payloads=may[one.workspace_id]))
    return rows


def conflict_row(conflict: Conflict, *, payloads: bool) -> dict[str, Any]:
    """One entry, with both sides and the base of each field."""
    link = conflict.link
    return {
        "id": conflict.pk,
        "link": conflict.link_id,
        "label": link.label if payloads else "",
        "environment": conflict.environment.slug,
        "entity": conflict.entity,
        "kind": conflict.kind,
        "state": conflict.state,
        "left": {"system": link.left_system, "id": link.left_id},
        "right": {"system": link.right_system, "id": link.right_id},
        "fields": [_field(one, payloads=payloads) for one in conflict.fields],
        "resolutions": [
            {
                "field": name,
                "choice": told["choice"],
                "value": told.get("value") if payloads else None,
            }
            for name, told in conflict.resolutions.items()
        ],
        "run": conflict.run_id,
        "created_at": conflict.created_at,
        "changed_at": conflict.changed_at,
        "decided_at": conflict.decided_at,
        "decided_by": conflict.decided_by,
    }


def _field(told: Mapping[str, Any], *, payloads: bool) -> dict[str, Any]:
    if payloads:
        return dict(told)
    return {**told, **{name: dict(MASKED) for name in _VALUES}}


def decide(
    actor: Actor, conflict: Conflict, decided: Sequence[Decided], *, remember: bool = False
) -> Conflict:
    """Answer some or all fields. When all are answered, it counts the next time the record is
    looked at, as long as both sides still say what is shown; else the question comes again.

    `remember` makes a rule of each choice of a side. Raises `PermissionDenied` without
    `start_runs`, a 409 problem when nothing is asked any more, 422 ones for what cannot be chosen.
    """
    check(actor, "start_runs", conflict.workspace)
    with transaction.atomic():
        # In the order of those who save a link: the link, then its inbox.
        link = Link.objects.select_for_update(of=("self",), no_key=True).get(pk=conflict.link_id)
        locked = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
        if locked.state not in (Conflict.State.OPEN, Conflict.State.ANSWERED):
            raise Problem(409, "conflict_closed", "Nothing is asked about this record any more.")
        for place, one in enumerate(decided):
            _check_choice(locked, one, f"/decisions/{place}")
        if locked.kind == "candidates":
            _choose(link, locked, decided[0])
        _answer(actor, locked, decided)
        if remember:
            _remember(actor, locked, decided)
        record(
            actor,
            "decided",
            subject("conflict", locked.pk, link.label or locked.entity, conflict.workspace),
            detail={
                "entity": locked.entity,
                "kind": locked.kind,
                "choices": {one.field: one.choice for one in decided},
                "remembered": remember,
            },
        )
    return find_conflict(actor, conflict.pk)


def decide_many(
    actor: Actor, environment: Environment, ids: Sequence[UUID], *, choice: str, remember: bool
) -> dict[str, Any]:
    """Decide all fields of many entries alike: `choice` is left or right. What is closed or gone
    meanwhile is left out, and so is a choice between candidates.

    Returns {decided: ids, left_out: ids}. Raises what `decide` does.
    """
    check(actor, "start_runs", environment.workspace)
    found = visible_to(actor).filter(environment=environment).in_bulk(ids)
    done: list[UUID] = []
    left = [id_ for id_ in ids if id_ not in found]
    for one in found.values():
        answers = [Decided(field=told["field"], choice=choice) for told in one.fields]
        if one.kind == "candidates":
            left.append(one.pk)
            continue
        try:
            done.append(decide(actor, one, answers, remember=remember).pk)
        except Problem as problem:
            if problem.code != "conflict_closed":
                raise
            left.append(one.pk)
    return {"decided": done, "left_out": left}


def list_rules(actor: Actor, workspace: Workspace) -> QuerySet[SyncRule]:
    """The rules that people left. Raises `PermissionDenied` without `read_runs`."""
    check(actor, "read_runs", workspace)
    return SyncRule.objects.filter(workspace=workspace)


def forget_rule(actor: Actor, workspace: Workspace, rule_id: UUID) -> None:
    """From now on a person is asked again. Raises `PermissionDenied` without `start_runs`, and
    `Http404` when there is no such rule."""
    check(actor, "start_runs", workspace)
    with transaction.atomic():
        rule = SyncRule.objects.filter(workspace=workspace, pk=rule_id).first()
        if rule is None:
            raise Http404("There is no such rule.")
        record(actor, "deleted", _of_rule(rule), detail={"winner": rule.winner})
        rule.delete()


def rule_row(rule: SyncRule) -> dict[str, Any]:
    """A row of the list of rules."""
    return {
        "id": rule.pk,
        "entity": rule.entity,
        "field": rule.field,
        "winner": rule.winner,
        "created_by": rule.created_by,
        "created_at": rule.created_at,
    }


def _answer(actor: Actor, conflict: Conflict, decided: Sequence[Decided]) -> None:
    now = timezone.now()
    kept = {one.field for one in decided if one.choice == KEEP}
    conflict.fields = [one for one in conflict.fields if one["field"] not in kept]
    conflict.resolutions = {
        **conflict.resolutions,
        **{
            one.field: {"choice": one.choice, "value": one.value}
            for one in decided
            if one.choice != KEEP
        },
    }
    conflict.decided_by, conflict.decided_at, conflict.changed_at = str(actor)[:150], now, now
    if not conflict.fields or conflict.kind == "candidates":
        conflict.state = Conflict.State.DECIDED
    elif all(one["field"] in conflict.resolutions for one in conflict.fields):
        conflict.state = Conflict.State.ANSWERED
    conflict.save()


def _choose(link: Link, conflict: Conflict, decided: Decided) -> None:
    """Which of several records is the other side; none of them: a new one is made."""
    side = conflict.fields[0]["by"]
    if decided.value is None:
        link.matching = Link.Matching.NEW
        link.save(update_fields=["matching"])
        return
    taken = Link.objects.filter(
        environment_id=link.environment_id,
        entity=link.entity,
        **{
            f"{side}_system": getattr(link, f"{side}_system"),
            f"{side}_id": decided.value,
        },
    ).exclude(pk=link.pk)
    if taken.exists():
        raise Problem(409, "linked_otherwise", "That record has another partner. Unlink it first.")
    setattr(link, f"{side}_id", decided.value)
    link.save(update_fields=[f"{side}_id"])


def _check_choice(conflict: Conflict, one: Decided, pointer: str) -> None:
    names = {told["field"] for told in conflict.fields}
    if one.field not in names:
        raise _unfit(f"{pointer}/field", f"Nothing is asked about {one.field!r}.")
    if conflict.kind == "candidates":
        told = conflict.fields[0]
        ids = [candidate["id"] for candidate in told[told["by"]]]
        if one.choice != "value" or (one.value is not None and one.value not in ids):
            raise _unfit(
                f"{pointer}/value", "Choose the id of one of the candidates, or null for none."
            )
    elif one.choice == KEEP and conflict.kind != "diverged":
        raise _unfit(f"{pointer}/choice", "Only what diverged can be kept as it is.")
    elif one.choice == "value" and one.field == RECORD:
        raise _unfit(f"{pointer}/choice", "Choose the side whose state counts.")


def _remember(actor: Actor, conflict: Conflict, decided: Sequence[Decided]) -> None:
    for place, one in enumerate(decided):
        if one.choice not in ("left", "right") or one.field in (RECORD, CANDIDATES):
            raise _unfit(
                f"/decisions/{place}/choice", "Only the choice of a side of a field can be a rule."
            )
        rule, _ = SyncRule.objects.update_or_create(
            workspace_id=conflict.workspace_id,
            entity=conflict.entity,
            field=one.field,
            defaults={
                "winner": one.choice,
                "user": actor.user,
                "created_by": str(actor)[:150],
                "created_at": timezone.now(),
            },
        )
        record(actor, "created", _of_rule(rule), detail={"winner": one.choice})


def _of_rule(rule: SyncRule) -> Any:
    return subject("sync_rule", rule.pk, f"{rule.entity}.{rule.field}", rule.workspace)


def _unfit(pointer: str, message: str) -> Problem:
    error = FieldError(pointer=pointer, code="choice", message=message)
    return Problem(422, "invalid", message, errors=[error])
