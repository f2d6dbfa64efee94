"""What the names of a schema have in common is taken away, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.matcher.style import plain_names


@pytest.mark.parametrize(
    ("names", "plain"),
    [
        (["dtmEingang", "curTotal", "sOrt", "lngId"], ["Eingang", "Total", "Ort", "Id"]),
        (
            ["E1EDK01-BELNR", "E1EDK01-CURCY", "E1EDK03-DATUM"],
            ["BELNR", "CURCY", "DATUM"],
        ),
        (["ORDERNO_TXT", "TOTAL_DEC", "ITEM_TXT"], ["ORDERNO", "TOTAL", "ITEM"]),
        (["deal[name]", "item[ref]", "lines[]", "lines[0]"],
         ["deal.name", "item.ref", "lines[]", "lines[0]"]),
    ],
)  # fmt: skip
def test_marks_of_a_style_go(names: list[str], plain: list[str]) -> None:
    assert plain_names(names) == plain


@pytest.mark.parametrize(
    "names",
    [
        ["firstName", "lastName", "email", "city"],
        ["poNumber", "poDate", "poTotal", "poState"],  # one head is a word, not a type
        ["billing-city", "billing-zip", "shipping-city"],
        ["Item", "item", "ITEM"],
    ],
)
def test_words_stay(names: list[str]) -> None:
    assert plain_names(names) == names


@given(st.lists(st.text(min_size=1, max_size=30), max_size=20))
def test_no_name_gets_lost(names: list[str]) -> None:
    found = plain_names(names)

    assert len(found) == len(names)
    assert all(new.strip() or not old.strip() for new, old in zip(found, names, strict=True))
