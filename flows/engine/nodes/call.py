"""Flows that call flows: the node that calls, and the trigger of the flow that is called."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from connectors.sdk.errors import RejectedError
from flows.engine.expression import ExpressionError, has_expression
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.lengths import end_of
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.engine.problem import Problem, pointer
from flows.engine.waiting import Signal, Wait
from flows.mapping.json_schema import schema_fault

CALL_TYPE: Final = "flow.call@1"
CALLED_TYPE: Final = "flow.called@1"
CALL: Final = "call"  # the kind of the wait
_DEADLINE: Final = "P1D"
_STARTING: Final = timedelta(days=1)  # a call that is not waited for is answered at its start


def called_signal(output: Any) -> Signal:
    """The answer that a called flow's run gives when it ended well."""
    return Signal(port="out", output=output)


def called_error(*, run_id: str, flow: str, state: str, error: Mapping[str, Any] | None) -> Signal:
    """The answer that it gives when it ended otherwise."""
    told = dict(error or {})
    why = f": {told['message']}" if told.get("message") else "."
    failure = RejectedError(
        f"The called flow {flow!r} ended as {state}{why}",
        code="called_flow_failed",
        fix=f"See run {run_id} of the called flow. A replay of this run replays it too.",
        detail={"run_id": run_id, "flow": flow, "state": state, "error": told},
    )
    return Signal(port="", output=None, error=failure.to_dict())


def _call(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    flow, version = params["flow"], params.get("version")
    if has_expression(flow):
        compiler.at("flow").problem(
            "call_flow",
            "Which flow is called has to be known before a run.",
            "Write the flow's slug; take a switch where it depends on data.",
        )
    answer = bool(params.get("wait", True))
    if not answer and "deadline" in params:
        compiler.at("deadline").problem(
            "call_deadline_needless",
            "Nobody waits for the called flow, so no deadline can pass.",
            "Remove `deadline`, or wait for the answer.",
        )
    read = compiler.at("input").value(params.get("input", {}))
    end = end_of(compiler.at("deadline"), params.get("deadline", _DEADLINE), code="deadline")

    def evaluate(moment: Moment) -> Result:
        given = read(moment.names)
        if not isinstance(given, dict):
            raise ExpressionError("call_input", "The input of a called flow has to be an object.")
        name = flow if version is None else f"{flow} (version {version})"
        return Result(
            wait=Wait(
                kind=CALL,
                key="",  # the step's effect key: the call is made once
                until=end(moment) if answer else moment.now + _STARTING,
                about={"flow": flow, "version": version, "input": given, "answer": answer},
                predicted=called_signal({}),
                prediction=f"would call the flow {name}",
            )
        )

    return evaluate


def _called(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    fault = schema_fault(params["schema"]) if "schema" in params else ""
    if fault:
        compiler.at("schema").problem("called_schema", fault, "Correct the schema.")
    return lambda moment: Result(output=moment.names["trigger"].get("data", {}))


FLOW_CALL = NodeType(
    type=CALL_TYPE,
    title="Call a flow",
    summary="Runs another flow, and goes on with what it gave.",
    icon="corner-down-right",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=("out", "timeout"),
    params=params_schema(
        ["flow"],
        flow={
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "title": "Flow",
            "description": "Slug of a flow of this workspace with the trigger flow.called@1.",
        },
        version={
            "type": "integer",
            "minimum": 1,
            "title": "Version",
            "description": "Always this one; without it the one that is deployed at that moment.",
        },
        input={
            "title": "Input",
            "description": "What the called flow sees as trigger.data: an object.",
            "x-widget": "expression",
        },
        wait={
            "type": "boolean",
            "default": True,
            "title": "Wait for its end",
            "description": "Without it the output is the id of the run that was started.",
        },
        deadline={
            "type": "string",
            "minLength": 1,
            "default": _DEADLINE,
            "title": "At most",
            "description": "How long it waits, such as PT6H or P3D.",
            "examples": ["PT1H"],
        },
    ),
    output={"description": "What the called flow gave; without waiting {run_id}"},
    build=_call,
)
FLOW_CALLED = NodeType(
    type=CALLED_TYPE,
    title="Called by a flow",
    summary="Starts the flow when another flow calls it.",
    icon="corner-right-down",
    hue="control",
    kind=NodeKind.TRIGGER,
    params=params_schema(
        schema={
            "type": "object",
            "title": "JSON Schema of the input",
            "description": "What `trigger.data` has to look like.",
        },
    ),
    output={"type": "object", "description": "The input"},
    build=_called,
)


def call_problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a document's calls as far as it alone can tell."""
    nodes = document.get("nodes")
    found = []
    called = 0
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        if not isinstance(node, Mapping):
            continue
        params = node.get("params")
        flow = params.get("flow") if isinstance(params, Mapping) else None
        called += node.get("type") == CALLED_TYPE
        if node.get("type") == CALL_TYPE and flow is not None and flow == document.get("slug"):
            found.append(
                Problem(
                    code="call_recursion",
                    pointer=pointer("nodes", index, "params", "flow"),
                    message="A flow cannot call itself.",
                    fix="Use a for-each to repeat steps.",
                    node=str(node.get("id", "")),
                )
            )
        elif node.get("type") == CALLED_TYPE and called > 1:
            found.append(
                Problem(
                    code="called_twice",
                    pointer=pointer("nodes", index),
                    message="A flow can be called in one way only.",
                    fix="Keep one trigger of this type.",
                    node=str(node.get("id", "")),
                )
            )
    return found
