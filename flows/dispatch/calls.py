"""What a run's calls of other flows come to: a new run, one that is there, a replay, or an error.

Made out before the transaction that makes the caller wait. A call keeps the step's effect key as
the identity of its trigger event; a replay of the caller therefore comes to the same event. What
went well there is not done again, what went wrong is replayed, under the effect keys it had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

import structlog

from causeway.base.ids import new_id
from connectors.sdk import codec
from connectors.sdk.errors import ConfigurationError, UnavailableError
from flows.dispatch.accepting import is_full
from flows.dispatch.chunks import chunk_answer
from flows.dispatch.listeners import Hearer, fitting, new_run
from flows.dispatch.plans import plans
from flows.dispatch.reach import utcnow
from flows.engine.chunks import as_written
from flows.engine.expression import ExpressionError
from flows.engine.nodes.call import CALL, CALLED_TYPE, called_error, called_signal
from flows.engine.plan import Plan, PlanTrigger
from flows.engine.problem import FlowInvalidError
from flows.engine.replay import ReplayError, ReplayOrder, seed
from flows.engine.run import RunHeader
from flows.engine.state import fold
from flows.engine.waiting import OpenWait, Signal
from flows.mapping.json_schema import SchemaLimitError, findings, validator
from flows.store import callers
from flows.store.accepting import NewEvent, Parcel
from flows.store.backlogs import lane_room
from flows.store.callers import Ancestor, Called, Ended, Target
from flows.store.calls import NewCall, ReplayRow, answer_calls
from flows.store.claims import ClaimedRun, instant_text
from flows.store.history import load_events
from flows.store.payloads import row_text
from flows.store.pool import json_text, pool

log = structlog.get_logger(__name__)

DEEPEST: Final = 8  # flows that call each other
ENTITY: Final = "flow"


async def prepare_calls(run: ClaimedRun, waits: Sequence[OpenWait]) -> list[NewCall]:
    """The calls of these waits that were not made yet."""
    calls = [one for one in waits if one.kind == CALL]
    if not calls:
        return []
    wanted = {(one.about["flow"], one.about["version"]) for one in calls}
    async with (await pool()).connection() as connection:
        made = await callers.made(connection, run.id)
        calls = [one for one in calls if (one.node, one.path) not in made]
        if not calls:
            return []
        chain = await callers.ancestors(connection, run.id, most=DEEPEST)
        targets = await callers.targets(
            connection, run.workspace_id, run.environment_id, [flow for flow, _ in wanted]
        )
        known = await callers.known(
            connection,
            run.environment_id,
            [one.key for one in calls],
            flows=[flow for flow, _ in wanted],
            type_=CALLED_TYPE,
        )
    maker = _Maker(run, chain, targets, known)
    return [await maker.call(one) for one in calls]


class _Maker:
    def __init__(
        self,
        run: ClaimedRun,
        chain: Sequence[Ancestor],
        targets: Mapping[tuple[str, int | None], Target],
        known: Mapping[str, Called],
    ) -> None:
        self._run = run
        self._chain = chain
        self._targets = targets
        self._known = known

    async def call(self, wait: OpenWait) -> NewCall:
        try:
            return await self._make(wait)
        except (ConfigurationError, UnavailableError) as error:
            signal = Signal(port="", output=None, error=error.to_dict())
            return self._new(wait, answer=_text(signal))

    async def _make(self, wait: OpenWait) -> NewCall:
        target = self._target(wait)
        plan, trigger = await _trigger(target)
        _check(trigger, wait.about["input"], target.flow)
        known = self._known.get(wait.key)
        if known is None:
            event = await self._event(wait, target, trigger)
            await self._refuse_full(target, event)
            return self._new(wait, event=event)
        edited = codec.canonical(known.data) != codec.canonical(wait.about["input"])
        if known.state in callers.OPEN:
            if edited:
                raise ConfigurationError(
                    f"Run {known.run_id} of {target.flow!r} is still at work with other data.",
                    code="called_run_busy",
                    fix="Replay this run when that one has ended.",
                )
            return self._new(wait, event_id=known.event_id, called=known.run_id)
        if known.state == "succeeded" and not edited:
            answer = _text(called_signal(await _result(known.run_id, known.version_id)))
            return self._new(wait, event_id=known.event_id, called=known.run_id, answer=answer)
        replay = await _replay(known, target, plan, wait.about["input"] if edited else None)
        self._lane_is_free(replay.lane, replay.lane_key, wait)
        return self._new(wait, event_id=known.event_id, replay=replay)

    def _new(self, wait: OpenWait, **more: Any) -> NewCall:
        return NewCall(
            caller=self._run.id,
            node=wait.node,
            path=wait.path.replace("\x00", ""),
            waits=bool(wait.about["answer"]),
            **more,
        )

    def _target(self, wait: OpenWait) -> Target:
        flow, version = wait.about["flow"], wait.about["version"]
        found = self._targets.get((flow, version))
        if found is None:
            name = f"The flow {flow!r}"
            if version is not None:
                name = f"Version {version} of the flow {flow!r}"
            raise ConfigurationError(
                f"{name} is not deployed here.",
                code="called_flow_not_deployed",
                fix="Deploy it in this environment, then replay this run.",
            )
        if any(one.flow_id == found.flow_id for one in self._chain):
            raise ConfigurationError(
                f"The flow {flow!r} is at work already: it called this one, itself or through "
                "others.",
                code="call_recursion",
                fix="Remove the call that closes the circle.",
            )
        if len(self._chain) >= DEEPEST:
            raise ConfigurationError(
                f"More than {DEEPEST} flows call each other.",
                code="call_too_deep",
                fix="Put the steps of some of them into one flow.",
            )
        return found

    async def _event(self, wait: OpenWait, target: Target, trigger: PlanTrigger) -> NewEvent:
        caller = self._chain[0]
        data = row_text(wait.about["input"])
        seen = {
            "type": CALLED_TYPE,
            "change": "called",
            "entity": ENTITY,
            "entity_id": target.flow,
            "version": wait.key,
            "business_key": caller.business_key,
            "occurred_at": instant_text(caller.source_time),
            "data": wait.about["input"],
        }
        run = await new_run(
            Hearer(
                node=trigger.node,
                trigger_type=CALLED_TYPE,
                params=trigger.params,
                deployment_id=target.deployment_id,
                flow_id=target.flow_id,
                version_id=target.version_id,
                workspace_id=self._run.workspace_id,
                backlog_cap=target.backlog_cap,
            ),
            seen,
        )
        self._lane_is_free(run.lane, run.lane_key, wait)
        return NewEvent(
            environment_id=self._run.environment_id,
            connection_id=None,
            source="call",
            type=CALLED_TYPE,
            change="called",
            system="",
            entity=ENTITY,
            entity_id=target.flow,
            version=wait.key,
            business_key=caller.business_key,
            data=data,
            source_time=caller.source_time,
            source_sequence=caller.source_sequence,
            runs=[run],
        )

    async def _refuse_full(self, target: Target, event: NewEvent) -> None:
        """The caps of a called flow's backlog count for calls as for any other news."""
        parcel = Parcel(connection_id=None, delivery_id=None, events=[event])
        async with (await pool()).connection() as connection:
            full = await is_full(connection, target.deployment_id, target.backlog_cap)
            lane = None if full else (await lane_room(connection, [parcel])).take(parcel)
        if full:
            raise UnavailableError(
                f"The called flow {target.flow!r} has {target.backlog_cap} runs waiting and takes "
                "no more for now.",
                code="called_flow_backlog_full",
                fix="Replay this run when the backlog is shorter, or deploy the called flow with "
                "a larger backlog cap.",
                detail={"flow": target.flow, "cap": target.backlog_cap},
            )
        if lane is not None:
            raise UnavailableError(
                f"The lane {lane.name!r} of the called flow {target.flow!r} has {lane.cap} "
                f"unfinished runs for the key {lane.key!r} and takes no more for now.",
                code="called_lane_backlog_full",
                fix="Replay this run when the lane has room, or raise its cap in the called flow.",
                detail={"flow": target.flow, "lane": lane.name, "key": lane.key, "cap": lane.cap},
            )

    def _lane_is_free(self, lane: str, key: str, wait: OpenWait) -> None:
        """Nobody waits for a run that stands behind it."""
        held = [
            one for one in self._chain if one.holds_lane and (one.lane, one.lane_key) == (lane, key)
        ]
        if lane and held and wait.about["answer"]:
            raise ConfigurationError(
                f"The called flow stands in the lane {lane!r} that this run keeps while it waits.",
                code="call_lane_held",
                fix="Give the called flow another lane, or do not hold the lane here.",
            )


