"""A replay before it is a run: its version, its lane, and the events that open its journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from causeway.base.ids import new_id
from causeway.base.problems import FieldError, Problem
from flows.engine.chunks import as_written, chunk_of
from flows.engine.events import EventType
from flows.engine.events import RunEvent as Entry
from flows.engine.expression import ExpressionError
from flows.engine.nodes.start import MANUAL_TYPE
from flows.engine.plan import Plan
from flows.engine.problem import pointer
from flows.engine.replay import ReplayError, ReplayOrder, Verdict, changed_nodes, effects_of, seed
from flows.engine.run import RunHeader
from flows.models import Deployment, Run, RunEvent, TriggerEvent
from flows.services.documents import plan_of_version
from flows.services.payloads import refuse_large
from flows.services.starts import check_input, next_revision, seen_by_expressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a replay differs from its original; see `flows.engine.replay.ReplayOrder`.

    `trigger_data` None keeps the data of the run that is replayed, `version` None its version.
    """

    from_node: str = ""
    trigger_data: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    item: str = ""


AS_IT_WAS: Final = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A replay that is ready to be stored; `events` open its journal."""

    id: UUID
    deployment: Deployment
    number: int
    data: Mapping[str, Any] | None
    lane: str
    lane_key: str
    holds_lane: bool
    at: datetime
    events: Sequence[Entry]


def draft_replay(
    original: Run, event: TriggerEvent, wish: Wish, *, verdict: Verdict | None = None
) -> Draft:
    """What a replay of `original` would be. Reads only.

    Raises a 409 problem when the version was never deployed, a 422 one for a wish or verdict that
    makes no sense, a 413 one for data that is too large.
    """
    if wish.trigger_data is not None:
        refuse_large(wish.trigger_data, pointer="/trigger_data")
    for node, output in wish.outputs.items():
        refuse_large(output, pointer=pointer("outputs", node))
    if verdict is not None:
        refuse_large(verdict.output, pointer="/output")
    source, item = original, wish.item
    if original.item and original.replay_of is not None:
        # The dead letter of an item: what was done stands in the journal of its run.
        source, item = original.replay_of, original.item
    deployment = _deployment(original, wish.version)
    number = _next_number(original)
    edited = wish.trigger_data is not None
    data = wish.trigger_data if edited else original.trigger_data
    trigger = seen_by_expressions(event)
    if data is not None:
        trigger = {**trigger, "data": dict(data)}
    journal = _journal(source)
    start = journal[0].data if journal else {}
    # The replay of an item that failed again is about that item too.
    item = item or str(start.get("replay", {}).get("item", ""))
    plan = plan_of_version(deployment.version, whole=bool(item) or as_written(start))
    if original.trigger_node not in plan.by_id:
        raise Problem(422, "trigger_node", f"That version has no {original.trigger_node!r}.")
    if wish.trigger_data is not None and event.type == MANUAL_TYPE:
        nodes = deployment.version.document["nodes"]
        params = next(one for one in nodes if one["id"] == original.trigger_node).get("params", {})
        check_input(params, wish.trigger_data, at=("trigger_data",))
    id_, now = new_id(), timezone.now()
    try:
        lane, lane_key = ("", "") if original.chunk else plan.lane(trigger)
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
            journal,
            ReplayOrder(
                of=str(source.id),
                number=number,
                from_node=wish.from_node,
                outputs=wish.outputs,
                trigger_edited=edited,
                changed=_changed(original, deployment),
                verdict=verdict,
                item=item,
                effects=_effects_of_chunks(source, item, plan) if item else {},
            ),
            at=now,
        )
    except ExpressionError as error:
        raise _unfit("lane", "/trigger_data", f"The lane's key cannot be made: {error}") from None
    except ReplayError as error:
        raise _unfit(error.code, error.pointer, error.message) from None
    return Draft(
        id=id_,
        deployment=deployment,
        number=number,
        data=data,
        lane=lane,
        lane_key=lane_key,
        holds_lane=plan.lane_hold,
        at=now,
        events=events,
    )


def store_replay(original: Run, draft: Draft) -> Run:
    """Make the draft a run that is due. Call inside the transaction that holds the event."""
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
        holds_lane=draft.holds_lane,
        source_time=original.source_time,
        source_sequence=original.source_sequence,
        due_at=draft.at,
        created_at=draft.at,
        next_seq=len(draft.events) + 1,
        revision=next_revision(),
        replay_of=original,
        replay_number=draft.number,
        trigger_data=None if draft.data is None else dict(draft.data),
        chunk=original.chunk,
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
    return [_entry(one) for one in RunEvent.objects.filter(run_id=original.id).order_by("seq")]


def _entry(one: RunEvent) -> Entry:
    return Entry(
        seq=one.seq,
        type=EventType(one.type),
        node=one.node,
        path=one.path,
        at=one.at,
        data=one.data,
    )


def _effects_of_chunks(run: Run, item: str, plan: Plan) -> dict[str, Any]:
    """By effect key what was done, or may have been, in chunks of the item's for-each."""
    node = item.partition("/")[0]
    chunks = Run.objects.filter(
        event_id=run.event_id, flow_id=run.flow_id, chunk__startswith=f"{node}/"
    ).order_by("replay_number")
    journals: dict[UUID, list[Entry]] = {}
    rows = RunEvent.objects.filter(run_id__in=[one.pk for one in chunks]).order_by("run_id", "seq")
    for one in rows:
        journals.setdefault(one.run_id, []).append(_entry(one))
    header = RunHeader(
        run_id=str(run.id),
        flow=run.flow.slug,
        version=run.version.number,
        trigger_node=run.trigger_node,
        trigger={},
        origin_event_id=str(run.event_id),
    )
    found: dict[str, Any] = {}
    for chunk in chunks:
        events = journals.get(chunk.pk, [])
        of = chunk_of(events)
        if of is not None and item.partition("/")[2] in of.keys:
            found.update(effects_of(plan, header, events, at=timezone.now()))
    return found


def _next_number(original: Run) -> int:
    found = Run.objects.filter(
        event_id=original.event_id, trigger_node=original.trigger_node
    ).aggregate(most=Max("replay_number"))
    return int(found["most"] or 0) + 1


def _unfit(code: str, pointer: str, message: str) -> Problem:
    return Problem(
        422, code, message, errors=[FieldError(pointer=pointer, code=code, message=message)]
    )
