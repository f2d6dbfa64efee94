"""Nodes about several items and about time: for each, delay."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.lengths import end_of
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.mapping.values import text

MAX_ITEMS = 10_000
STOP: Final = "stop"
COLLECT: Final = "collect"
DEAD_LETTER: Final = "dead_letter"
_UNSAFE = re.compile(r"[^A-Za-z0-9_.:@+-]")


def item_key(value: Any) -> str:
    """A key as a part of a path: short, without slashes, and different for different values."""
    plain = text(value)
    safe = _UNSAFE.sub("_", plain)
    if safe == plain and 0 < len(safe) <= 40:
        return safe
    return f"{safe[:27]}~{hashlib.sha256(plain.encode()).hexdigest()[:12]}"


def _for_each(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    if "max_failures" in params and params.get("on_item_error", STOP) == STOP:
        compiler.at("max_failures").problem(
            "max_failures_needless",
            "The first failed item stops this for-each.",
            "Choose collect or dead_letter for failed items, or remove `max_failures`.",
        )
    read = compiler.at("items").value(params["items"])
    key = (
        compiler.at("key").naming("item", "index").expression(params["key"])
        if "key" in params
        else None
    )

    def evaluate(moment: Moment) -> Result:
        items = read(moment.names)
        if type(items) is not list:
            raise ExpressionError("items_not_a_list", "The items of a for-each have to be a list.")
        if len(items) > MAX_ITEMS:
            raise ExpressionError(
                "too_many_items", f"A for-each takes at most {MAX_ITEMS} items, not {len(items)}."
            )
        keyed: dict[str, Any] = {}
        for index, item in enumerate(items):
            name = str(index)
            if key is not None:
                name = item_key(key({**moment.names, "item": item, "index": index}))
            if name in keyed:
                raise ExpressionError(
                    "key_twice", f"Two items have the key {name!r}: keys tell items apart."
                )
            keyed[name] = item
        return Result(items=tuple(keyed.items()), ports=("done",))

    return evaluate


def _delay(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    if "for" in params:
        end = end_of(compiler.at("for"), params["for"], code="delay")
        return lambda moment: Result(until=end(moment))
    read = compiler.at("until").value(params["until"])

    def until_(moment: Moment) -> Result:
        try:
            until = datetime.fromisoformat(text(read(moment.names)))
        except ExpressionError:
            raise
        except ValueError as error:
            raise ExpressionError("delay", "`until` has to be an instant in ISO form.") from error
        if until.tzinfo is None:
            raise ExpressionError("delay", "`until` has to say its offset, such as Z.")
        return Result(until=until)

    return until_


FOR_EACH = NodeType(
    type="flow.for_each@1",
    title="For each",
    summary="Does the steps behind `item` once per element of a list.",
    icon="repeat",
    hue="control",
    kind=NodeKind.CONTROL,
    ports=("item", "done"),
    params=params_schema(
        ["items"],
        items={"title": "Items", "type": ["string", "array"], "x-widget": "expression"},
        key={
            "type": "string",
            "minLength": 1,
            "title": "Key",
            "description": "Expression that tells items apart, such as {{ item.id }}; "
            "without one the position does.",
            "x-widget": "expression",
        },
        concurrency={
            "type": "integer",
            "minimum": 1,
            "maximum": 50,
            "default": 1,
            "title": "At the same time",
        },
        on_item_error={
            "enum": [STOP, COLLECT, DEAD_LETTER],
            "default": "stop",
            "title": "When an item fails",
            "description": "stop fails this step; collect goes on and lists the failed items; "
            "dead_letter goes on, and at the end of the run each failed item becomes a dead "
            "letter of its own.",
        },
        chunk_size={
            "type": "integer",
            "minimum": 2,
            "maximum": 1000,
            "title": "Items per chunk",
            "description": "Cuts the list into chunks of so many items. Each chunk is a run of its "
            "own that any worker carries; concurrency then counts chunks.",
        },
        max_failures={
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_ITEMS,
            "title": "Most failed items",
            "description": "With collect or dead_letter: one failed item more fails this step.",
        },
    ),
    output={
        "type": "object",
        "properties": {
            "items": {"type": "array", "description": "Last output per item, null if it has none"},
            "failed": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "index": {"type": "integer"},
                        "key": {"type": "string"},
                        "error": {"type": "object"},
                    },
                },
            },
            "count": {"type": "integer"},
        },
    },
    build=_for_each,
)
DELAY = NodeType(
    type="flow.delay@1",
    title="Delay",
    summary="Waits for a time, or until an instant.",
    icon="clock",
    hue="control",
    kind=NodeKind.CONTROL,
    params={
        **params_schema(
            [],
            **{
                "for": {"type": "string", "title": "For", "examples": ["PT5M"]},
                "until": {"type": "string", "title": "Until", "x-widget": "expression"},
            },
        ),
        "oneOf": [{"required": ["for"]}, {"required": ["until"]}],
    },
    output={"type": "object", "properties": {"until": {"type": "string"}}},
    build=_delay,
)
