"""Dead letters and replays: run a trigger event again without doing anything twice.

A replay is a further run of the same trigger event: it keeps the first run's effect keys, its
place in the lane is that of its source time, and its journal opens with the finished steps of the
run that it replays (`flows.engine.replay`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.ids import new_id
from causeway.base.models import Environment
from causeway.base.permissions import check
from causeway.base.problems import FieldError, Problem
from flows.engine.events import EventType
from flows.engine.events import RunEvent as Entry
from flows.engine.expression import ExpressionError
from flows.engine.nodes.start import MANUAL_TYPE
from flows.engine.replay import ReplayError, ReplayOrder, changed_nodes, seed
from flows.engine.run import RunHeader
from flows.models import Deployment, Run, RunEvent, TriggerEvent
from flows.nudges import nudge
from flows.services.documents import plan_of
from flows.services.runs import ENDED, find_run, search_runs
from flows.services.starts import check_input, next_revision, seen_by_expressions

MOST_AT_ONCE: Final = 500
_OPEN: Final = (Run.State.PENDING, Run.State.RUNNING, Run.State.WAITING)
_TROUBLED: Final = (Run.State.DEAD, Run.State.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a replay differs from its original; see `flows.engine.replay.ReplayOrder`.

    `trigger_data` None keeps the data of the run that is replayed, `version` None its version.
    """

    from_node: str = ""
    trigger_data: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What a bulk replay takes: unresolved dead letters of an environment, in source order.

    `skip_superseded` leaves those out whose record a newer
    run of the flow carried over since.
    """

    flow: str = ""
    q: str = ""
    error_code: str = ""
    limit: int = 100
    skip_superseded: bool = True
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """`runs` are the dead letters taken, `superseded` those left out; `replays` the new runs in
    the same order as `runs` (empty when dry); `left` says that more match."""

    runs: Sequence[Run]
    superseded: Sequence[Run]
    replays: Sequence[Run]
    left: bool


def replay_run(actor: Actor, run: Run, wish: Wish = Wish()) -> Run:
    """Make a new run that replays `run`; the original counts as dealt with.

    Raises `PermissionDenied` without `start_runs`, a 409 problem while the run or a replay of it
    is under way or when the version is not deployed, a 422 one for a wish that makes no sense.
    """
    check(actor, "start_runs", run.workspace)
    with transaction.atomic():
        # One replay of an event at a time: its number is the next one.
        event = TriggerEvent.objects.select_for_update(of=("self",)).get(pk=run.event_id)
        original = find_run(actor, run.pk)
        _refuse_open(original)
        replay = _store(original, _draft(original, event, wish))
        if original.state in _TROUBLED and original.resolved_at is None:
            _resolve(actor, original, note="replayed")
        record(
            actor,
            "replayed",
            subject("run", original.id, _label(original), original.workspace),
            detail={
                "replay": str(replay.id),
                "flow": original.flow.slug,
                "version": replay.version.number,
                "from_node": wish.from_node,
                "trigger_edited": wish.trigger_data is not None,
                "outputs_edited": sorted(wish.outputs),
            },
        )
        transaction.on_commit(nudge)
    return find_run(actor, replay.pk)


def preview_replay(actor: Actor, run: Run, wish: Wish = Wish()) -> dict[str, Any]:
    """What `replay_run` would make: its version and the nodes whose outputs it takes over.

    Changes nothing. Raises what `replay_run` raises.
    """
    check(actor, "start_runs", run.workspace)
    _refuse_open(run)
    draft = _draft(run, run.event, wish)
    return {
        "version": draft.deployment.version.number,
        "attached": draft.events[0].data["replay"]["attached"],
    }


def replay_many(actor: Actor, *, environment: Environment, bulk: Bulk, dry: bool) -> BulkResult:
    """Replay dead letters, oldest source time first; with `dry` only say which.

    All or none of them: raises what `replay_run` raises.
    """
    check(actor, "start_runs", environment.workspace)
    matching = _dead_letters(actor, environment, bulk)
    superseded: list[Run] = []
    if bulk.skip_superseded:
        newer = Run.objects.filter(
            Q(source_time__gt=OuterRef("source_time"))
            | Q(
                source_time=OuterRef("source_time"),
                source_sequence__gt=OuterRef("source_sequence"),
            ),
            environment=environment,
            flow_id=OuterRef("flow_id"),
            state=Run.State.SUCCEEDED,
            event__system=OuterRef("event__system"),
            event__entity=OuterRef("event__entity"),
            event__entity_id=OuterRef("event__entity_id"),
        ).exclude(event__entity_id="")
        matching = matching.annotate(is_superseded=Exists(newer))
        superseded = list(matching.filter(is_superseded=True)[: bulk.limit])
        matching = matching.filter(is_superseded=False)
    found = list(matching[: bulk.limit + 1])
    runs, left = found[: bulk.limit], len(found) > bulk.limit
    replays: list[Run] = []
    if not dry:
        with transaction.atomic():
            replays = [replay_run(actor, one, Wish(version=bulk.version)) for one in runs]
    return BulkResult(runs=runs, superseded=superseded, replays=replays, left=left)


def resolve_run(actor: Actor, run: Run, *, note: str) -> Run:
    """Mark a dead letter or a failed run as solved. Raises `PermissionDenied` without
    `start_runs`, and a 409 problem for a run that needs nobody."""
    check(actor, "start_runs", run.workspace)
    with transaction.atomic():
        locked = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.state not in _TROUBLED:
            raise Problem(409, "not_resolvable", f"The run is {locked.state}: nothing to solve.")
        if locked.resolved_at is None:
            _resolve(actor, locked, note=note)
            record(
                actor,
                "resolved",
                subject("run", run.id, _label(run), run.workspace),
                detail={"flow": run.flow.slug, "note": note},
            )
    return find_run(actor, run.pk)


def _dead_letters(actor: Actor, environment: Environment, bulk: Bulk) -> QuerySet[Run]:
    found = search_runs(
        actor, environment=environment, flow=bulk.flow, states=[Run.State.DEAD], q=bulk.q
    ).filter(resolved_at__isnull=True)
    if bulk.error_code:
        found = found.filter(error__code=bulk.error_code)
    return found.order_by("source_time", "source_sequence", "id")


def _refuse_open(original: Run) -> None:
    if original.state not in ENDED:
        raise Problem(409, "not_ended", f"The run is {original.state}; it can be replayed later.")
    if Run.objects.filter(event_id=original.event_id, replay_of=original, state__in=_OPEN).exists():
        raise Problem(409, "replay_under_way", "A replay of this run is under way already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A replay that is ready to be stored; `events` open its journal."""

    id: UUID
    deployment: Deployment
    number: int
    data: Mapping[str, Any] | None
    lane: str
    lane_key: str
    at: datetime
    events: Sequence[Entry]


