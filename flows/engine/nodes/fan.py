"""Nodes that go several ways at once and come together again: parallel, join."""

from collections.abc import Mapping
from typing import Any

from flows.engine.branches import JOIN as JOIN_TYPE
from flows.engine.branches import PARALLEL as PARALLEL_TYPE
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema


def _parallel(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    names = list(params["branches"])
    return lambda moment: Result(output={"branches": names}, ports=tuple(names))


def _parallel_ports(params: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(params["branches"])


def _join(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    def evaluate(moment: Moment) -> Result:
        return Result(
            output={
                name: None if source is None else moment.names.get(source)
                for name, source in (moment.arrived or {}).items()
            }
        )

    return evaluate


PARALLEL = NodeType(
    type=PARALLEL_TYPE,
    title="Parallel",
    summary="Goes several ways at once.",
    icon="layers",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=(),
    ports_of=_parallel_ports,
    params=params_schema(
        ["branches"],
        branches={
            "type": "array",
            "title": "Branches",
            "description": "Each is a port. The branches do not wait for each other.",
            "minItems": 2,
            "maxItems": 20,
            "uniqueItems": True,
            "items": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9_]{0,47}$",
                "not": {"const": "error"},
                "title": "Name",
            },
        },
    ),
    output={
        "type": "object",
        "properties": {"branches": {"type": "array", "items": {"type": "string"}}},
    },
    build=_parallel,
)
JOIN = NodeType(
    type=JOIN_TYPE,
    title="Join",
    summary="Goes on when the branches of a parallel node have arrived.",
    icon="both",
    hue="control",
    kind=NodeKind.CONTROL,
    params=params_schema(
        wait_for={
            "enum": ["all", "any"],
            "default": "all",
            "title": "Wait for",
            "description": "all waits until every branch has arrived or can no longer arrive; "
            "any goes on with the first and cancels what the others have not begun.",
        },
    ),
    output={
        "type": "object",
        "description": "Last output by branch, null for a branch that did not arrive",
    },
    build=_join,
)
