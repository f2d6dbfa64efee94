"""What one object of an answer shows: its fields in order, and its associated rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .schema import Association, Field, Resource
from .store import Row


@dataclass(slots=True, kw_only=True)
class Record:
    """`id` is the object's id for links, even where the field itself is not shown."""

    resource: Resource
    id: int
    values: list[tuple[Field, Any]] = field(default_factory=list)
    associations: list[tuple[Association, list[Row]]] = field(default_factory=list)
    # Where an image of this object lies: the product's id, also for a combination.
    product_id: int = 0
    # Fields that PHP code has just set: numbers even where 8.2 sends text (084, 106).
    just_set: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """The fields that a request wants; `nested` are fields of associations.

    `minimal` is a request without `display`: ids only in a list, everything for one object.
    """

    minimal: bool = False
    full: bool = False
    names: frozenset[str] = frozenset()
    nested: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def everything(self) -> bool:
        return self.full or self.minimal


def is_empty(value: Any) -> bool:
    """PHP's empty(): what JSON leaves out when no `display` was asked for (025, 026)."""
    return value is None or value is False or value in (0, "", "0", [])


def strings(value: Any) -> Any:
    """8.2 sends whole numbers as text."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return str(value)
