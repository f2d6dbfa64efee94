"""What people see of a run: its events folded into one row per step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from flows.engine.events import EventType, RunEvent


class RowState(StrEnum):
    """Where a step or an attempt stands, in a reader's words."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(slots=True, kw_only=True)
class AttemptRow:
    """One attempt. `state` is running, succeeded, failed or waiting (its outcome is unknown)."""

    attempt: int
    started_at: datetime
    ended_at: datetime | None = None
    state: RowState = RowState.RUNNING
    error: Mapping[str, Any] | None = None
    receipt: Mapping[str, Any] | None = None
    prediction: str | None = None


@dataclass(slots=True, kw_only=True)
class StepRow:
    """One node, of one loop item where `path` is not empty. `waiting_until` is set while it
    waits for another try or for its delay to pass."""

    node: str
    path: str
    state: RowState = RowState.PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ms: int | None = None
    ports: tuple[str, ...] = ()
    output: Any = None
    error: Mapping[str, Any] | None = None
    receipt: Mapping[str, Any] | None = None
    waiting_until: datetime | None = None
    attempts: list[AttemptRow] = field(default_factory=list)

    def _take(self, event: RunEvent) -> None:
        data, type_ = event.data, event.type
        if self.started_at is None:
            self.started_at = event.at
        if type_ is EventType.STEP_STARTED:
            until = data.get("until")
            self.waiting_until = datetime.fromisoformat(until) if until else None
            self.state = RowState.WAITING if until else RowState.RUNNING
        elif type_ is EventType.ATTEMPT_STARTED:
            self.state, self.waiting_until = RowState.RUNNING, None
            self.attempts.append(AttemptRow(attempt=data["attempt"], started_at=event.at))
        elif type_ in (EventType.ATTEMPT_FAILED, EventType.ATTEMPT_UNCERTAIN):
            due = data.get("retry_at")
            self.state, self.error = RowState.WAITING, data["error"]
            self.waiting_until = datetime.fromisoformat(due) if due else None
            uncertain = type_ is EventType.ATTEMPT_UNCERTAIN
            self._end_attempt(event, RowState.WAITING if uncertain else RowState.FAILED)
        elif type_ is EventType.PROBE_FINISHED:
            self.state, self.waiting_until = RowState.RUNNING, None
            if not data["happened"]:
                self._end_attempt(event, RowState.FAILED)
        elif type_ is EventType.ATTEMPT_SUCCEEDED:
            self.output, self.receipt = data["output"], data["receipt"]
            self._end_attempt(event, RowState.SUCCEEDED)
        else:
            self._end(event)

    def _end_attempt(self, event: RunEvent, state: RowState) -> None:
        if not self.attempts:
            return
        attempt = self.attempts[-1]
        attempt.state, attempt.ended_at = state, event.at
        attempt.error = event.data.get("error", attempt.error)
        attempt.receipt = event.data.get("receipt")
        attempt.prediction = event.data.get("prediction")

    def _end(self, event: RunEvent) -> None:
        self.ended_at, self.waiting_until = event.at, None
        if event.type is EventType.STEP_SKIPPED:
            self.state, self.started_at, self.ended_at = RowState.SKIPPED, None, None
            return
        self.ports = tuple(event.data["ports"])
        if event.type is EventType.STEP_FAILED:
            self.state, self.error = RowState.FAILED, event.data["error"]
            return
        self.state, self.error = RowState.SUCCEEDED, None
        self.ms = event.data["ms"]
        self.output = event.data.get("output", self.output)


_OF_STEPS = frozenset(EventType) - {
    EventType.RUN_STARTED,
    EventType.RUN_WAITING,
    EventType.RUN_SUCCEEDED,
    EventType.RUN_FAILED,
    EventType.RUN_DEAD,
}


def summarize(events: Iterable[RunEvent]) -> list[StepRow]:
    """One row per step that the run came to, in the order in which they were first heard of."""
    rows: dict[tuple[str, str], StepRow] = {}
    for event in events:
        if event.type not in _OF_STEPS:
            continue
        key = (event.path, event.node)
        row = rows.get(key)
        if row is None:
            row = rows[key] = StepRow(node=event.node, path=event.path)
        row._take(event)
    return list(rows.values())
