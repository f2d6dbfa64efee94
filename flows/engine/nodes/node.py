"""What a control or data node is: how it describes itself, and how it is compiled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from flows.engine.node_compiler import NodeCompiler, Read
from flows.engine.waiting import Wait
from flows.mapping.crosswalk import Crosswalk
from flows.sync.plan import SyncPlan


class NodeKind(StrEnum):
    """What a node is to a flow."""

    TRIGGER = "trigger"
    ACTION = "action"
    CONTROL = "control"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a node sees when its turn comes: the scope, the tables, the time, its wired ports.

    `arrived` is for joins: by branch the node through which it arrived, None when it did not.
    """

    names: Mapping[str, Any]
    crosswalks: Mapping[str, Crosswalk]
    now: datetime
    wired: frozenset[str]
    arrived: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """The run ends here, well or badly, with these words."""

    succeeded: bool
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a node made of its moment.

    `ports` are taken. Besides, a loop gives its `items` with their keys, a delay says `until`
    when it holds the run, `wait` is for something from outside, and a stop node ends it.
    """

    output: Any = None
    ports: tuple[str, ...] = ("out",)
    items: Sequence[tuple[str, Any]] | None = None
    until: datetime | None = None
    stop: Stop | None = None
    wait: Wait | None = None


Evaluate = Callable[[Moment], Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A node that calls far sides, compiled: `params` out of the scope, and for a sync node what
    it does with them."""

    params: Read
    sync: SyncPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerSlot:
    """A connection slot that a node names in its params at `at` under `key`, and the operations
    that it calls there: param, type, whether it writes."""

    at: tuple[str, ...]
    slot: Any
    operations: tuple[tuple[str, Any, bool], ...]
    key: str = "connection"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeType:
    """One built-in node type.

    `params` and `output` are JSON Schemas. `build` compiles params that match `params`, reporting
    to the compiler what else is wrong; `prepare` does that for a node that calls far sides, over
    the slots that `slots_of` names, with that `effect` (read or write). `ports_of` gives the ports
    where they depend on params.
    A node that `listens` has a connection slot and waits for news of the trigger type that its
    param `event` names.
    """

    type: str
    title: str
    summary: str
    icon: str
    hue: str
    kind: NodeKind
    params: Mapping[str, Any]
    output: Mapping[str, Any] = field(default_factory=dict)
    ports: tuple[str, ...] = ("out",)
    ports_of: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    listens: bool = False
    build: Callable[[Mapping[str, Any], NodeCompiler], Evaluate] | None = None
    prepare: Callable[[Mapping[str, Any], NodeCompiler], Prepared] | None = None
    slots_of: Callable[[Mapping[str, Any]], Iterable[InnerSlot]] | None = None
    effect: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The catalog's form (keys of GET /catalog)."""
        return {
            "type": self.type,
            "title": self.title,
            "summary": self.summary,
            "icon": self.icon,
            "hue": self.hue,
            "kind": self.kind.value,
            "ports": list(self.ports),
            "params_schema": dict(self.params),
            "output_schema": dict(self.output),
            "listens": self.listens,
            "effect": self.effect,
        }


def params_schema(required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    """The schema of a node's params."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
