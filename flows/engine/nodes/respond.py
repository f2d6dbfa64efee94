"""A node that answers whoever sent the delivery and still waits."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.mapping.values import text

RESPOND_TYPE: Final = "flow.respond@1"
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
# What the server itself says, and what would reach into the sender's browser.
_RESERVED: Final = frozenset(
    {
        "connection", "content-length", "content-security-policy", "date", "keep-alive", "server",
        "set-cookie", "trailer", "transfer-encoding", "upgrade", "x-content-type-options",
    }
)  # fmt: skip
_UNPRINTABLE: Final = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def _respond(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    status = int(params.get("status", 200))
    body = compiler.at("body").value(params.get("body"))
    headers = {}
    for name, value in params.get("headers", {}).items():
        here = compiler.at("headers", name)
        if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
            here.problem(
                "respond_header",
                f"An answer cannot set the header {name!r}.",
                "Remove it, or choose another name of letters, digits and hyphens.",
            )
        headers[name.lower()] = here.field(value)

    def evaluate(moment: Moment) -> Result:
        told = {name: text(read(moment.names)) for name, read in headers.items()}
        for name, value in told.items():
            if _UNPRINTABLE.search(value) or len(value) > 4096:
                raise ExpressionError(
                    "respond_header", f"The value of the header {name!r} cannot be sent."
                )
        return Result(output={"status": status, "headers": told, "body": body(moment.names)})

    return evaluate


RESPOND = NodeType(
    type=RESPOND_TYPE,
    title="Respond",
    summary="Answers whoever sent the delivery; the run goes on.",
    icon="reply",
    hue="control",
    kind=NodeKind.CONTROL,
    params=params_schema(
        [],
        status={
            "type": "integer",
            "minimum": 200,
            "maximum": 599,
            "default": 200,
            "title": "Status",
        },
        body={
            "title": "Body",
            "description": "An object or a list is sent as JSON, a text as it is.",
            "x-widget": "expression",
        },
        headers={
            "type": "object",
            "maxProperties": 20,
            "additionalProperties": {"type": "string", "maxLength": 4096},
            "title": "Headers",
        },
    ),
    output={
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "headers": {"type": "object"},
            "body": {},
        },
    },
    build=_respond,
)
