"""Between conflicts as the engine of the sync knows them and their rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from flows.store.links import Entry, OpenConflict
from flows.sync.conflict import (
    CANDIDATES,
    Choice,
    ConflictDraft,
    ConflictKind,
    FieldConflict,
    Nobody,
    Resolution,
    Rule,
)

DIVERGED: Final = ConflictKind.DIVERGED.value


def as_row(one: FieldConflict) -> dict[str, Any]:
    """A field of a conflict as it is stored."""
    return {
        "field": one.field,
        "left": one.left,
        "right": one.right,
        "left_base": one.left_base,
        "right_base": one.right_base,
        "winner": one.winner,
        "by": one.by,
    }


def heard_of(conflicts: Sequence[OpenConflict], rules: Mapping[str, str]) -> Nobody:
    """What people decided and is not carried out yet, and the rules that they left."""
    resolutions: dict[str, Resolution] = {}
    for conflict in conflicts:
        seen = {one["field"]: FieldConflict(**one) for one in conflict.fields}
        for name, told in conflict.resolutions.items():
            if conflict.state == "answered" and name in seen and name != CANDIDATES:
                resolutions[name] = Resolution(
                    choice=Choice(told["choice"]), value=told.get("value"), seen=seen[name]
                )
    found = {name: Rule(field=name, winner=Choice(winner)) for name, winner in rules.items()}
    return Nobody(resolutions=resolutions, rules=found)


def entries(drafts: Sequence[ConflictDraft], conflicts: Sequence[OpenConflict]) -> list[Entry]:
    """The rows of what goes into the inbox. What diverged joins what is open of that already."""
    found = []
    for draft in drafts:
        fields: list[Mapping[str, Any]] = [as_row(one) for one in draft.fields]
        if draft.kind is ConflictKind.DIVERGED:
            names = {one["field"] for one in fields}
            fields = [
                one
                for open_ in conflicts
                if open_.kind == DIVERGED
                for one in open_.fields
                if one["field"] not in names
            ] + fields
        told = draft.kind is ConflictKind.OVERRULED
        found.append(Entry(kind=draft.kind.value, state="told" if told else "open", fields=fields))
    return found


def ended(
    conflicts: Sequence[OpenConflict],
    drafts: Sequence[ConflictDraft],
    *,
    parked: bool,
    agreed: Collection[str],
) -> tuple[dict[UUID, str], dict[UUID, list[Mapping[str, Any]]]]:
    """The open conflicts that end now, by id with their last state, and the fields that are left of
    those that go on. `agreed` are the fields about which both sides say the same again."""
    closed: dict[UUID, str] = {}
    kept: dict[UUID, list[Mapping[str, Any]]] = {}
    anew = {draft.kind for draft in drafts}
    for one in conflicts:
        last = "decided" if one.state == "answered" else "settled"
        if one.kind != DIVERGED:
            if not parked:
                closed[one.id] = last
            continue
        if ConflictKind.DIVERGED in anew:
            continue  # the new entry takes its place
        left = [field for field in one.fields if field["field"] not in agreed]
        if one.state == "answered":
            left = [field for field in left if field["field"] not in one.resolutions]
        if not left:
            closed[one.id] = last
        elif len(left) < len(one.fields):
            kept[one.id] = left
    return closed, kept