def _draft(original: Run, event: TriggerEvent, wish: Wish) -> _Draft:
    deployment = _deployment(original, wish.version)
    number = _next_number(original)
    edited = wish.trigger_data is not None
    data = wish.trigger_data if edited else original.trigger_data
    trigger = seen_by_expressions(event)
    if data is not None:
        trigger = {**trigger, "data": dict(data)}
    plan = plan_of(deployment.version.document)
    if original.trigger_node not in plan.by_id:
        raise Problem(422, "trigger_node", f"That version has no {original.trigger_node!r}.")
    if wish.trigger_data is not None and event.type == MANUAL_TYPE:
        nodes = deployment.version.document["nodes"]
        params = next(one for one in nodes if one["id"] == original.trigger_node).get("params", {})
        check_input(params, wish.trigger_data, at=("trigger_data",))
    id_, now = new_id(), timezone.now()
    try:
        lane, lane_key = plan.lane(trigger)
        events = seed(
            plan,
            RunHeader(
                run_id=str(id_),
                flow=original.flow.slug,
                version=deployment.version.number,
                trigger_node=original.trigger_node,
                trigger=trigger,
                origin_event_id=str(event.id),
            ),
            _journal(original),
            ReplayOrder(
                of=str(original.id),
                number=number,
                from_node=wish.from_node,
                outputs=wish.outputs,
                trigger_edited=edited,
                changed=_changed(original, deployment),
            ),
            at=now,
        )
    except ExpressionError as error:
        raise _unfit("lane", "/trigger_data", f"The lane's key cannot be made: {error}") from None
    except ReplayError as error:
        raise _unfit(error.code, error.pointer, error.message) from None
    return _Draft(
        id=id_,
        deployment=deployment,
        number=number,
        data=data,
        lane=lane,
        lane_key=lane_key,
        at=now,
        events=events,
    )


