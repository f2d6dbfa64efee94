"""Words for a status and the shop's order states."""

import pytest

from flows.mapping.matcher.statuses import crosswalk, state_of


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Payment accepted", "2"),
        ("Zahlung eingegangen", "2"),
        ("Expédié", "4"),
        ("Versandt", "4"),
        ("En cours de préparation", "3"),
        ("Storniert", "6"),
        ("CANCELLED", "6"),
        ("Geannuleerd", "6"),
        ("In Fulfilment", "3"),
        ("Shiped", "4"),
        ("", ""),
        ("Blau", ""),
        ("x" * 500, ""),
    ],
)
def test_a_word_means_a_state_or_none(word: str, state: str) -> None:
    assert state_of(word) == state


def test_what_means_nothing_is_left_to_people() -> None:
    assert crosswalk(["Bezahlt", "Phase 7", "Bezahlt"]) == ({"Bezahlt": "2"}, ("Phase 7",))
