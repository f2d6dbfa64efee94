"""How names are taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.matcher.words import aside, fold, words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LieferPLZ2", ("liefer", "plz", "2")),
        ("fld_KundenNr", ("kunden", "nr")),
        ("i1Desc", ("i", "1", "desc")),
        ("Qté", ("qte",)),
        ("Straße", ("strasse",)),
        ("Größe", ("groesse",)),
        ("unit_price_tax_excl", ("unit", "price", "tax", "excl")),
        ("cArtNr", ("art", "nr")),
        ("kKunde", ("kunde",)),
        ("EAN13", ("ean", "13")),
        ("N° Cde", ("no", "cde")),
        ("ORDERNumber", ("order", "number")),
        ("Bestell-Nr.", ("bestell", "nr")),
        ("DT_COMMANDE", ("dt", "commande")),
        ("CUST_CODE", ("cust", "code")),
    ],
)
def test_a_name_gives_its_words(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


@pytest.mark.parametrize(
    ("name", "marked"),
    [("dspName", True), ("tmpTotal", True), ("TMP_X", True), ("Temperature", False)],
)
def test_marks_of_display_and_of_the_moment_are_seen(name: str, marked: bool) -> None:
    assert aside(name) is marked


@given(st.text(max_size=300))
def test_any_text_folds_to_small_plain_words(text: str) -> None:
    for word in words(text):
        assert word == fold(word)
        assert word.isascii()
