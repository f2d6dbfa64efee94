"""What of two records is kept the same, and who decides about each part of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from flows.sync.normalise import Normaliser, normalised

MAX_HOPS: Final = 3
BOUNCE: Final = timedelta(seconds=30)
UNDOING: Final = timedelta(hours=1)
MOST_DELETES: Final = 20


class Side(StrEnum):
    """One of the two records of a link."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Owner(StrEnum):
    """Whose word counts for a field."""

    LEFT = "left"  # what the right side says is written over
    RIGHT = "right"
    NEWEST = "newest"  # both sides may change it; of two changes the later one counts
    MANUAL = "manual"  # both sides may change it; of two changes a person chooses
    EXPRESSION = "expression"  # both sides may change it; two changes are put into an expression


class Deletes(StrEnum):
    """What becomes of the other record when one is gone."""

    PROPAGATE = "propagate"  # it is deleted too
    ARCHIVE = "archive"  # it is put aside, as its system does that
    IGNORE = "ignore"  # it stays, and the link sleeps until the first one is back
    ASK = "ask"  # a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an entity, by the name that it has on both sides.

    With `as_set` its values are lists whose order says nothing, merged member by member. `resolve`
    is the expression of such an owner: left, right and what both once were → the value.
    `country` is where telephone numbers without a calling code are at home.
    """

    name: str
    owner: Owner = Owner.MANUAL
    normalisers: tuple[Normaliser, ...] = ()
    as_set: bool = False
    country: str = ""
    resolve: Callable[[Any, Any, Any], Any] | None = None

    def __post_init__(self) -> None:
        if (self.owner is Owner.EXPRESSION) != (self.resolve is not None):
            raise ValueError(f"{self.name}: an expression belongs to the owner 'expression'.")

    def form(self, value: Any) -> Any:
        """What of a value counts; of a set in an order of its own."""
        if not self.as_set:
            return normalised(value, self.normalisers, self.country)
        found = normalised(members(value), self.normalisers, self.country) or ()
        return sorted({repr(one): one for one in found}.items()) or None

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values of the field say the same."""
        return bool(self.form(one) == self.form(other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """How one kind of record is kept the same.

    `deletes` says by the side on which a record is gone what becomes of the other one; after
    `most_deletes` of them within an hour a person is asked. On sides
    in `creates` a record that is missing there is made. Where a field that Causeway wrote is
    changed within `bounce` after that, or back to what it was within `undoing`, that is a hop: no
    person does so time after time. At `max_hops` the record is put before a person.
    """

    name: str
    fields: tuple[Field, ...]
    deletes: Mapping[Side, Deletes] = field(
        default_factory=lambda: {Side.LEFT: Deletes.ASK, Side.RIGHT: Deletes.ASK}
    )
    creates: frozenset[Side] = frozenset(Side)
    most_deletes: int = MOST_DELETES
    max_hops: int = MAX_HOPS
    bounce: timedelta = BOUNCE
    undoing: timedelta = UNDOING

    def __post_init__(self) -> None:
        names = [one.name for one in self.fields]
        if not names or len(set(names)) != len(names):
            raise ValueError("An entity has fields, each with a name of its own.")

    def careful(self, deleted: int) -> "Entity":
        """The same once `deleted` records were deleted within the hour: with `most_deletes` or more
        a person is asked instead. A view that is hidden from us looks like a thousand deletes."""
        if deleted < self.most_deletes:
            return self
        asks = {Deletes.PROPAGATE: Deletes.ASK}
        return replace(
            self, deletes={side: asks.get(one, one) for side, one in self.deletes.items()}
        )

    def named(self, name: str) -> Field | None:
        """The field of that name."""
        return next((one for one in self.fields if one.name == name), None)

    def owned(self, values: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
        """The fields about which these values say something."""
        for one in self.fields:
            if one.name in values:
                yield one, values[one.name]


def members(value: Any) -> Sequence[Any]:
    """The members of a value that is a set: a single value is a set of one."""
    if value is None or value == "":
        return ()
    return value if isinstance(value, list | tuple) else (value,)
