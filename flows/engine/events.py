"""The words of a run's journal.

What `data` holds, by type:

| type | data |
|---|---|
| run_started | flow, version, trigger_node; of a replay also what replay.py says |
| step_started | {}; of a for-each `keys`: the item paths' last parts, `only`: one replayed |
| attempt_started | attempt, effect_key |
| attempt_succeeded | attempt, output, receipt (dict or null), ms; of a dry run `prediction`;
`too_large` ({bytes, most}) when the output was let go |
| attempt_failed | attempt, error, retry_at (ISO or null) |
| attempt_uncertain | attempt, error, retry_at (when the far side is asked); `look`: asking failed |
| probe_finished | attempt, happened |
| step_succeeded | ports (taken), ms; `output` unless an attempt of the step recorded it |
| step_failed | error, ports (taken; [] when fatal); `unresolved`: outcome unknown for good |
| step_skipped | {} |
| run_waiting | until (ISO), reason: retry, connection, circuit, quiet, uncertain, delay, a wait |
| run_succeeded | outcome |
| run_failed | error, outcome; node and path of the stop node that ended the run as failed |
| run_dead | error, outcome; node and path of the step that made it a dead letter |
| run_superseded | by: id of the newer run of its lane that is carried in its place |

An action's output stands once in the journal, in `attempt_succeeded`. Steps that take no time
(map, branch, ...) have no `step_started`: their only event is how they ended. That of a delay has
`until`, that of a step that waits for something from outside `wait` (kind, key, until, about);
a dry run does not wait, and its `step_succeeded` has a `prediction`.
What a replay took over from its original has `attached`: the id of that run; with `edited` the
output is another one. An `attempt_started` with `replayed` stands for what the original did, an
`attempt_succeeded` with `verdict` for what a person found out about it.
`flows.services.steps` folds events into one row per step.
`error` is `FarSideError.to_dict()`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """Everything that may be written about a run."""

    RUN_STARTED = "run_started"
    STEP_STARTED = "step_started"
    ATTEMPT_STARTED = "attempt_started"
    ATTEMPT_SUCCEEDED = "attempt_succeeded"
    ATTEMPT_FAILED = "attempt_failed"
    ATTEMPT_UNCERTAIN = "attempt_uncertain"
    PROBE_FINISHED = "probe_finished"
    STEP_SUCCEEDED = "step_succeeded"
    STEP_FAILED = "step_failed"
    STEP_SKIPPED = "step_skipped"
    RUN_WAITING = "run_waiting"
    RUN_SUCCEEDED = "run_succeeded"
    RUN_FAILED = "run_failed"
    RUN_DEAD = "run_dead"
    RUN_SUPERSEDED = "run_superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One entry of a journal.

    `seq` counts from 1 within the run without gaps. `path` is "" outside loops, else the loop
    item: "each_line/2", nested "each_order/A7/each_line/2". `at` is aware UTC. `data` is JSON,
    and `text` the same encoded, where it was; `size` says how many bytes that takes.
    """

    seq: int
    type: EventType
    node: str = ""
    path: str = ""
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    text: bytes | None = field(default=None, compare=False, repr=False)
    size: int = field(default=0, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.text is not None:
            object.__setattr__(self, "size", len(self.text))
