"""Conflicts as data: what both sides say, what both once were, and what a person says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from flows.sync.entity import Owner, Side

RECORD: Final = "*record*"  # stands for the record itself where that is gone on one side
CANDIDATES: Final = "*candidates*"  # stands for the question which record is the other side


class ConflictKind(StrEnum):
    """Why a person is asked or told."""

    FIELDS = "fields"  # both sides changed a field in different ways
    DELETED = "deleted"  # one side is gone
    LOOP = "loop"  # something over there answers each of our writes with a change
    DIVERGED = "diverged"  # what was written did not arrive as it was sent
    OVERRULED = "overruled"  # a rule chose; the value that lost is kept here
    CANDIDATES = "candidates"  # several records may be the other side


class Choice(StrEnum):
    """What may be chosen for a field."""

    LEFT = "left"
    RIGHT = "right"
    NEWEST = "newest"  # as a rule only
    VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    """One field: what both sides say, and what each said before. `winner` is the side that a rule
    chose, "merged" where a third value was made."""

    field: str
    left: Any
    right: Any
    left_base: Any = None
    right_base: Any = None
    winner: str = ""
    by: str = ""

    def of(self, side: Side) -> Any:
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDraft:
    """A conflict as it goes into the inbox."""

    kind: ConflictKind
    fields: tuple[FieldConflict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A person's word on one field, and what they saw: it counts only as long as both sides still
    say that."""

    choice: Choice
    seen: FieldConflict
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A decision that was remembered: who wins a field when both sides changed it."""

    field: str
    winner: Choice

    def __post_init__(self) -> None:
        if self.winner is Choice.VALUE:
            raise ValueError("A rule chooses a side, not a value.")


Resolutions = Mapping[str, Resolution]
Rules = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Nobody:
    """No decisions and no rules."""

    resolutions: Resolutions = field(default_factory=dict)
    rules: Rules = field(default_factory=dict)


def rule_owner(rule: Rule | None, owner: Owner) -> Owner:
    """Who decides between two changes, with the rule that a person left."""
    return owner if rule is None else Owner(rule.winner.value)
