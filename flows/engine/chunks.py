"""A for-each whose items are spread over runs of their own, chunk by chunk.

The run that comes to such a for-each goes over chunks instead of items: its plan is `spread`, and
the body of the loop is one node that waits for the run of a chunk. That run has the plan as it was
written, and does the for-each with the items of its chunk and nothing else. Paths, and so effect
keys, are those of the items, wherever they are done: how a list is cut changes no effect.

`run_started` of a chunk's run carries `chunk`: of (the run that it is a part of), node, names (what
its body reads), revision. `step_started` of its for-each carries `values` and `first`, the place of
its first item in the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from connectors.sdk import codec
from flows.engine.events import EventType, RunEvent
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, Result
from flows.engine.plan import Loop, Plan, PlanNode, Policy
from flows.engine.run import RunHeader
from flows.engine.waiting import Signal, Wait

CHUNK: Final = "chunk"  # the kind of the wait
_LONGEST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some items of a for-each (`node`) in their order; the first one is the list's `first`."""

    node: str
    first: int
    keys: Sequence[str]
    values: Sequence[Any]
    names: Mapping[str, Any]

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Self:
        """Out of what the wait for it is about."""
        return cls(**{name: about[name] for name in ("node", "first", "keys", "values", "names")})

    @property
    def name(self) -> str:
        """What it is called in its run's row: "each_line/A7+100"."""
        return f"{self.node}/{_key(self.keys)}"

    def same(self, other: "Chunk") -> bool:
        """Whether a run of the one gives what a run of the other would."""
        mine, theirs = (
            codec.canonical([one.node, one.first, list(one.keys), list(one.values), one.names])
            for one in (self, other)
        )
        return mine == theirs


def waiting_node(each: str) -> str:
    """The node that waits for the chunks of a for-each; no id in a document looks like it."""
    return f"{each}:chunk"


def spread(plan: Plan) -> Plan:
    """The plan of a run that leaves the items of its for-each nodes to others."""
    nodes = list(plan.nodes)
    for node in plan.nodes:
        if node.loop is None or not node.loop.chunk_size or not node.loop.body:
            continue
        waits = PlanNode(
            index=len(nodes),
            id=waiting_node(node.id),
            type="flow.for_each@1",
            name=node.name,
            kind=NodeKind.CONTROL,
            ports=("out",),
            policy=Policy(),
            targets={},
            incoming=1,
            evaluate=_waiting(node.id, node.loop),
        )
        nodes.append(waits)
        nodes[node.index] = replace(
            node,
            evaluate=_cutting(node),
            targets={**node.targets, "item": (waits.index,)},
            loop=replace(
                node.loop, body=(waits.index,), concurrency=node.loop.chunks_at_once, spread=True
            ),
        )
    return plan if len(nodes) == len(plan.nodes) else replace(plan, nodes=tuple(nodes))


def _cutting(node: PlanNode) -> Evaluate:
    evaluate, loop = node.evaluate, node.loop
    assert evaluate is not None  # noqa: S101 - every loop has one
    assert loop is not None  # noqa: S101 - the caller looked
    size = loop.chunk_size or 1

    def cut(moment: Moment) -> Result:
        items = list(evaluate(moment).items or ())
        chunks = []
        for first in range(0, len(items), size):
            some = items[first : first + size]
            keys = [key for key, _ in some]
            chunk = {"first": first, "keys": keys, "values": [value for _, value in some]}
            chunks.append((_key(keys), chunk))
        return Result(items=chunks, ports=("done",))

    return cut


def _key(keys: Sequence[str]) -> str:
    return f"{keys[0]}+{len(keys)}"


def _waiting(each: str, loop: Loop) -> Evaluate:
    def wait(moment: Moment) -> Result:
        names = {name: moment.names[name] for name in loop.reads if name in moment.names}
        about = {"node": each, "names": names, **moment.names["item"]}
        return Result(
            wait=Wait(
                kind=CHUNK,
                key="",  # the step's effect key
                until=moment.now + _LONGEST,
                about=about,
                predicted=Signal(port="out", output={"items": [], "failed": [], "count": 0}),
                prediction="would leave items to another run",
            )
        )

    return wait


def opening(
    chunk: Chunk,
    header: RunHeader,
    *,
    of: str,
    revision: int,
    effects: Mapping[str, Any],
    at: datetime,
) -> list[RunEvent]:
    """The events that the journal of a chunk's run opens with. `effects` is by effect key what was
    done, or may have been, by earlier runs of its items."""
    start = {
        "flow": header.flow,
        "version": header.version,
        "trigger_node": header.trigger_node,
        "chunk": {"of": of, "node": chunk.node, "names": chunk.names, "revision": revision},
        "effects": effects,
    }
    items = {
        "keys": list(chunk.keys),
        "only": True,
        "first": chunk.first,
        "values": list(chunk.values),
    }
    return [
        RunEvent(seq=1, type=EventType.RUN_STARTED, at=at, data=start),
        RunEvent(seq=2, type=EventType.STEP_STARTED, node=chunk.node, at=at, data=items),
    ]


def chunk_of(events: Sequence[RunEvent]) -> Chunk | None:
    """What a run is about whose journal begins so; None when it is no chunk's."""
    if len(events) < 2 or "chunk" not in events[0].data:
        return None
    told, items = events[0].data["chunk"], events[1].data
    return Chunk(
        node=told["node"],
        first=items["first"],
        keys=items["keys"],
        values=items["values"],
        names=told["names"],
    )


def as_written(start: Mapping[str, Any]) -> bool:
    """Whether a run whose `run_started` says so does its items itself: a chunk's run, or the replay
    of one item."""
    return "chunk" in start or bool(start.get("replay", {}).get("item"))
