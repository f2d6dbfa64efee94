"""What happens to one step: evaluating nodes and params, and judging how an attempt ended.

No I/O and no clock here; the driver passes the time and the chance in.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    FarSideError,
    RateLimitedError,
    UncertainError,
    UnexpectedError,
)
from flows.engine.events import EventType
from flows.engine.expression import ExpressionError
from flows.engine.nodes.node import Moment, NodeKind, Result
from flows.engine.operations import HELD, QUIET
from flows.engine.plan import Call, Join, OnError, PlanNode
from flows.engine.retry import connection_retry_at, look_at, retry_at
from flows.engine.run import RunHeader
from flows.engine.scopes import LoopRun, Scope, Step
from flows.engine.state import RunState
from flows.mapping.crosswalk import Crosswalk
from flows.mapping.json_schema import findings


def effect_key(origin_event_id: str, node: str, path: str, revision: int = 0) -> str:
    """The name of one effect for good: 32 hex digits, the same on every attempt and replay.

    A replay whose payload was edited gives its updates a `revision`: another effect.
    """
    name = f"{origin_event_id}\0{node}\0{path}"
    if revision:
        name += f"\0{revision}"
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def root_names(header: RunHeader, crosswalks: Mapping[str, Crosswalk]) -> dict[str, Any]:
    """What every expression of a run may name besides upstream nodes."""
    return {
        "trigger": header.trigger,
        "run": {"id": header.run_id, "flow": header.flow, "version": header.version},
        "_crosswalks": crosswalks,
    }


def evaluate(
    node: PlanNode, scope: Scope, crosswalks: Mapping[str, Crosswalk], now: datetime
) -> Result:
    """What a trigger, control or data node makes of its scope. Raises `FarSideError`."""
    if node.kind is NodeKind.TRIGGER:
        return Result(output=scope.names["trigger"].get("data", {}))
    assert node.evaluate is not None  # noqa: S101 - the compiler set it
    try:
        moment = Moment(scope.names, crosswalks, now, node.wired)
        if node.join is not None:
            moment = replace(moment, arrived=_arrived(node.join, scope.arrived.get(node.index, {})))
        return node.evaluate(moment)
    except Exception as error:
        raise as_far_side(error) from error


def _arrived(join: Join, came: Mapping[str, str]) -> dict[str, str | None]:
    return {name: came.get(name) for name in join.inside}


def call_params(node: PlanNode, call: Call, scope: Scope) -> Mapping[str, Any]:
    """The params of an operation, evaluated and checked. Raises `ConfigurationError`."""
    try:
        params: Mapping[str, Any] = call.params(scope.names)
    except Exception as error:
        raise as_far_side(error) from error
    if call.check is not None and not call.check.is_valid(params):
        found = [message for _, message in findings(call.check, params)]
        raise ConfigurationError(
            f"{node.type}: {found[0] if found else 'the params do not fit.'}",
            code="params",
            fix="Correct the node's params, or the data that they are made of.",
            detail={"problems": found[:20]},
        )
    return params


def as_far_side(error: Exception) -> FarSideError:
    """Any exception as one that a journal can hold."""
    if isinstance(error, FarSideError):
        return error
    if isinstance(error, ExpressionError):
        return ConfigurationError(
            error.message,
            code=error.code,
            fix="Correct the expression, or the record where it comes from.",
        )
    return UnexpectedError(
        f"An unforeseen error: {type(error).__name__}.",
        fix="Report it with the id of the run.",
        detail={"exception": type(error).__name__},
    )


def materialize(
    state: RunState, scope: Scope, crosswalks: Mapping[str, Crosswalk], now: datetime
) -> None:
    """Give a loop item that was resumed its values: the journal holds only the keys.

    Raises `FarSideError` when the items are not those that the run began with.
    """
    node, parent = scope.loop_node, scope.parent
    if node is None or parent is None:
        return
    loop = parent.steps[node.index].loop
    if loop is None or loop.items is not None:
        return
    materialize(state, parent, crosswalks, now)
    items = evaluate(node, parent, crosswalks, now).items or ()
    if loop.only:
        _materialize_only(loop, {key: place for place, (key, _) in enumerate(items)}, items, node)
        return
    if tuple(key for key, _ in items) != loop.keys:
        raise ConfigurationError(
            f"The items of {node.name!r} are not those that the run began with.",
            code="items_changed",
            fix="Start a new run.",
        )
    loop.items = tuple(value for _, value in items)
    for item in loop.active.values():
        item.names.update(item=loop.items[item.index], index=item.index)


def _materialize_only(
    loop: LoopRun, places: Mapping[str, int], items: Sequence[tuple[str, Any]], node: PlanNode
) -> None:
    """The same of the replay of one item, which is found by its key."""
    place = places.get(loop.keys[0])
    if place is None:
        raise ConfigurationError(
            f"{node.name!r} has no item {loop.keys[0]!r} any more.",
            code="items_changed",
            fix="Start a new run.",
        )
    loop.items = (items[place][1],)
    for item in loop.active.values():
        item.names.update(item=loop.items[0], index=place)


def failure_ports(node: PlanNode, fatal: bool) -> tuple[str, ...]:
    """The ports that a failed step takes; none when the failure is fatal. What nobody knows the
    outcome of is for a person, whatever the policy says."""
    if fatal or node.policy.on_error is OnError.FAIL:
        return ()
    if node.policy.on_error is OnError.ROUTE:
        return ("error",)
    return (usual_port(node),)


def usual_port(node: PlanNode) -> str:
    """The port of a node that has one way on."""
    return "done" if node.loop is not None else "out"


def judge(
    node: PlanNode, step: Step, error: FarSideError, now: datetime, rng: random.Random
) -> tuple[EventType, dict[str, Any]]:
    """The event about an attempt that raised: failed (with or without another try) or uncertain."""
    policy = node.policy.retry
    first_at = step.first_at or now
    writes = node.call is not None and node.call.effect_is_write
    due: datetime | None = None
    type_ = EventType.ATTEMPT_FAILED
    if isinstance(error, UncertainError) and writes:
        type_ = EventType.ATTEMPT_UNCERTAIN
        due = look_at(policy=policy, looks=step.looks, first_at=first_at, now=now, rng=rng)
    elif isinstance(error, AuthenticationError):
        due = connection_retry_at(
            policy=policy, attempt=step.attempt, first_at=first_at, now=now, rng=rng
        )
    elif error.code == QUIET:
        # However long the night: nothing went wrong.
        due = datetime.fromisoformat(str(error.detail["until"]))
    elif error.retryable or isinstance(error, UncertainError):
        after: timedelta | None = None
        if isinstance(error, RateLimitedError):
            after = error.retry_after
        due = retry_at(
            policy=policy,
            attempt=step.attempt - step.uncounted - (error.code in HELD),
            first_at=first_at,
            now=now,
            rng=rng,
            retry_after=after,
        )
    return type_, {
        "attempt": step.attempt,
        "error": error.to_dict(),
        "retry_at": due.isoformat() if due else None,
    }


def judge_probe(
    node: PlanNode, step: Step, error: FarSideError, now: datetime, rng: random.Random
) -> dict[str, Any]:
    """The data of the `attempt_uncertain` that stands for a probe that raised."""
    due = None
    if error.retryable or isinstance(error, (AuthenticationError, UncertainError)):
        due = look_at(
            policy=node.policy.retry,
            looks=step.looks,
            first_at=step.first_at or now,
            now=now,
            rng=rng,
        )
    return {
        "attempt": step.attempt,
        "error": error.to_dict(),
        "retry_at": due.isoformat() if due else None,
        "look": True,
    }