async def _trigger(target: Target) -> tuple[Plan, PlanTrigger]:
    try:
        plan = (await plans.get(target.version_id)).plan
    except FlowInvalidError as error:
        raise ConfigurationError(
            f"The called flow {target.flow!r} can no longer run: {error}",
            code="called_flow_invalid",
            fix="Deploy a version of it that passes the check.",
        ) from error
    for trigger in plan.triggers:
        if trigger.type == CALLED_TYPE:
            return plan, trigger
    raise ConfigurationError(
        f"The flow {target.flow!r} cannot be called.",
        code="called_flow_no_trigger",
        fix=f"Give it the trigger {CALLED_TYPE} and deploy it.",
    )


def _check(trigger: PlanTrigger, data: Mapping[str, Any], flow: str) -> None:
    schema = trigger.params.get("schema")
    if not schema:
        return
    try:
        found = [
            f"/{'/'.join(map(str, path))}: {why}" for path, why in findings(validator(schema), data)
        ]
    except SchemaLimitError as error:
        found = [str(error)]
    if found:
        raise ConfigurationError(
            f"The input does not fit the flow {flow!r}.",
            code="call_input_invalid",
            fix="Correct the input of the call, or the schema of the called flow.",
            detail={"problems": found[:20]},
        )


async def _replay(
    known: Called, target: Target, plan: Plan, data: Mapping[str, Any] | None
) -> ReplayRow:
    """The called run once more: with `data` from its beginning, else from where it broke off."""
    id_, now, number = new_id(), utcnow(), known.number + 1
    given = known.data if data is None else data
    trigger = {
        "type": CALLED_TYPE,
        "change": "called",
        "entity": ENTITY,
        "entity_id": target.flow,
        "version": known.key,
        "business_key": known.business_key,
        "occurred_at": instant_text(known.source_time),
        "data": given,
    }
    changed = await callers.changed(known.deployment_id, target.deployment_id)
    try:
        lane, lane_key = plan.lane(trigger)
        events = seed(
            plan,
            RunHeader(
                run_id=str(id_),
                flow=target.flow,
                version=target.version,
                trigger_node=known.trigger_node,
                trigger=trigger,
                origin_event_id=str(known.event_id),
            ),
            await load_events(known.run_id),
            ReplayOrder(
                of=str(known.run_id),
                number=number,
                trigger_edited=data is not None,
                changed=changed,
            ),
            at=now,
        )
    except (ExpressionError, ReplayError) as error:
        raise ConfigurationError(
            f"Run {known.run_id} of {target.flow!r} cannot be replayed: {error}",
            code="called_replay",
            fix="Replay it by hand, then replay this run.",
        ) from error
    return ReplayRow(
        id=id_,
        original=known.run_id,
        deployment_id=target.deployment_id,
        version_id=target.version_id,
        lane=lane,
        lane_key=fitting(lane_key),
        holds_lane=plan.lane_hold,
        number=number,
        data=row_text(given) if data is not None or known.edited else None,
        events=[
            (one.seq, one.type.value, one.node, one.path, one.at, row_text(one.data))
            for one in events
        ],
    )


