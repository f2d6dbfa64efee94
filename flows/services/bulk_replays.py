"""Bulk replays as people see them: what one would take, one that is made, watched, called off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Environment
from causeway.base.permissions import check, workspaces_visible_to
from causeway.base.problems import Problem
from flows.models import BulkReplay, BulkReplayItem, Deployment, Run
from flows.services.runs import run_rows, search_runs

MOST_AT_ONCE: Final = 10_000
_SHOWN: Final = 200  # of what a look beforehand lists
_PROBLEMS_SHOWN: Final = 50
_STORED_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What a bulk replay takes: unresolved dead letters of an environment, in source order.

    `runs` names them (ids of others take no part); without it all that fit are meant.
    `skip_superseded` leaves those out whose record a newer run of the flow carried over since.
    """

    runs: Sequence[UUID] = ()
    flow: str = ""
    q: str = ""
    error_code: str = ""
    limit: int = 100
    skip_superseded: bool = True
    version: int | None = None


def preview(actor: Actor, *, environment: Environment, bulk: Bulk) -> dict[str, Any]:
    """What `create` would take: counts, and the first rows of each kind. Changes nothing.

    Raises `PermissionDenied` without `start_runs`.
    """
    check(actor, "start_runs", environment.workspace)
    taken, superseded = _parted(actor, environment, bulk)
    count = taken[: bulk.limit + 1].count()
    return {
        "count": min(count, bulk.limit),
        "runs": run_rows(list(taken[: min(bulk.limit, _SHOWN)])),
        "superseded_count": superseded[: bulk.limit].count(),
        "superseded": run_rows(list(superseded[: min(bulk.limit, _SHOWN)])),
        "left": count > bulk.limit,
    }


def create(actor: Actor, *, environment: Environment, bulk: Bulk) -> BulkReplay:
    """Fix what is to be replayed; workers then do it, oldest source time first.

    Nothing is replayed yet when this returns. Raises `PermissionDenied` without `start_runs`, and
    a 409 problem for a version that was never deployed there.
    """
    check(actor, "start_runs", environment.workspace)
    with transaction.atomic():
        taken, superseded = _parted(actor, environment, bulk)
        ids = list(taken.values_list("pk", flat=True)[: bulk.limit])
        if bulk.version is not None:
            _need_version(ids, environment, bulk.version)
        now = timezone.now()
        made = BulkReplay.objects.create(
            workspace=environment.workspace,
            environment=environment,
            user=actor.user,
            created_by=str(actor)[:150],
            created_at=now,
            state=BulkReplay.State.RUNNING if ids else BulkReplay.State.DONE,
            ended_at=None if ids else now,
            skip_superseded=bulk.skip_superseded,
            version=bulk.version,
            total=len(ids),
        )
        BulkReplayItem.objects.bulk_create(
            (
                BulkReplayItem(bulk=made, place=place, run_id=id_)
                for place, id_ in enumerate(ids, start=1)
            ),
            batch_size=_STORED_AT_ONCE,
        )
        record(
            actor,
            "started",
            _subject(made),
            detail={
                "environment": environment.slug,
                "count": len(ids),
                "superseded": superseded[: bulk.limit].count(),
                "flow": bulk.flow,
                "q": bulk.q,
                "error_code": bulk.error_code,
                "version": bulk.version,
            },
        )
    return made


def cancel(actor: Actor, bulk: BulkReplay) -> BulkReplay:
    """Stop after the chunk that is under way: what is not yet replayed stays as it is.

    Raises `PermissionDenied` without `start_runs`, and a 409 problem when it has ended.
    """
    check(actor, "start_runs", bulk.workspace)
    with transaction.atomic():
        locked = BulkReplay.objects.select_for_update(of=("self",)).get(pk=bulk.pk)
        if locked.state != BulkReplay.State.RUNNING:
            raise Problem(
                409, "bulk_ended", f"The bulk replay is {locked.state}; nothing to cancel."
            )
        locked.state = BulkReplay.State.CANCELLED
        locked.ended_at = timezone.now()
        locked.ended_by = str(actor)[:150]
        locked.save(update_fields=["state", "ended_at", "ended_by"])
        record(
            actor,
            "cancelled",
            _subject(bulk),
            detail={"replayed": locked.replayed, "total": locked.total},
        )
    return find_bulk(actor, bulk.pk)


def visible_to(actor: Actor) -> QuerySet[BulkReplay]:
    """The bulk replays that the actor may read. Every read starts here."""
    return BulkReplay.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_runs")
    ).select_related("workspace", "environment")


