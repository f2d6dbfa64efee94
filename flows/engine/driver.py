"""Drives one run as far as it goes now: decide, do, write ahead.

The promises:
- `attempt_started` of a write is durable before the operation is called;
- the outcome of a write is durable before the next write of the same scope is called;
- an attempt whose outcome was lost is never repeated blindly (see `decide`);
- whoever lost the lease (`LeaseLostError`) starts nothing more.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.sdk import codec
from connectors.sdk.errors import FarSideError
from connectors.sdk.operation import OperationResult, ProbeResult
from flows.engine import execute
from flows.engine.decide import Command, CommandKind, decide_state
from flows.engine.events import EventType, RunEvent
from flows.engine.journal import Journal
from flows.engine.limits import Limits
from flows.engine.operations import Hold, OperationCall, Operations
from flows.engine.plan import Plan, PlanNode
from flows.engine.replay import done_before, key_of
from flows.engine.run import EndState, RunEnd, RunHeader
from flows.engine.scopes import Scope, Step
from flows.engine.settle import answered, evaluated, finished
from flows.engine.state import RunState
from flows.engine.states import StepStatus
from flows.engine.underway import Answer, Sent, Sleep, Underway
from flows.engine.waiting import Place, Signal
from flows.mapping.crosswalk import Crosswalk

Clock = Callable[[], datetime]
AskHold = Callable[[str, str], Awaitable[Hold | None]]

SHORT_WAIT: Final = timedelta(seconds=2)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SPREAD: Final = 0.25  # of the time until a held step may ask again
_FLUSH_BYTES: Final = 1024 * 1024  # of events that no effect waits for; they go on to the journal
_FLUSH_EVENTS: Final = 1_000
_ENDS: Final = {
    EndState.SUCCEEDED: EventType.RUN_SUCCEEDED,
    EndState.FAILED: EventType.RUN_FAILED,
    EndState.DEAD: EventType.RUN_DEAD,
}


async def drive(
    *,
    plan: Plan,
    header: RunHeader,
    history: Iterable[RunEvent],
    journal: Journal,
    operations: Operations,
    crosswalks: Mapping[str, Crosswalk],
    clock: Clock,
    rng: random.Random,
    sleep: Sleep = asyncio.sleep,
    limits: Limits | None = None,
    dry_run: bool = False,
    hold: AskHold | None = None,
    signals: Mapping[Place, Signal] | None = None,
) -> RunEnd:
    """Drive a run until it ends or has to wait, and finish it in the journal.

    `history` are the events recorded so far, in order. `clock` gives aware UTC. Waits of up to
    `SHORT_WAIT` are slept through with `sleep` (under a made-up clock it has to move the clock);
    a longer one ends the drive with a `due_at`. With `dry_run` operations write nothing.
    `hold` says of a slot and an effect key whether the connection holds calls back just now; such
    a step waits, and nothing is written down as an attempt. `signals` came from outside for steps
    that wait, by path and node. A step whose value goes beyond the `limits` has failed.
    Raises `LeaseLostError`, and `IllegalTransitionError` when `history` is not this plan's.
    """
    made = _Drive(
        plan,
        header,
        journal,
        operations,
        crosswalks,
        clock,
        rng,
        sleep,
        dry_run,
        history,
        hold,
        signals or {},
        limits or Limits(),
    )
    try:
        return await made.to_end()
    finally:
        await made.calls.cancel()


class _Drive:
    def __init__(
        self,
        plan: Plan,
        header: RunHeader,
        journal: Journal,
        operations: Operations,
        crosswalks: Mapping[str, Crosswalk],
        clock: Clock,
        rng: random.Random,
        sleep: Sleep,
        dry_run: bool,
        history: Iterable[RunEvent],
        hold: AskHold | None,
        signals: Mapping[Place, Signal],
        limits: Limits,
    ) -> None:
        self.plan = plan
        self.header = header
        self.journal = journal
        self.crosswalks = crosswalks
        self.clock = clock
        self.rng = rng
        self.sleep = sleep
        self.dry_run = dry_run
        self.pending: list[RunEvent] = []
        self.pending_bytes = 0
        self.calls = Underway(operations, sleep)
        self.hold = hold
        self.holds: dict[Place, Hold] = {}
        self.signals = signals
        self.limits = limits
        self.state = RunState(plan, execute.root_names(header, crosswalks), limits.events)
        for event in history:
            self.state.apply(event)
        self.seq = self.state.last_seq

    async def to_end(self) -> RunEnd:
        if self.state.ended:
            return await self._finish_again()
        while True:
            now = self.clock()
            commands = decide_state(self.state, now, self.calls.busy, self.holds, self.signals)
            if not commands:
                await self._wait_for_calls(None)
                continue
            calls: list[Sent] = []
            for command in commands:
                if command.kind is CommandKind.END:
                    return await self._end(command, now)
                if self._overtaken(command):
                    continue
                if command.kind is CommandKind.WAIT:
                    end = await self._wait(command, now)
                    if end is not None:
                        return end
                elif command.kind in (CommandKind.ATTEMPT, CommandKind.PROBE):
                    if self.hold is not None and await self._held(self.hold, command, now):
                        continue
                    call = self._prepare(command, now)
                    if call is not None:
                        calls.append(call)
                else:
                    self._do(command, now)
            if calls:
                await self._launch(calls)
            elif self.pending_bytes > _FLUSH_BYTES or len(self.pending) > _FLUSH_EVENTS:
                # Durable, so that what is not written yet does not pile up somewhere else.
                await self.journal.append(self.header.run_id, self._take(), durable=True)

    async def _held(self, ask: AskHold, command: Command, now: datetime) -> bool:
        """Whether the step's connection lets no call leave now. Asked before the attempt is
        written down, so that waiting for a far side costs neither attempts nor commits."""
        node = self.plan.by_id[command.node]
        assert node.call is not None  # noqa: S101 - decide calls actions only
        key = execute.effect_key(self.header.origin_event_id, node.id, command.path)
        hold = await ask(node.call.slot, key)
        if hold is None:
            self.holds.pop((command.path, node.id), None)
            return False
        # Those that wait for the same connection do not all come back in the same moment.
        late = max(hold.until - now, _MILLISECOND) * (_SPREAD * self.rng.random())
        until = max(hold.until, now + _MILLISECOND) + late
        self.holds[command.path, node.id] = Hold(until=until, reason=hold.reason)
        return True

    def _overtaken(self, command: Command) -> bool:
        """Whether an earlier command of the same round took this one's place away: the first
        branch at a join cancels the others."""
        if not (self.plan.branched and command.node):
            return False
        scope = self.state.scopes.get(command.path)
        if scope is None:
            return True
        index = self.plan.by_id[command.node].index
        return index not in (scope.skipped if command.kind is CommandKind.SKIP else scope.ready)

    # -- events ---------------------------------------------------------------------------------

    def _emit(
        self, type_: EventType, at: datetime, node: str = "", path: str = "", **data: Any
    ) -> None:
        self._record(type_, at, node, path, data, codec.dumps(data))

    def _emit_value(
        self, type_: EventType, at: datetime, node: PlanNode, path: str, **data: Any
    ) -> None:
        """The same of an event that hands a value on; beyond the limits the step has failed."""
        text = codec.dumps(data)
        held = self.state.held_with(node, path, len(text))
        error = self.limits.refuse(node.name, len(text), held)
        if error is None:
            self._record(type_, at, node.id, path, data, text)
            return
        if type_ is EventType.ATTEMPT_SUCCEEDED:
            # The effect is there and stays known; only what was said of it is let go.
            kept = {**data, "output": None, "too_large": error["detail"]}
            self._emit(type_, at, node.id, path, **kept)
        self._fail(node, path, error, at)

    def _record(
        self,
        type_: EventType,
        at: datetime,
        node: str,
        path: str,
        data: Mapping[str, Any],
        text: bytes,
    ) -> None:
        self.seq += 1
        event = RunEvent(
            seq=self.seq, type=type_, node=node, path=path, at=at, data=data, text=text
        )
        self.state.apply(event)
        self.pending.append(event)
        self.pending_bytes += len(text)

    def _take(self) -> list[RunEvent]:
        taken, self.pending, self.pending_bytes = self.pending, [], 0
        return taken

    # -- steps ----------------------------------------------------------------------------------

    def _do(self, command: Command, now: datetime) -> None:
        if command.kind is CommandKind.START:
            self._emit(
                EventType.RUN_STARTED,
                now,
                flow=self.header.flow,
                version=self.header.version,
                trigger_node=self.header.trigger_node,
            )
            return
        node, path = self.plan.by_id[command.node], command.path
        scope = self.state.scopes[path]
        if command.kind is CommandKind.SKIP:
            self._emit(EventType.STEP_SKIPPED, now, node.id, path)
        elif command.kind is CommandKind.EVALUATE:
            self._evaluate(node, scope, now)
        elif command.kind is CommandKind.ANSWER and command.signal is not None:
            data = answered(command.signal)
            self._emit_value(EventType.STEP_SUCCEEDED, now, node, path, **data)
        elif command.kind is CommandKind.FAIL:
            self._fail(node, path, command.error or {}, now, unresolved=command.unresolved)
        else:
            self._finish(node, scope, now)

    def _evaluate(self, node: PlanNode, scope: Scope, now: datetime) -> None:
        try:
            execute.materialize(self.state, scope, self.crosswalks, now)
            result = execute.evaluate(node, scope, self.crosswalks, now)
        except FarSideError as error:
            self._fail(node, scope.path, error.to_dict(), now)
            return
        if result.wait is not None and not result.wait.key:
            key = execute.effect_key(self.header.origin_event_id, node.id, scope.path)
            result = replace(result, wait=replace(result.wait, key=key))
        known = self.state.answers.get((scope.path, node.id))
        type_, data = evaluated(result, now, dry_run=self.dry_run, known=known)
        self._emit_value(type_, now, node, scope.path, **data)
        loop = scope.steps[node.index].loop
        if loop is not None and result.items is not None:
            loop.items = tuple(value for _, value in result.items)
            for item in loop.active.values():
                item.names.update(item=loop.items[item.index], index=item.index)

    def _finish(self, node: PlanNode, scope: Scope, now: datetime) -> None:
        """A step that has all it needs: an answered action, a loop that is through, a delay."""
        data = finished(node, scope.steps[node.index], now)
        self._emit_value(EventType.STEP_SUCCEEDED, now, node, scope.path, **data)

    def _fail(
        self,
        node: PlanNode,
        path: str,
        error: Mapping[str, Any],
        now: datetime,
        *,
        unresolved: bool = False,
    ) -> None:
        fatal = unresolved or self.state.of_one_item(node, path)
        ports = list(execute.failure_ports(node, fatal))
        data: dict[str, Any] = {"error": dict(error), "ports": ports}
        if unresolved:
            data["unresolved"] = True
        self._emit(EventType.STEP_FAILED, now, node.id, path, **data)

    # -- calls ----------------------------------------------------------------------------------

    def _prepare(self, command: Command, now: datetime) -> Sent | None:
        """Evaluate the params and write the attempt down; None when that already fails."""
        node, path = self.plan.by_id[command.node], command.path
        scope = self.state.scopes[path]
        assert node.call is not None  # noqa: S101 - decide calls actions only
        probing = command.kind is CommandKind.PROBE
        step = scope.steps.get(node.index)
        try:
            execute.materialize(self.state, scope, self.crosswalks, now)
            params = execute.call_params(node, node.call, scope)
        except FarSideError as error:
            # While an effect is uncertain, not being able to look leaves it so.
            self._fail(node, path, error.to_dict(), now, unresolved=probing)
            return None
        key = key_of(self.header, self.state.revision, node, path, params)
        if step is None or step.status is StepStatus.NEW:
            self._emit(EventType.STEP_STARTED, now, node.id, path)
        if command.attempt == 1 and not (probing or self.dry_run) and key in self.state.effects:
            for type_, data in done_before(self.state.effects[key], key):
                self._emit(type_, now, node.id, path, **data)
            return None
        if not probing:
            self._emit(
                EventType.ATTEMPT_STARTED,
                now,
                node.id,
                path,
                attempt=command.attempt,
                effect_key=key,
            )
        call = OperationCall(
            type=node.type,
            slot=node.call.slot,
            params=params,
            effect_key=key,
            timeout=node.policy.timeout,
            dry_run=self.dry_run,
            node=node.id,
            path=path,
        )
        return Sent(scope, node, call, probing, command.attempt)

    async def _launch(self, calls: list[Sent]) -> None:
        """Make durable what has to be, then send; alone in place, in company as tasks."""
        writes = any(one.writes for one in calls)
        await self.journal.append(
            self.header.run_id, self._take(), durable=writes and not self.dry_run
        )
        if len(calls) == 1 and not self.calls and not self.state.parallel:
            (only,) = calls
            self._settle(only, await self.calls.answer(only))
            return
        self.calls.send(calls)

    async def _wait_for_calls(self, longest: timedelta | None) -> None:
        """Until a call has ended, or `longest` is over; then take in what ended."""
        for one, answer in await self.calls.ended(longest):
            self._settle(one, answer)

    def _settle(self, one: Sent, result: Answer) -> None:
        now = self.clock()
        step = one.scope.steps[one.node.index]
        if isinstance(result, FarSideError):
            self._settle_error(one, step, result, now)
            return
        path, node = one.call.path, one.node
        if isinstance(result, ProbeResult):
            self._emit(
                EventType.PROBE_FINISHED,
                now,
                node.id,
                path,
                attempt=one.attempt,
                happened=result.happened,
            )
            if not result.happened:
                return
            result = result.result or OperationResult(output=None)
        data: dict[str, Any] = {
            "attempt": one.attempt,
            "output": result.output,
            "receipt": result.receipt.to_dict() if result.receipt else None,
            "ms": (now - (step.attempt_at or now)) // _MILLISECOND,
        }
        if result.prediction is not None:
            data["prediction"] = result.prediction
        self._emit_value(EventType.ATTEMPT_SUCCEEDED, now, node, path, **data)
        if step.status is StepStatus.ANSWERED:
            self._finish(node, one.scope, now)

    def _settle_error(self, one: Sent, step: Step, error: FarSideError, now: datetime) -> None:
        if one.probing:
            data = execute.judge_probe(one.node, step, error, now, self.rng)
            type_ = EventType.ATTEMPT_UNCERTAIN
        else:
            type_, data = execute.judge(one.node, step, error, now, self.rng)
        self._emit(type_, now, one.node.id, one.call.path, **data)

    # -- ends -----------------------------------------------------------------------------------

    async def _wait(self, command: Command, now: datetime) -> RunEnd | None:
        assert command.until is not None  # noqa: S101 - decide sets it
        left = command.until - now
        if self.calls:
            # A call ends within its timeout; longer waits are decided upon then.
            await self._wait_for_calls(left if left <= SHORT_WAIT else None)
            return None
        waits = self.state.open_waits()
        # Nobody hears of an answer in its sleep: what waits for one is left to whoever keeps it.
        if left <= SHORT_WAIT and not waits:
            if self.pending:
                await self.journal.append(self.header.run_id, self._take(), durable=False)
            await self.sleep(left.total_seconds())
            return None
        self._emit(
            EventType.RUN_WAITING, now, until=command.until.isoformat(), reason=command.reason
        )
        end = RunEnd(
            state=EndState.WAITING, due_at=command.until, reason=command.reason, waits=waits
        )
        await self.journal.finish(self.header.run_id, self._take(), end)
        return end

    async def _end(self, command: Command, now: datetime) -> RunEnd:
        end = command.end
        assert end is not None  # noqa: S101 - decide sets it
        if end.state is EndState.SUCCEEDED:
            self._emit(EventType.RUN_SUCCEEDED, now, outcome=end.outcome)
        else:
            error = dict(end.error or {})
            self._emit(
                _ENDS[end.state],
                now,
                str(error.get("node", "")),
                str(error.get("path", "")),
                error=error,
                outcome=end.outcome,
            )
        end = self._told(end)
        await self.journal.finish(self.header.run_id, self._take(), end)
        return end

    def _told(self, end: RunEnd) -> RunEnd:
        """With what the state knows about the end of a run."""
        well = end.state is EndState.SUCCEEDED
        return replace(
            end,
            waits=self.state.open_waits(),
            output=self.state.result,
            failed_items=tuple(self.state.failed_items) if well else (),
        )

    async def _finish_again(self) -> RunEnd:
        """The last event is there and the run's row never heard of it: tell it."""
        event = self.state.end_event
        assert event is not None  # noqa: S101 - an ended run has one
        end = RunEnd(
            state=next(state for state, type_ in _ENDS.items() if type_ is event.type),
            outcome=str(event.data.get("outcome", "")),
            error=event.data.get("error"),
        )
        end = self._told(end)
        await self.journal.finish(self.header.run_id, [], end)
        return end