def _store(original: Run, draft: _Draft) -> Run:
    replay = Run.objects.create(
        id=draft.id,
        workspace_id=original.workspace_id,
        environment_id=original.environment_id,
        flow_id=original.flow_id,
        version=draft.deployment.version,
        deployment=draft.deployment,
        event_id=original.event_id,
        trigger_node=original.trigger_node,
        business_key=original.business_key,
        lane=draft.lane,
        lane_key=draft.lane_key,
        source_time=original.source_time,
        source_sequence=original.source_sequence,
        due_at=draft.at,
        created_at=draft.at,
        next_seq=len(draft.events) + 1,
        revision=next_revision(),
        replay_of=original,
        replay_number=draft.number,
        trigger_data=None if draft.data is None else dict(draft.data),
    )
    RunEvent.objects.bulk_create(
        RunEvent(
            run=replay,
            seq=one.seq,
            type=one.type.value,
            node=one.node,
            path=one.path,
            at=one.at,
            data=dict(one.data),
        )
        for one in draft.events
    )
    return replay


def _deployment(original: Run, version: int | None) -> Deployment:
    """Where the replay's version runs with connections: the original's, or the latest one of the
    wanted version in that environment."""
    if version is None or version == original.version.number:
        return original.deployment
    found = (
        Deployment.objects.select_related("version")
        .filter(
            flow_id=original.flow_id,
            environment_id=original.environment_id,
            version__number=version,
        )
        .order_by("-deployed_at")
        .first()
    )
    if found is None:
        raise Problem(
            409, "not_deployed", f"Version {version} was never deployed there. Deploy it first."
        )
    return found


def _changed(original: Run, deployment: Deployment) -> frozenset[str]:
    """Nodes that are another in that version, or whose slot is bound to another connection."""
    before, after = original.version.document, deployment.version.document
    moved = {
        slot
        for slot, id_ in deployment.bindings.items()
        if original.deployment.bindings.get(slot) != id_
    }
    rebound = {one["id"] for one in after["nodes"] if one.get("connection") in moved}
    return changed_nodes(before, after) | rebound


def _journal(original: Run) -> list[Entry]:
    return [
        Entry(
            seq=one.seq,
            type=EventType(one.type),
            node=one.node,
            path=one.path,
            at=one.at,
            data=one.data,
        )
        for one in RunEvent.objects.filter(run_id=original.id).order_by("seq")
    ]


def _next_number(original: Run) -> int:
    found = Run.objects.filter(
        event_id=original.event_id, trigger_node=original.trigger_node
    ).aggregate(most=Max("replay_number"))
    return int(found["most"] or 0) + 1


def _resolve(actor: Actor, run: Run, *, note: str) -> None:
    run.resolved_at = timezone.now()
    run.resolved_by = str(actor)[:150]
    run.resolved_note = note[:500]
    run.revision = next_revision()
    run.save(update_fields=["resolved_at", "resolved_by", "resolved_note", "revision"])


def _label(run: Run) -> str:
    return run.business_key or str(run.id)


def _unfit(code: str, pointer: str, message: str) -> Problem:
    return Problem(
        422, code, message, errors=[FieldError(pointer=pointer, code=code, message=message)]
    )