def list_bulks(actor: Actor, environment: Environment) -> QuerySet[BulkReplay]:
    """Those of an environment. Raises `PermissionDenied` without `read_runs`."""
    check(actor, "read_runs", environment.workspace)
    return visible_to(actor).filter(environment=environment)


def find_bulk(actor: Actor, bulk_id: UUID) -> BulkReplay:
    """The bulk replay. Raises `Http404` when it is not visible."""
    found = visible_to(actor).filter(pk=bulk_id).first()
    if found is None:
        raise Http404("There is no such bulk replay.")
    return found


def bulk_row(bulk: BulkReplay) -> dict[str, Any]:
    """One row: how far it has come."""
    done = bulk.replayed + bulk.left_out + bulk.refused
    return {
        "id": bulk.id,
        "environment": bulk.environment.slug,
        "state": bulk.state,
        "created_by": bulk.created_by,
        "created_at": bulk.created_at,
        "ended_at": bulk.ended_at,
        "ended_by": bulk.ended_by,
        "problem": bulk.problem,
        "version": bulk.version,
        "skip_superseded": bulk.skip_superseded,
        "total": bulk.total,
        "replayed": bulk.replayed,
        "left_out": bulk.left_out,
        "refused": bulk.refused,
        "waiting": bulk.total - done,
    }


def bulk_detail(bulk: BulkReplay) -> dict[str, Any]:
    """The row, what came of the replays so far, and what was refused and why."""
    states = (
        Run.objects.filter(bulk_item__bulk=bulk)
        .order_by()
        .values_list("state")
        .annotate(count=Count("id"))
    )
    counts: Mapping[str, int] = dict(states)
    refused = (
        bulk.items.filter(outcome=BulkReplayItem.Outcome.REFUSED)
        .select_related("run")
        .order_by("place")[:_PROBLEMS_SHOWN]
    )
    return {
        **bulk_row(bulk),
        "replays": {state: counts.get(state, 0) for state in Run.State.values},
        "problems": [
            {"run": one.run_id, "business_key": one.run.business_key, "message": one.problem}
            for one in refused
        ],
    }


def dead_letters(actor: Actor, environment: Environment, bulk: Bulk) -> QuerySet[Run]:
    """What may be taken, in source order."""
    found = search_runs(actor, environment=environment, flow=bulk.flow, q=bulk.q, attention=True)
    if bulk.runs:
        found = found.filter(pk__in=bulk.runs)
    if bulk.error_code:
        found = found.filter(error__code=bulk.error_code)
    return found.order_by("source_time", "source_sequence", "id")


def superseded_of(environment: Environment) -> Exists:
    """The condition that a newer run of the flow carried over the record of a run since."""
    newer = Run.objects.filter(
        Q(source_time__gt=OuterRef("source_time"))
        | Q(source_time=OuterRef("source_time"), source_sequence__gt=OuterRef("source_sequence")),
        environment=environment,
        flow_id=OuterRef("flow_id"),
        state=Run.State.SUCCEEDED,
        event__system=OuterRef("event__system"),
        event__entity=OuterRef("event__entity"),
        event__entity_id=OuterRef("event__entity_id"),
    ).exclude(event__entity_id="")
    return Exists(newer)


def _parted(
    actor: Actor, environment: Environment, bulk: Bulk
) -> tuple[QuerySet[Run], QuerySet[Run]]:
    """What would be taken, and what is left out as superseded."""
    found = dead_letters(actor, environment, bulk)
    if not bulk.skip_superseded:
        return found, found.none()
    superseded = superseded_of(environment)
    return found.filter(~superseded), found.filter(superseded)


def _need_version(ids: Sequence[UUID], environment: Environment, version: int) -> None:
    """Each flow concerned must have run that version there: better told now than per run."""
    flows = set(Run.objects.filter(pk__in=ids).order_by().values_list("flow_id", flat=True))
    known = set(
        Deployment.objects.filter(
            flow_id__in=flows, environment=environment, version__number=version
        ).values_list("flow_id", flat=True)
    )
    if flows - known:
        raise Problem(
            409, "not_deployed", f"Version {version} was never deployed there. Deploy it first."
        )


def _subject(bulk: BulkReplay) -> Any:
    label = f"{bulk.total} runs in {bulk.environment.slug}"
    return subject("bulk_replay", bulk.id, label, bulk.workspace)
