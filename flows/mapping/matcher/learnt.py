"""What an installation has learnt from people who accepted or rejected suggestions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flows.mapping.matcher.field import Field
from flows.mapping.matcher.words import words

_WEIGHT: Final = 1.3
_MOST: Final = 5.0
Pairs = Mapping[tuple[str, str], tuple[int, int]]


def key_of(field: Field) -> str:
    """By which a field is known again: the words of its name, and whose it is."""
    parts = " ".join(words(field.name.replace(".", " "))) or field.name.strip().lower()
    of = " ".join((*words(field.entity), *words(field.role)))
    return f"{of}: {parts}" if of else parts


@dataclass(frozen=True, slots=True)
class Learnt:
    """`pairs`: {(key of the source, key of the target): (times accepted, times rejected)}."""

    pairs: Pairs

    def knows(self, source: Field, target: Field) -> bool:
        """Whether people accepted this pair more often than they rejected it."""
        accepted, rejected = self.pairs.get((key_of(source), key_of(target)), (0, 0))
        return accepted > rejected

    def prior(self, source: Field, target: Field) -> tuple[float, str]:
        """What to add to the log odds, and why in words."""
        accepted, rejected = self.pairs.get((key_of(source), key_of(target)), (0, 0))
        if not accepted and not rejected:
            return 0.0, ""
        more = _WEIGHT * math.log((2 * accepted + 1) / (2 * rejected + 1)) * 2
        told = [
            f"{verb} {_times(count)} before"
            for verb, count in (("accepted", accepted), ("rejected", rejected))
            if count
        ]
        return max(-_MOST, min(_MOST, more)), ", ".join(told)


NOTHING: Final = Learnt({})


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
