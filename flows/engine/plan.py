"""A compiled flow: everything that can be known before a run."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flows.engine.expression import ExpressionError
from flows.engine.nodes.node import Evaluate, NodeKind
from flows.engine.retry import RetryPolicy
from flows.mapping.values import text
from flows.sync.plan import SyncPlan

Read = Callable[[Mapping[str, Any]], Any]


class OnError(StrEnum):
    """What a step's failure does to its run."""

    FAIL = "fail"
    CONTINUE = "continue"
    ROUTE = "route"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long an attempt may take, how it is retried, what a failure does."""

    timeout: timedelta = timedelta(seconds=30)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    on_error: OnError = OnError.FAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What an action node calls.

    `params` evaluates them out of the scope; `check` is a validator of the operation's input
    schema, None when the params are literal and were checked by the compiler.
    """

    slot: str
    effect_is_write: bool
    idempotent: bool
    probe: bool
    params: Read
    check: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """The body of a for-each node: its nodes in topological order.

    With `collect` failed items are listed, up to `max_failures` of them; with `dead_letter` they
    become dead letters of their own besides. With a `chunk_size` the items may be spread over runs
    of their own (see chunks.py), which need what the nodes in `reads` gave; a loop that is `spread`
    goes over those chunks.
    """

    body: tuple[int, ...]
    concurrency: int
    collect: bool
    max_failures: int | None = None
    dead_letter: bool = False
    chunk_size: int | None = None
    chunks_at_once: int = 1
    reads: tuple[str, ...] = ()
    spread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Where branches come together.

    `entries` name the branch by the index and port of the node that an edge comes from. With
    `any_` the first branch to arrive goes on, and the nodes of the others (`inside`, by branch,
    in topological order) are cancelled.
    """

    any_: bool
    entries: Mapping[tuple[int, str], str]
    inside: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One node; `index` is its place in the plan's topological order.

    `targets` leads from ports to node indexes, `wired` are the ports with an edge, `incoming`
    counts the edges into the node. Nodes of the same `strand` go one after the other, those of
    different ones (branches of a parallel node) side by side.
    Exactly one of `call` (actions) and `evaluate` (control, data) is set; triggers have neither.
    """

    index: int
    id: str
    type: str
    name: str
    kind: NodeKind
    ports: tuple[str, ...]
    policy: Policy
    targets: Mapping[str, tuple[int, ...]]
    incoming: int
    call: Call | None = None
    evaluate: Evaluate | None = None
    loop: Loop | None = None
    wired: frozenset[str] = frozenset()
    strand: int = 0
    join: Join | None = None
    sync: SyncPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTrigger:
    """A trigger node: which news on which slot starts the flow."""

    node: str
    type: str
    slot: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWait:
    """A node that waits for news: which news on which slot, and what of it has to equal the
    key (`business_key` or `entity_id`). `params` are the trigger's."""

    node: str
    type: str
    slot: str
    match: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A connection slot and the connector that it wants."""

    name: str
    connector: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A flow that can run. Nodes stand in topological order; `outer` are those outside loops,
    `responds` the ids of nodes that answer whoever sent the delivery.

    With `lane_latest` a run that has not begun is superseded by a newer one of its lane. A lane
    that has `lane_cap` unfinished runs takes no news, None being no limit. With `lane_hold` a
    waiting run keeps its place in the lane. `weight` is the flow's part of what is carried, from 1
    to 100.
    """

    digest: str
    slug: str
    name: str
    nodes: tuple[PlanNode, ...]
    outer: tuple[int, ...]
    triggers: tuple[PlanTrigger, ...]
    slots: tuple[Slot, ...]
    crosswalks: frozenset[str]
    lane_name: str = ""
    lane_key: Read | None = None
    lane_latest: bool = False
    lane_cap: int | None = None
    lane_hold: bool = False
    weight: int = 10
    deadline: timedelta | None = None
    responds: tuple[str, ...] = ()
    waits: tuple[PlanWait, ...] = ()
    by_id: Mapping[str, PlanNode] = field(init=False, repr=False)
    branched: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "branched", any(node.strand for node in self.nodes))
        object.__setattr__(self, "by_id", {node.id: node for node in self.nodes})

    def lane(self, trigger: Mapping[str, Any]) -> tuple[str, str]:
        """Lane name and key of a run that this trigger starts; ("", "") without a lane.

        A key is at most 200 characters. Raises `ExpressionError` when it has no value.
        """
        if self.lane_key is None:
            return "", ""
        key = text(self.lane_key({"trigger": trigger, "_crosswalks": {}}))
        if not key:
            raise ExpressionError("lane_key_empty", "The lane's key is empty.")
        if len(key) > 200:
            key = key[:135] + "~" + hashlib.sha256(key.encode()).hexdigest()
        return self.lane_name, key
