"""Items: named, typed lists of values, as a Notes document holds them."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Type of an item; names, authors and readers look like text over the service [S]."""

    TEXT = "text"
    NUMBER = "number"
    DATETIME = "datetime"
    NAMES = "names"
    AUTHORS = "authors"
    READERS = "readers"
    RICHTEXT = "richtext"


@dataclass(slots=True)
class Item:
    """`values` holds text, floats, date texts ("2024-03-10T09:30:11Z", "2024-03-10",
    "09:30:00") or the parts of a rich text; a Notes item has one type for all its values."""

    name: str
    kind: Kind
    values: list[Any] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind.value, "values": self.values}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Item":
        return cls(str(value["name"]), Kind(value["kind"]), list(value["values"]))


def number_text(value: float) -> str:
    """A number as the service prints it: integral doubles as integers, else Java's
    `Double.toString` ("1.0E-5", "0.1") [S]."""
    if not math.isfinite(value):
        return "null"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) - 1 + int(exponent)
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


_SAFE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_REGIONAL = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def parse_date(text: str, *, day_first: bool) -> str | None:
    """A date text as stored, or None when the Notes parser would not take it.

    Only the 20-character form ending in Z is independent of the server's region [S]; the rest
    depends on it. Fractions of a second fall out of the safe form [S].
    """
    text = text.strip()
    try:
        if _SAFE.fullmatch(text):
            datetime.fromisoformat(text)
            return text
        if hit := _DATE.fullmatch(text):
            return date(int(hit[1]), int(hit[2]), int(hit[3])).isoformat()
        if hit := _REGIONAL.fullmatch(text):
            first, second = int(hit[1]), int(hit[2])
            day, month = (first, second) if day_first else (second, first)
            return date(int(hit[3]), month, day).isoformat()
        if hit := _TIME.fullmatch(text):
            return time(int(hit[1]), int(hit[2]), int(hit[3] or 0)).isoformat()
    except ValueError:
        return None
    return None


def instant(moment: datetime) -> str:
    """UTC with whole seconds, as every time on the wire [S]."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def view_date(text: str, zone: tzinfo) -> str:
    """Dates in views are full UTC times, even date-only values: midnight of the server's
    zone [S]. Time-only values get the service's zero day [I]."""
    if "T" in text:
        return text
    if ":" in text:
        moment = datetime.combine(date(1899, 12, 30), time.fromisoformat(text), zone)
    else:
        moment = datetime.combine(date.fromisoformat(text), time(), zone)
    return instant(moment)
