"""The lines of an order, out of whatever somebody wrote them in.

Every reading that the content allows is made and scored; the best is taken, not the first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from flows.mapping.lines import items, packed, plain, tables, trees
from flows.mapping.lines.amounts import decide, sign_of
from flows.mapping.lines.grid import MAX_ROWS, Grid
from flows.mapping.lines.reading import Reading
from flows.mapping.lines.rows import read_grid
from flows.mapping.lines.sentences import read_sentences
from flows.mapping.lines.stanzas import read_blocks, read_stanzas
from flows.mapping.lines.sums import settled, sums_of

FORMATS: Final = ("html", "dxl", "items", "text")
MAX_TEXT: Final = 1_000_000  # characters
_MOST: Final = 40_000  # cells looked at, so that no content keeps a processor busy
_INNER: Final = 40  # texts within items that are looked at
_NOTHING: Final = Reading(kind="", rows=(), score=0)


class LinesError(ValueError):
    """The input cannot be read; the message says what to give instead."""


def read_lines(content: Any, format_: str, locale: str = "") -> Reading:
    """The order lines of a content; none where there are none.

    `format_` is html, dxl, items (values by item name) or text; `locale` (`de`, `fr_CA`) decides
    only numbers that the content leaves open. Of more than a thousand rows the first are
    given, with the flag `cut`. Raises `LinesError` for an unknown format, content
    of the wrong kind, or more than a million characters.
    """
    if format_ not in FORMATS:
        raise LinesError(f"The format is {format_!r}; give one of {', '.join(FORMATS)}.")
    if format_ != "items" and not isinstance(content, str):
        raise LinesError(f"The content of format {format_} must be a text.")
    if isinstance(content, str) and len(content) > MAX_TEXT:
        raise LinesError("The content is longer than 1,000,000 characters; give it in parts.")
    readings = list(_readings(content, format_, sign_of(locale) if locale else None))
    best = max(_joined(readings), key=lambda one: one.score, default=_NOTHING)
    if best.rows and isinstance(content, str):
        best = settled(best, _sums(content, format_, sign_of(locale) if locale else None))
    if len(best.rows) >= MAX_ROWS - 1:
        return replace(best, flags=(*best.flags, "cut"))
    return best


def _readings(content: Any, format_: str, sign: str | None) -> Iterator[Reading]:
    if format_ == "items":
        yield from _of_items(items.items_of(content), sign)
        if isinstance(content, str) and "<" not in content[:1]:
            yield from _of_text(content, "", sign)
    elif format_ == "html":
        yield from _of_tree(trees.html_tree(content), "", sign)
    elif format_ == "dxl":
        parsed = trees.dxl_tree(content)
        if parsed is None:
            yield from _of_text(content, "", sign)
            return
        tree, values = parsed
        yield from _of_items(values, sign)
        yield from _of_tree(tree, "", sign)
    elif content.lstrip()[:1] in ("[", "{") and (values := items.items_of(content)):
        yield from _of_items(values, sign)
    elif _marked_up(content):
        yield from _of_tree(trees.html_tree(content), "", sign)
    else:
        yield from _of_text(content, "", sign)


def _sums(content: str, format_: str, sign: str | None) -> frozenset[Decimal]:
    text = content
    if format_ == "dxl":
        parsed = trees.dxl_tree(content)
        text = trees.text_of(parsed[0]) if parsed else content
    elif format_ == "html" or _marked_up(content):
        tree = trees.html_tree(content)
        text = "" if tree is None else trees.text_of(tree)
    lines = [one.replace("\t", " ").strip(" |*") for one in text.splitlines()[:2000]]
    return sums_of(lines, decide(lines, sign))


def _marked_up(text: str) -> bool:
    lowered = text[:200_000].lower()
    return any(mark in lowered for mark in ("<table", "<tr", "<li", "<p>", "<div", "<br"))


def _of_items(values: items.Items, sign: str | None) -> Iterator[Reading]:
    yield from _of_grids(items.grids(values), sign)
    for name, found in list(values.items())[:_INNER]:
        yield from _of_grids(packed.grids(name, found), sign)
    read = 0
    for name, found in [*values.items(), *items.families(values)]:
        for text, kind in _texts(found):
            read += 1
            if read > _INNER:
                return
            prefix = f"item {name}, " if name else ""
            if text.lstrip()[:1] in ("[", "{") and (inner := items.items_of(text)):
                yield from _of_grids(items.grids(inner), sign)
            elif kind == "dxl":
                parsed = trees.dxl_tree(text)
                if parsed:
                    yield from _of_tree(parsed[0], prefix, sign)
            elif kind == "html":
                yield from _of_tree(trees.html_tree(text), prefix, sign)
            else:
                yield from _of_text(text, prefix, sign)


def _texts(values: list[Any]) -> Iterator[tuple[str, str]]:
    """Texts within an item that may hold lines of their own, with what they look like."""
    strings = [one for one in values if isinstance(one, str)]
    if len(strings) > 1 and len(strings) == len(values):
        yield "\n".join(strings)[:MAX_TEXT], "text"
    for one in values[:20]:
        if isinstance(one, str) and len(one) > 12:
            head = one[:200_000].lower()
            if "<richtext" in head or "<tablerow" in head or "<par" in head:
                yield one[:MAX_TEXT], "dxl"
            elif _marked_up(one):
                yield one[:MAX_TEXT], "html"
            else:
                yield one[:MAX_TEXT], "text"
        elif isinstance(one, Mapping):
            for part in (
                one.get("content", [one]) if isinstance(one.get("content", []), list) else []
            ):
                data = part.get("data") if isinstance(part, Mapping) else None
                if isinstance(data, str):
                    yield data[:MAX_TEXT], "html" if _marked_up(data) else "text"
            if isinstance(one.get("content"), str):
                text = str(one["content"])[:MAX_TEXT]
                yield text, "html" if _marked_up(text) else "text"


def _of_tree(tree: Any, prefix: str, sign: str | None) -> Iterator[Reading]:
    if tree is None:
        return
    found = list(_of_grids(tables.table_grids(tree), sign))
    found += _of_grids(tables.box_grids(tree), sign)
    found += [one for few in tables.blocks(tree) if (one := read_blocks(few, sign))]
    text = trees.text_of(tree)
    # Two spaces at least between what stood in two cells.
    found += _of_text(text.replace("\t", "  \t"), "", sign)
    for one in found:
        yield _placed(one, prefix)


def _of_text(text: str, prefix: str, sign: str | None) -> Iterator[Reading]:
    yield from _of_grids(plain.grids(text, prefix), sign)
    found = read_sentences(plain.lines_of(text, prefix), sign)
    if found:
        yield found
    found = read_stanzas(text, prefix, sign)
    if found:
        yield found


def _of_grids(grids: Iterable[Grid], sign: str | None) -> Iterator[Reading]:
    cells = 0
    for grid in grids:
        cells += len(grid.rows) * grid.width
        if cells > _MOST:
            return
        found = read_grid(grid, sign)
        if found:
            yield found


def _placed(reading: Reading, prefix: str) -> Reading:
    if not prefix:
        return reading
    rows = tuple(
        replace(row, places={role: prefix + place for role, place in row.places.items()})
        for row in reading.rows
    )
    return replace(reading, rows=rows)


def _joined(readings: list[Reading]) -> Iterator[Reading]:
    """The readings, and as one those tables that have the same headings (page after page)."""
    yield from readings
    alike: dict[tuple[str, ...], list[Reading]] = {}
    for one in readings:
        if one.kind == "table" and one.heading:
            alike.setdefault(one.heading, []).append(one)
    for group in alike.values():
        if len(group) > 1:
            ordered = sorted(group, key=_first_place)
            rows = tuple(dict.fromkeys(_key(row) for one in ordered for row in one.rows))
            kept = {_key(row): row for one in ordered for row in one.rows}
            yield replace(
                group[0],
                rows=tuple(kept[key] for key in rows),
                score=max(one.score for one in group) + 0.2,
            )


def _key(row: Any) -> tuple[Any, ...]:
    return (*sorted(row.places.items()), row.reference, row.name, row.quantity)


def _first_place(reading: Reading) -> int:
    places = [place for row in reading.rows for place in row.places.values()]
    figures = [int("".join(filter(str.isdigit, one.split(",")[0])) or 0) for one in places]
    return min(figures, default=0)
