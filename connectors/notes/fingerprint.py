"""SyncHash: the canonical hash of a document's items, the same here and in the agents.

Canonical form (far_side/README.md has it for administrators): item names upper-case and sorted;
an item's values as texts, trimmed of blanks and control characters, joined by U+001F; one
`NAME=values` an item, ended by U+001E; numbers plain with `.` and at most 15 significant digits
(a Notes number is a double); times as UTC `yyyy-mm-ddThh:mm:ssZ`; an item without a non-empty
value left out, since the service leaves it out too; SHA-256 over UTF-8, in hex. Rich text, `$`
items, Form and the stamps do not count.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

STAMPS = frozenset({"SYNCSOURCE", "SYNCREV", "SYNCHASH"})
_DOUBLE = Context(prec=15, rounding=ROUND_HALF_EVEN)
_TRIMMED = "".join(map(chr, range(0x21)))


def canonical_number(value: Decimal | int | float) -> str:
    """A number as its double with 15 significant digits, no exponent, no trailing zeros."""
    text = format(_DOUBLE.create_decimal(Decimal(float(value))), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def canonical_value(value: Any) -> str:
    """One value as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal | int | float):
        return canonical_number(value)
    return str(value).strip(_TRIMMED)


def canonical_text(items: Mapping[str, Sequence[Any]], synced: Iterable[str] | None = None) -> str:
    """What is hashed. `items` has each item as a list; `synced` limits it to some (any case)."""
    wanted = None if synced is None else {one.upper() for one in synced}
    lines = {}
    for name, values in items.items():
        upper = name.upper()
        if upper in STAMPS or upper == "FORM" or upper.startswith(("$", "@")):
            continue
        if wanted is not None and upper not in wanted:
            continue
        texts = [canonical_value(one) for one in values]
        if any(texts):
            lines[upper] = "\x1f".join(texts)
    return "".join(f"{name}={lines[name]}\x1e" for name in sorted(lines))


def fingerprint(items: Mapping[str, Sequence[Any]], synced: Iterable[str] | None = None) -> str:
    """SyncHash of `items`: 64 hex digits."""
    return hashlib.sha256(canonical_text(items, synced).encode()).hexdigest()
