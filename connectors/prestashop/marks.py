"""Short hashes of a record's fields, and of all of them: a state's name, by hook and by poll.

The shop's module computes the same (far_side/causeway/classes/CausewayDigest.php), so that a change
that both report is one piece of news. A hash says that a field changed, and not to what.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

LENGTH: Final = 12
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")


def canonical(value: Any) -> str:
    """One spelling for every way in which a shop sends a value: 9.1 sends numbers where 8.2 sends
    text, null and false stand for empty, decimals lose their trailing zeros."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if _DECIMAL.fullmatch(text):
        text = text.rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return text


def field_hashes(
    entity: str, id_: str, row: Mapping[str, Any], names: Iterable[str]
) -> dict[str, str]:
    """Salted with the record, so that equal values of two records do not show."""
    return {
        name: _hash(f"{entity}/{id_}/{name}={canonical(row.get(name))}") for name in sorted(names)
    }


def mark(hashes: Mapping[str, str]) -> str:
    """One hash for all of them."""
    return _hash("".join(hashes[name] for name in sorted(hashes)))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:LENGTH]
