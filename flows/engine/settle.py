"""What the journal says of a step that was evaluated, or that has all it needs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flows.engine.events import EventType
from flows.engine.execute import usual_port
from flows.engine.nodes.node import Result
from flows.engine.plan import PlanNode
from flows.engine.scopes import Step
from flows.engine.waiting import Signal, fits

_MILLISECOND: Final = timedelta(milliseconds=1)


def evaluated(
    result: Result,
    now: datetime,
    *,
    dry_run: bool,
    known: Mapping[str, Any] | None = None,
) -> tuple[EventType, dict[str, Any]]:
    """The event about a node that was evaluated: its step is over, or it goes on later.

    In a dry run nobody is asked: what waits for an answer goes on with the predicted one. `known`
    is what the run that is replayed was told there (see replay.py).
    """
    if result.items is not None:
        return EventType.STEP_STARTED, {"keys": [key for key, _ in result.items]}
    if result.wait is not None:
        if known is not None and fits(known, result.wait):
            told = answered(Signal(port=known["port"], output=known["output"]))
            return EventType.STEP_SUCCEEDED, {**told, "attached": known["of"]}
        if not dry_run:
            return EventType.STEP_STARTED, {"wait": result.wait.to_dict()}
        data = answered(result.wait.predicted)
        return EventType.STEP_SUCCEEDED, {**data, "prediction": result.wait.prediction}
    output = result.output
    if result.until is not None:
        output = {"until": result.until.isoformat()}
        if result.until > now:
            return EventType.STEP_STARTED, output
    return EventType.STEP_SUCCEEDED, {"output": output, "ports": list(result.ports), "ms": 0}


def answered(signal: Signal) -> dict[str, Any]:
    """The data of `step_succeeded` of a step whose answer came from outside."""
    return {"output": signal.output, "ports": [signal.port], "ms": 0}


def finished(node: PlanNode, step: Step, now: datetime) -> dict[str, Any]:
    """The same of an answered action, a loop that is through, a delay that is over."""
    data: dict[str, Any] = {"ports": [usual_port(node)], "ms": 0}
    if step.loop is not None:
        data["output"] = step.loop.output()
        if step.loop.only:
            data["ports"] = []
    elif node.call is None:
        data["output"] = {"until": step.due.isoformat() if step.due else None}
    elif step.attempt_at is not None:
        data["ms"] = (now - step.attempt_at) // _MILLISECOND
        data["ports"] = list(node.ports[:1])
    return data
