"""SyncHash as the agent in the database computes it.

The agent's own reading of the canonical form: item names upper-case and sorted; values as
trimmed texts joined by U+001F; one line `NAME=values` an item, each ended by U+001E; numbers
plain with `.` and at most 15 significant digits; dates as GMT text; items without a non-empty
value left out; SHA-256 in hex over UTF-8. Stamps, `$` items, Form and rich text do not count.
"""

import hashlib
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from connectors.notes.twin.values import Item, Kind

STAMPS = {"SYNCSOURCE", "SYNCREV", "SYNCHASH", "FORM"}
_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)
_BLANKS = "".join(map(chr, range(33)))


def _plain(value: object) -> str:
    if isinstance(value, int | float):
        number = _DIGITS.create_decimal(Decimal(float(value)))
        text = format(number, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "0" if text in {"", "-0", "-"} else text
    return str(value).strip(_BLANKS)


def fingerprint(items: Iterable[Item], chosen: Iterable[str] | None = None) -> str:
    """The hash over `items`, or over those named in `chosen` (any case)."""
    wanted = None if chosen is None else {one.upper() for one in chosen}
    lines: list[tuple[str, str]] = []
    for item in items:
        name = item.name.upper()
        if name in STAMPS or name.startswith("$") or item.kind is Kind.RICHTEXT:
            continue
        if wanted is not None and name not in wanted:
            continue
        values = [_plain(one) for one in item.values]
        if any(values):
            lines.append((name, "\x1f".join(values)))
    text = "".join(f"{name}={values}\x1e" for name, values in sorted(lines))
    return hashlib.sha256(text.encode()).hexdigest()
