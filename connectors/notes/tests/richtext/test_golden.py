"""Rich texts of all shapes, each with the HTML, the text and the losses that are right for it.

The expectations were written by hand from what the source says, not recorded.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from connectors.notes.transforms.richtext import RichText, convert

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(one.name.split(".source.")[0] for one in GOLDEN.glob("*.source.*"))


def converted(name: str) -> RichText:
    (source,) = GOLDEN.glob(f"{name}.source.*")
    text = source.read_text()
    return convert(json.loads(text) if source.suffix == ".json" else text)


def expected(name: str, ending: str) -> str:
    return (GOLDEN / f"{name}.{ending}").read_text().removesuffix("\n")


def losses(name: str) -> list[dict[str, Any]]:
    return list(json.loads((GOLDEN / f"{name}.losses.json").read_text()))


def test_there_are_enough_cases_of_every_shape() -> None:
    count = Counter(one.split("-")[0] for one in CASES)
    assert len(CASES) >= 60
    assert min(count["html"], count["mime"], count["dxl"]) >= 20


def test_the_figures_say_that_all_pass() -> None:
    from connectors.notes.tests.richtext.figures import over_fixtures

    found = over_fixtures()
    assert (found.passed, found.failed) == (len(CASES), [])
    assert (found.precision, found.recall) == (1.0, 1.0)
    assert found.lost > 100


@pytest.mark.parametrize("name", CASES)
def test_html(name: str) -> None:
    assert converted(name).html == expected(name, "html")


@pytest.mark.parametrize("name", CASES)
def test_text(name: str) -> None:
    assert converted(name).text == expected(name, "txt")


@pytest.mark.parametrize("name", CASES)
def test_losses(name: str) -> None:
    assert [one.to_dict() for one in converted(name).losses] == losses(name)


@pytest.mark.parametrize("name", CASES)
def test_converting_again_changes_nothing(name: str) -> None:
    once = converted(name)
    again = convert(once.html)
    assert (again.html, again.text, again.losses) == (once.html, once.text, ())
