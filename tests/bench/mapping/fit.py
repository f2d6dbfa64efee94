"""Makes `flows/mapping/matcher/weights.json` from the development sets.

    python -m tests.bench.mapping.fit [--dry]

Logistic regressions by Newton's method. The first says of a pair alone whether it belongs
together; the next one says it again, knowing the pair's rivals; the last, from the scores of
schemas that the weights were not fitted on (leave one schema out), how sure a source's pairs are.
Nothing kept aside is read.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flows.mapping.matcher.field import read_fields
from flows.mapping.matcher.pairs import ALONE, FEATURES, candidates
from flows.mapping.matcher.scoring import WEIGHTS, calibration_inputs, sigmoid
from flows.mapping.matcher.suggest import read_both
from tests.bench.mapping.maps import development
from tests.bench.mapping.sets import ROOT

TARGET: Final = ROOT.parents[1] / "flows" / "mapping" / "matcher" / "weights.json"
_RIDGE: Final = 1.0
_WRITTEN: Final = 3.0  # what one pair of a task that a stranger wrote weighs
# The words of these schemas were looked at while building; those of others are known less well.
# Log odds: it costs next to no F1 here and lets fewer distractors through; more of it would make
# the confidence too low for the sets that are known.
_UNSEEN: Final = 0.45

Row = tuple[list[tuple[int, float]], float, float]  # features that are not 0, label, weight


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a symmetric positive definite system, by Cholesky's method."""
    size = len(right)
    low = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i][j] - sum(low[i][k] * low[j][k] for k in range(j))
            low[i][j] = math.sqrt(total) if i == j else total / low[j][j]
    half = [0.0] * size
    for i in range(size):
        half[i] = (right[i] - sum(low[i][k] * half[k] for k in range(i))) / low[i][i]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (half[i] - sum(low[k][i] * found[k] for k in range(i + 1, size))) / low[i][i]
    return found


def logistic(rows: Sequence[Row], size: int, start: Sequence[float], steps: int) -> list[float]:
    """Weights that make the labels likeliest, held small by a ridge."""
    weights = list(start)
    for _ in range(steps):
        gradient = [-_RIDGE * one for one in weights]
        curve = [[0.0] * size for _ in range(size)]
        for i in range(size):
            curve[i][i] = _RIDGE
        for features, label, share in rows:
            chance = sigmoid(sum(weights[at] * value for at, value in features))
            rest, bend = share * (label - chance), share * chance * (1 - chance)
            for place, (i, x) in enumerate(features):
                gradient[i] += rest * x
                row, weighted = curve[i], bend * x
                for j, y in features[: place + 1]:
                    row[j] += weighted * y
        for i in range(size):
            for j in range(i):
                curve[j][i] = curve[i][j]
        step = solve(curve, gradient)
        weights = [one + max(-2.0, min(2.0, more)) for one, more in zip(weights, step, strict=True)]
    return weights


def examples(
    task: Mapping[str, Any], share: float, alone: Sequence[float]
) -> list[tuple[int, list[float], float, float]]:
    """(source, features, label, weight) of every candidate pair; other right ones weigh nothing."""
    sources = read_fields(task["source_fields"], task.get("samples"))
    targets = read_fields(task["target_fields"], what="target_fields")
    wanted: set[tuple[str, str]] = set()
    also: set[tuple[str, str]] = set()
    for one in task["truth"]:
        origins = one["source"] if isinstance(one["source"], list) else [one["source"]]
        goals = one["target"] if isinstance(one["target"], list) else [one["target"]]
        wanted |= {(left, right) for left in origins for right in goals}
        also |= {(left, right) for left in origins for right in one.get("also", ())}
    left, right = read_both(sources, targets)
    found = []
    for pair in candidates(left, right, alone):
        key = (pair.source.field.name, pair.target.field.name)
        weight = 0.0 if key in also - wanted else share
        found.append((pair.at[0], pair.features, float(key in wanted or key in also), weight))
    return found


def schema(name: str) -> str:
    """Tasks of one field list stay together."""
    return name.rsplit("-", 2)[0]


def fit() -> dict[str, Any]:
    """The document of weights."""
    found = _groups(WEIGHTS.alone)
    alone = logistic(
        [row for group in _rows(found, len(ALONE)).values()
         for row in group],
        len(ALONE), WEIGHTS.alone, 8,
    )  # fmt: skip
    groups = _groups(alone)
    rows = _rows(groups, len(FEATURES))
    everything = [row for group in rows.values() for row in group]
    start = logistic(everything, len(FEATURES), WEIGHTS.of, 8)
    calibrating: list[Row] = []
    for key, tasks in groups.items():
        rest = [row for other, group in rows.items() if other != key for row in group]
        weights = logistic(rest, len(FEATURES), start, 2)
        for task in tasks:
            calibrating += _calibrating(task, weights)
    calibration = logistic(calibrating, 4, (0.0, 1.0, 0.0, 0.0), 8)
    calibration[0] -= _UNSEEN
    return {
        "version": WEIGHTS.version + 1,
        "alone": {name: round(one, 4) for name, one in zip(ALONE, alone, strict=True)},
        "weights": {name: round(one, 4) for name, one in zip(FEATURES, start, strict=True)},
        "calibration": dict(
            zip(
                ("bias", "logit", "margin", "top"),
                (round(one, 4) for one in calibration),
                strict=True,
            )
        ),
    }


_Example = tuple[int, list[float], float, float]


def _groups(alone: Sequence[float]) -> dict[str, list[list[_Example]]]:
    """The examples of every task, by schema."""
    found: dict[str, list[list[_Example]]] = {}
    for task in development():
        made = task["name"].endswith(("-to", "-from"))
        key = schema(task["name"]) if made else task["name"]
        found.setdefault(key, []).append(examples(task, 1.0 if made else _WRITTEN, alone))
    return found


def _rows(groups: Mapping[str, list[list[_Example]]], size: int) -> dict[str, list[Row]]:
    return {
        key: [
            ([(at, x) for at, x in enumerate(features[:size]) if x], label, weight)
            for task in tasks
            for _, features, label, weight in task
            if weight
        ]
        for key, tasks in groups.items()
    }


def _calibrating(
    task: Sequence[tuple[int, list[float], float, float]], weights: Sequence[float]
) -> list[Row]:
    by_source: dict[int, list[tuple[float, float, float]]] = {}
    for source, features, label, weight in task:
        scored = sum(w * x for w, x in zip(weights, features, strict=True))
        by_source.setdefault(source, []).append((scored, label, weight or 1.0))
    found: list[Row] = []
    for group in by_source.values():
        group.sort(reverse=True)
        for place, (scored, label, weight) in enumerate(group[:3]):
            other = group[1][0] if place == 0 and len(group) > 1 else group[0][0]
            inputs = calibration_inputs(scored, other if len(group) > 1 else None, place)
            found.append((list(enumerate(inputs)), label, weight))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true", help="print the weights, change nothing")
    options = parser.parse_args()
    document = fit()
    text = json.dumps(document, indent=1) + "\n"
    if options.dry:
        print(text)  # noqa: T201
    else:
        Path(TARGET).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
