"""What a run's state is made of: its steps, the loops at work, and the scopes they stand in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flows.engine.plan import PlanNode
from flows.engine.states import StepStatus
from flows.engine.waiting import OpenWait


@dataclass(slots=True)
class Step:
    """One node in one scope. `due` is when it goes on, `reason` what it waits for. `overtaken`
    is what was under way in a branch when another one was first at a join.

    `uncounted` attempts met refused credentials: a person repairs those, so they use up none of
    the policy's attempts. `size` is what it holds, in bytes of JSON: its output, or the results of
    a loop at work.
    """

    status: StepStatus = StepStatus.NEW
    attempt: int = 0
    uncounted: int = 0
    looks: int = 0
    first_at: datetime | None = None
    attempt_at: datetime | None = None
    due: datetime | None = None
    reason: str = ""
    error: Mapping[str, Any] | None = None
    output: Any = None
    size: int = 0
    happened: bool = False
    overtaken: bool = False
    ports: tuple[str, ...] = ()
    loop: "LoopRun | None" = None
    wait: OpenWait | None = None


@dataclass(slots=True)
class LoopRun:
    """A for-each at work. `items` are the values; after a resume they are evaluated anew."""

    keys: tuple[str, ...]
    results: list[Any]
    items: tuple[Any, ...] | None = None
    next: int = 0
    settled: int = 0
    active: dict[str, "Scope"] = field(default_factory=dict)
    failed: list[dict[str, Any]] = field(default_factory=list)
    broken: Mapping[str, Any] | None = None
    first: int = 0  # of a chunk: the place of its first item in the whole list
    chunk: bool = False
    spread: bool = False  # its items are chunks
    only: bool = False  # a replay of one item: nothing follows, and its failure is the run's

    @property
    def complete(self) -> bool:
        return self.settled == len(self.keys)

    def output(self) -> dict[str, Any]:
        failed = sorted(self.failed, key=lambda one: int(one["index"]))
        items, count = self.results, len(self.keys)
        if self.spread:
            items = [one for part in self.results for one in part["items"]]
            count = sum(part["count"] for part in self.results)
        return {"items": items, "failed": failed, "count": count}


@dataclass(slots=True)
class Scope:
    """The nodes of the flow outside loops, or of one loop item.

    `ready` holds the nodes whose turn it is or that are at work, in topological order; `skipped`
    those found dead and not yet written down; `open` counts what is not settled. `arrived` says
    for each join by branch through which node it came, `cancelled` are nodes that a join overtook.
    `held` is what its steps hold.
    """

    path: str
    nodes: tuple[int, ...]
    names: dict[str, Any]
    open: int
    parent: "Scope | None" = None
    loop_node: PlanNode | None = None
    index: int = 0
    key: str = ""
    remaining: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    ready: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    steps: dict[int, Step] = field(default_factory=dict)
    failure: Mapping[str, Any] | None = None
    arrived: dict[int, dict[str, str]] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    held: int = 0
