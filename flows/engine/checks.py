"""Every check of a flow document; all of them run, so that all problems are told at once."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flows.engine.branches import JOIN, PARALLEL, Branches, follow
from flows.engine.catalog_port import CatalogPort
from flows.engine.graph import LOOP_PORT, Edge, Graph
from flows.engine.node_compiler import Findings, NodeCompiler, Read
from flows.engine.nodes import NODE_TYPES
from flows.engine.nodes.call import call_problems
from flows.engine.nodes.choose import STOP
from flows.engine.nodes.node import Evaluate, NodeKind, NodeType
from flows.engine.nodes.repeat import DEAD_LETTER
from flows.engine.nodes.respond import RESPOND_TYPE
from flows.engine.problem import Problem, Severity, pointer
from flows.engine.slots import slot_problems, slots_used, unused_slots
from flows.engine.spec import check_document
from flows.mapping.json_schema import findings, validator
from flows.sync.plan import SyncPlan

ALWAYS: Final = frozenset({"trigger", "run"})
IN_LOOP: Final = frozenset({"item", "index"})
_CROSSWALK = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(slots=True)
class DraftNode:
    """A node on the way to a plan; what could not be compiled stays None."""

    index: int
    document: Mapping[str, Any]
    kind: NodeKind
    ports: tuple[str, ...]
    spec: Mapping[str, Any] | None = None
    evaluate: Evaluate | None = None
    params: Read | None = None
    findings: Findings | None = None
    sync: SyncPlan | None = None

    @property
    def is_loop(self) -> bool:
        return LOOP_PORT in self.ports and self.document["type"].startswith("flow.for_each@")


@dataclass(slots=True)
class Draft:
    """What the checks found out about a document."""

    problems: list[Problem] = field(default_factory=list)
    nodes: dict[str, DraftNode] = field(default_factory=dict)
    graph: Graph = field(default_factory=lambda: Graph([], []))
    scopes: dict[str, str] = field(default_factory=dict)
    branches: Branches = field(default_factory=Branches)
    crosswalks: set[str] = field(default_factory=set)
    lane_key: Read | None = None

    def add(
        self,
        code: str,
        at: str,
        message: str,
        fix: str,
        *,
        node: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.problems.append(
            Problem(code=code, pointer=at, message=message, fix=fix, node=node, severity=severity)
        )

    def sorted_problems(self) -> list[Problem]:
        """In the document's order, errors and warnings together, none twice."""
        return sorted(set(self.problems), key=lambda one: (_place(one.pointer), one.code))


def _place(at: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in at.split("/")[1:])


def examine(document: Any, catalog: CatalogPort) -> Draft:
    """Run all checks. Where the schema is broken, the rest is checked as far as it can be."""
    draft = Draft(problems=check_document(document))
    if not isinstance(document, Mapping) or any(
        one.code == "format_newer" for one in draft.problems
    ):
        return draft
    broken = {one.pointer for one in draft.problems}
    _nodes(document, catalog, draft, broken)
    _edges(document, draft)
    _shape(draft)
    _names(draft)
    _settings(document, draft)
    draft.problems.extend(call_problems(document))
    return draft


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    found = document.get(key)
    return found if isinstance(found, list) else []


