"""How many order lines are read exactly as a person would."""

import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from flows.mapping.command import answer
from tests.bench.mapping.sets import Score
from tests.bench.mapping.sets import cases as labelled

FIELDS: Final = ("reference", "name", "quantity", "unit_price", "total")


def wrong(one: Mapping[str, Any]) -> str:
    """What differs from the expected rows, in words; empty where every field of every row is
    right. Texts count without regard to letter case and white space, numbers by their value."""
    [answered] = answer({"task": "lines", "items": [one]})
    rows, expected = answered["lines"], one["lines"]
    if len(rows) != len(expected):
        return f"{len(rows)} rows instead of {len(expected)} ({answered['kind']}): {_short(rows)}"
    for at, (row, right) in enumerate(zip(rows, expected, strict=True), 1):
        for field in FIELDS:
            if _plain(row[field], field) != _plain(right[field], field):
                return f"row {at}, {field}: {row[field]!r} instead of {right[field]!r}"
    return ""


def _plain(value: Any, field: str) -> Any:
    if value is None:
        return None
    if field in ("reference", "name"):
        return " ".join(str(value).lower().split())
    return Decimal(str(value))


def _short(rows: Any) -> str:
    return "; ".join(
        " | ".join("" if row[field] is None else str(row[field]) for field in FIELDS)
        for row in rows[:3]
    )[:200]


def scores() -> Iterator[Score]:
    """One score for each set."""
    for name, cases in labelled("lines"):
        begun = time.perf_counter()
        failures = {one["id"]: found for one in cases if (found := wrong(one))}
        seconds = time.perf_counter() - begun
        by_format: dict[str, list[int]] = {}
        for one in cases:
            count = by_format.setdefault(one["format"], [0, 0])
            count[0] += one["id"] not in failures
            count[1] += 1
        yield Score(
            name=name,
            right=len(cases) - len(failures),
            of=len(cases),
            seconds=seconds,
            parts={key: (right, of) for key, (right, of) in by_format.items()},
            failures=failures,
        )
