"""A small form of `python -m tests.bench.notes`: requests and rows of a first load and of the
changes after it, over each way; the figures of the README are of the large one."""

from math import ceil

import pytest

from connectors.notes.tests.conftest import WAYS
from tests.bench.notes.__main__ import figures, lines

DOCUMENTS, DELTA, WINDOW = 1500, 60, 1000


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, dict[str, float]]]:
    return figures(WAYS, DOCUMENTS, DELTA, True)


@pytest.mark.parametrize("way", WAYS)
def test_a_first_load_and_its_changes(
    found: dict[str, dict[str, dict[str, float]]], way: str
) -> None:
    one = found[way]
    assert one["initial"]["rows"] == one["documents"]["rows"] == DOCUMENTS
    assert one["delta"]["rows"] == DELTA
    # Pages overlap by one row, so that a view that moves is noticed: one page more a window.
    page = {"dds": 100, "drapi": 1000, "agent": 500}[way]
    windows = ceil(DOCUMENTS / WINDOW)
    assert one["initial"]["requests"] <= DOCUMENTS / page + 2 * windows
    at_once = {"dds": 1, "drapi": 50, "agent": 100}[way]
    assert one["delta"]["requests"] <= ceil(DELTA / at_once) + 3


def test_the_figures_are_a_table(found: dict[str, dict[str, dict[str, float]]]) -> None:
    table = lines(found)
    assert table[0].count("|") == table[-1].count("|")
    assert len(table) == 2 + 3 * len(WAYS)
