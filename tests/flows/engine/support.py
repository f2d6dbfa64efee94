"""The smallest flows, catalogs and far sides that the engine's tests need."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sdk.operation import OperationResult, ProbeResult
from flows.engine.compile import compile_flow
from flows.engine.events import RunEvent
from flows.engine.inline import InlineResult, Outside, VirtualClock, run_inline
from flows.engine.journal import MemoryJournal
from flows.engine.limits import Limits
from flows.engine.operations import OperationCall
from flows.engine.plan import Plan
from flows.engine.run import RunHeader
from flows.mapping.crosswalk import Crosswalk

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def _operation(name: str, effect: str, *, idempotent: bool, probe: bool) -> dict[str, Any]:
    return {
        "name": name,
        "version": 1,
        "title": name,
        "summary": name,
        "icon": "dot",
        "effect": effect,
        "idempotent": idempotent,
        "probe": probe,
        "ports": ["out"],
        "input": {
            "type": "object",
            "properties": {"id": {"type": ["string", "integer"]}, "data": {}},
            "additionalProperties": False,
        },
        "output": {"type": "object"},
    }


class FakeCatalog:
    """One connector, `far`: a trigger, a read, and writes of every kind."""

    def __init__(self) -> None:
        entries = [
            _operation("far.read", "read", idempotent=True, probe=False),
            _operation("far.write", "write", idempotent=False, probe=True),
            _operation("far.put", "write", idempotent=True, probe=False),
            _operation("far.shoot", "write", idempotent=False, probe=False),
        ]
        self.operations = {f"{one['name']}@1": one for one in entries}

    def operation_spec(self, type_: str) -> Mapping[str, Any] | None:
        return self.operations.get(type_)

    def trigger_spec(self, type_: str) -> Mapping[str, Any] | None:
        if type_ != "far.event@1":
            return None
        return {"name": "far.event", "version": 1, "params": {"type": "object"}}


CATALOG = FakeCatalog()


def node(id_: str, type_: str, /, **more: Any) -> dict[str, Any]:
    """A node; types of `far` get the slot."""
    made: dict[str, Any] = {"id": id_, "type": type_, **more}
    if type_.startswith("far."):
        made.setdefault("connection", "far")
    return made


def edges(*ways: str) -> list[dict[str, str]]:
    """ "a > b" leaves by out, "a.yes > b" by another port."""
    made = []
    for way in ways:
        source, _, target = (part.strip() for part in way.partition(">"))
        name, _, port = source.partition(".")
        made.append({"from": name, "port": port or "out", "to": target})
    return made


def flow(nodes: Sequence[dict[str, Any]], ways: Sequence[str], **more: Any) -> dict[str, Any]:
    """A flow document that starts with the trigger `start`."""
    return {
        "format": 1,
        "slug": "test",
        "name": "Test",
        "connections": {"far": {"connector": "far"}},
        "nodes": [node("start", "far.event@1"), *nodes],
        "edges": edges(*ways),
        **more,
    }


def plan(nodes: Sequence[dict[str, Any]], ways: Sequence[str], **more: Any) -> Plan:
    return compile_flow(flow(nodes, ways, **more), CATALOG)


def header(**data: Any) -> RunHeader:
    return RunHeader(
        run_id="run-1",
        flow="test",
        version=1,
        trigger_node="start",
        trigger={"type": "far.event@1", "entity_id": "6", "data": data},
        origin_event_id="event-1",
    )


class FarSide:
    """A far side that keeps what was written, by effect key, and fails on demand.

    `script` gives by node a list of what its next calls do: an exception to raise instead of the
    effect, ("lost", exception) to take effect and then raise, or None to go well. `outputs` are
    answers by node; without one the answer holds the node and its path.
    """

    def __init__(
        self,
        outputs: Mapping[str, Any] | None = None,
        script: Mapping[str, list[Any]] | None = None,
    ) -> None:
        self.outputs = dict(outputs or {})
        self.script = {key: list(value) for key, value in (script or {}).items()}
        self.effects: dict[str, int] = {}
        self.calls: list[tuple[str, str]] = []
        self.probes: list[tuple[str, str]] = []

    def _answer(self, call: OperationCall) -> OperationResult:
        output = self.outputs.get(call.node, {"node": call.node, "path": call.path})
        return OperationResult(output=output)

    async def run(self, call: OperationCall) -> OperationResult:
        self.calls.append((call.node, call.path))
        todo = self.script.get(call.node) or [None]
        step = todo.pop(0)
        if isinstance(step, Exception):
            raise step
        if call.type != "far.read@1" and not call.dry_run:
            self.effects[call.effect_key] = self.effects.get(call.effect_key, 0) + 1
        if isinstance(step, tuple):
            raise step[1]
        return self._answer(call)

    async def probe(self, call: OperationCall) -> ProbeResult:
        self.probes.append((call.node, call.path))
        if call.effect_key in self.effects:
            return ProbeResult(happened=True, result=self._answer(call))
        return ProbeResult(happened=False)


async def go(
    made: Plan,
    far: Any,
    *,
    run: RunHeader | None = None,
    clock: VirtualClock | None = None,
    crosswalks: Mapping[str, Crosswalk] | None = None,
    history: Sequence[RunEvent] = (),
    journal: MemoryJournal | None = None,
    dry_run: bool = False,
    seed: int = 1,
    limits: Limits | None = None,
    outside: Outside | None = None,
) -> InlineResult:
    return await run_inline(
        made,
        header=run or header(),
        operations=far,
        clock=clock or VirtualClock(START),
        rng=random.Random(seed),
        crosswalks=crosswalks,
        history=history,
        journal=journal,
        dry_run=dry_run,
        limits=limits,
        outside=outside,
    )


def ran(result: InlineResult) -> list[str]:
    """The steps that succeeded, as path/node, in their order."""
    return [
        f"{event.path}/{event.node}" if event.path else event.node
        for event in result.events
        if event.type == "step_succeeded"
    ]


def output(result: InlineResult, id_: str) -> Any:
    """What a step outside loops gave."""
    found = None
    for event in result.events:
        if event.node == id_ and "output" in event.data and not event.path:
            found = event.data["output"]
    return found
