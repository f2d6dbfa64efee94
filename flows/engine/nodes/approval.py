"""A node that asks a person."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.lengths import end_of
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.engine.waiting import TIMEOUT, Signal, Wait
from flows.mapping.values import text

APPROVAL: Final = "approval"  # the kind of the wait
TITLE_LENGTH: Final = 200
MESSAGE_LENGTH: Final = 4000
ROLES: Final = ("viewer", "analyst", "operator", "release_engineer", "administrator")


class Decision(StrEnum):
    """What a person says; also the ports."""

    APPROVED = "approved"
    REJECTED = "rejected"


def decision_signal(decision: Decision, *, by: str, at: str, comment: str) -> Signal:
    """The answer that a decision is; `at` is ISO."""
    output = {"decision": decision.value, "by": by, "at": at, "comment": comment}
    return Signal(port=decision.value, output=output)


def _build(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read_title = compiler.at("title").value(params["title"])
    read_message = compiler.at("message").value(params.get("message", ""))
    end = end_of(compiler.at("deadline"), params["deadline"], code="deadline")
    role, users = params.get("role", ""), sorted(set(params.get("users", [])))

    def evaluate(moment: Moment) -> Result:
        title = " ".join(text(read_title(moment.names)).replace("\x00", "").split())
        title = title[:TITLE_LENGTH]
        if not title:
            raise ExpressionError("approval_title_empty", "The title of the question is empty.")
        message = text(read_message(moment.names)).replace("\x00", "")[:MESSAGE_LENGTH]
        asked = hashlib.sha256(f"{title}\0{message}".encode()).hexdigest()[:32]
        return Result(
            wait=Wait(
                kind=APPROVAL,
                key=asked,
                until=end(moment),
                about={"title": title, "message": message, "role": role, "users": users},
                predicted=decision_signal(
                    Decision.APPROVED, by="", at=moment.now.isoformat(), comment=""
                ),
                prediction=f"would ask for approval: {title}",
            )
        )

    return evaluate


_TEXT: Final = {"type": "string", "x-widget": "expression"}

HUMAN_APPROVAL = NodeType(
    type="flow.approval@1",
    title="Approval",
    summary="Asks a person, and goes on with the decision.",
    icon="hand",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=(Decision.APPROVED.value, Decision.REJECTED.value, TIMEOUT),
    params=params_schema(
        ["title", "deadline"],
        title={
            **_TEXT,
            "minLength": 1,
            "title": "Question",
            "description": "One line; the first 200 characters.",
            "examples": ["Refund order {{ trigger.business_key }}?"],
        },
        message={
            **_TEXT,
            "title": "What there is to know",
            "description": "Shown with the question; the first 4000 characters.",
            "x-multiline": True,
        },
        role={
            "enum": list(ROLES),
            "title": "Role",
            "description": "Whoever has this role in the workspace may decide.",
        },
        users={
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 150},
            "maxItems": 50,
            "title": "People",
            "description": "User names of people who may decide. With neither role nor people it "
            "is whoever may start runs.",
        },
        deadline={
            "type": "string",
            "minLength": 1,
            "title": "At most",
            "description": "How long it waits, such as PT6H or P3D.",
            "examples": ["P3D"],
        },
    ),
    output={
        "type": "object",
        "properties": {
            "decision": {"enum": [one.value for one in Decision]},
            "by": {"type": "string"},
            "at": {"type": "string", "format": "date-time"},
            "comment": {"type": "string"},
            "until": {"type": "string", "format": "date-time"},
        },
    },
    build=_build,
)
