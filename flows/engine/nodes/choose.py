"""Nodes that choose where a run goes on: branch, switch, filter, stop."""

from collections.abc import Mapping
from typing import Any

from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import (
    Evaluate,
    Moment,
    NodeKind,
    NodeType,
    Result,
    Stop,
    params_schema,
)
from flows.mapping.values import text

_CONDITION = {
    "type": "string",
    "minLength": 1,
    "title": "Condition",
    "description": "An expression that is true or false.",
    "x-widget": "expression",
}
_PORT = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,47}$"}


def _branch(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    holds = compiler.at("condition").condition(params["condition"])

    def evaluate(moment: Moment) -> Result:
        yes = holds(moment.names)
        return Result(output={"condition": yes}, ports=("yes",) if yes else ("no",))

    return evaluate


def _filter(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    holds = compiler.at("condition").condition(params["condition"])

    def evaluate(moment: Moment) -> Result:
        passed = holds(moment.names)
        return Result(output={"passed": passed}, ports=("out",) if passed else ())

    return evaluate


def _same(value: Any, wanted: Any) -> bool:
    """Equal, or equal as text: far-side ids are text, and people write them as numbers."""
    if isinstance(value, (dict, list)) or isinstance(wanted, (dict, list)):
        return bool(value == wanted)
    if value is None or wanted is None:
        return value is wanted
    return text(value) == text(wanted)


def _switch(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read = compiler.at("value").value(params["value"])
    cases = []
    seen: set[str] = {"default"}
    for index, case in enumerate(params["cases"]):
        here = compiler.at("cases", index)
        if case["port"] in seen:
            here.at("port").problem(
                "port_twice",
                f"The port {case['port']!r} is there already.",
                "Give every case a port of its own; default is taken.",
            )
        seen.add(case["port"])
        cases.append((case["port"], here.at("equals").value(case["equals"])))

    def evaluate(moment: Moment) -> Result:
        value = read(moment.names)
        port = next(
            (port for port, wanted in cases if _same(value, wanted(moment.names))), "default"
        )
        return Result(output={"value": value, "port": port}, ports=(port,))

    return evaluate


def _switch_ports(params: Mapping[str, Any]) -> tuple[str, ...]:
    return (*dict.fromkeys(case["port"] for case in params["cases"]), "default")


def _stop(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read = compiler.at("outcome").field(params.get("outcome", ""))
    succeeded = params.get("status", "succeeded") == "succeeded"

    def evaluate(moment: Moment) -> Result:
        outcome = text(read(moment.names))[:200]
        return Result(
            output={"outcome": outcome, "status": "succeeded" if succeeded else "failed"},
            ports=(),
            stop=Stop(succeeded, outcome),
        )

    return evaluate


BRANCH = NodeType(
    type="flow.branch@1",
    title="Branch",
    summary="Goes one way when a condition holds, another when it does not.",
    icon="git-branch",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=("yes", "no"),
    params=params_schema(["condition"], condition=_CONDITION),
    output={"type": "object", "properties": {"condition": {"type": "boolean"}}},
    build=_branch,
)
FILTER = NodeType(
    type="flow.filter@1",
    title="Filter",
    summary="Goes on when a condition holds, else ends quietly.",
    icon="filter",
    hue="control",
    kind=NodeKind.CONTROL,
    params=params_schema(["condition"], condition=_CONDITION),
    output={"type": "object", "properties": {"passed": {"type": "boolean"}}},
    build=_filter,
)
SWITCH = NodeType(
    type="flow.switch@1",
    title="Switch",
    summary="Goes the way of the first case that equals a value.",
    icon="route",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=("default",),
    ports_of=_switch_ports,
    params=params_schema(
        ["value", "cases"],
        value={"title": "Value", "x-widget": "expression"},
        cases={
            "type": "array",
            "title": "Cases",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["port", "equals"],
                "additionalProperties": False,
                "properties": {"port": {**_PORT, "title": "Port"}, "equals": {"title": "Equals"}},
            },
        },
    ),
    output={"type": "object", "properties": {"value": {}, "port": {"type": "string"}}},
    build=_switch,
)
STOP = NodeType(
    type="flow.stop@1",
    title="Stop",
    summary="Ends the run and says how it came out.",
    icon="flag",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=(),
    params=params_schema(
        [],
        outcome={
            "type": "string",
            "title": "Outcome",
            "description": "Shown in the list of runs; the first 200 characters.",
        },
        status={"enum": ["succeeded", "failed"], "default": "succeeded", "title": "Status"},
    ),
    output={
        "type": "object",
        "properties": {"outcome": {"type": "string"}, "status": {"type": "string"}},
    },
    build=_stop,
)
