"""What changed between two mapping documents, field by field and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from connectors.sdk.codec import canonical
from flows.mapping.document import sources_of
from flows.mapping.functions import FUNCTIONS
from flows.mapping.rule import UNSET, FieldRule, read_rules

_LONGEST: Final = 60


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One target that differs; `words` are sentences for a person."""

    target: str
    change: Change
    words: tuple[str, ...]


def differences(before: Any, after: Any) -> tuple[Difference, ...]:
    """By target, removed ones first where they stood. Raises `RuleError` for what is no document.

    The order of fields does not matter: a mapping gives the same object in any order.
    """
    old = {one.target: one for one in read_rules(before)}
    new = {one.target: one for one in read_rules(after)}
    found = [
        Difference(target=target, change=Change.REMOVED, words=("is no longer written",))
        for target in old
        if target not in new
    ]
    for target, rule in new.items():
        if target not in old:
            words = (f"is made of {_origin(rule)}{_chain(rule)}",)
            found.append(Difference(target=target, change=Change.ADDED, words=words))
        elif told := _changes(old[target], rule):
            found.append(Difference(target=target, change=Change.CHANGED, words=told))
    return tuple(found)


def _changes(old: FieldRule, new: FieldRule) -> tuple[str, ...]:
    told: list[str] = []
    if (old.origin, canonical(old.given)) != (new.origin, canonical(new.given)):
        told.append(f"is made of {_origin(new)} instead of {_origin(old)}")
    if canonical([one.to_json() for one in old.functions]) != canonical(
        [one.to_json() for one in new.functions]
    ):
        told.append(_functions(old, new))
    if old.when != new.when:
        if not new.when:
            told.append(f"is always written, no longer only when {_short(old.when)}")
        else:
            told.append(f"is written only when {_short(new.when)}")
    if (old.default is UNSET) != (new.default is UNSET) or (
        old.default is not UNSET and canonical(old.default) != canonical(new.default)
    ):
        told.append(
            "has no default any more"
            if new.default is UNSET
            else f"becomes {_short(new.default)} where there is nothing"
        )
    return tuple(told)


def _functions(old: FieldRule, new: FieldRule) -> str:
    before, after = [one.name for one in old.functions], [one.name for one in new.functions]
    if before == after:
        changed = [
            one.name
            for one, other in zip(new.functions, old.functions, strict=True)
            if canonical(one.to_json()) != canonical(other.to_json())
        ]
        return f"has other settings of {', '.join(map(_title, changed))}"
    if not after:
        return f"goes through no function any more, before through {_named(before)}"
    return f"goes through {_named(after)} instead of {_named(before) or 'none'}"


def _origin(rule: FieldRule) -> str:
    if rule.origin == "value":
        return f"the fixed value {_short(rule.given)}"
    if rule.origin == "expression":
        return f"the expression {_short(rule.given)}"
    return " and ".join(sources_of({rule.origin: rule.given}))


def _chain(rule: FieldRule) -> str:
    names = [one.name for one in rule.functions]
    return f" through {_named(names)}" if names else ""


def _named(names: Sequence[str]) -> str:
    return ", ".join(map(_title, names))


def _title(name: str) -> str:
    return FUNCTIONS[name].title if name in FUNCTIONS else name


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value).decode()
    return f'"{text[:_LONGEST]}…"' if len(text) > _LONGEST else f'"{text}"'
