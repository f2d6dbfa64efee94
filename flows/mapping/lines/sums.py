"""Whether the one amount of each row is its price or its total: the sum below the rows says."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from flows.mapping.lines import amounts, spoken
from flows.mapping.lines.reading import Reading
from flows.mapping.lines.words import is_charge


def sums_of(texts: Iterable[str], sign: str | None) -> frozenset[Decimal]:
    """The amounts on the lines of sums and charges."""
    found = set()
    for text in texts:
        if len(text) < 200 and is_charge(text, counted=False):
            for one in spoken.FIGURES.finditer(text):
                match = amounts.first(one[0])
                value = amounts.exact(match, sign) if match else None
                if value is not None:
                    found.add(value)
    return frozenset(found)


def settled(reading: Reading, sums: frozenset[Decimal]) -> Reading:
    """The reading, its prices as totals or its totals as prices where only so they add up."""
    rows = reading.rows
    if not sums or not rows or all(row.quantity in (1, None) for row in rows):
        return reading
    for one, other in (("unit_price", "total"), ("total", "unit_price")):
        figures = [getattr(row, one) for row in rows]
        if None in figures or any(getattr(row, other) is not None for row in rows):
            continue
        plain = sum(figures, Decimal(0))
        counted = sum(
            (row.quantity or 0) * figure for row, figure in zip(rows, figures, strict=True)
        )
        right, wrong = (counted, plain) if one == "unit_price" else (plain, counted)
        if right in sums or wrong not in sums:
            continue
        moved = [
            replace(
                row,
                **{one: None, other: figure},
                places={(other if role == one else role): at for role, at in row.places.items()},
            )
            for row, figure in zip(rows, figures, strict=True)
        ]
        return replace(reading, rows=tuple(moved))
    return reading
