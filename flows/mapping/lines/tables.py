"""Tables, lists and boxes of a tree as grids."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from flows.mapping.lines.grid import MAX_COLUMNS, MAX_ROWS, Cell, Grid, cell, squared
from flows.mapping.lines.records import grid_from, grid_of
from flows.mapping.lines.trees import hidden, text_of
from flows.mapping.lines.words import ROLES, roles_of

_SECTIONS: Final = {"thead", "tbody", "tfoot"}
_INLINE: Final = frozenset(
    {"br", "b", "strong", "em", "i", "small", "sup", "sub", "u", "font", "a", "img", "wbr"}
)
_DEEPEST: Final = 40  # boxes within boxes that are looked at
_MAX_TABLES: Final = 200
_HINTS: Final = (
    "data-label",
    "data-title",
    "data-th",
    "data-field",
    "data-name",
    "itemprop",
    "class",
    "id",
    "headers",
    "aria-label",
    "title",
    "name",
)


def table_grids(tree: Any) -> Iterator[Grid]:
    """Each table, the inner ones first; an inner table is part of the text of its outer cell."""
    tables = [one for one in tree.iter("table") if not _in_hidden(one)][:_MAX_TABLES]
    for number, table in reversed(list(enumerate(tables, 1))):
        grid = _table(table, f"table {number}, ")
        if grid is not None:
            yield grid


def _in_hidden(element: Any) -> bool:
    return hidden(element) or any(hidden(one) for one in element.iterancestors())


def _own_rows(table: Any) -> Iterator[Any]:
    late = []
    for one in table:
        if one.tag == "tr":
            yield one
        elif one.tag in _SECTIONS:
            rows = [row for row in one if row.tag == "tr"]
            if one.tag == "tfoot":
                late += rows
            else:
                yield from rows
    yield from late


def _table(table: Any, where: str) -> Grid | None:
    rows: list[list[Cell]] = []
    held: dict[int, tuple[int, Cell]] = {}  # column: rows that a cell above still reaches down
    hinted: list[list[str]] = []
    for at, row in enumerate(_own_rows(table), 1):
        if at > MAX_ROWS or hidden(row):
            continue
        cells: list[Cell] = []
        hints: list[str] = []
        for one in row:
            if one.tag not in ("td", "th") or hidden(one):
                continue
            _hang(cells, hints, held)
            made = cell(text_of(one), f"{where}row {at}, column {len(cells) + 1}")
            wide, high = _span(one, "colspan"), _span(one, "rowspan")
            for n in range(min(wide, MAX_COLUMNS - len(cells))):
                copy = made if n == 0 else Cell(made.lines, made.place, None, True)
                if high > 1:
                    held[len(cells)] = (high - 1, copy)
                cells.append(copy)
                hints.append(_hint(one) if n == 0 else "")
        _hang(cells, hints, held)
        rows.append(cells)
        hinted.append(hints)
    if not rows or max(map(len, rows)) < 2:
        return None
    return _hinted(Grid(kind="table", rows=squared(rows)), hinted)


def _hang(cells: list[Cell], hints: list[str], held: dict[int, tuple[int, Cell]]) -> None:
    """Put in the cells that reach down from above."""
    while len(cells) in held and len(cells) < MAX_COLUMNS:
        at = len(cells)
        left, one = held.pop(at)
        if left > 1:
            held[at] = (left - 1, one)
        cells.append(one)
        hints.append("")


def _span(one: Any, name: str) -> int:
    found = re.match(r"\s*(\d{1,4})", one.get(name) or "")
    return max(1, min(int(found[1]), 500)) if found else 1


def _hint(one: Any) -> str:
    """What attributes say that a box holds: `data-label="Menge"`, `class="qty"`."""
    if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return "name"
    for element in (one, *list(one)[:3]):
        for name in _HINTS:
            value = element.get(name) if isinstance(element.tag, str) else None
            for part in (value or "").split() if name == "class" else [value or ""]:
                meant = roles_of(part.replace("__", " ").replace("--", " "))
                if any(role in ROLES for role in meant) and max(meant.values()) >= 0.5:
                    return part
    return ""


def _hinted(grid: Grid, hinted: Sequence[Sequence[str]]) -> Grid:
    """With the attributes of its cells for headings, where no cell is one."""
    for row in grid.rows[:12]:
        named = {max(found, key=lambda r: found[r]) for one in row if (found := roles_of(one.text))}
        if len(named & set(ROLES)) >= 2:
            return grid
    labels = [""] * grid.width
    for hints in hinted:
        for at, one in enumerate(hints):
            if one and at < grid.width and not labels[at]:
                labels[at] = one
    roles = {max(found, key=lambda r: found[r]) for one in labels if (found := roles_of(one))}
    if len(roles & set(ROLES)) < 2 or "quantity" not in roles:
        return grid
    return Grid(kind=grid.kind, rows=grid.rows, labels=tuple(labels))


def box_grids(tree: Any) -> Iterator[Grid]:
    """Lists and boxes: `dl`, `li` with fields below it, `div` in `div` with a class each."""
    count = 0
    for parent in tree.iter():
        if not isinstance(parent.tag, str) or parent.tag in ("tr", "head"):
            continue
        if parent.tag == "table":  # a cell may hold fields: SKU: A-1, Qty: 2
            yield from _listed([one for one in _own_rows(parent) if not hidden(one)][:MAX_ROWS])
            continue
        if sum(1 for _ in parent.iterancestors()) > _DEEPEST:
            continue
        if parent.tag == "dl":
            yield from _definitions(parent)
        children = [one for one in parent if isinstance(one.tag, str) and not hidden(one)]
        children = [one for one in children if one.tag not in ("br", "table", "tr", "td", "hr")]
        if not children or len(children) > MAX_ROWS:
            continue
        count += 1
        if count > 120:
            return
        yield from _boxes(children)
        yield from _listed(children)


def blocks(tree: Any) -> Iterator[list[list[tuple[str, str]]]]:
    """The lines of siblings: the rows of a table, the entries of a list, boxes in a box."""
    count = 0
    for parent in tree.iter():
        if not isinstance(parent.tag, str) or parent.tag in ("tr", "head", "html", "p"):
            continue
        if sum(1 for _ in parent.iterancestors()) > _DEEPEST:
            continue
        rows = list(_own_rows(parent)) if parent.tag == "table" else list(parent)
        children = [one for one in rows if isinstance(one.tag, str) and not hidden(one)]
        children = [one for one in children if one.tag not in _INLINE][:200]
        found = [_block(one) for one in children]
        if parent.tag == "dl":
            found = _termed(children, found)
        if any(len(one) > 1 for one in found):
            count += 1
            yield [one for one in found if 0 < len(one) <= 30]
        if count > 60:
            return


def _termed(
    children: Sequence[Any], blocks: Sequence[list[tuple[str, str]]]
) -> list[list[tuple[str, str]]]:
    """The blocks of a `dl`: each term with the descriptions below it."""
    found: list[list[tuple[str, str]]] = []
    for one, lines in zip(children, blocks, strict=True):
        if one.tag == "dt" or not found:
            found.append([])
        found[-1] += lines
    return found


def _block(one: Any) -> list[tuple[str, str]]:
    shown = [line.strip() for line in re.split(r"[\n\t]", text_of(one)[:6000]) if line.strip()]
    return [(line, f"{one.tag} {n}") for n, line in enumerate(shown, 1) if len(line) < 400]


def _definitions(parent: Any) -> Iterator[Grid]:
    lines: list[tuple[str, str]] = []
    label = ""
    for at, one in enumerate(parent.iter("dt", "dd", "hr"), 1):
        shown = " ".join(text_of(one).split())
        if one.tag == "dt":
            if label and not roles_of(label):
                lines.append((label, f"entry {at - 1}"))
            label = shown.rstrip(": ")
        elif one.tag == "dd":
            if label and roles_of(label):
                lines.append((f"{label}: {shown}", f"entry {at}"))
            else:
                if label:
                    lines.append((label, f"entry {at}"))
                parts = [inner for inner in text_of(one).split("\n") if inner.strip()]
                lines += [(inner, f"entry {at}") for inner in parts]
            label = ""
    found = grid_of(lines)
    if found:
        yield Grid(kind="records", rows=found.rows, labels=found.labels)


def _leaves(box: Any, depth: int = 0) -> list[Any]:
    """The innermost elements that hold text, or the box itself."""
    inner = [
        one for one in box
        if isinstance(one.tag, str) and not hidden(one)
        and one.tag not in _INLINE
    ]  # fmt: skip
    if not inner or depth > 6:
        return [box]
    own = (box.text or "").strip() or any((one.tail or "").strip(" ,;|·–—-:x×") for one in box)
    if own:
        return [box]
    return [leaf for one in inner for leaf in _leaves(one, depth + 1)]


def _boxes(children: Sequence[Any]) -> Iterator[Grid]:
    rows: list[list[Cell]] = []
    labelled: list[dict[str, Cell]] = []
    for at, child in enumerate(children, 1):
        parts = [one for one in _loose(child) if text_of(one).strip()]
        if not 2 <= len(parts) <= 30:
            continue
        cells = [
            cell(text_of(one), f"{child.tag} {at}, part {n}") for n, one in enumerate(parts, 1)
        ]
        rows.append(cells)
        record: dict[str, Cell] = {}
        for one, made in zip(parts, cells, strict=True):
            label = _hint(one)
            if label and label not in record:
                record[label] = _bare(made)
        for label, made in _attributes(child, at):
            record.setdefault(label, made)
        if len(record) >= 2:
            labelled.append(record)
    found = grid_from(labelled) if labelled else None
    if found:
        yield Grid(kind="blocks", rows=found.rows, labels=found.labels)
    widths = [len(row) for row in rows]
    if rows and max(widths) >= 2:
        usual = max(set(widths), key=widths.count)
        kept = [row for row in rows if len(row) == usual or len(row) < usual <= 12]
        yield Grid(kind="table", rows=squared(kept))


def _loose(child: Any) -> list[Any]:
    leaves = _leaves(child)
    if leaves != [child]:
        return leaves
    inner = [
        one for one in child.iter() if one is not child and isinstance(one.tag, str) and _hint(one)
    ]
    return inner if len(inner) >= 2 else leaves


def _attributes(child: Any, at: int) -> Iterator[tuple[str, Cell]]:
    """`data-sku="A-1" data-qty="2"` on the box itself."""
    for name, value in child.attrib.items():
        if name.startswith("data-") and value and len(value) < 200:
            meant = roles_of(name[5:])
            if any(role in ROLES for role in meant):
                yield name, cell(value, f"{child.tag} {at}, {name}")


def _bare(made: Cell) -> Cell:
    """Without a label that is repeated in the text: `Menge: 2`."""
    match = re.match(r"\s*([^:]{1,30}):\s*(\S.*)\Z", made.text)
    if match and roles_of(match[1]):
        return cell(match[2], made.place)
    return made


def _listed(children: Sequence[Any]) -> Iterator[Grid]:
    """Boxes that hold `label: value` lines, each an article."""
    records: list[dict[str, Cell]] = []
    title: Cell | None = None  # a box of its own above the fields may name the article
    for at, child in enumerate(children, 1):
        shown = [one.strip() for one in re.split(r"[\n\t]", text_of(child)) if one.strip()]
        if not shown or len(shown) > 40:
            continue
        if len(shown) == 1 and ":" not in shown[0] and len(shown[0]) < 120:
            title = cell(shown[0], f"{child.tag} {at}, line 1")
            continue
        found = grid_of([(one, f"{child.tag} {at}, line {n}") for n, one in enumerate(shown, 1)])
        if found and len(found.rows) == 1 and found.labels:
            records.append(
                {
                    label: one
                    for label, one in zip(found.labels, found.rows[0], strict=True)
                    if not one.blank
                }
            )
            if title is not None and not any("name" in roles_of(one) for one in records[-1]):
                records[-1]["name"] = title
        title = None
    made = grid_from(records) if records else None
    if made:
        yield made
