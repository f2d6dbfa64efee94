"""What a run does next: a pure function of its plan, its events and the time.

Within one scope (the flow outside loops, or one loop item) steps go one after the other in
topological order, so that the outcome of a write is in the journal before the next one leaves;
a step that waits does not hold up the others. The branches of a parallel node go side by side,
and so do the items of a for-each, as many as its concurrency says.

What a join that waits for any branch has overtaken starts nothing more: its attempt under way is
let finish, and its failure is no longer one of the run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from connectors.sdk.errors import RejectedError, UnavailableError, UncertainError
from flows.engine.events import RunEvent
from flows.engine.limits import Limits
from flows.engine.operations import Hold
from flows.engine.plan import Plan, PlanNode
from flows.engine.run import EndState, RunEnd
from flows.engine.scopes import Scope, Step
from flows.engine.state import RunState, fold
from flows.engine.states import StepStatus
from flows.engine.waiting import TIMEOUT, Place, Signal, timed_out, timeout_error

Busy = frozenset[Place]
NOBODY: Final[Busy] = frozenset()
_FREE: Final[Mapping[Place, Hold]] = {}
_SILENCE: Final[Mapping[Place, Signal]] = {}


class CommandKind(StrEnum):
    """What is to be done."""

    START = "start"  # write down that the run began
    SKIP = "skip"  # write down that a node is dead
    EVALUATE = "evaluate"  # a trigger, control or data node
    ATTEMPT = "attempt"  # call an operation
    PROBE = "probe"  # ask whether a lost attempt took effect
    FINISH = "finish"  # the step has all it needs to succeed
    ANSWER = "answer"  # what the step waited for is there, or will not come: go on with `signal`
    FAIL = "fail"  # the step has failed for good
    WAIT = "wait"  # nothing to do before `until`
    END = "end"


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `node` and `path` say for which step."""

    kind: CommandKind
    node: str = ""
    path: str = ""
    attempt: int = 0
    error: Mapping[str, Any] | None = None
    unresolved: bool = False
    until: datetime | None = None
    reason: str = ""
    end: RunEnd | None = None
    signal: Signal | None = None


def decide(
    plan: Plan,
    events: Iterable[RunEvent],
    now: datetime,
    signals: Mapping[Place, Signal] = _SILENCE,
) -> list[Command]:
    """The commands that follow from a journal and what came from outside. Raises
    `IllegalTransitionError`."""
    return decide_state(fold(plan, events), now, signals=signals)


def decide_state(
    state: RunState,
    now: datetime,
    busy: Busy = NOBODY,
    holds: Mapping[Place, Hold] = _FREE,
    signals: Mapping[Place, Signal] = _SILENCE,
) -> list[Command]:
    """The same from a folded state; `busy` are the steps (path, node) whose call is under way,
    `holds` those whose connection lets nothing through for a while, `signals` what came from
    outside for steps that wait.

    An attempt that is neither answered nor busy was lost in a crash. An empty answer means:
    wait for the busy ones.
    """
    if state.ended:
        return []
    if state.started_at is None:
        return [Command(CommandKind.START)]
    ending = _ending(state, now)
    if ending is not None:
        return [] if busy else [Command(CommandKind.END, end=ending)]
    walk = _Walk(state, now, busy, holds, signals)
    walk.scope(state.root)
    if walk.commands:
        return walk.commands
    if walk.until is not None:
        until = min(walk.until, _deadline(state) or walk.until)
        return [Command(CommandKind.WAIT, until=until, reason=walk.reason)]
    if busy or state.root.open:
        return []
    return [Command(CommandKind.END, end=RunEnd(state=EndState.SUCCEEDED))]


def _deadline(state: RunState) -> datetime | None:
    if state.plan.deadline is None or state.started_at is None:
        return None
    return state.started_at + state.plan.deadline


def _ending(state: RunState, now: datetime) -> RunEnd | None:
    """Why the run ends now though steps may be left."""
    if state.fatal is not None:
        return RunEnd(state=EndState.DEAD, error=state.fatal)
    if state.stop is not None:
        outcome = str(state.stop["outcome"])
        if state.stop["status"] == "succeeded":
            return RunEnd(state=EndState.SUCCEEDED, outcome=outcome)
        error = RejectedError(
            outcome or "The flow stopped as failed.", code="stopped", fix="See what the flow says."
        ).to_dict()
        where = {"node": state.stop["node"], "path": state.stop["path"]}
        return RunEnd(state=EndState.FAILED, outcome=outcome, error={**error, **where})
    if state.last_seq >= state.most_events and state.root.open:
        told = Limits(events=state.most_events).history_error(state.last_seq)
        return RunEnd(state=EndState.DEAD, error={**told, "node": "", "path": ""})
    deadline = _deadline(state)
    if deadline is not None and deadline <= now and state.root.open:
        waits = next(iter(state.root.ready), None)
        node = state.plan.nodes[waits].id if waits is not None else ""
        error = UnavailableError(
            f"The run did not finish within its deadline of {state.plan.deadline}.",
            code="deadline",
            fix="See what it waited for, then replay it.",
        ).to_dict()
        return RunEnd(state=EndState.DEAD, error={**error, "node": node, "path": ""})
    return None


