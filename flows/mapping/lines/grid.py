"""Cells in rows and columns, whatever they were read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Final

from flows.mapping.lines.words import fold

MAX_ROWS: Final = 1000
MAX_COLUMNS: Final = 60


@dataclass(frozen=True)
class Cell:
    """One cell: its lines of text, where it stood, and its number where it was typed as one.

    `spread` marks the copies that a merged cell leaves in the columns to its right.
    """

    lines: tuple[str, ...] = ()
    place: str = ""
    value: Decimal | None = None
    spread: bool = False

    @cached_property
    def text(self) -> str:
        """All lines in one."""
        return " ".join(self.lines)

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @property
    def blank(self) -> bool:
        return not self.lines


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows of equal length. `labels` are headings that stand outside the rows (item names);
    `keeps` says that rows without a quantity count (ragged lists); `wraps` that a row holding
    nothing but a name goes on with the name above."""

    kind: str
    rows: tuple[tuple[Cell, ...], ...]
    labels: tuple[str, ...] | None = None
    keeps: bool = False
    wraps: bool = False
    flags: tuple[str, ...] = ()
    places: tuple[str, ...] = field(default=())

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def column(self, at: int) -> list[Cell]:
        return [row[at] for row in self.rows]


def cell(text: str, place: str = "", *, spread: bool = False) -> Cell:
    """A cell of a text: white space collapsed, empty lines dropped."""
    lines = tuple(kept for one in text.split("\n") if (kept := " ".join(one.split())))
    return Cell(lines, place, None, spread)


def squared(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows filled up to the longest; what exceeds the limits is left out."""
    kept = [tuple(row[:MAX_COLUMNS]) for row in rows[:MAX_ROWS]]
    width = max((len(row) for row in kept), default=0)
    return tuple(row + (Cell(),) * (width - len(row)) for row in kept)


def transposed(grid: Grid) -> Grid:
    """Columns as rows, for tables whose headings stand at the left."""
    rows = tuple(tuple(grid.column(at)) for at in range(grid.width))
    return Grid(kind=grid.kind, rows=rows, keeps=grid.keeps)
