"""Suggestions for every source field: ranked targets with a confidence, a function and a reason.

    suggest(read_fields([{"name": "PLZ"}]), read_fields([{"name": "postcode"}]))
    → (Suggestion(source=Field(PLZ), target=Field(postcode), confidence=0.97,
                  transform=Transform("copy"), reasons=("both mean postcode", …)),)

Several sources may go to one target and the other way round; nothing is forced into pairs. A
source for which nothing is likely gets nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flows.mapping.matcher.field import Field
from flows.mapping.matcher.learnt import NOTHING, Learnt
from flows.mapping.matcher.made import Transform
from flows.mapping.matcher.pairs import candidates
from flows.mapping.matcher.reading import Reading, language_of, read
from flows.mapping.matcher.reasons import reasons
from flows.mapping.matcher.scoring import WEIGHTS, Weights, rank
from flows.mapping.matcher.transform import transform

AUTOMATIC: Final = 0.9
"""From this confidence on a suggestion is right so often that it may be accepted unseen."""
LIKELY: Final = 0.5
LEAST: Final = 0.08
PER_SOURCE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """`confidence` is the calibrated chance that a person would accept it."""

    source: Field
    target: Field
    confidence: float
    transform: Transform
    reasons: tuple[str, ...]

    @property
    def explanation(self) -> str:
        return "; ".join(self.reasons)


def suggest(
    sources: Sequence[Field],
    targets: Sequence[Field],
    *,
    least: float = LEAST,
    per_source: int = PER_SOURCE,
    weights: Weights = WEIGHTS,
    learnt: Learnt = NOTHING,
) -> tuple[Suggestion, ...]:
    """By source in the given order, best first; none below `least`."""
    left, right = read_both(sources, targets)
    pairs = candidates(left, right, weights.alone, learnt)
    ranked = rank(pairs, weights, learnt)
    language = language_of(sources)
    found: list[Suggestion] = []
    for at in sorted(ranked):
        for pair, confidence in ranked[at][:per_source]:
            if confidence < least:
                break
            made = transform(pair, left, right, language)
            found.append(
                Suggestion(
                    source=pair.source.field,
                    target=pair.target.field,
                    confidence=round(confidence, 4),
                    transform=made,
                    reasons=reasons(pair, made) + ((pair.learnt,) if pair.learnt else ()),
                )
            )
    return tuple(found)


_DECLARED: Final = 0.8


def _declared(fields: Sequence[Field]) -> bool:
    """Whether a side says of nearly every field of what record it is."""
    return sum(bool(one.entity) for one in fields) >= _DECLARED * len(fields)


def read_both(
    sources: Sequence[Field], targets: Sequence[Field]
) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
    """Both sides; the one tells the other what it speaks of."""
    right, about = read(targets)
    left, mine = read(sources, about, sure=_declared(targets))
    if _declared(sources) and not _declared(targets) and mine != about:
        right, about = read(targets, mine, sure=True)
    elif not about or (mine and about != mine and not any(one.entity for one in targets)):
        right, _ = read(targets, mine)
    return left, right
