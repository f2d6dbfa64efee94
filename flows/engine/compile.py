"""From a flow document to a plan, or to everything that is wrong with it.

One validator serves designer, API, command line and engine: all of them call this.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flows.engine.catalog_port import CatalogPort
from flows.engine.checks import Draft, examine
from flows.engine.durations import parse_duration
from flows.engine.graph import bodies
from flows.engine.node_compiler import Findings, is_literal
from flows.engine.nodes import NODE_TYPES
from flows.engine.nodes.node import NodeKind
from flows.engine.nodes.repeat import DEAD_LETTER, STOP
from flows.engine.nodes.respond import RESPOND_TYPE
from flows.engine.nodes.wait_for_event import correlation_of
from flows.engine.plan import (
    Call,
    Join,
    Loop,
    OnError,
    Plan,
    PlanNode,
    PlanTrigger,
    PlanWait,
    Policy,
    Slot,
)
from flows.engine.problem import FlowInvalidError, Problem, Severity
from flows.engine.retry import RetryPolicy
from flows.engine.spec import digest
from flows.mapping.json_schema import validator


def check_flow(document: Any, catalog: CatalogPort) -> list[Problem]:
    """Everything wrong with a document, warnings included, in the document's order."""
    return examine(document, catalog).sorted_problems()


def compile_flow(document: Any, catalog: CatalogPort) -> Plan:
    """The plan of a document. Raises `FlowInvalidError` with all problems when it has errors."""
    draft = examine(document, catalog)
    problems = draft.sorted_problems()
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise FlowInvalidError(problems)
    return _plan(document, draft)


class PlanCache:
    """Plans by digest: a flow is compiled once per process, not once per run."""

    def __init__(self, catalog: CatalogPort, size: int = 256) -> None:
        self._catalog = catalog
        self._size = size
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def get(self, key: str, document: Mapping[str, Any]) -> Plan:
        """The plan of the document whose digest is `key`. Raises `FlowInvalidError`."""
        plan = self._plans.get(key)
        if plan is None:
            plan = compile_flow(document, self._catalog)
            self._plans[key] = plan
            if len(self._plans) > self._size:
                self._plans.popitem(last=False)
        else:
            self._plans.move_to_end(key)
        return plan


def _policy(document: Mapping[str, Any]) -> Policy:
    default = Policy()
    retry = document.get("retry", {})
    return Policy(
        timeout=_duration(document.get("timeout"), default.timeout),
        retry=RetryPolicy(
            max_attempts=int(retry.get("max_attempts", default.retry.max_attempts)),
            horizon=_duration(retry.get("horizon"), default.retry.horizon),
        ),
        on_error=OnError(document.get("on_error", OnError.FAIL)),
    )


def _duration(written: str | None, default: timedelta) -> timedelta:
    return default if written is None else parse_duration(written)


def _join(
    id_: str, params: Mapping[str, Any], draft: Draft, place: Mapping[str, int]
) -> Join | None:
    entries = draft.branches.entries.get(id_)
    if entries is None:
        return None
    return Join(
        any_=params.get("wait_for", "all") == "any",
        entries={(place[source], port): name for (source, port), name in entries.items()},
        inside={
            name: tuple(
                sorted(place[one] for one in nodes if draft.scopes[one] == draft.scopes[id_])
            )
            for name, nodes in draft.branches.inside(id_).items()
        },
    )


