"""The article number and the name of a row, where both may stand in one cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from flows.mapping.lines import codes
from flows.mapping.lines.grid import Cell
from flows.mapping.lines.reading import Row


def named(cells: Mapping[str, Cell], *, said: bool = True) -> tuple[str | None, str | None, str]:
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


_BULLET: Final = re.compile(r"\A[-–—•*]\s+")


_SHORT_LEAD: Final = re.compile(r"(?P<code>\d{3,4})\s+(?P<rest>[^\W\d]{3}.*)")


_APART_LEAD: Final = re.compile(
    r"(?P<code>[A-Z0-9][\w./-]{0,14})(?:\s+[-–—]\s+|\s*[:|]\s+)(?P<rest>[^\W\d]{2}.*)"
)


def parted_names(rows: list[Row]) -> list[Row]:
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