async def _result(run_id: UUID, version_id: UUID) -> Any:
    """What a run that ended well gives to whoever calls it."""
    version, events = await plans.get(version_id), await load_events(run_id)
    alone = bool(events) and as_written(events[0].data)
    return fold(version.whole if alone else version.plan, events).result


async def call_off_orphans() -> list[tuple[UUID, UUID]]:
    """Call off what cancelled runs had called; their (environment, run) pairs."""
    async with (await pool()).connection() as connection:
        return await callers.call_off(connection)


async def settle_calls() -> list[tuple[UUID, UUID]]:
    """Answer the calls whose run has ended without telling (it was cancelled, superseded or
    quarantined, or ended while the call was being made); the (environment, run) pairs that go
    on."""
    async with (await pool()).connection() as connection:
        ended = await callers.untold(connection)
    if not ended:
        return []
    answers = {one.run_id: _text(await _ended(one)) for one in ended}
    async with (await pool()).connection() as connection, connection.transaction():
        return await answer_calls(connection, answers)


async def _ended(one: Ended) -> Signal:
    error = one.error
    if one.part:
        output = await _result(one.run_id, one.version_id) if one.state == "succeeded" else None
        return chunk_answer(one.state, output, error, one.run_id)
    if one.state == "succeeded":
        try:
            return called_signal(await _result(one.run_id, one.version_id))
        except Exception as broken:
            log.exception("result of a called run not known", run=str(one.run_id))
            error = {"message": f"What it gave cannot be read: {type(broken).__name__}."}
    return called_error(run_id=str(one.run_id), flow=one.flow, state=one.state, error=error)


def _text(signal: Signal) -> str:
    return json_text(asdict(signal))