class _Walk:
    def __init__(
        self,
        state: RunState,
        now: datetime,
        busy: Busy,
        holds: Mapping[Place, Hold],
        signals: Mapping[Place, Signal],
    ) -> None:
        self.plan = state.plan
        self.now = now
        self.busy = busy
        self.holds = holds
        self.signals = signals
        self.commands: list[Command] = []
        self.until: datetime | None = None
        self.reason = ""

    def scope(self, scope: Scope) -> bool:
        """Add what this scope does next; false when all of it waits."""
        if scope.skipped:
            for index in scope.skipped:
                self._add(CommandKind.SKIP, self.plan.nodes[index], scope)
            return True
        moved: set[int] = set()
        for index in scope.ready:
            node = self.plan.nodes[index]
            if node.strand in moved:
                continue
            step = scope.steps.get(index)
            if self._step(scope, node, step if step is not None else _NEW):
                if not self.plan.branched:
                    return True
                moved.add(node.strand)
        return bool(moved)

    def _step(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        if (scope.path, node.id) in self.busy:
            return True
        if step.status is StepStatus.NEW:
            kind = CommandKind.EVALUATE if node.call is None else CommandKind.ATTEMPT
            return self._add(kind, node, scope, attempt=1)
        if step.status is StepStatus.ANSWERED:
            return self._add(CommandKind.FINISH, node, scope)
        if node.call is None:
            return self._timed(scope, node, step)
        if step.status is StepStatus.STARTED:
            return self._add(CommandKind.ATTEMPT, node, scope, attempt=1)
        if step.status is StepStatus.RETRYING:
            return self._retrying(scope, node, step)
        return self._uncertain(scope, node, step)

    def _timed(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        if step.wait is not None:
            return self._outside(scope, node, step)
        if step.loop is None:
            return not self._waits(step) and self._add(CommandKind.FINISH, node, scope)
        if step.loop.broken is not None:
            prefix = f"{scope.path}/{node.id}/" if scope.path else f"{node.id}/"
            if any(path.startswith(prefix) for path, _ in self.busy):
                return True
            return self._add(CommandKind.FAIL, node, scope, error=step.loop.broken)
        if step.loop.complete:
            return self._add(CommandKind.FINISH, node, scope)
        moved = [self.scope(item) for item in step.loop.active.values()]
        return any(moved)

    def _outside(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        """An answer that is there counts, even when it is read after the deadline."""
        assert step.wait is not None  # noqa: S101 - the caller looked
        signal = self.signals.get((scope.path, node.id))
        if signal is None:
            if self._waits(step):
                return False
            if TIMEOUT not in node.wired:
                error = timeout_error(step.wait, node.name)
                return self._add(CommandKind.FAIL, node, scope, error=error)
            signal = timed_out(step.wait)
        if signal.error is not None:
            return self._add(CommandKind.FAIL, node, scope, error=signal.error)
        return self._add(CommandKind.ANSWER, node, scope, signal=signal)

    def _retrying(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        if step.due is None or step.overtaken:
            return self._add(CommandKind.FAIL, node, scope, error=step.error)
        if step.due > self.now:
            return not self._waits(step)
        return self._add(CommandKind.ATTEMPT, node, scope, attempt=step.attempt + 1)

    def _uncertain(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        """An attempt without a known outcome: look, repeat what may be repeated, or give up."""
        call = node.call
        assert call is not None  # noqa: S101 - only called for actions
        if step.status is StepStatus.PROBED and not step.happened:
            return self._again(scope, node, step)
        if not call.effect_is_write:
            return self._again(scope, node, step)
        lost = step.status is StepStatus.UNCERTAIN and step.due is None
        if lost or not (call.probe or call.idempotent):
            return self._unresolved(scope, node, step)
        if step.due is not None and step.due > self.now:
            return not self._waits(step)
        if call.probe:
            return self._add(CommandKind.PROBE, node, scope, attempt=step.attempt)
        return self._again(scope, node, step)

    def _again(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        if step.overtaken:
            error = step.error or _OVERTAKEN
            return self._add(CommandKind.FAIL, node, scope, error=error)
        counted = step.attempt - step.uncounted
        if counted >= node.policy.retry.max_attempts and step.error is not None:
            return self._add(CommandKind.FAIL, node, scope, error=step.error)
        return self._add(CommandKind.ATTEMPT, node, scope, attempt=step.attempt + 1)

    def _unresolved(self, scope: Scope, node: PlanNode, step: Step) -> bool:
        error = UncertainError(
            f"Nobody knows whether {node.name!r} took effect over there.",
            code="unresolved",
            fix="Look at the far side; then resume the run or write it off.",
            detail={"cause": step.error},
        ).to_dict()
        return self._add(CommandKind.FAIL, node, scope, error=error, unresolved=True)

    def _waits(self, step: Step) -> bool:
        if step.due is None or step.due <= self.now:
            return False
        return self._note(step.due, step.reason)

    def _note(self, until: datetime, reason: str) -> bool:
        if self.until is None or until < self.until:
            self.until, self.reason = until, reason
        return True

    def _add(self, kind: CommandKind, node: PlanNode, scope: Scope, **more: Any) -> bool:
        if self.holds and kind in (CommandKind.ATTEMPT, CommandKind.PROBE):
            hold = self.holds.get((scope.path, node.id))
            if hold is not None and hold.until > self.now:
                return not self._note(hold.until, hold.reason)
        self.commands.append(Command(kind, node.id, scope.path, **more))
        return True


_NEW: Final = Step()
_OVERTAKEN: Final = RejectedError(
    "Another branch was first.", code="overtaken", fix="Nothing is to be done."
).to_dict()
