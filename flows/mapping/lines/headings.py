"""What the headings of a grid are: those of its cells, of its sums, of prices net and gross."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flows.mapping.lines import amounts
from flows.mapping.lines.grid import Cell
from flows.mapping.lines.words import roles_of, says_nothing, words

_GROSS: Final = frozenset({"brutto", "gross", "ttc", "inkl", "incl", "bruto"})


_NET: Final = frozenset({"netto", "net", "ht", "exkl", "excl", "neto"})


def heading_at(labels: tuple[str, ...] | None, at: int) -> str:
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


def summed(
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


def inner_labels(
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