def _dict(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def _nodes(
    document: Mapping[str, Any], catalog: CatalogPort, draft: Draft, broken: set[str]
) -> None:
    slots = _dict(document, "connections")
    used: set[str] = set()
    for index, node in enumerate(_list(document, "nodes")):
        if not isinstance(node, Mapping):
            continue
        id_, type_ = node.get("id"), node.get("type")
        if not isinstance(id_, str) or not isinstance(type_, str):
            continue
        if id_ in draft.nodes:
            draft.add(
                "node_twice",
                pointer("nodes", index, "id"),
                f"The id {id_!r} is taken by another node.",
                "Give every node an id of its own.",
                node=id_,
            )
            continue
        made = _typed(index, node, catalog, draft)
        draft.nodes[id_] = made
        used |= slots_used(node)
        if made.spec is not None:
            draft.problems.extend(slot_problems(index, node, slots, catalog))
        here = pointer("nodes", index) + "/"
        if made.spec is not None and not any(one.startswith(here) for one in broken):
            _params(made, draft)
    draft.problems.extend(unused_slots(slots, used))


def _typed(index: int, node: Mapping[str, Any], catalog: CatalogPort, draft: Draft) -> DraftNode:
    type_ = node["type"]
    if type_ in NODE_TYPES:
        built_in = NODE_TYPES[type_]
        return DraftNode(index, node, built_in.kind, built_in.ports, _spec(built_in))
    operation = catalog.operation_spec(type_)
    if operation is not None:
        ports = tuple(operation.get("ports", ("out",)))
        return DraftNode(index, node, NodeKind.ACTION, ports, operation)
    trigger = catalog.trigger_spec(type_)
    if trigger is not None:
        return DraftNode(index, node, NodeKind.TRIGGER, ("out",), trigger)
    close = difflib.get_close_matches(type_, NODE_TYPES, n=1)
    draft.add(
        "unknown_type",
        pointer("nodes", index, "type"),
        f"There is no node type {type_!r}.",
        f"Did you mean {close[0]!r}?" if close else "Choose a type from the catalog.",
        node=node["id"],
    )
    return DraftNode(index, node, NodeKind.ACTION, ())


def _spec(built_in: NodeType) -> Mapping[str, Any]:
    if built_in.kind is NodeKind.TRIGGER:
        return {"params": built_in.params}
    # What calls far sides is looked after by itself: a node that died is asked by being done again.
    return {"input": built_in.params, "effect": built_in.effect, "probe": True}


def _params(node: DraftNode, draft: Draft) -> None:
    """Params against their schema, then compiled: expressions, mappings, rules."""
    assert node.spec is not None  # noqa: S101 - the caller checked it
    id_ = node.document["id"]
    params = node.document.get("params", {})
    trigger = node.kind is NodeKind.TRIGGER
    schema = node.spec.get("params" if trigger else "input") or {}
    check = validator(schema, expressions=not trigger)
    found = [
        Problem(
            code="params",
            pointer=pointer("nodes", node.index, "params", *path),
            message=message,
            fix=f"See what {node.document['type']} takes.",
            node=id_,
        )
        for path, message in findings(check, params)
    ]
    draft.problems.extend(found)
    built_in = NODE_TYPES.get(node.document["type"])
    if trigger and (built_in is None or found):
        return
    notes = Findings(id_)
    compiler = NodeCompiler(notes, ("nodes", node.index, "params"))
    node.findings = notes
    if built_in is not None and built_in.prepare is not None:
        if not found:
            prepared = built_in.prepare(params, compiler)
            node.params, node.sync = prepared.params, prepared.sync
    elif node.kind is NodeKind.ACTION:
        node.params = compiler.value(params)
    elif found:
        node.ports = ()  # unknown: edges from here are not judged
    elif built_in is not None and built_in.build is not None:
        evaluate = built_in.build(params, compiler)
        node.evaluate = None if trigger else evaluate
        if built_in.ports_of is not None:
            node.ports = built_in.ports_of(params)
    draft.problems.extend(notes.problems)
    for slug in sorted(notes.crosswalks):
        if not _CROSSWALK.fullmatch(slug):
            draft.add(
                "crosswalk_usage",
                pointer("nodes", node.index, "params"),
                f"{slug[:64]!r} cannot be the name of a crosswalk.",
                "Crosswalk names have small letters, digits and hyphens.",
                node=id_,
            )
    draft.crosswalks |= notes.crosswalks


def _edges(document: Mapping[str, Any], draft: Draft) -> None:
    kept: list[Edge] = []
    seen: set[tuple[str, str, str]] = set()
    for index, edge in enumerate(_list(document, "edges")):
        if not isinstance(edge, Mapping):
            continue
        ends = (edge.get("from"), edge.get("port"), edge.get("to"))
        if not all(isinstance(one, str) for one in ends):
            continue
        source, port, target = (str(one) for one in ends)
        for end, name in (("from", source), ("to", target)):
            if name not in draft.nodes:
                draft.add(
                    "edge_unknown_node",
                    pointer("edges", index, end),
                    f"There is no node {name!r}.",
                    _meant(name, draft.nodes) or "Remove the edge, or connect another node.",
                )
        if source not in draft.nodes or target not in draft.nodes:
            continue
        if (source, port, target) in seen:
            draft.add(
                "edge_twice",
                pointer("edges", index),
                f"The edge from {source!r} ({port}) to {target!r} is there twice.",
                "Remove one of the two.",
                node=source,
            )
            continue
        seen.add((source, port, target))
        _port(draft.nodes[source], port, index, draft)
        kept.append(Edge(source, port, target, index))
    draft.graph = Graph(draft.nodes, kept)


def _port(node: DraftNode, port: str, index: int, draft: Draft) -> None:
    id_ = node.document["id"]
    policy = _dict(node.document, "policy")
    if port == "error":
        if policy.get("on_error") != "route":
            draft.add(
                "error_not_routed",
                pointer("edges", index, "port"),
                f"The node {id_!r} does not route its errors.",
                "Set the node's policy on_error to route, or remove the edge.",
                node=id_,
            )
    elif node.ports and port not in node.ports:
        draft.add(
            "edge_unknown_port",
            pointer("edges", index, "port"),
            f"The node {id_!r} has no port {port!r}.",
            f"Its ports are: {', '.join(node.ports)}.",
            node=id_,
        )
    elif node.spec is not None and not node.ports and node.document["type"] == "flow.stop@1":
        draft.add(
            "edge_unknown_port",
            pointer("edges", index, "port"),
            "Nothing comes after a stop.",
            "Remove the edge.",
            node=id_,
        )


def _shape(draft: Draft) -> None:
    graph = draft.graph
    triggers = [id_ for id_, node in draft.nodes.items() if node.kind is NodeKind.TRIGGER]
    if draft.nodes and not triggers:
        draft.add("no_trigger", "/nodes", "Nothing starts this flow.", "Add a trigger to the flow.")
    for id_ in triggers:
        for edge in graph.incoming[id_]:
            draft.add(
                "trigger_has_input",
                pointer("edges", edge.index),
                f"The trigger {id_!r} cannot come after another node.",
                "Remove the edge; a flow may have several triggers side by side.",
                node=id_,
            )
    cycle = graph.cycle()
    if cycle:
        draft.add(
            "cycle",
            pointer("nodes", draft.nodes[cycle[0]].index),
            f"These nodes go round in a circle: {' → '.join([*cycle, cycle[0]])}.",
            "Remove one of the edges; use a for-each to repeat steps.",
            node=cycle[0],
        )
    if triggers:
        for id_ in sorted(draft.nodes.keys() - graph.reachable(triggers)):
            draft.add(
                "unreachable",
                pointer("nodes", draft.nodes[id_].index),
                f"No trigger leads to the node {id_!r}.",
                "Connect it, or remove it.",
                node=id_,
            )
    _loops(draft, bool(cycle))
    if not cycle:
        _branches(draft)
    for id_, node in draft.nodes.items():
        _continuing(id_, node, draft)
        routed = _dict(node.document, "policy").get("on_error") == "route"
        if routed and not any(edge.port == "error" for edge in graph.outgoing[id_]):
            draft.add(
                "error_not_routed",
                pointer("nodes", node.index, "policy", "on_error"),
                f"The errors of {id_!r} would be lost: nothing is connected to its error port.",
                "Connect the port `error`, or choose fail or continue.",
                node=id_,
            )


def _continuing(id_: str, node: DraftNode, draft: Draft) -> None:
    if _dict(node.document, "policy").get("on_error") != "continue" or not node.ports:
        return
    if "out" not in node.ports and not node.is_loop:
        draft.add(
            "continue_nowhere",
            pointer("nodes", node.index, "policy", "on_error"),
            f"The node {id_!r} has no usual port through which to go on after an error.",
            "Choose fail or route.",
            node=id_,
        )


def _loops(draft: Draft, cyclic: bool) -> None:
    loops = frozenset(id_ for id_, node in draft.nodes.items() if node.is_loop)
    for id_ in sorted(loops):
        if not any(edge.port == LOOP_PORT for edge in draft.graph.outgoing[id_]):
            draft.add(
                "loop_empty",
                pointer("nodes", draft.nodes[id_].index),
                f"The for-each {id_!r} has nothing to do for its items.",
                "Connect its port `item`.",
                node=id_,
                severity=Severity.WARNING,
            )
    if cyclic:
        return
    draft.scopes, broken = draft.graph.scopes(loops)
    for id_ in sorted(loops):
        found = draft.nodes[id_]
        params = found.document.get("params", {})
        if draft.scopes.get(id_) and params.get("on_item_error") == DEAD_LETTER:
            draft.add(
                "dead_letter_nested",
                pointer("nodes", found.index, "params", "on_item_error"),
                "A for-each within another one has no dead letters for its items.",
                "Choose stop or collect here; the item of the outer for-each is set aside whole.",
                node=id_,
            )
    _chunks(draft, loops)
    for edge in broken:
        draft.add(
            "loop_rejoin",
            pointer("edges", edge.index),
            f"The edge from {edge.source!r} to {edge.target!r} joins steps inside and outside "
            "of a for-each.",
            "Continue after the loop from its port `done`.",
            node=edge.target,
        )


def _branches(draft: Draft) -> None:
    types: dict[str, set[str]] = {PARALLEL: set(), JOIN: set()}
    for id_, node in draft.nodes.items():
        types.get(node.document["type"], set()).add(id_)
    draft.branches = follow(draft.graph, frozenset(types[PARALLEL]), frozenset(types[JOIN]))
    for edge in draft.branches.merged:
        draft.add(
            "branches_meet",
            pointer("edges", edge.index),
            f"Branches of a parallel node meet at {edge.target!r}, which is no join.",
            "Bring the branches together with a join, and continue behind it.",
            node=edge.target,
        )
    for edge in draft.branches.strange:
        draft.add(
            "join_strange",
            pointer("edges", edge.index),
            f"{edge.source!r} is in no branch of the parallel node that {edge.target!r} closes.",
            "Lead only branches of one parallel node into a join.",
            node=edge.target,
        )


def _names(draft: Draft) -> None:
    ancestors = draft.graph.ancestors()
    for id_, node in draft.nodes.items():
        if node.findings is None:
            continue
        known = ALWAYS | ancestors[id_]
        if draft.scopes.get(id_):
            known |= IN_LOOP
        for name, at in node.findings.names:
            if name not in known:
                _unknown_name(name, at, id_, known, draft)


def _unknown_name(name: str, at: str, id_: str, known: Iterable[str], draft: Draft) -> None:
    if name == id_:
        message, fix = f"{name!r} is this node itself.", "Use the output of an earlier node."
    elif name in draft.nodes:
        message = f"{name!r} does not come before {id_!r}."
        fix = "Connect it before this node, or use another value."
    elif name in IN_LOOP:
        message = f"{name!r} is only known inside a for-each."
        fix = "Move the node behind the port `item` of a for-each."
    else:
        message = f"Nothing is called {name!r} here."
        fix = _meant(name, known) or f"Known are: {', '.join(sorted(known))}."
    code = "not_upstream" if name in draft.nodes else "unknown_name"
    draft.add(code, at, message, fix, node=id_)


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _settings(document: Mapping[str, Any], draft: Draft) -> None:
    lane = _dict(_dict(document, "settings"), "lane")
    if not isinstance(lane.get("key"), str):
        return
    notes = Findings("")
    compiler = NodeCompiler(notes, ("settings", "lane", "key"), frozenset({"trigger"}))
    draft.lane_key = compiler.field(lane["key"])
    draft.problems.extend(notes.problems)
    for name, at in notes.names:
        draft.add(
            "unknown_name",
            at,
            f"{name!r} is not known before the run starts.",
            "A lane's key is made of `trigger` alone.",
        )


def _chunks(draft: Draft, loops: frozenset[str]) -> None:
    """What cannot be in a run of its own: what ends or answers for the whole run."""
    for id_ in sorted(loops):
        found = draft.nodes[id_]
        if "chunk_size" not in found.document.get("params", {}):
            continue
        at = pointer("nodes", found.index, "params", "chunk_size")
        if draft.scopes.get(id_):
            draft.add(
                "chunk_nested",
                at,
                "A for-each within another one is not cut into chunks.",
                "Give the outer for-each a chunk size.",
                node=id_,
            )
        for inner, outer in draft.scopes.items():
            type_ = draft.nodes[inner].document["type"]
            if outer == id_ and type_ in (RESPOND_TYPE, STOP.type):
                draft.add(
                    "chunk_body",
                    at,
                    f"{inner!r} speaks for the whole run and cannot stand in a chunk.",
                    "Put it behind `done`, or remove the chunk size.",
                    node=id_,
                )
