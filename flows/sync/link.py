"""A link: two records that are the same thing, and all that is remembered about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from flows.sync.entity import Side

Values = Mapping[str, Any]


class LinkState(StrEnum):
    """How a link is."""

    NEW = "new"  # not yet brought together
    ACTIVE = "active"
    PARKED = "parked"  # a person has to decide; nothing is written meanwhile
    ASLEEP = "asleep"  # one side is gone, the other stays, by policy
    ARCHIVED = "archived"  # one side is gone, the other was put aside, by policy
    GONE = "gone"  # both sides are gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One side as it was read: values by the entity's field names, and when it was last changed
    by the clock of its system (aware; None where that does not tell)."""

    values: Values
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What Causeway last wrote to a side: fingerprints by field, of what it wrote and of what was
    there before, and when (by the clock of that side, where it tells)."""

    prints: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is about to be written to one side, kept before it leaves.

    `sent` are the values, `before` what was there, `source` what the other side said then.
    `action` is create, update, delete, archive or restore.
    """

    side: Side
    action: str
    sent: Values = field(default_factory=dict)
    before: Values = field(default_factory=dict)
    source: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is remembered of two records.

    `base` holds by side the values at the last time when both were brought together; a field that
    is not there was never compared. A side without a base never was.
    """

    state: LinkState = LinkState.NEW
    base: Mapping[Side, Values | None] = field(
        default_factory=lambda: {Side.LEFT: None, Side.RIGHT: None}
    )
    written: Mapping[Side, Written] = field(
        default_factory=lambda: {Side.LEFT: Written(), Side.RIGHT: Written()}
    )
    hops: int = 0
    intents: tuple[Intent, ...] = ()
    aside: frozenset[Side] = frozenset()  # sides whose record was put aside
