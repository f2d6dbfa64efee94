"""Runs a flow here and now, without a database: for `causeway run`, flow tests and dry runs."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.sdk.errors import ConfigurationError
from connectors.sdk.operation import OperationResult, ProbeResult
from flows.engine.driver import drive
from flows.engine.events import RunEvent
from flows.engine.journal import MemoryJournal
from flows.engine.limits import Limits
from flows.engine.operations import OperationCall, Operations
from flows.engine.plan import Plan
from flows.engine.run import EndState, RunEnd, RunHeader
from flows.engine.waiting import OpenWait, Place, Signal
from flows.mapping.crosswalk import Crosswalk


class VirtualClock:
    """A clock that stands still until somebody sleeps: a week-long run takes milliseconds."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("A clock shows aware time.")
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def set(self, time: datetime) -> None:
        """Move on to `time`; never back."""
        self.time = max(self.time, time)


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineResult:
    """How the run ended, and its whole journal."""

    end: RunEnd
    events: Sequence[RunEvent]


Answer = Callable[[OperationCall], Awaitable[OperationResult]]
Outside = Callable[[OpenWait], Signal | None]


class StubOperations:
    """Answers operations by node id, for tests of flows: an output, or a function of the call."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.calls: list[OperationCall] = []

    async def run(self, call: OperationCall) -> OperationResult:
        self.calls.append(call)
        if call.node not in self.answers:
            raise ConfigurationError(
                f"There is no answer for the node {call.node!r}.",
                code="stub_missing",
                fix="Add it to the test's answers.",
            )
        answer = self.answers[call.node]
        if callable(answer):
            answered = await answer(call)
            assert isinstance(answered, OperationResult)  # noqa: S101 - the stub's contract
            return answered
        return OperationResult(output=answer)

    async def probe(self, call: OperationCall) -> ProbeResult:
        return ProbeResult(happened=False)


async def run_inline(
    plan: Plan,
    *,
    header: RunHeader,
    operations: Operations,
    clock: VirtualClock,
    rng: random.Random,
    crosswalks: Mapping[str, Crosswalk] | None = None,
    dry_run: bool = False,
    history: Sequence[RunEvent] = (),
    journal: MemoryJournal | None = None,
    outside: Outside | None = None,
    limits: Limits | None = None,
) -> InlineResult:
    """Drive a run to its end, waits included: the clock jumps to where each wait is over.

    `journal` may be given to look at it from outside; `history` is put into it when it is new.
    `outside` answers steps that wait for something; for what it leaves open the time runs out.
    """
    kept = journal if journal is not None else MemoryJournal()
    log = kept.events[header.run_id]
    if not log:
        log.extend(history)
    signals: dict[Place, Signal] = {}
    while True:
        end = await drive(
            plan=plan,
            header=header,
            history=list(log),
            journal=kept,
            operations=operations,
            crosswalks=crosswalks or {},
            clock=clock,
            rng=rng,
            sleep=clock.sleep,
            dry_run=dry_run,
            signals=signals,
            limits=limits,
        )
        if end.state is not EndState.WAITING or end.due_at is None:
            return InlineResult(end=end, events=tuple(log))
        signals = _answers(outside, end.waits or ())
        if not signals:
            clock.set(end.due_at)


def _answers(outside: Outside | None, waits: Sequence[OpenWait]) -> dict[Place, Signal]:
    if outside is None:
        return {}
    asked = {(one.path, one.node): outside(one) for one in waits}
    return {place: signal for place, signal in asked.items() if signal is not None}
