"""Nodes about links: sync record, find link.

A sync node calls several operations over two connections. To the engine it is one action: an
attempt that is written down before it leaves, and that is looked after when a worker died over it
(see `flows.sync.synchronise` for what makes that safe).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler, Read
from flows.engine.nodes.node import InnerSlot, NodeKind, NodeType, Prepared
from flows.engine.nodes.sync_schema import FIND_LINK as FIND_LINK_SCHEMA
from flows.engine.nodes.sync_schema import LINK_OUTPUT, OUTPUT, RECORD
from flows.mapping.document import compile_mapping
from flows.sync.entity import MOST_DELETES, Deletes, Entity, Field, Owner, Side
from flows.sync.normalise import Normaliser
from flows.sync.plan import READS, WRITES, SideCall, SidePlan, SyncPlan

SYNC_TYPE: Final = "sync.record@1"
FIND_TYPE: Final = "sync.find_link@1"
_SEES: Final[Mapping[str, tuple[str, ...]]] = {
    "read": ("id",),
    "find": ("values", "raw"),
    "similar": ("values", "raw"),
    "create": ("values", "fields", "other_id", "key"),
    "update": ("id", "values", "fields", "expected", "raw"),
    "delete": ("id", "raw"),
    "archive": ("id", "raw"),
    "restore": ("id", "raw"),
}


def _record(params: Mapping[str, Any], compiler: NodeCompiler) -> Prepared:
    before = len(compiler.findings.names)
    names = [one["name"] for one in params["fields"]]
    for index, name in enumerate(names):
        if name in names[:index]:
            compiler.at("fields", index, "name").problem(
                "field_twice", f"The field {name!r} is there twice.", "Remove one of the two."
            )
    plan = SyncPlan(
        entity=Entity(
            name=params["entity"],
            fields=tuple(
                _field(one, compiler.at("fields", index))
                for index, one in enumerate(params["fields"])
                if one["name"] not in names[:index]
            ),
            deletes={
                side: Deletes(params.get("deletes", {}).get(side.value, Deletes.ASK))
                for side in Side
            },
            creates=frozenset(Side(one) for one in params.get("creates", ["left", "right"])),
            most_deletes=params.get("deletes", {}).get("most_per_hour", MOST_DELETES),
        ),
        sides={side: _side(params[side.value], compiler.at(side.value), names) for side in Side},
        ids=_ids(params, compiler),
    )
    _calls_fit(params, plan, compiler)
    return Prepared(params=_seen(compiler, before), sync=plan)


def _ids(params: Mapping[str, Any], compiler: NodeCompiler) -> dict[Side, Read]:
    return {
        side: compiler.at(f"{side.value}_id").value(params[f"{side.value}_id"])
        for side in Side
        if f"{side.value}_id" in params
    }


def _seen(compiler: NodeCompiler, before: int) -> Read:
    """What of the scope the expressions inside read: they are evaluated while it is called."""
    wanted = {"trigger", "run"} | {name for name, _ in compiler.findings.names[before:]}

    def read(names: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: names[name] for name in wanted if name in names}
        return {"names": {**found, "_crosswalks": names.get("_crosswalks", {})}}

    return read


def _field(document: Mapping[str, Any], compiler: NodeCompiler) -> Field:
    owner = Owner(document.get("owner", Owner.MANUAL))
    resolve = None
    if owner is Owner.EXPRESSION:
        if "expression" not in document:
            compiler.problem(
                "expression_missing",
                "The owner of this field is an expression, and there is none.",
                "Write an expression over left, right and base, or choose another owner.",
            )
        read = compiler.at("expression").naming("left", "right", "base")
        evaluate = read.expression(document.get("expression", "none"))

        def resolve(left: Any, right: Any, base: Any) -> Any:
            names = {"left": left, "right": right, "base": base, "_crosswalks": {}}
            return evaluate(names)

    elif "expression" in document:
        compiler.at("expression").problem(
            "expression_needless",
            f"The owner of this field is {owner.value!r}, so nothing asks the expression.",
            "Choose the owner `expression`, or remove it.",
        )
    return Field(
        name=document["name"],
        owner=owner,
        normalisers=tuple(Normaliser(one) for one in document.get("normalise", ())),
        as_set=bool(document.get("set", False)),
        country=document.get("country", ""),
        resolve=resolve,
    )


def _side(document: Mapping[str, Any], compiler: NodeCompiler, names: list[str]) -> SidePlan:
    calls = {
        what: _call(document[what], compiler.at(what), _SEES[what])
        for what in (*READS, *WRITES)
        if what in document
    }
    for index, one in enumerate(document["map_in"]):
        if one["target"] not in names:
            compiler.at("map_in", index, "target").problem(
                "field_unknown",
                f"The entity has no field {one['target']!r}.",
                f"Its fields are: {', '.join(names)}.",
            )
    raw = compiler.naming("raw")

    def of_raw(name: str) -> Read | None:
        return raw.at(name).value(document[name]) if name in document else None

    return SidePlan(
        slot=document["connection"],
        news=tuple(document.get("news", ())),
        noun=document["noun"],
        calls=calls,
        id=raw.at("id").value(document["id"]),
        changed_at=of_raw("changed_at"),
        label=of_raw("label"),
        held=of_raw("held"),
        told=compiler.at("told").value(document["told"]) if "told" in document else None,
        map_in=compile_mapping(document["map_in"], raw.at("map_in")),
        map_out=compile_mapping(document["map_out"], compiler.naming("values").at("map_out")),
    )


def _call(document: Mapping[str, Any], compiler: NodeCompiler, sees: tuple[str, ...]) -> SideCall:
    taking = compiler.naming(*sees, "answer").at("take")
    return SideCall(
        operation=document["operation"],
        params=compiler.naming(*sees).at("params").value(document.get("params", {})),
        take=taking.value(document["take"]) if "take" in document else None,
    )


def _calls_fit(params: Mapping[str, Any], plan: SyncPlan, compiler: NodeCompiler) -> None:
    """Whether each side has the operations that the policies need."""
    for side in Side:
        calls, here = plan.sides[side].calls, compiler.at(side.value)
        if side in plan.entity.creates and "create" not in calls:
            here.problem(
                "sync_call_missing",
                f"Records are made on the {side.value} side, and there is no `create`.",
                f"Add `create`, or leave {side.value!r} out of `creates`.",
            )
        for what in ("find", "similar", "read", "create"):
            if what in calls and calls[what].take is None:
                here.at(what).problem(
                    "sync_take_missing",
                    f"Nothing is taken out of the answer of `{what}`.",
                    "Write `take`: an expression over answer.",
                )
        policy = plan.entity.deletes[side.other]
        needed = {Deletes.PROPAGATE: "delete", Deletes.ASK: "delete", Deletes.ARCHIVE: "archive"}
        what = needed.get(policy, "")
        if what and what not in calls:
            here.problem(
                "sync_call_missing",
                f"When a record is gone on the {side.other.value} side, `{what}` is needed here.",
                f"Add `{what}`, or choose another policy in `deletes`.",
            )


def _find(params: Mapping[str, Any], compiler: NodeCompiler) -> Prepared:
    ids = _ids(params, compiler)
    if not ids:
        compiler.problem(
            "find_link_id", "Neither id is given.", "Give `left_id` or `right_id`, or both."
        )

    def read(names: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "entity": params["entity"],
            "slots": {side.value: params[side.value] for side in Side},
            "ids": {side.value: one(names) for side, one in ids.items()},
        }

    return Prepared(params=read)


def _slots_of_record(params: Mapping[str, Any]) -> Iterator[InnerSlot]:
    for side in Side:
        document = params.get(side.value)
        if not isinstance(document, Mapping):
            continue
        operations = [
            (what, document[what].get("operation"), what in WRITES)
            for what in (*READS, *WRITES)
            if isinstance(document.get(what), Mapping)
        ]
        yield InnerSlot(
            at=(side.value,), slot=document.get("connection"), operations=tuple(operations)
        )


def _slots_of_find(params: Mapping[str, Any]) -> Iterator[InnerSlot]:
    for side in Side:
        yield InnerSlot(at=(), key=side.value, slot=params.get(side.value), operations=())


def id_text(value: Any, side: Side) -> str:
    """An id as links keep it; "" for none. Raises `ExpressionError` for what is no id."""
    if value is None or isinstance(value, bool | list | dict):
        if value is None:
            return ""
        raise ExpressionError("sync_id", f"The id of the {side.value} record is no id.")
    return str(value).replace("\x00", "")[:200]


SYNC_RECORD = NodeType(
    type=SYNC_TYPE,
    title="Sync record",
    summary="Keeps a record the same on two sides: field by field, with proof, asking a person "
    "where it must.",
    icon="loop",
    hue="logic",
    kind=NodeKind.ACTION,
    prepare=_record,
    slots_of=_slots_of_record,
    effect="write",
    params=RECORD,
    output=OUTPUT,
)
FIND_LINK = NodeType(
    type=FIND_TYPE,
    title="Find link",
    summary="Looks up which record of the other side belongs to this one.",
    icon="search",
    hue="logic",
    kind=NodeKind.ACTION,
    prepare=_find,
    slots_of=_slots_of_find,
    effect="read",
    params=FIND_LINK_SCHEMA,
    output=LINK_OUTPUT,
)
