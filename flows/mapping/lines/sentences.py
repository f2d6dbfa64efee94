"""Order lines written as people do: `2 x Lamp (A-1) à 12,50 €`, `Lamp, 3 pcs @ $4.20 = $12.60`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flows.mapping.lines import amounts, codes, spoken
from flows.mapping.lines.clause import checked, clause_row, scored, value_of
from flows.mapping.lines.naming import short_leads
from flows.mapping.lines.reading import Reading, Row
from flows.mapping.lines.words import is_charge

_TABULAR: Final = re.compile(r"\s\d+(?:[.,]\d+)?\s\d+(?:[.,]\d+)?\Z")  # 1 Rovers 12 30


def read_sentences(lines: Sequence[tuple[str, str]], sign: str | None) -> Reading | None:
    """The order lines among lines of text (text, place); None where there are none."""
    clauses = [
        (part, place, _ordering(text, part))
        for text, place in few(lines)
        for part in _clauses(text)
    ][:1000]
    hint = money_sign([part for part, _, _ in clauses], sign)
    rows: list[Row] = []
    for part, place, ordering in clauses:
        row = clause_row(part, place, hint)
        if row is not None and _bare(row) and (not ordering or _TABULAR.search(row.name or "")):
            continue
        if row is not None:
            rows.append(row)
        elif rows and (late := _late(part, hint)):
            rows[-1] = _later(rows[-1], late, place)
        elif rows and not rows[-1].reference and (given := codes.labelled(part)) and not given[1]:
            places = {**rows[-1].places, "reference": place}
            rows[-1] = replace(rows[-1], reference=given[0], places=places)
    priced = [row for row in rows if row.unit_price is not None or row.total is not None]
    if priced and len(priced) * 2 >= len(rows):
        rows = [row for row in rows if row in priced or row.reference]
    rows = ended(rows)
    if not rows:
        return None
    return Reading(kind="sentences", rows=tuple(rows), score=scored(rows))


def _ordering(text: str, part: str) -> bool:
    """Whether a line or a part of it is about things that are ordered, and no prose with figures:
    it begins with a count, has a verb of ordering, or a unit or a sign of times."""
    bare = spoken.BULLET.sub("", text)
    if spoken.LEAD.search(text) or re.match(rf"\W*(?:{spoken.COUNT}|{spoken.WORDS})\b", bare, re.I):
        return True
    return any(way.search(part) for way in spoken.QUANTITY[:5])


def _bare(row: Row) -> bool:
    return row.reference is None and row.unit_price is None and row.total is None


def money_sign(texts: Sequence[str], sign: str | None) -> str | None:
    """The decimal sign that the amounts of money prove, else the given one."""
    figures = (one[0] for text in texts for one in spoken.FIGURES.finditer(text))
    return amounts.decide((one for one in figures if amounts.money(one)), sign)


def ended(rows: list[Row]) -> list[Row]:
    """Where rows lack a number and nearly every name begins or ends with one: taken from there."""
    parted = [codes.at_end(row.name) if row.name and not row.reference else None for row in rows]
    if not any(row.reference for row in rows):
        way = short_leads(rows)
        led = [way(row.name) if row.name else None for row in rows]
        parted = led if any(led) else parted
    known = sum(row.reference is not None for row in rows)
    if not rows or (sum(one is not None for one in parted) + known) * 5 < len(rows) * 4:
        return rows
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


def few(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The lines that people may have written, as far as there is time for; marks of a quoted
    mail are left out."""
    left = 80_000
    for text, place in lines:
        text = re.sub(r"\A(?:\s*>)+\s?|\*\*|`", "", text)
        if spoken.BILLING.search(text) or spoken.GREETING.match(text):
            continue
        if len(text) <= 1000 and (left := left - len(text)) > 0:
            yield text, place


def _clauses(text: str) -> list[str]:
    text = " ".join(text.split())
    text = spoken.LEAD.sub("", text)
    parts: list[str] = []
    for outer in spoken.START.split(text):
        for one in spoken.JOINED.split(outer):
            if parts and _waits(parts[-1]):
                parts[-1] = f"{parts[-1]} {one}"
            else:
                parts.append(one)
    return [one.strip() for one in parts if any(map(str.isdigit, one))]


def _waits(text: str) -> bool:
    """Whether an article was named and its quantity is still to come: `Lamp (LO-1):`."""
    bare = spoken.BULLET.sub("", text)
    if not re.search(r"[:)\]–—-]\s*\Z", bare):
        return False
    if re.match(rf"\W*(?:{spoken.COUNT}|{spoken.WORDS})\s", bare):
        return False
    return bool(codes.find_labelled(bare) or codes.bracketed(bare.rstrip(" :–—-")))


def _late(text: str, sign: str | None) -> dict[str, Decimal] | None:
    """A price that stands on the line below its article."""
    found: dict[str, Decimal] = {}
    for role, way in (
        ("total", spoken.TOTAL),
        ("unit_price", spoken.PRICE_AFTER),
        ("unit_price", spoken.PRICE),
    ):
        match = None if role in found else way.search(text)
        value = value_of(match["money"], sign) if match else None
        if match and value is not None and len(text) < 60 and not is_charge(text, counted=False):
            found[role] = value
            text = text[: match.start()] + " " + text[match.end() :]
    return found if found and len(codes.tidy(text)) < 12 else None


def _later(row: Row, late: dict[str, Decimal], place: str) -> Row:
    fresh = {role: value for role, value in late.items() if getattr(row, role) is None}
    changed = replace(row, **fresh)  # type: ignore[arg-type]
    return checked(changed, {**row.places, **dict.fromkeys(fresh, place)})
