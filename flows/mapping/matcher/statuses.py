"""Which order state of the shop a word for a status means.

Exact names (in every language that the shop speaks) come first, then words that other systems
use. What is neither stays out of the table: people decide.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from rapidfuzz import fuzz, process

from flows.mapping.matcher.words import fold, variants

_TABLE: Final[dict[str, Any]] = json.loads(
    files("flows.mapping.matcher").joinpath("statuses.json").read_text("utf-8")
)["states"]
NAMES: Final[dict[str, str]] = {key: one["name"] for key, one in _TABLE.items()}
_SIMILAR: Final = 90


def plain(text: str) -> str:
    """Folded, letters and digits with single spaces."""
    return " ".join("".join(one if one.isalnum() else " " for one in fold(text)).split())


def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in ("words", "names"):  # names win
        for key, one in _TABLE.items():
            for name in one[group]:
                for spelt in variants(plain(name)):
                    found[spelt] = key
    return found


_KNOWN: Final = _known()


@lru_cache(maxsize=2048)
def state_of(text: str) -> str:
    """The id of the order state in a fresh shop; empty when nothing is like it."""
    wanted = plain(text)
    if not wanted or len(wanted) > 80:
        return ""
    if wanted in _KNOWN:
        return _KNOWN[wanted]
    if len(wanted) < 5:
        return ""
    best = process.extractOne(wanted, _KNOWN.keys(), scorer=fuzz.ratio, score_cutoff=_SIMILAR)
    return _KNOWN[best[0]] if best else ""


def crosswalk(values: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """{value: state id} and the values that mean none."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    for value in dict.fromkeys(values):
        state = state_of(value)
        if state:
            found[value] = state
        elif value.strip():
            unknown.append(value)
    return found, tuple(unknown)
