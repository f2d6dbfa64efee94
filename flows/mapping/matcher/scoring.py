"""From features to a confidence: logistic weights, then a second logistic that calibrates.

The weights lie in `weights.json`; `python -m tests.bench.mapping.fit` makes it from the labelled
development sets.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from flows.mapping.matcher.learnt import NOTHING, Learnt
from flows.mapping.matcher.pairs import ALONE, FEATURES, Pair

_LIMIT: Final = 30.0
_LEARNT: Final = -1.0


@dataclass(frozen=True, slots=True)
class Weights:
    """`alone` by the order of `ALONE`, `of` by that of `FEATURES`; `calibration` of (1, logit,
    margin, top)."""

    version: int
    alone: tuple[float, ...]
    of: tuple[float, ...]
    calibration: tuple[float, float, float, float]


def parse_weights(document: Mapping[str, Any]) -> Weights:
    """Raises KeyError where the file does not know a feature."""
    calibration = document["calibration"]
    return Weights(
        version=document["version"],
        alone=tuple(float(document["alone"][name]) for name in ALONE),
        of=tuple(float(document["weights"][name]) for name in FEATURES),
        calibration=(
            float(calibration["bias"]),
            float(calibration["logit"]),
            float(calibration["margin"]),
            float(calibration.get("top", 0.0)),
        ),
    )


WEIGHTS: Final = parse_weights(
    json.loads(files("flows.mapping.matcher").joinpath("weights.json").read_text("utf-8"))
)


def sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-_LIMIT, min(_LIMIT, value))))


def rank(
    pairs: Sequence[Pair], weights: Weights = WEIGHTS, learnt: Learnt = NOTHING
) -> dict[int, list[tuple[Pair, float]]]:
    """For every source its pairs with their confidence, best first."""
    by_source: dict[int, list[Pair]] = {}
    for pair in pairs:
        pair.score = sum(w * x for w, x in zip(weights.of, pair.features, strict=True) if x)
        if learnt.pairs:
            more, pair.learnt = learnt.prior(pair.source.field, pair.target.field)
            # What people accepted is likely whatever the names look like.
            pair.score = (max(pair.score, _LEARNT) if more > 0 else pair.score) + more
        by_source.setdefault(pair.at[0], []).append(pair)
    found: dict[int, list[tuple[Pair, float]]] = {}
    for at, group in by_source.items():
        group.sort(key=lambda one: (-one.score, one.at[1]))
        told: list[tuple[Pair, float]] = []
        for place, pair in enumerate(group):
            other = group[1].score if place == 0 and len(group) > 1 else group[0].score
            inputs = calibration_inputs(pair.score, other if len(group) > 1 else None, place)
            confidence = sigmoid(
                sum(w * x for w, x in zip(weights.calibration, inputs, strict=True))
            )
            told.append((pair, confidence))
        # Calibration must not turn the order round.
        for place in range(1, len(told)):
            told[place] = (told[place][0], min(told[place][1], told[place - 1][1]))
        found[at] = told
    return found


def calibration_inputs(
    score: float, other: float | None, place: int
) -> tuple[float, float, float, float]:
    margin = 4.0 if other is None else max(-4.0, min(4.0, score - other))
    return 1.0, score, margin, float(place == 0)
