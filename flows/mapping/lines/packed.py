"""Order lines packed into one text each, or all into one: `R-1:Rope:5:2.00;H-2:Hook:6:3.00`."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flows.mapping.lines.grid import MAX_ROWS, Grid, cell, squared

_FIELDS: Final = ("|", "~", "^", "#", ";", ":", "/", "*", "§", "\\", "_", ",")
_ROWS: Final = ("\n", ";", "|", "~", "^", "#", "§", "$", ",")
_LONGEST: Final = 20_000  # characters


def grids(name: str, values: Sequence[Any]) -> Iterator[Grid]:
    """Grids of an item whose texts all hold as many fields, three or more, between the same marks;
    the first mark that parts them so is taken."""
    texts = [one.strip() for one in values if isinstance(one, str) and one.strip()]
    if not texts or len(texts) < len(values) or sum(map(len, texts)) > _LONGEST:
        return
    where = f"item {name}, " if name else ""
    if len(texts) > 1:
        yield from _parted(texts, _FIELDS, where)
        return
    for mark in _ROWS:
        rows = [one.strip() for one in texts[0].strip(mark).split(mark) if one.strip()]
        if len(rows) > 1:
            yield from _parted(rows, [one for one in _FIELDS if one != mark], where)


def _parted(rows: Sequence[str], marks: Sequence[str], where: str) -> Iterator[Grid]:
    for mark in marks:
        count = rows[0].count(mark)
        if 2 <= count <= 12 and all(one.count(mark) == count for one in rows):
            cells = [
                [cell(part, f"{where}value {at}") for part in one.split(mark)]
                for at, one in enumerate(rows[:MAX_ROWS], 1)
            ]
            yield Grid(kind="delimited", rows=squared(cells))
            return
