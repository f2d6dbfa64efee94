"""The two far sides of a sync: raw records become the entity's values, and the other way round."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.sdk import codec
from connectors.sdk.errors import (
    ConfigurationError,
    ContractError,
    FarSideError,
    NotFoundError,
    UncertainError,
)
from connectors.sdk.operation import OperationResult
from flows.dispatch.operations import BoundOperations
from flows.engine.execute import as_far_side
from flows.engine.nodes.sync import id_text
from flows.engine.operations import OperationCall
from flows.mapping.crosswalk import Crosswalk
from flows.sync.entity import Side
from flows.sync.link import Intent, Record
from flows.sync.plan import Read, SideCall, SyncPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record as it was read: the raw one, its id, what people call it, the entity's values."""

    raw: Any
    id: str
    label: str
    record: Record


class Sides:
    """Reads and writes over the operations that the plan names. Belongs to one step."""

    def __init__(
        self,
        *,
        plan: SyncPlan,
        call: OperationCall,
        names: Mapping[str, Any],
        operations: BoundOperations,
        crosswalks: Mapping[str, Crosswalk],
        systems: Mapping[Side, str],
    ) -> None:
        self.plan = plan
        self.systems = systems
        self._call = call
        self._names = names
        self._operations = operations
        self._crosswalks = crosswalks

    async def read(self, side: Side, id_: str) -> Found | None:
        """The record, None where it is not there. Raises `FarSideError`."""
        try:
            answer = await self._run(side, "read", {"id": id_})
        except NotFoundError:
            return None
        raw = self._taken(side, "read", answer, {"id": id_})
        return None if raw is None else self.found(side, raw)

    def found(self, side: Side, raw: Any) -> Found:
        """A raw record, mapped. Raises `FarSideError` when it does not fit the mapping."""
        there = self.plan.sides[side]
        names = {**self._names, "raw": raw}
        changed_at = _value(there.changed_at, names)
        return Found(
            raw=raw,
            id=id_text(_value(there.id, names), side),
            label=str(_value(there.label, names) or ""),
            record=Record(
                values=there.map_in.apply(names, self._crosswalks),
                changed_at=_instant(changed_at, side),
            ),
        )

    def told(self, side: Side) -> Found | None:
        """The record as the news tells it, where it does."""
        raw = _value(self.plan.sides[side].told, self._names)
        return None if raw is None else self.found(side, raw)

    async def matches(self, side: Side, what: str, other: Found) -> list[Found]:
        """Records of `side` that belong to `other` ("find") or resemble it ("similar")."""
        if what not in self.plan.sides[side].calls:
            return []
        extra = {"values": dict(other.record.values), "raw": other.raw}
        answer = await self._run(side, what, extra)
        raws = self._taken(side, what, answer, extra)
        if raws is None:
            return []
        if not isinstance(raws, list):
            raise ConfigurationError(
                f"`take` of `{what}` on the {side.value} side gives no list.",
                code="sync_take",
                fix="Let it give a list of raw records.",
            )
        return [self.found(side, raw) for raw in raws]

    async def write(
        self, intent: Intent, there: Found | None, other: Found | None, id_: str
    ) -> tuple[str, OperationResult]:
        """Carry an intent out; the id of the record and what the operation said.

        What is lost on the way is looked after at once. Raises `UncertainError` when even then
        nobody knows, and what the operation raises.
        """
        side = intent.side
        if intent.action not in self.plan.sides[side].calls:
            raise ConfigurationError(
                f"The sync node has no `{intent.action}` for the {side.value} side.",
                code="sync_call_missing",
                fix=f"Add `{intent.action}` to the node.",
            )
        extra = self._extra(intent, there, other, id_)
        if intent.action == "update" and not extra["fields"]:
            return id_, OperationResult(output=None)  # over there it makes no difference
        answer = await self._run(side, intent.action, extra, effect=intent)
        if intent.action != "create" or self._call.dry_run:
            return id_, answer
        made = id_text(self._taken(side, "create", answer, extra), side)
        if not made:
            raise ContractError(
                f"The new record on the {side.value} side has no id.",
                code="sync_no_id",
                fix="Correct `take` of `create`.",
            )
        return made, answer

    def _extra(
        self, intent: Intent, there: Found | None, other: Found | None, id_: str
    ) -> dict[str, Any]:
        side = self.plan.sides[intent.side]
        if intent.action in ("delete", "archive", "restore"):
            return {"id": id_, "raw": there.raw if there else None}
        before = dict(there.record.values) if there else {}
        values = {**before, **intent.sent}
        fields = side.map_out.apply({**self._names, "values": values}, self._crosswalks)
        if intent.action == "create":
            other_id = other.id if other else ""
            other_side = self.plan.sides[intent.side.other]
            key = f"{self.systems[intent.side.other]}/{other_side.noun}/{other_id}"
            return {"values": values, "fields": fields, "other_id": other_id, "key": key}
        # Only what the change makes different: one value may go into several fields over there.
        was = {**before, **intent.before}
        same = side.map_out.apply({**self._names, "values": was}, self._crosswalks)
        fields = {
            name: value for name, value in fields.items() if name not in same or same[name] != value
        }
        raw = there.raw if there else None
        held = _value(side.held, {**self._names, "raw": raw}) if side.held else None
        expected = (
            {name: held[name] for name in fields if name in held}
            if isinstance(held, Mapping)
            else {}
        )
        return {"id": id_, "values": values, "fields": fields, "expected": expected, "raw": raw}

    async def _run(
        self, side: Side, what: str, extra: Mapping[str, Any], *, effect: Intent | None = None
    ) -> OperationResult:
        there = self.plan.sides[side]
        wanted = there.calls[what]
        params = _value(wanted.params, {**self._names, **extra})
        call = replace(
            self._call,
            type=wanted.operation,
            slot=there.slot,
            params=params,
            effect_key=_effect_key(self._call.effect_key, what, side, effect),
        )
        try:
            return await self._operations.run(call)
        except UncertainError:
            if effect is None or call.dry_run:
                raise
            probed = await self._operations.probe(call)
            if not probed.happened or probed.result is None:
                raise
            return probed.result

    def _taken(
        self, side: Side, what: str, answer: OperationResult, extra: Mapping[str, Any]
    ) -> Any:
        call: SideCall = self.plan.sides[side].calls[what]
        return _value(call.take, {**self._names, **extra, "answer": answer.output})


def _effect_key(key: str, what: str, side: Side, intent: Intent | None) -> str:
    """The name of one effect of the step: a write of other values is another effect."""
    told = codec.canonical(intent.sent).decode() if intent is not None else ""
    return hashlib.sha256(f"{key}\0{side.value}\0{what}\0{told}".encode()).hexdigest()[:32]


def _value(read: Read | None, names: Mapping[str, Any]) -> Any:
    if read is None:
        return None
    try:
        return read(names)
    except FarSideError:
        raise
    except Exception as error:
        raise as_far_side(error) from error


def _instant(value: Any, side: Side) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ConfigurationError(
            f"`changed_at` of the {side.value} side is no time with a zone.",
            code="sync_changed_at",
            fix="Let it give a time such as 2026-03-01T08:00:00+01:00, or leave it out.",
        )
    return found
