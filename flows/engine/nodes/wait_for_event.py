"""A node that waits for news about a record."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.lengths import end_of
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.engine.waiting import KEY_LENGTH, TIMEOUT, Signal, Wait
from flows.mapping.values import text

EVENT: Final = "event"  # the kind of the wait


class Correlation(StrEnum):
    """What of the news has to equal the key."""

    BUSINESS_KEY = "business_key"
    ENTITY_ID = "entity_id"


def correlation_of(params: Mapping[str, Any]) -> Correlation:
    """What a node's params say."""
    return Correlation(params.get("match", Correlation.BUSINESS_KEY))


def event_signal(trigger: Mapping[str, Any]) -> Signal:
    """The answer that news is; `trigger` as expressions see it (see `RunHeader`)."""
    return Signal(port="out", output=dict(trigger))


def _build(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read = compiler.at("key").value(params["key"])
    end = end_of(compiler.at("deadline"), params["deadline"], code="deadline")
    event = params["event"]
    match = correlation_of(params)

    def evaluate(moment: Moment) -> Result:
        key = text(read(moment.names)).replace("\x00", "")[:KEY_LENGTH]
        if not key:
            raise ExpressionError("wait_key_empty", "The key of what is waited for is empty.")
        until = end(moment)
        expected = {"business_key": "", "entity_id": "", match.value: key}
        return Result(
            wait=Wait(
                kind=EVENT,
                key=key,
                until=until,
                about={"event": event, "match": match.value},
                predicted=event_signal(
                    {
                        "type": event,
                        "change": "",
                        "entity": "",
                        "version": "",
                        "occurred_at": moment.now.isoformat(),
                        "data": {},
                        **expected,
                    }
                ),
                prediction=f"would wait for {event} of {key} until {until.isoformat()}",
            )
        )

    return evaluate


WAIT_FOR_EVENT = NodeType(
    type="flow.wait_for_event@1",
    title="Wait for event",
    summary="Waits for news about a record, and goes on with it.",
    icon="ear",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=("out", TIMEOUT),
    listens=True,
    params=params_schema(
        ["event", "key", "deadline"],
        event={
            "type": "string",
            "minLength": 1,
            "maxLength": 120,
            "title": "Event",
            "description": "Type of the news: a trigger of the connection's system.",
            "examples": ["prestashop.order_event@1"],
        },
        filter={
            "type": "object",
            "title": "Only",
            "description": "Which news of that type count: the params of the trigger.",
        },
        key={
            "type": "string",
            "minLength": 1,
            "title": "Key",
            "description": "Whose news: the business key or the id of the record.",
            "x-widget": "expression",
        },
        match={
            "enum": [one.value for one in Correlation],
            "default": Correlation.BUSINESS_KEY.value,
            "title": "Key is",
            "description": "What of the news has to equal the key.",
        },
        deadline={
            "type": "string",
            "minLength": 1,
            "title": "At most",
            "description": "How long it waits, such as PT6H or P3D.",
            "examples": ["P1D"],
        },
    ),
    output={
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "change": {"type": "string"},
            "entity": {"type": "string"},
            "entity_id": {"type": "string"},
            "version": {"type": "string"},
            "business_key": {"type": "string"},
            "occurred_at": {"type": "string", "format": "date-time"},
            "data": {"type": "object"},
            "until": {"type": "string", "format": "date-time"},
        },
    },
    build=_build,
)
