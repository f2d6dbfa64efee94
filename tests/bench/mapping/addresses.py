"""How many addresses have street, house number, postcode and city all right."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flows.mapping.command import answer
from tests.bench.mapping.sets import SETS, Score

MUST: Final = ("street", "house_number", "postcode", "city")
ALSO: Final = ("unit", "state", "country", "name", "po_box")


def wrong(one: Mapping[str, Any]) -> dict[str, str]:
    """What differs, by component; the components of `ALSO` only where they are labelled."""
    item = {key: one[key] for key in ("id", "text", "country_hint")}
    [answered] = answer({"task": "address", "items": [item]})
    found, right = answered["components"], one["components"]
    return {
        key: f"{found[key]!r} instead of {right.get(key, '')!r}"
        for key in (*MUST, *ALSO)
        if (key in MUST or key in right) and _plain(found[key]) != _plain(right.get(key, ""))
    }


def _plain(value: str) -> str:
    return "".join(value.lower().split()).strip(".,")


def scores() -> Iterator[Score]:
    """One score for each set, by country and by component."""
    for name in SETS:
        cases = json.loads((SETS[name] / "addresses.json").read_text())
        begun = time.perf_counter()
        found = {one["id"]: wrong(one) for one in cases}
        seconds = time.perf_counter() - begun
        failures = {
            key: "; ".join(f"{part}: {why}" for part, why in parts.items())
            for key, parts in found.items()
            if parts
        }
        bad = {key for key, parts in found.items() if parts.keys() & set(MUST)}
        counts: dict[str, list[int]] = {}
        for one in cases:
            for key in (*MUST, *ALSO):
                if key in one["components"]:
                    count = counts.setdefault(key, [0, 0])
                    count[0] += key not in found[one["id"]]
                    count[1] += 1
        for one in cases:
            count = counts.setdefault(one["country"], [0, 0])
            count[0] += one["id"] not in bad
            count[1] += 1
        yield Score(
            name=name,
            right=len(cases) - len(bad),
            of=len(cases),
            seconds=seconds,
            parts={key: (right, of) for key, (right, of) in counts.items()},
            failures=failures,
        )
