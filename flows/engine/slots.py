"""Checks of connections: which slot a node uses, and what it listens to over it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from flows.engine.catalog_port import CatalogPort
from flows.engine.nodes import NODE_TYPES
from flows.engine.nodes.node import InnerSlot
from flows.engine.problem import Problem, Severity, pointer
from flows.mapping.json_schema import findings, validator


def unused_slots(slots: Iterable[str], used: set[str]) -> list[Problem]:
    """Slots of the document that no node uses."""
    return [
        Problem(
            code="slot_unused",
            pointer=pointer("connections", name),
            message=f"No node uses the connection slot {name!r}.",
            fix="Remove the slot, or connect a node through it.",
            severity=Severity.WARNING,
        )
        for name in sorted(set(slots) - used)
    ]


def slot_problems(
    index: int, node: Mapping[str, Any], slots: Mapping[str, Any], catalog: CatalogPort
) -> list[Problem]:
    """What is wrong with the connection of a node of a known type, and with the news for which it
    waits."""
    built_in = NODE_TYPES.get(node["type"])
    if built_in is None:
        return _slot(index, node, slots, node["type"].partition(".")[0])
    if built_in.slots_of is not None:
        needless = _needless(index, node)
        return needless or list(_inner(index, node, slots, catalog, built_in.slots_of))
    if not built_in.listens:
        return _needless(index, node)
    event = _params(node).get("event")
    if not isinstance(event, str):
        return []  # the params' own check tells
    spec = catalog.trigger_spec(event)
    if spec is None:
        return [
            Problem(
                code="event_unknown",
                pointer=pointer("nodes", index, "params", "event"),
                message=f"There is no trigger {event[:120]!r} that brings news.",
                fix="Choose a trigger of the connection's system.",
                node=node["id"],
            )
        ]
    return [
        *_slot(index, node, slots, event.partition(".")[0]),
        *_filter(index, node, spec),
    ]


def slots_used(node: Mapping[str, Any]) -> set[str]:
    """The connection slots that a node names."""
    used = {node.get("connection")}
    built_in = NODE_TYPES.get(str(node.get("type")))
    if built_in is not None and built_in.slots_of is not None:
        used |= {one.slot for one in built_in.slots_of(_params(node)) if isinstance(one.slot, str)}
    return {one for one in used if isinstance(one, str)}


def _inner(
    index: int,
    node: Mapping[str, Any],
    slots: Mapping[str, Any],
    catalog: CatalogPort,
    slots_of: Callable[[Mapping[str, Any]], Iterable[InnerSlot]],
) -> Iterator[Problem]:
    """Slots that are named in the params, and the operations that are called over them."""
    for one in slots_of(_params(node)):
        at: tuple[str | int, ...] = ("nodes", index, "params", *one.at)
        if not isinstance(one.slot, str):
            continue  # the params' own check tells
        if one.slot not in slots:
            known = ", ".join(sorted(slots)) or "none yet"
            yield Problem(
                code="connection_unknown",
                pointer=pointer(*at, one.key),
                message=f"There is no connection slot {one.slot[:64]!r}.",
                fix=f"Add the slot to `connections`, or choose one of: {known}.",
                node=node["id"],
            )
            continue
        found = slots[one.slot]
        connector = found.get("connector") if isinstance(found, Mapping) else None
        for name, type_, writes in one.operations:
            fault = _operation_fault(type_, connector, writes, catalog)
            if fault:
                yield Problem(
                    code="sync_operation",
                    pointer=pointer(*at, name, "operation"),
                    message=fault,
                    fix=f"Choose an operation of {connector!r} for this.",
                    node=node["id"],
                )


def _operation_fault(type_: Any, connector: Any, writes: bool, catalog: CatalogPort) -> str:
    if not isinstance(type_, str):
        return ""  # the params' own check tells
    spec = catalog.operation_spec(type_)
    if spec is None:
        return f"There is no operation {type_[:120]!r}."
    if type_.partition(".")[0] != connector:
        return f"{type_!r} cannot be called over a slot for {connector!r}."
    if writes != (spec.get("effect") == "write"):
        return f"{type_!r} {'only reads' if writes else 'writes'}."
    if writes and not (spec.get("probe") or spec.get("idempotent")):
        return f"{type_!r} cannot be looked after when its answer is lost."
    return ""


def _params(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = node.get("params")
    return found if isinstance(found, Mapping) else {}


def _needless(index: int, node: Mapping[str, Any]) -> list[Problem]:
    if node.get("connection") is None:
        return []
    return [
        Problem(
            code="connection_needless",
            pointer=pointer("nodes", index, "connection"),
            message=f"A {node['type']} node uses no connection.",
            fix="Remove `connection` from the node.",
            node=node["id"],
        )
    ]


def _slot(
    index: int, node: Mapping[str, Any], slots: Mapping[str, Any], connector: str
) -> list[Problem]:
    id_, slot = node["id"], node.get("connection")
    at = pointer("nodes", index, "connection")
    if slot is None:
        return [
            Problem(
                code="connection_missing",
                pointer=pointer("nodes", index),
                message=f"The node {id_!r} has no connection.",
                fix=f"Choose a connection slot of {connector!r}.",
                node=id_,
            )
        ]
    if slot not in slots:
        known = ", ".join(sorted(slots)) or "none yet"
        return [
            Problem(
                code="connection_unknown",
                pointer=at,
                message=f"There is no connection slot {slot!r}.",
                fix=f"Add the slot to `connections`, or choose one of: {known}.",
                node=id_,
            )
        ]
    found = slots[slot]
    if isinstance(found, Mapping) and found.get("connector") != connector:
        return [
            Problem(
                code="connection_mismatch",
                pointer=at,
                message=f"The slot {slot!r} is for {found.get('connector')!r}, "
                f"the node needs {connector!r}.",
                fix=f"Choose a slot of {connector!r}.",
                node=id_,
            )
        ]
    return []


def _filter(index: int, node: Mapping[str, Any], spec: Mapping[str, Any]) -> list[Problem]:
    """The trigger's own params, where the node has some."""
    given = _params(node).get("filter", {})
    check = validator(spec.get("params") or {}, expressions=False)
    return [
        Problem(
            code="params",
            pointer=pointer("nodes", index, "params", "filter", *path),
            message=message,
            fix=f"See what {_params(node)['event']} takes.",
            node=node["id"],
        )
        for path, message in findings(check, given)
    ]
