"""Tables of codes that mean the same on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Direction(StrEnum):
    """Which way a code travels through a crosswalk."""

    TO_LEFT = "to_left"
    TO_RIGHT = "to_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """One table, both ways: `left` gives the right code for a left one, `right` the reverse.

    They are two mappings and not one because several codes of one side may share one of the
    other, and then only one of them answers the way back. Codes are text.
    """

    slug: str
    left: Mapping[str, str] = field(default_factory=dict)
    right: Mapping[str, str] = field(default_factory=dict)

    def find(self, code: str, direction: Direction) -> str | None:
        """The other side's code, None when the table has none."""
        table = self.left if direction is Direction.TO_RIGHT else self.right
        return table.get(code)