def _is_checked(node: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether the params need no check during a run: literal ones, and those of our own nodes."""
    return node["type"] in NODE_TYPES or is_literal(params)


def _reads(draft: Draft, loop: str) -> tuple[str, ...]:
    """The nodes outside a for-each whose outputs its body reads."""
    body = {id_ for id_ in draft.nodes if loop in _loops_of(draft, id_)}
    found = {
        name
        for id_ in body
        for name, _ in (draft.nodes[id_].findings or Findings(id_)).names
        if name in draft.nodes and name not in body
    }
    return tuple(sorted(found))


def _loops_of(draft: Draft, id_: str) -> list[str]:
    """The loops around a node, the innermost first."""
    found = []
    while id_ := draft.scopes.get(id_, ""):
        found.append(id_)
    return found


def _plan(document: Mapping[str, Any], draft: Draft) -> Plan:
    order, _ = draft.graph.order()
    place = {id_: index for index, id_ in enumerate(order)}
    inside = bodies(draft.scopes, order)
    strands: dict[Any, int] = {(): 0}
    nodes = []
    triggers = []
    waits = []
    for id_ in order:
        node = draft.nodes[id_]
        written = node.document
        targets: dict[str, list[int]] = {}
        for edge in draft.graph.outgoing[id_]:
            targets.setdefault(edge.port, []).append(place[edge.target])
        params = written.get("params", {})
        call = loop = None
        if node.kind is NodeKind.ACTION and node.spec is not None and node.params is not None:
            call = Call(
                slot=written.get("connection", ""),
                effect_is_write=node.spec.get("effect") == "write",
                idempotent=bool(node.spec.get("idempotent")),
                probe=bool(node.spec.get("probe")),
                params=node.params,
                check=None if _is_checked(written, params) else validator(node.spec["input"]),
            )
        if node.is_loop:
            loop = Loop(
                body=tuple(place[one] for one in inside.get(id_, [])),
                concurrency=1 if "chunk_size" in params else int(params.get("concurrency", 1)),
                collect=params.get("on_item_error", STOP) != STOP,
                dead_letter=params.get("on_item_error") == DEAD_LETTER,
                max_failures=params.get("max_failures"),
                chunk_size=params.get("chunk_size"),
                chunks_at_once=int(params.get("concurrency", 1)),
                reads=_reads(draft, id_) if "chunk_size" in params else (),
            )
        if node.kind is NodeKind.TRIGGER:
            triggers.append(
                PlanTrigger(
                    node=id_,
                    type=written["type"],
                    slot=written.get("connection", ""),
                    params=params,
                )
            )
        if written["type"] in NODE_TYPES and NODE_TYPES[written["type"]].listens:
            waits.append(
                PlanWait(
                    node=id_,
                    type=params["event"],
                    slot=written["connection"],
                    match=correlation_of(params).value,
                    params=params.get("filter", {}),
                )
            )
        nodes.append(
            PlanNode(
                index=place[id_],
                id=id_,
                type=written["type"],
                name=written.get("name", id_),
                kind=node.kind,
                ports=node.ports,
                policy=_policy(written.get("policy", {})),
                targets={port: tuple(sorted(ends)) for port, ends in targets.items()},
                incoming=len(draft.graph.incoming[id_]),
                call=call,
                evaluate=node.evaluate,
                loop=loop,
                wired=frozenset(targets),
                strand=strands.setdefault(draft.branches.strands[id_], len(strands)),
                join=_join(id_, params, draft, place),
                sync=node.sync,
            )
        )
    settings = document.get("settings", {})
    lane = settings.get("lane", {})
    deadline = settings.get("deadline")
    return Plan(
        digest=digest(document),
        slug=document["slug"],
        name=document["name"],
        nodes=tuple(nodes),
        outer=tuple(place[one] for one in inside[""]),
        triggers=tuple(triggers),
        slots=tuple(
            Slot(name=name, connector=slot["connector"], label=slot.get("label", name))
            for name, slot in sorted(document.get("connections", {}).items())
        ),
        crosswalks=frozenset(draft.crosswalks),
        lane_name=lane.get("name", ""),
        lane_key=draft.lane_key,
        lane_latest=lane.get("policy") == "latest",
        lane_cap=int(lane["cap"]) if "cap" in lane else None,
        # While chunks of a run are at work, the next one of its lane may not overtake it.
        lane_hold=bool(lane.get("hold", False))
        or ("key" in lane and any(node.loop and node.loop.chunk_size for node in nodes)),
        weight=int(settings.get("weight", 10)),
        deadline=parse_duration(deadline) if deadline else None,
        responds=tuple(node.id for node in nodes if node.type == RESPOND_TYPE),
        waits=tuple(waits),
    )
