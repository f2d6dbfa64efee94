"""Rows out of a grid: find its headings, read its columns, leave out what is no article."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flows.mapping.lines import amounts, codes, spoken
from flows.mapping.lines.columns import Column, Layout, layout_of, parted
from flows.mapping.lines.grid import Cell, Grid, transposed
from flows.mapping.lines.headings import heading_at, inner_labels, summed
from flows.mapping.lines.left_out import is_charged, is_included, is_note, of_other, repeats
from flows.mapping.lines.naming import named, parted_names
from flows.mapping.lines.reading import Reading, Row
from flows.mapping.lines.words import (
    ARTICLES,
    ROLES,
    TIME_UNITS,
    is_charge,
    roles_of,
    words,
)

_WORKED: Final = frozenset({"worked", "total", "heures", "stunden", "ore", "horas", "uren"})
_HEADINGS: Final = 12  # rows looked at for a heading
_STACK: Final = 3  # rows that a heading may be made of


_PRIOR: Final = {
    "items": 0.6, "numbered": 0.6, "table": 0.5, "records": 0.35, "blocks": 0.4,
    "delimited": 0.4, "fixed": 0.3, "gaps": 0.12, "sentences": 0.0,
}  # fmt: skip


def read_grid(grid: Grid, sign: str | None) -> Reading | None:
    """The best reading of a grid; `sign` is the locale's decimal sign. None where it holds no
    order lines."""
    if not grid.rows or grid.width < 2:
        return None
    if grid.labels is None and grid.kind == "table":
        grid = replace(grid, rows=tuple(one for row in grid.rows for one in _stacked(row)))
        grid = replace(grid, rows=_numbered_below(grid.rows))
    found = [_read(grid, sign)]
    if grid.labels is None and grid.kind == "table" and len(grid.rows) <= 14 and grid.width > 1:
        turned = _read(transposed(grid), sign, headed=True)
        found.append(turned and replace(turned, score=turned.score - 0.1))
    return max((one for one in found if one), key=lambda one: one.score, default=None)


def _numbered_below(rows: Sequence[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """The rows, those that hold but a labelled article number as one more line of the text above:
    `SKU: WB-30` across the table."""
    found: list[tuple[Cell, ...]] = []
    for row in rows:
        own = list({one.place: one for one in row if not one.blank and not one.spread}.values())
        given = codes.labelled(own[0].text) if len(own) == 1 else None
        above = found[-1] if found else ()
        at = next((n for n, one in enumerate(above) if one.lines and not _figured(one.text)), None)
        if given and not given[1] and at is not None and sum(not one.blank for one in above) > 1:
            longer = replace(above[at], lines=(*above[at].lines, own[0].text))
            found[-1] = (*above[:at], longer, *above[at + 1 :])
        else:
            found.append(row)
    return tuple(found)


def _stacked(row: tuple[Cell, ...]) -> list[tuple[Cell, ...]]:
    """A row whose cells all hold as many lines, each an article: several rows."""
    filled = [one for one in row if not one.blank]
    sizes = {len(one.lines) for one in filled}
    size = next(iter(sizes), 0)
    if len(filled) < 3 or len(sizes) != 1 or size < 2:
        return [row]
    counted = [one for one in filled if all(amounts.numeric(line) for line in one.lines)]
    if not counted:
        return [row]
    return [
        tuple(replace(one, lines=one.lines[at : at + 1]) if one.lines else one for one in row)
        for at in range(size)
    ]


def _read(grid: Grid, sign: str | None, *, headed: bool = False) -> Reading | None:
    if grid.labels is not None:
        return _body(grid, grid.labels, grid.rows, sign)
    best: Reading | None = None
    for start, size in _headings(grid):
        labels = tuple(
            " ".join(
                dict.fromkeys(t for row in grid.rows[start : start + size] if (t := row[at].text))
            )
            for at in range(grid.width)
        )
        found = _body(grid, labels, grid.rows[start + size :], sign)
        if found and _unnamed(found):
            continue
        if found and (best is None or found.score > best.score + 0.01):
            best = found
    if best is None and not headed:
        best = _body(grid, None, grid.rows, sign)
        if (
            best
            and not best.multiplies
            and (
                _headings(grid)
                or _poor(best.rows)
                or _titled(grid)
                or _paired(grid)
                or (len(best.rows) == 1 and grid.kind == "table" and grid.width > 5)
            )
        ):
            return None  # a table of other things: its headings name no quantity
    return best


def _unnamed(reading: Reading) -> bool:
    """Whether rows have a count and a text, and no heading says that the text is an article:
    hours beside what was done."""
    if _hours(reading):
        return True
    if any(
        row.reference or row.unit_price is not None or row.total is not None for row in reading.rows
    ):
        return False
    return not any("name" in roles_of(one) for one in reading.heading)


def _hours(reading: Reading) -> bool:
    """Whether hours are counted of who worked them: a timesheet, its column of names no more than
    a name."""
    if any(row.reference or row.total is not None for row in reading.rows):
        return False
    told = [words(one) for one in reading.heading]
    counted = any(one and set(one) <= TIME_UNITS | _WORKED for one in told)
    return counted and ("name",) in told


def _paired(grid: Grid) -> bool:
    """Whether labels and values stand side by side: `Item: | Desk | Qty: | 1`."""
    shown = [one.text for row in grid.rows for one in row if not one.blank]
    return 3 * sum(one.endswith(":") for one in shown) >= len(shown)


def _titled(grid: Grid) -> bool:
    """Whether the first row is a heading by its looks, no figure in it and some in all below;
    none of its words said what an order has."""
    first, below = grid.rows[0], grid.rows[1:]
    shown = [one for one in first if not one.blank]
    if grid.kind not in ("table", "delimited", "fixed", "gaps") or len(shown) < 2 or not below:
        return False
    if any(any(map(str.isdigit, one.text)) for one in shown):
        return False
    return all(any(any(map(str.isdigit, one.text)) for one in row) for row in below)


def _poor(rows: Sequence[Row]) -> bool:
    """Whether no row has a price, and there is but one or the names are labels themselves."""
    if any(row.unit_price is not None or row.total is not None for row in rows):
        return False
    labels = sum(bool(row.name and roles_of(row.name)) for row in rows if not row.reference)
    return len(rows) == 1 or labels * 3 >= len(rows)


def _general(labels: Sequence[str], row: Row, layout: Layout) -> bool:
    """Whether the name of a row is but a description or a title of whatever the record is."""
    if row.reference or "name" not in layout.columns or layout.columns["name"] >= len(labels):
        return False
    return not (set(words(labels[layout.columns["name"]], camel=True)) & ARTICLES)


def _headings(grid: Grid) -> list[tuple[int, int]]:
    """Rows that may be the heading: two of their cells or more name different things."""
    known: list[int] = []
    for row in grid.rows[:_HEADINGS]:
        named: set[str] = set()
        for one in row:
            if one.spread or len(one.text) > 60 or _figured(one.text):
                continue
            meant = roles_of(one.text)
            if meant:
                named.add(max(meant, key=lambda role: meant[role]))
        figures = sum(one.value is not None or amounts.numeric(one.text) for one in row)
        known.append(len(named) if figures < 2 else 0)
    found = []
    for at, count in enumerate(known):
        for size in range(1, _STACK + 1):
            if at + size > len(grid.rows):
                break
            if count >= 2 or (size > 1 and count + sum(known[at + 1 : at + size]) >= 2):
                stacked = grid.rows[at : at + size]
                if size == 1 or not any(_counted(row) for row in stacked):
                    found.append((at, size))
    return found


def _figured(text: str) -> bool:
    """Whether a text is a number or begins or ends with one, as no heading does: `20 Stück`."""
    if amounts.numeric(text) or text[:1].isdigit() or re.search(r"\s\d+\Z", text):
        return True
    return bool(codes.is_code(text, strict=True))


def _counted(row: Sequence[Cell]) -> bool:
    """Whether a row holds numbers, which headings do not."""
    return any(one.value is not None or (one.lines and amounts.numeric(one.text)) for one in row)


def _body(
    grid: Grid, labels: tuple[str, ...] | None, rows: Sequence[tuple[Cell, ...]], sign: str | None
) -> Reading | None:
    bare = [
        row
        for row in rows
        if any(not one.blank for one in row)
        and not (repeats(row, labels) or is_charged(row) or is_note(row))
    ]
    if not bare:
        return None
    if labels is None and len(bare) > 1:
        labels, bare = inner_labels(bare)
    texts = [one.text for row in bare for one in row if amounts.numeric(one.text)]
    hint = amounts.decide(texts, sign)
    if labels:
        labels = summed(labels, bare, hint)
    columns = parted(
        [
            Column(
                heading_at(labels, at),
                tuple(row[at] for row in bare),
            )
            for at in range(len(bare[0]))
        ]
    )
    loose = grid.kind in ("items", "numbered", "blocks", "records")
    layout = layout_of(columns, hint, headed=labels is not None, loose=loose)
    if layout is None:
        return None
    made = _rows(grid, layout, columns, hint)
    named_only = loose and all(
        row.reference is None and row.unit_price is None and row.total is None for row in made
    )
    if not made or (labels and (named_only or _poor(made)) and _general(labels, made[0], layout)):
        return None
    return Reading(
        kind=grid.kind,
        rows=tuple(made),
        score=_score(grid, layout, made),
        heading=labels or (),
        flags=grid.flags,
        multiplies=layout.arithmetic == 1,
    )


def _rows(
    grid: Grid, layout: Layout, columns: Sequence[Column], hint: str | None
) -> list[Row]:  # fmt: skip
    numbers = {
        role: columns[layout.columns[role]].numbers(hint, priced=role != "quantity")
        for role in ("quantity", "unit_price", "total")
        if role in layout.columns
    }
    drafts: list[Row] = []
    above, last = "", 0
    waiting: Row | None = None
    leads = grid.wraps and _leads(columns, layout, numbers.get("quantity", []))
    for at in range(len(columns[0].cells)):
        cells = {role: columns[column].cells[at] for role, column in layout.columns.items()}
        values = {role: found[at] for role, found in numbers.items()}
        places = {
            role: one.place
            for role, one in cells.items()
            if one.place
            and not one.blank
            and (role in ("name", "reference") or values[role] is not None)
        }
        reference, name, moved = named(cells, said="reference" in layout.named)
        if of_other(cells["quantity"].text):
            values["quantity"] = None
        if not reference and "reference" not in layout.named:
            given, place = _aside(columns, layout, at)
            if given:
                reference, places = given, {**places, "reference": place}
        quantity = values.get("quantity")
        if quantity is None and not grid.keeps:
            told = cells["name"].text if "name" in cells else ""
            waiting = None
            if reference and name and "reference" in layout.named and not moved and _alone(places):
                waiting = Row(reference=reference, name=name, places=places)
            if grid.wraps and len(places) == 1:
                here = _line(places)
                if told.startswith("(") and drafts and not drafts[-1].reference:
                    drafts[-1] = _numbered_by(drafts[-1], told)
                if told.startswith("(") or (drafts and not leads and here - last > 1):
                    continue  # a remark, or what follows the table
                last = here
                if leads:
                    above = f"{above} {told}".strip()
                elif drafts:
                    drafts[-1] = _wrapped(drafts[-1], told)
            continue
        if not grid.keeps and quantity is not None and waiting is not None:
            if not reference and name:  # the name began on the line above its numbers
                reference, name = waiting.reference, waiting.name
                places = {**places, **waiting.places}
            waiting = None
        if above:
            reference = reference or (codes.labelled(name or "") or [None])[0] or name
            name, above = above, ""
        if quantity == 0 or (not (reference or name) and not grid.keeps):
            continue  # nothing of it was ordered
        if "unit_price" not in numbers and "name" in cells:
            price = _price_below(cells["name"].lines[1:], hint)
            if price is not None:
                values["unit_price"] = price
                places = {**places, "unit_price": cells["name"].place}
        made = Row(
            reference=reference,
            name=name,
            quantity=quantity,
            unit_price=values.get("unit_price"),
            total=values.get("total"),
            places={**places, **{role: cells[moved].place for role in ("reference",) if moved}},
        )
        if drafts and is_included(made) and not grid.keeps:
            continue
        drafts.append(replace(made, flags=_flags(made)))
        last = _line(places)
    drafts = [one for one in drafts if _any(one)]
    return parted_names(drafts)


def _price_below(lines: Sequence[str], sign: str | None) -> Decimal | None:
    """What an article costs, told below its name: `249,00 EUR/piece`, `Unit price: 89.00`."""
    for line in lines:
        for way in (spoken.PRICE_AFTER, spoken.PRICE):
            found = way.search(line)
            match = amounts.first(found["money"]) if found else None
            if match and len(line) < 60 and not is_charge(line, counted=False):
                return amounts.exact(match, sign)
    return None


def _aside(columns: Sequence[Column], layout: Layout, row: int) -> tuple[str, str]:
    """A labelled article number in a column of its own that nothing else named, and its place."""
    for at, column in enumerate(columns):
        one = column.cells[row]
        if at not in layout.columns.values() and not one.spread:
            for line in one.lines:
                given = codes.labelled(line)
                if given and not given[1]:
                    return given[0], one.place
    return "", ""


def _alone(places: Mapping[str, str]) -> bool:
    """Whether a row holds a reference and a name and no number."""
    return set(places) == {"reference", "name"}


def _line(places: Mapping[str, str]) -> int:
    """The line of text that a row was read from, 0 where it was none."""
    found = [re.search(r"line (\d+)", one) for one in places.values()]
    return max((int(one[1]) for one in found if one), default=0)


def _leads(columns: Sequence[Column], layout: Layout, counts: Sequence[Decimal | None]) -> bool:
    """Whether names stand on lines above their numbers: the first line has none, the last has."""
    if len(counts) < 2 or counts[0] is not None or counts[-1] is None:
        return False
    at = layout.columns.get("name")
    if at is None or columns[at].cells[0].blank:
        return False
    bare = [
        cell for cell, count in zip(columns[at].cells, counts, strict=True) if count is not None
    ]
    return all(cell.blank or codes.alone(cell.text) for cell in bare)


def _numbered_by(row: Row, text: str) -> Row:
    """A row with the article number that stands in brackets below it."""
    found = codes.labelled(text)
    return replace(row, reference=found[0]) if found and not found[1] else row


def _wrapped(row: Row, text: str) -> Row:
    """A row with what stands on the line below it: more of the name, or the article number."""
    found = codes.labelled(text)
    if found and not row.reference:
        return replace(row, reference=found[0])
    return row if found else replace(row, name=f"{row.name or ''} {text}".strip())


def _any(row: Row) -> bool:
    return any(getattr(row, role) is not None for role in ROLES)


def differs(row: Row) -> bool:
    """Whether all three numbers are there and do not multiply."""
    if row.quantity is None or row.unit_price is None or row.total is None:
        return False
    return not amounts.agrees(row.quantity, row.unit_price, row.total)


def _flags(row: Row) -> tuple[str, ...]:
    found = []
    if differs(row):
        found.append("total_differs")
    if row.quantity is None:
        found.append("no_quantity")
    return tuple(found)


def counted(rows: int) -> float:
    """What a reading gains by its rows: the second says more than the tenth."""
    return 0.2 * min(rows, 4) + 0.05 * min(max(rows - 4, 0), 10)


def _score(grid: Grid, layout: Layout, rows: Sequence[Row]) -> float:
    full = sum(
        (row.reference is not None) + (row.name is not None) + (row.unit_price is not None)
        + 1.5 * (row.quantity is not None) + 0.5 * (row.total is not None)
        for row in rows
    ) / (5 * len(rows))  # fmt: skip
    arithmetic = 0.5 if layout.arithmetic is None else layout.arithmetic
    known = len(layout.named) / len(ROLES)
    vague = 0.2 if grid.kind in ("fixed", "gaps") and not layout.named else 0.0
    return 2 * full + 1.5 * known + arithmetic + counted(len(rows)) + _PRIOR[grid.kind] - vague
