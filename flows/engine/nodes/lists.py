"""Nodes that part a list: group, batch."""

from collections.abc import Mapping
from typing import Any

from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler, Read
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.mapping.values import text

MAX_ELEMENTS = 100_000
_ITEMS = {"title": "Items", "type": ["string", "array"], "x-widget": "expression"}


def _elements(read: Read, moment: Moment) -> list[Any]:
    items = read(moment.names)
    if type(items) is not list:
        raise ExpressionError("items_not_a_list", "The items have to be a list.")
    if len(items) > MAX_ELEMENTS:
        raise ExpressionError(
            "too_many_items", f"At most {MAX_ELEMENTS} items can be parted, not {len(items)}."
        )
    return items


def _group(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read = compiler.at("items").value(params["items"])
    key = compiler.at("key").naming("item", "index").expression(params["key"])

    def evaluate(moment: Moment) -> Result:
        groups: dict[str | None, dict[str, Any]] = {}
        names = dict(moment.names)
        for index, item in enumerate(_elements(read, moment)):
            names["item"], names["index"] = item, index
            value = key(names)
            # Far-side ids are text here and numbers there: 7 and "7" are one group.
            group = groups.setdefault(
                None if value is None else text(value), {"key": value, "items": []}
            )
            group["items"].append(item)
        return Result(output={"groups": list(groups.values()), "count": len(groups)})

    return evaluate


def _batch(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read = compiler.at("items").value(params["items"])
    size = int(params["size"])

    def evaluate(moment: Moment) -> Result:
        items = _elements(read, moment)
        batches = [items[start : start + size] for start in range(0, len(items), size)]
        return Result(output={"batches": batches, "count": len(batches)})

    return evaluate


GROUP = NodeType(
    type="data.group@1",
    title="Group",
    summary="Puts the elements of a list together that have the same key.",
    icon="stack",
    hue="data",
    kind=NodeKind.DATA,
    params=params_schema(
        ["items", "key"],
        items=_ITEMS,
        key={
            "type": "string",
            "minLength": 1,
            "title": "Key",
            "description": "Expression over `item` and `index`, such as {{ item.customer_id }}.",
            "x-widget": "expression",
        },
    ),
    output={
        "type": "object",
        "properties": {
            "groups": {
                "type": "array",
                "description": "In the order in which their keys came first",
                "items": {
                    "type": "object",
                    "properties": {"key": {}, "items": {"type": "array"}},
                },
            },
            "count": {"type": "integer"},
        },
    },
    build=_group,
)
BATCH = NodeType(
    type="data.batch@1",
    title="Batch",
    summary="Cuts a list into parts of a given length.",
    icon="box",
    hue="data",
    kind=NodeKind.DATA,
    params=params_schema(
        ["items", "size"],
        items=_ITEMS,
        size={"type": "integer", "minimum": 1, "maximum": 10_000, "title": "Elements in a batch"},
    ),
    output={
        "type": "object",
        "properties": {
            "batches": {"type": "array", "items": {"type": "array"}},
            "count": {"type": "integer"},
        },
    },
    build=_batch,
)
