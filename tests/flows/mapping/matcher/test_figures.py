"""The figures on the development sets stay what they are said to be in docs/mapping.md."""

import pytest

from tests.bench.mapping.fit import logistic, solve
from tests.bench.mapping.maps import calibration_error, development, score


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, float]]:
    return {key: one.figures() for key, one in score("development", development()).parts.items()}


def test_what_is_accepted_unseen_is_right(figures: dict[str, dict[str, float]]) -> None:
    assert figures["all"]["precision at auto-accept"] >= 0.97
    assert figures["all"]["distractors mapped"] <= 0.07


@pytest.mark.parametrize("part", ["all", "en", "de", "fr"])
def test_every_language_is_read(figures: dict[str, dict[str, float]], part: str) -> None:
    assert figures[part]["top-1 F1"] >= 0.92
    assert figures[part]["recall@3"] >= 0.95
    assert figures[part]["kinds right"] >= 0.97
    assert figures[part]["ECE"] <= 0.06


def test_chances_that_come_true_have_no_error() -> None:
    assert calibration_error([(1.0, True), (0.0, False)]) == 0.0
    assert calibration_error([(0.9, False)] * 10) == pytest.approx(0.9)


def test_newton_finds_the_weights_of_a_simple_law() -> None:
    rows = [([(0, 1.0), (1, x)], float(x > 0), 1.0) for x in (-2.0, -1.0, 1.0, 2.0)] * 20
    bias, slope = logistic(rows, 2, (0.0, 0.0), 12)
    assert abs(bias) < 0.05
    assert slope > 1.5


def test_a_small_system_is_solved() -> None:
    assert solve([[4.0, 2.0], [2.0, 3.0]], [2.0, 3.0]) == pytest.approx([0.0, 1.0])
