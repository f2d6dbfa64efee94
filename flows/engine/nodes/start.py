"""Triggers that need no far side: a schedule, a start by hand, the failure of another flow."""

from collections.abc import Mapping
from typing import Any, Final

from flows.engine.cron import DEFAULT_MOST, Cron, CronError, Missed
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.mapping.json_schema import schema_fault

SCHEDULE_TYPE: Final = "flow.schedule@1"
MANUAL_TYPE: Final = "flow.manual@1"
FAILED_TYPE: Final = "flow.failed@1"


def _data(moment: Moment) -> Result:
    return Result(output=moment.names["trigger"].get("data", {}))


def _schedule(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    try:
        cron_of(params)
    except CronError as error:
        at = "zone" if "zone" in str(error) else "cron"
        compiler.at(at).problem(
            "schedule", str(error), "Write `30 6 * * 1-5` and a zone such as Europe/Berlin."
        )
    if "max_missed" in params and params.get("missed") != Missed.ALL:
        compiler.at("max_missed").problem(
            "max_missed_needless",
            "Only `all` starts more than one missed tick.",
            "Choose all for missed ticks, or remove `max_missed`.",
        )
    return _data


def cron_of(params: Mapping[str, Any]) -> Cron:
    """The schedule of a node's params. Raises `CronError`."""
    return Cron(params["cron"], params.get("zone", "UTC"))


def _manual(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    fault = schema_fault(params["schema"]) if "schema" in params else ""
    if fault:
        compiler.at("schema").problem("manual_schema", fault, "Correct the schema.")
    return _data


def _failed(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    if params.get("named_only") and params.get("flows"):
        compiler.at("flows").problem(
            "failed_flows",
            "Flows are listed, and only those count that name this one.",
            "Remove the list, or `named_only`.",
        )
    return _data


SCHEDULE = NodeType(
    type=SCHEDULE_TYPE,
    title="Schedule",
    summary="Starts the flow at set times.",
    icon="clock",
    hue="control",
    kind=NodeKind.TRIGGER,
    params=params_schema(
        ["cron"],
        cron={
            "type": "string",
            "minLength": 9,
            "maxLength": 200,
            "title": "Schedule",
            "description": "Minute, hour, day of month, month, day of week.",
            "examples": ["30 6 * * 1-5"],
        },
        zone={
            "type": "string",
            "default": "UTC",
            "maxLength": 64,
            "title": "Time zone",
            "description": "IANA name; its daylight saving is followed.",
            "examples": ["Europe/Berlin"],
        },
        missed={
            "enum": [one.value for one in Missed],
            "default": Missed.SKIP.value,
            "title": "Missed ticks",
            "description": "What happens to ticks of the last 7 days that nobody saw within a "
            "minute: none, only the last one, or all of them.",
        },
        max_missed={
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": DEFAULT_MOST,
            "title": "Most missed ticks",
            "description": "With all: the last so many.",
        },
    ),
    output={
        "type": "object",
        "properties": {
            "tick": {"type": "string", "format": "date-time"},
            "local": {"type": "string", "format": "date-time"},
            "zone": {"type": "string"},
            "missed": {"type": "boolean"},
        },
    },
    build=_schedule,
)
MANUAL = NodeType(
    type=MANUAL_TYPE,
    title="By hand",
    summary="Starts the flow when a person or a program asks for it.",
    icon="play",
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
    build=_manual,
)
FAILED = NodeType(
    type=FAILED_TYPE,
    title="Failure of a flow",
    summary="Starts the flow when a run of another flow ends badly.",
    icon="alert",
    hue="control",
    kind=NodeKind.TRIGGER,
    params=params_schema(
        flows={
            "type": "array",
            "uniqueItems": True,
            "maxItems": 200,
            "items": {"type": "string", "minLength": 1, "maxLength": 64},
            "title": "Flows",
            "description": "Slugs. Without any, every other flow of the workspace.",
        },
        named_only={
            "type": "boolean",
            "default": False,
            "title": "Only flows that name this one",
            "description": "Only failures of flows whose setting on_error is this flow.",
        },
        states={
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": ["dead", "failed"]},
            "default": ["dead", "failed"],
            "title": "Which ends",
            "description": "dead: became a dead letter; failed: stopped as failed by the flow.",
        },
        codes={
            "type": "array",
            "uniqueItems": True,
            "maxItems": 100,
            "items": {"type": "string", "minLength": 1, "maxLength": 64},
            "title": "Error codes",
            "description": "Only these; without any, all.",
        },
    ),
    output={
        "type": "object",
        "properties": {
            "run_id": {"type": "string"},
            "flow": {"type": "string"},
            "version": {"type": "integer"},
            "state": {"enum": ["dead", "failed"]},
            "business_key": {"type": "string"},
            "node": {"type": "string"},
            "path": {"type": "string"},
            "error": {"type": "object"},
            "page": {"type": "string", "description": "Where the run is shown, such as /runs/…"},
        },
    },
    build=_failed,
)
