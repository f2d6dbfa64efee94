"""How many addresses have street, house number, postcode and city all right."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from flows.mapping.addresses.american import parse_american
from flows.mapping.command import answer
from tests.bench.mapping.sets import Score
from tests.bench.mapping.sets import cases as labelled

Reader = Callable[[Mapping[str, Any]], dict[str, str]]
MUST: Final = ("street", "house_number", "postcode", "city")
ALSO: Final = ("unit", "state", "country", "name", "po_box")


def ours(one: Mapping[str, Any]) -> dict[str, str]:
    """The components as the command answers them."""
    item = {key: one[key] for key in ("id", "text", "country_hint")}
    [answered] = answer({"task": "address", "items": [item]})
    return dict(answered["components"])


def usaddress_alone(one: Mapping[str, Any]) -> dict[str, str]:
    """The components as the library gives them for every country."""
    return asdict(parse_american(one["text"].replace("\n", ", ")))


def wrong(one: Mapping[str, Any], read: Reader = ours) -> dict[str, str]:
    """What differs, by component; the components of `ALSO` only where they are labelled."""
    found, right = read(one), one["components"]
    return {
        key: f"{found[key]!r} instead of {right.get(key, '')!r}"
        for key in (*MUST, *ALSO)
        if (key in MUST or key in right) and _plain(found[key]) != _plain(right.get(key, ""))
    }


def _plain(value: str) -> str:
    return "".join(value.lower().split()).strip(".,")


def scores() -> Iterator[Score]:
    """One score for each set, by country and by component; the library's beside ours."""
    for name, cases in labelled("addresses"):
        yield _score(name, cases, ours)
        alone = _score(f"{name}, usaddress alone", cases, usaddress_alone)
        yield replace(alone, failures={})


def _score(name: str, cases: list[dict[str, Any]], read: Reader) -> Score:
    begun = time.perf_counter()
    found = {one["id"]: wrong(one, read) for one in cases}
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
    return Score(
        name=name,
        right=len(cases) - len(bad),
        of=len(cases),
        seconds=seconds,
        parts={key: (right, of) for key, (right, of) in counts.items()},
        failures=failures,
    )
