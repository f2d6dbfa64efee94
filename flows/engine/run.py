"""What a run is made of before its first step, and how a drive of it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flows.engine.waiting import OpenWait


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """Everything about a run that is known when it is made.

    `trigger` is what expressions see under that name: type, change, entity, entity_id, version,
    business_key, occurred_at, data. `trigger_node` is the id of the trigger node that wanted the
    event. `origin_event_id` is the root of the effect keys: a replay keeps that of the first run.
    """

    run_id: str
    flow: str
    version: int
    trigger_node: str
    trigger: Mapping[str, Any]
    origin_event_id: str


class EndState(StrEnum):
    """How one drive of a run ends; `waiting` means: drive it again at `due_at`."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD = "dead"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedItem:
    """An item of a for-each whose failures become dead letters of their own.

    `item` is its path ("each_line/A7"), `error` as in `RunEnd`. It is `fresh` unless the run took
    it over from the run that it replays.
    """

    item: str
    error: Mapping[str, Any]
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """The verdict that goes into the run's row together with the last events.

    `outcome` is what a stop node said (else ""). `error` is `FarSideError.to_dict()` plus
    `node` and `path`. `reason` says what a waiting run waits for: retry, connection, uncertain
    delay, or the kind of a wait. `waits` are the steps that wait for an answer from outside (of
    an ended run none); None when the run never had one. `output` is what an ended run gives to a
    flow that called it (see `RunState.result`). `failed_items` of a run that succeeded are dead
    letters of their own.
    """

    state: EndState
    due_at: datetime | None = None
    outcome: str = ""
    error: Mapping[str, Any] | None = None
    reason: str = ""
    waits: tuple[OpenWait, ...] | None = None
    output: Any = None
    failed_items: tuple[FailedItem, ...] = ()

    def __post_init__(self) -> None:
        if (self.state is EndState.WAITING) != (self.due_at is not None):
            raise ValueError("A waiting run has a due_at, any other end has none.")
