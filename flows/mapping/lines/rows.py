"""Rows out of a grid: find its headings, read its columns, leave out what is no article."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from flows.mapping.lines import amounts, codes, spoken
from flows.mapping.lines.columns import Column, Layout, layout_of, parted
from flows.mapping.lines.grid import Cell, Grid, transposed
from flows.mapping.lines.words import (
    ARTICLES,
    ROLES,
    TIME_UNITS,
    begins_as_charge,
    is_charge,
    roles_of,
    says_nothing,
    words,
)

_WORKED: Final = frozenset({"worked", "total", "heures", "stunden", "ore", "horas", "uren"})
_HEADINGS: Final = 12  # rows looked at for a heading
_STACK: Final = 3  # rows that a heading may be made of


@dataclass(frozen=True, kw_only=True)
class Row:
    """One article of an order. `places` says for each field where it was read."""

    reference: str | None = None
    name: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    total: Decimal | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One way to understand the content. The reading with the highest score is taken."""

    kind: str
    rows: tuple[Row, ...]
    score: float
    heading: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    multiplies: bool = False  # quantity × price = total in every row


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
        and not (_repeats(row, labels) or _charged(row) or _noted(row))
    ]
    if not bare:
        return None
    if labels is None and len(bare) > 1:
        labels, bare = _inner_labels(bare)
    texts = [one.text for row in bare for one in row if amounts.numeric(one.text)]
    hint = amounts.decide(texts, sign)
    if labels:
        labels = _summed(labels, bare, hint)
    columns = parted(
        [
            Column(
                _heading(labels, at),
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


_GROSS: Final = frozenset({"brutto", "gross", "ttc", "inkl", "incl", "bruto"})
_NET: Final = frozenset({"netto", "net", "ht", "exkl", "excl", "neto"})


def _heading(labels: tuple[str, ...] | None, at: int) -> str:
    """The heading of a column; empty where it is but a currency. Of a price net and the same
    gross, headed by these words alone, the net one is the price."""
    if not labels:
        return ""
    if not says_nothing(labels[at]):
        return labels[at]
    bare = [set(words(one)) if says_nothing(one) else set() for one in labels]
    if any(one & _NET for one in bare) and any(one & _GROSS for one in bare):
        return "list price" if bare[at] & _GROSS else "unit price"
    return ""


def _summed(
    labels: tuple[str, ...], rows: Sequence[tuple[Cell, ...]], hint: str | None
) -> tuple[str, ...]:
    """The headings, that of a column which adds up others as a quantity where none is named:
    what is ordered for each day or size, and in all."""
    best = [max(meant, key=meant.__getitem__) if (meant := roles_of(one)) else "" for one in labels]
    if {"quantity", "unit_price"} & set(best) or "total" not in best:
        return labels
    at = best.index("total")
    parts = [
        amounts.amounts([row[n] for row in rows], hint) for n, one in enumerate(best) if not one
    ]
    parts = [one for one in parts if any(value is not None for value in one)]
    total = amounts.amounts([row[at] for row in rows], hint)
    if len(parts) < 2 or None in total:
        return labels
    if [sum(one[n] or Decimal(0) for one in parts) for n in range(len(rows))] != total:
        return labels
    return (*labels[:at], "quantity", *labels[at + 1 :])


_INNER: Final = re.compile(
    r"(?P<label>[^\W\d][\w. -]{0,25}?)\s*(?:[:=]\s*|\s(?=\d))(?P<rest>\S.*)\Z"
)


def _inner_labels(
    rows: list[tuple[Cell, ...]],
) -> tuple[tuple[str, ...] | None, list[tuple[Cell, ...]]]:
    """Columns whose cells all begin with the same label: `Qty 2`, `Price: 9.50`."""
    labels = [""] * len(rows[0])
    cells = [list(row) for row in rows]
    for at in range(len(labels)):
        found = [(n, _INNER.match(row[at].text)) for n, row in enumerate(rows) if row[at].lines]
        heads = {match["label"].lower() for _, match in found if match}
        label = next(iter(heads), "")
        if len(heads) != 1 or not all(match for _, match in found) or not roles_of(label):
            continue
        labels[at] = label
        for n, match in found:
            if match:
                cells[n][at] = replace(rows[n][at], lines=(match["rest"],))
    named = {max(meant, key=meant.__getitem__) for one in labels if (meant := roles_of(one))}
    if "quantity" not in named:
        return None, rows
    return tuple(labels), [tuple(row) for row in cells]


def _repeats(row: Sequence[Cell], labels: tuple[str, ...] | None) -> bool:
    """Whether the row is the heading once more, as at the top of a page."""
    if not labels:
        return False
    same = sum(bool(one.text) and one.text == label for one, label in zip(row, labels, strict=True))
    return same >= 2


def _noted(row: Sequence[Cell]) -> bool:
    """Whether one wide cell is all that the row has of its own: a remark on the row above."""
    wide = {one.place for one in row if one.spread}
    own = {one.place for one in row if not one.blank}
    return bool(wide) and len(row) > 3 and len(own) <= 2 and sum(one.spread for one in row) > 1


_ABBREVIATED: Final = re.compile(r"[A-Z0-9]{1,6}\Z")  # MV for a surcharge
_AMOUNT_OF: Final = re.compile(r"\d{1,5}(?:[.,]\d{1,3})?\s?[^\W\d]{1,10}\.?\Z")  # 1,00 psch


def _charged(row: Sequence[Cell]) -> bool:
    texts = [one for one in row if not one.blank and not one.spread]
    told = [
        one.text
        for one in texts
        if not amounts.numeric(one.text) and not _AMOUNT_OF.match(one.text)
    ]
    if not told:
        return False
    figures = [one for one in texts if one.value is not None or amounts.numeric(one.text)]
    coded = any(codes.is_code(one, strict=True) for one in told)
    if any(map(begins_as_charge, told)) and any(
        len(one.split()) == 1 and is_charge(one, counted=True) for one in told
    ):
        return True  # VERSAND in the column of article numbers
    counted = coded and len(figures) >= 2
    negative = any(one.text.lstrip("€$£ ").startswith(("-", "−", "–")) for one in figures)
    articles = [one for one in told if not codes.is_code(one, strict=True)]
    longer = [one for one in articles if not _ABBREVIATED.match(one)]
    articles = longer or articles
    if any(is_charge(one, counted=counted, negative=negative) for one in articles[:1] or told[:1]):
        return True
    return len(figures) <= 1 and any(is_charge(one, counted=False) for one in told)


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
        reference, name, moved = _named(cells, said="reference" in layout.named)
        if _of_other(cells["quantity"].text):
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
        if drafts and _included(made) and not grid.keeps:
            continue
        drafts.append(replace(made, flags=_flags(made)))
        last = _line(places)
    drafts = [one for one in drafts if _any(one)]
    return _split(drafts)


def _price_below(lines: Sequence[str], sign: str | None) -> Decimal | None:
    """What an article costs, told below its name: `249,00 EUR/piece`, `Unit price: 89.00`."""
    for line in lines:
        for way in (spoken.PRICE_AFTER, spoken.PRICE):
            found = way.search(line)
            match = amounts.first(found["money"]) if found else None
            if match and len(line) < 60 and not is_charge(line, counted=False):
                return amounts.exact(match, sign)
    return None


def _included(row: Row) -> bool:
    """Whether a row says what is part of the article above: `incl. cable`, without a price."""
    if row.reference or row.unit_price is not None or row.total is not None or not row.name:
        return False
    return bool(_PART_OF.match(row.name))


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


def _of_other(text: str) -> bool:
    """Whether a cell tells a number of something else: `Return period: 14 days`."""
    label, colon, _ = text.partition(": ")
    return bool(colon) and any(map(str.isalpha, label)) and "quantity" not in roles_of(label)


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


def _named(cells: Mapping[str, Cell], *, said: bool = True) -> tuple[str | None, str | None, str]:
    """Reference and name of a row, and the role whose cell gave a reference to the other; `said`
    where a heading named the column of references, which else gives way to a label."""
    reference = cells["reference"].text if "reference" in cells else ""
    if not said and reference and any(map(codes.labelled, cells.get("name", Cell()).lines)):
        reference = ""
    if reference[:1] in "([" or not codes.is_code(reference):
        reference = codes.alone(reference) or reference
    if "name" not in cells:
        return _either(cells["reference"])
    one = cells["name"]
    if not one.lines:
        return reference or None, None, ""
    lines = [line for line in one.lines if not codes.is_barcode(line)] or list(one.lines)
    found = None
    for at in sorted(range(len(lines)), key=lambda at: codes.is_theirs(lines[at])):
        found = codes.labelled(lines[at])
        if found:
            lines[at] = found[1]
            break
    lines = [line for line in lines if line]
    if not reference and found is None and len(lines) > 1 and codes.is_code(lines[0], strict=True):
        return lines[0], lines[1], "name"
    if not reference and found is None and len(lines) > 1 and _code(lines[1]):
        return lines[1], lines[0], "name"
    if not reference and found is None:
        alone = next((line for line in lines[2:5] if _code(line)), None)
        if alone:  # below the size or the colour
            return alone, lines[0], "name"
    name = _BULLET.sub("", lines[0]) if lines else None
    if name and len(lines) > 1 and (_OPEN.search(name) or _GOES_ON.match(lines[1])):
        name = f"{name} {lines[1]}"
    if reference:
        return reference, one.lines[0] if name is None else name, ""
    return (found[0] if found else None), name, "name" if found else ""


def _code(text: str) -> bool:
    return codes.is_code(text, strict=True) or codes.is_shouted(text)


def _either(one: Cell) -> tuple[str | None, str | None, str]:
    """A lone column of article numbers, which may have the name in the same cell."""
    if len(one.lines) > 1 and codes.is_code(one.lines[0]):
        return one.lines[0], one.lines[1], ""
    return one.text or None, None, ""


# A name that goes on in the line below it: Sofa bed Nora / with storage
_OPEN: Final = re.compile(
    r"(?:[,&+]|\b(?:und|mit|für|and|with|for|et|avec|pour|de|con|per|para|y|e))\Z"
)
_GOES_ON: Final = re.compile(
    r"(?:mit|für|und|aus|with|for|and|from|avec|pour|et|de|en|con|per|para|met|voor)\s+[^\W\d]"
)
_PART_OF: Final = re.compile(
    r"\W*(?:incl(?:uding|udes|us(?:es?)?|\.)?|inkl(?:usive|\.)?|bestehend aus|"
    r"consisting of|dont|davon|"
    r"incluye|compreso|inbegrepen)\b",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"\A[-–—•*]\s+")
_SHORT_LEAD: Final = re.compile(r"(?P<code>\d{3,4})\s+(?P<rest>[^\W\d]{3}.*)")
_APART_LEAD: Final = re.compile(
    r"(?P<code>[A-Z0-9][\w./-]{0,14})(?:\s+[-–—]\s+|\s*[:|]\s+)(?P<rest>[^\W\d]{2}.*)"
)


def _split(rows: list[Row]) -> list[Row]:
    """Where no column holds article numbers, take them out of the names, if most names have one."""
    if not rows or any(row.reference for row in rows):
        return rows
    for way in (codes.bracketed, short_leads(rows), codes.leading, codes.trailing, codes.at_end):
        if way is codes.at_end and not _alike(rows):
            continue
        parted = [way(row.name) if row.name else None for row in rows]
        if sum(one is not None for one in parted) * 5 >= len(rows) * 4:
            return [
                row
                if one is None
                else replace(
                    row,
                    reference=one[0] or None,
                    name=one[1],
                    places={**row.places, "reference": row.places.get("name", "")},
                )
                for row, one in zip(rows, parted, strict=True)
            ]
    return rows


def short_leads(rows: Sequence[Row]) -> Callable[[str], tuple[str, str] | None]:
    """A way to take short numbers off the beginning of names where all have one of the same
    length, each its own: 4410 Grease, 4415 Chain oil."""
    apart = [_APART_LEAD.match(row.name or "") for row in rows]
    told = [one["code"] for one in apart if one and any(map(str.isdigit, one["code"]))]
    if len(set(told)) == len(rows) > 1:  # K1 - Clamp, K2 - Rail
        return lambda name: _led(_APART_LEAD, name)
    found = [_SHORT_LEAD.match(row.name or "") for row in rows]
    numbers = [one["code"] for one in found if one]
    plain = len(numbers) == len(rows) > 1 and len(set(numbers)) == len(rows)
    if not plain or len({len(one) for one in numbers}) != 1:
        return lambda _: None

    figures = [int(one) for one in numbers]
    step = figures[0]  # 001, 002 and 010, 020 count the rows
    counting = step in (1, 10) and figures == [step * n for n in range(1, len(figures) + 1)]

    return lambda name: _led(_SHORT_LEAD, name, counting=counting)


def _led(way: re.Pattern[str], name: str, *, counting: bool = False) -> tuple[str, str] | None:
    match = way.match(name)
    return ("" if counting else match["code"], codes.tidy(match["rest"])) if match else None


def _alike(rows: Sequence[Row]) -> bool:
    """Whether the names of two rows or more all end with a word of one form: PR-300, CA-32."""
    last = [(row.name or "").split(" ")[-1] for row in rows]
    forms = {re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "0", one)) for one in last}
    return len(rows) > 1 and len(forms) == 1 and forms <= {"A-0", "A-0-A", "A-A-0", "A-0-0"}


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
