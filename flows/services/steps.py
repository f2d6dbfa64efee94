"""The steps of a run, folded from its journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flows.services.masking import MASKED, masked_error, masked_receipt


class JournalEntry(Protocol):
    """A run event, as the engine or the table has it."""

    @property
    def type(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try of a step. `state`: running, succeeded, failed, uncertain."""

    attempt: int
    started_at: datetime
    ended_at: datetime | None = None
    state: str = "running"
    error: Mapping[str, Any] | None = None
    retry_at: str | None = None


@dataclass(slots=True, kw_only=True)
class Step:
    """One node (at one loop item) of a run, as far as its journal tells."""

    node: str
    path: str
    state: str = "pending"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ms: int | None = None
    attempts: list[Attempt] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)
    output: Any = None
    has_output: bool = False
    error: Mapping[str, Any] | None = None
    receipt: Mapping[str, Any] | None = None

    def to_dict(self, *, payloads: bool) -> dict[str, Any]:
        """The API's form; without `payloads` what the step carried is masked."""
        return {
            "node": self.node,
            "path": self.path,
            "state": self.state,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "ms": self.ms,
            "attempts": [
                {
                    "attempt": one.attempt,
                    "started_at": one.started_at,
                    "ended_at": one.ended_at,
                    "state": one.state,
                    "error": one.error if payloads else masked_error(one.error),
                    "retry_at": one.retry_at,
                }
                for one in self.attempts
            ],
            "port": self.ports[0] if self.ports else None,
            "ports": self.ports,
            "output": self.output if payloads or not self.has_output else dict(MASKED),
            "error": self.error if payloads else masked_error(self.error),
            "receipt": self.receipt if payloads else masked_receipt(self.receipt),
        }


def fold_steps(entries: Iterable[JournalEntry], *, nodes: Iterable[str], ended: bool) -> list[Step]:
    """Steps in the order in which they began, then the nodes that have none.

    `nodes` are the node ids of the document. In an `ended` run a node without a step was not
    reached and shows as skipped; before, it is pending.
    """
    steps: dict[tuple[str, str], Step] = {}
    for entry in entries:
        if entry.node:
            step = steps.setdefault(
                (entry.node, entry.path), Step(node=entry.node, path=entry.path)
            )
            _apply(step, entry)
        elif entry.type == "run_waiting":
            _mark_waiting(steps.values())
    seen = {node for node, _ in steps}
    rest = [
        Step(node=node, path="", state="skipped" if ended else "pending")
        for node in nodes
        if node not in seen
    ]
    return [*steps.values(), *rest]


def _apply(step: Step, entry: JournalEntry) -> None:
    data = entry.data
    match entry.type:
        case "step_started":
            step.state = "running"
            step.started_at = step.started_at or entry.at
        case "attempt_started":
            step.state = "running"
            step.started_at = step.started_at or entry.at
            step.attempts.append(Attempt(attempt=int(data["attempt"]), started_at=entry.at))
        case "attempt_succeeded":
            _close_attempt(step, entry, state="succeeded")
            step.receipt = data.get("receipt") or step.receipt
            _take_output(step, data)
        case "attempt_failed":
            _close_attempt(step, entry, state="failed")
            if data.get("retry_at"):
                step.state = "waiting"
        case "attempt_uncertain" if not data.get("look"):
            _close_attempt(step, entry, state="uncertain")
        case "run_waiting":
            step.state = "waiting"
        case "step_succeeded":
            step.state = "succeeded"
            step.started_at = step.started_at or entry.at
            step.ended_at = entry.at
            step.ms = _ms(step, data)
            step.ports = list(data.get("ports") or ())
            _take_output(step, data)
        case "step_failed":
            step.state = "failed"
            step.started_at = step.started_at or entry.at
            step.ended_at = entry.at
            step.ms = _ms(step, data)
            step.error = data.get("error")
            step.ports = list(data.get("ports") or ())
        case "step_skipped":
            step.state = "skipped"
            step.ended_at = entry.at
        case "run_failed" | "run_dead" if step.state in {"running", "waiting"}:
            step.state = "failed"
            step.ended_at = entry.at
            step.error = step.error or data.get("error")


def _take_output(step: Step, data: Mapping[str, Any]) -> None:
    """An action's output stands in its attempt, that of other nodes in the step's end."""
    if "output" in data:
        step.output, step.has_output = data["output"], True


def _close_attempt(step: Step, entry: JournalEntry, *, state: str) -> None:
    attempt = next((one for one in reversed(step.attempts) if one.state == "running"), None)
    if attempt is None:
        # Reads need no durable start: the journal may hold their outcome alone.
        number = int(entry.data.get("attempt", len(step.attempts) + 1))
        attempt = Attempt(attempt=number, started_at=step.started_at or entry.at)
        step.attempts.append(attempt)
    attempt.state = state
    attempt.ended_at = entry.at
    attempt.error = entry.data.get("error")
    attempt.retry_at = entry.data.get("retry_at")


def _mark_waiting(steps: Iterable[Step]) -> None:
    for step in steps:
        if step.state == "running":
            step.state = "waiting"


def _ms(step: Step, data: Mapping[str, Any]) -> int | None:
    if data.get("ms") is not None:
        return int(data["ms"])
    if step.started_at is None or step.ended_at is None:
        return None
    return round((step.ended_at - step.started_at).total_seconds() * 1000)
