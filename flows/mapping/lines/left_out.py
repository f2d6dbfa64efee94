"""Rows that are no article: sums, charges, remarks, headings once more, parts of the one above."""

import re
from collections.abc import Sequence
from typing import Final

from flows.mapping.lines import amounts, codes
from flows.mapping.lines.grid import Cell
from flows.mapping.lines.reading import Row
from flows.mapping.lines.words import begins_as_charge, is_charge, roles_of


def repeats(row: Sequence[Cell], labels: tuple[str, ...] | None) -> bool:
    """Whether the row is the heading once more, as at the top of a page."""
    if not labels:
        return False
    same = sum(bool(one.text) and one.text == label for one, label in zip(row, labels, strict=True))
    return same >= 2


def is_note(row: Sequence[Cell]) -> bool:
    """Whether one wide cell is all that the row has of its own: a remark on the row above."""
    wide = {one.place for one in row if one.spread}
    own = {one.place for one in row if not one.blank}
    return bool(wide) and len(row) > 3 and len(own) <= 2 and sum(one.spread for one in row) > 1


_ABBREVIATED: Final = re.compile(r"[A-Z0-9]{1,6}\Z")  # MV for a surcharge


_AMOUNT_OF: Final = re.compile(r"\d{1,5}(?:[.,]\d{1,3})?\s?[^\W\d]{1,10}\.?\Z")  # 1,00 psch


def is_charged(row: Sequence[Cell]) -> bool:
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


def is_included(row: Row) -> bool:
    """Whether a row says what is part of the article above: `incl. cable`, without a price."""
    if row.reference or row.unit_price is not None or row.total is not None or not row.name:
        return False
    return bool(_PART_OF.match(row.name))


def of_other(text: str) -> bool:
    """Whether a cell tells a number of something else: `Return period: 14 days`."""
    label, colon, _ = text.partition(": ")
    return bool(colon) and any(map(str.isalpha, label)) and "quantity" not in roles_of(label)


_PART_OF: Final = re.compile(
    r"\W*(?:incl(?:uding|udes|us(?:es?)?|\.)?|inkl(?:usive|\.)?|bestehend aus|"
    r"consisting of|dont|davon|"
    r"incluye|compreso|inbegrepen)\b",
    re.IGNORECASE,
)
