"""The habits of a form's documents: which items they have, and what stands in them.

Documents of one form differ: older versions of the form, agents and imports leave other items
and other types. So a sample of real documents is counted, item by item.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.notes.fingerprint import STAMPS, canonical_value
from connectors.notes.transforms import NotesDocument

MOST_DISTINCT = 1000  # counted up to here
MOST_SHOWN = 12  # a keyword item has few values; more of them are data
_SHORT = 60

_MONEY = r"(?:[$€£]|[a-z]{3})"
_DIGITS = r"\d[\d.,' ]*"
# What text looks like, the first that fits. Numbers of people: with parted thousands, either
# decimal sign, a currency before or behind.
_LOOKS: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("whole number", r"[+-]?\d+"),
        ("number with point", r"[+-]?\d{1,3}(?:[, ']\d{3})*\.\d+|[+-]?\d+\.\d+"),
        ("number with comma", r"[+-]?\d{1,3}(?:[. ']\d{3})*,\d+|[+-]?\d+,\d+"),
        ("amount with currency", rf"{_MONEY} ?{_DIGITS}|{_DIGITS} ?{_MONEY}"),
        ("date, year first", r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?"),
        ("date with slashes", r"\d{1,2}/\d{1,2}/\d{2,4}"),
        ("date with points", r"\d{1,2}\.\d{1,2}\.\d{2,4}"),
        ("e-mail address", r"[^@\s]+@[^@\s]+\.[^@\s]+"),
        ("web address", r"https?://\S+"),
        ("Notes name", r"CN=[^/]+(?:/[A-Z]{1,2}=[^/]+)+|[^/]+(?:/[A-Z][\w ]*){1,4}"),
        ("universal id", r"[0-9A-F]{32}"),
        ("yes or no", r"yes|no|ja|nein|oui|non|true|false"),
    )
)  # fmt: skip


@dataclass(slots=True)
class ItemHabit:
    """What was seen of one item. `spellings`: Notes ignores case, other programs do not."""

    spellings: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    empty: int = 0
    lists: int = 0
    most_values: int = 0
    types: Counter[str] = field(default_factory=Counter)
    looks: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    more_values: bool = False
    longest: int = 0

    def add(self, name: str, values: Sequence[Any], *, dates: bool) -> None:
        self.spellings[name] += 1
        self.documents += 1
        filled = [one for one in values if canonical_value(one)]
        if not filled:
            self.empty += 1
            return
        self.lists += len(values) > 1
        self.most_values = max(self.most_values, len(values))
        for value in filled:
            self._add_value(value, dates=dates)

    def add_rich(self, name: str) -> None:
        self.spellings[name] += 1
        self.documents += 1
        self.types["rich text"] += 1

    def _add_value(self, value: Any, *, dates: bool) -> None:
        text = canonical_value(value)
        if dates:
            self.types["date"] += 1
        elif isinstance(value, int | Decimal):
            self.types["number"] += 1
        else:
            self.types["text"] += 1
            self.looks[look_of(text)] += 1
        self.longest = max(self.longest, len(text))
        if text in self.values or len(self.values) < MOST_DISTINCT:
            self.values[text] += 1
        else:
            self.more_values = True

    def to_output(self, sampled: int) -> dict[str, Any]:
        """Rates are Decimal from 0 to 1; `values` only where there are few."""
        few = len(self.values) <= MOST_SHOWN and not self.more_values
        repeated = self.values.total() > len(self.values) or self.values.total() == 0
        shown = [one for one, _ in self.values.most_common()] if few and repeated else []
        return {
            "name": self.spellings.most_common(1)[0][0],
            "spellings": sorted(self.spellings),
            "documents": self.documents,
            "missing_rate": _rate(sampled - self.documents, sampled),
            "empty_rate": _rate(self.empty, self.documents),
            "types": dict(self.types.most_common()),
            "looks": dict(self.looks.most_common()),
            "multi": self.lists > 0,
            "list_rate": _rate(self.lists, self.documents),
            "most_values": self.most_values,
            "distinct": len(self.values),
            "distinct_complete": not self.more_values,
            "values": [one[:_SHORT] for one in shown],
            "longest": self.longest,
        }


def _rate(part: int, whole: int) -> Decimal:
    return round(Decimal(part) / whole, 4) if whole else Decimal(0)


def look_of(text: str) -> str:
    """What a text looks like, or "text"."""
    return next((name for name, pattern in _LOOKS if pattern.fullmatch(text)), "text")


def habits_of(
    documents: Iterable[NotesDocument], dates: Mapping[str, set[str]]
) -> dict[str, ItemHabit]:
    """Habits by lower-case item name; `dates` has each document's date items, lower case."""
    found: dict[str, ItemHabit] = {}
    for document in documents:
        for name in document.items:
            if name.upper() in STAMPS:
                continue
            lower = name.lower()
            if name in document.values:
                habit = found.setdefault(lower, ItemHabit())
                is_date = lower in dates.get(document.unid, ())
                habit.add(name, document.values[name], dates=is_date)
            elif isinstance(document.items[name], Mapping):
                found.setdefault(lower, ItemHabit()).add_rich(name)
    return found


def suggested_profile(habits: Mapping[str, ItemHabit], sampled: int) -> dict[str, Any]:
    """A form profile for the connection's settings: lists, dates, numbers, and as key the one
    item that every document has with another value."""

    def names(wanted: Iterable[str]) -> list[str]:
        return [habits[one].spellings.most_common(1)[0][0] for one in wanted]

    keys = [
        name
        for name, one in habits.items()
        if sampled > 1
        and one.documents == sampled
        and not one.empty
        and not one.lists
        and len(one.values) == sampled
        and set(one.types) == {"text"}
        and one.longest <= _SHORT
    ]
    profile: dict[str, Any] = {
        "multi": names(name for name, one in habits.items() if one.lists),
        "dates": names(name for name, one in habits.items() if one.types.get("date")),
        "numbers": names(name for name, one in habits.items() if one.types.get("number")),
    }
    if keys:
        profile["key_item"] = names(keys[:1])[0]
    return profile
