"""Business rules: ordered rows that find what is wrong or worth knowing, and choose a way."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk.errors import RejectedError
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.mapping.values import text

MESSAGE_LENGTH = 500
_RESERVED = ("out", "invalid", "error")


def _rules(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    rows = []
    for index, row in enumerate(params["rules"]):
        here = compiler.at("rules", index)
        rows.append(
            (
                here.at("when").condition(row["when"]),
                here.at("message").field(row["message"]),
                row.get("severity", "error"),
                row.get("route"),
            )
        )

    def evaluate(moment: Moment) -> Result:
        found: list[dict[str, Any]] = []
        port = ""
        for index, (holds, message, severity, route) in enumerate(rows):
            if not holds(moment.names):
                continue
            words = text(message(moment.names))[:MESSAGE_LENGTH]
            found.append({"row": index, "severity": severity, "message": words, "route": route})
            # The first row that says where to go decides; a mere remark does not.
            port = port or route or ("invalid" if severity == "error" else "")
        errors = [one for one in found if one["severity"] == "error"]
        output = {"valid": not errors, "findings": found, "port": port or "out"}
        if port == "invalid" and "invalid" not in moment.wired:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise RejectedError(
                errors[0]["message"] + more,
                code="rules",
                fix="Correct the record where it comes from, then replay the run.",
                detail=output,
            )
        return Result(output=output, ports=(port or "out",))

    return evaluate


def _ports(params: Mapping[str, Any]) -> tuple[str, ...]:
    routes = dict.fromkeys(row["route"] for row in params["rules"] if "route" in row)
    return ("out", *routes, "invalid")


RULES = NodeType(
    type="data.rules@1",
    title="Business rules",
    summary="Looks at a record row by row: what is wrong, what is worth knowing, where to go.",
    icon="list",
    hue="data",
    kind=NodeKind.DATA,
    ports=("out", "invalid"),
    ports_of=_ports,
    params=params_schema(
        ["rules"],
        rules={
            "type": "array",
            "title": "Rules",
            "minItems": 1,
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["when", "message"],
                "additionalProperties": False,
                "properties": {
                    "when": {
                        "type": "string",
                        "minLength": 1,
                        "title": "When",
                        "description": "An expression; the row is a finding when it is true.",
                        "x-widget": "expression",
                    },
                    "severity": {
                        "enum": ["error", "warning", "info"],
                        "default": "error",
                        "title": "Severity",
                    },
                    "route": {
                        "type": "string",
                        "pattern": "^[a-z][a-z0-9_]{0,47}$",
                        "not": {"enum": list(_RESERVED)},
                        "title": "Route",
                        "description": "Port through which the run goes on.",
                    },
                    "message": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 2000,
                        "title": "Message",
                        "x-widget": "expression",
                    },
                },
            },
        },
    ),
    output={
        "type": "object",
        "properties": {
            "valid": {"type": "boolean"},
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "row": {"type": "integer"},
                        "severity": {"type": "string"},
                        "message": {"type": "string"},
                        "route": {"type": ["string", "null"]},
                    },
                },
            },
            "port": {"type": "string"},
        },
    },
    build=_rules,
)
