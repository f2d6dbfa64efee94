"""What words mean, in several languages and shortened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.matcher.concepts import CONCEPTS, RELATED, meanings
from flows.mapping.matcher.lexicon import ATOMS, atoms
from flows.mapping.matcher.words import words


def meant(name: str, language: str = "en", about: str = "") -> set[str]:
    return set(atoms(words(name), language, about))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("PLZ Postleitzahl ZIP CodePostal codigo_postal CAP", {"postcode"}),
        ("Bestellnummer OrderNo NumCommande AuftragsNr", {"order", "number"}),
        ("Strasse Straße Street Rue", {"street"}),
        ("Groesse Größe Grosse", {"size"}),
        ("UStIdNr VATNo NumTVA vat_number taxvat STCEG", {"vatnumber"}),
        ("ErstelltAm created_at InsertedOn CréeLe", {"created", "date"}),
    ],
)
def test_languages_and_spellings_meet(names: str, expected: set[str]) -> None:
    for name in names.split():
        assert meant(name) == expected, name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DSCRPTN", {"description"}),
        ("Beschr", {"description"}),
        ("STTS", {"status"}),
        ("CNTRY", {"country"}),
        ("Lieferadresse", {"delivery", "address"}),
        ("Mahndatum", {"reminder", "date"}),
        ("Zzyzxdatum", {"~zzyzx", "date"}),
        ("Zzyzx", {"~zzyzx"}),
    ],
)
def test_shortened_and_compound_words_are_read(name: str, expected: set[str]) -> None:
    assert meant(name) == expected


def test_what_is_spoken_of_settles_open_words() -> None:
    assert meant("state", about="order") == {"status"}
    assert meant("state", about="customer") == {"province"}
    assert meant("Item Category", about="product") == {"product", "category"}


def test_every_concept_that_is_named_exists() -> None:
    for left, right in RELATED:
        assert left in CONCEPTS
        assert right in CONCEPTS


@given(st.text(max_size=60), st.sampled_from(["", "order", "product", "customer"]))
def test_every_name_has_atoms_and_bounded_strengths(name: str, about: str) -> None:
    found = atoms(words(name), "de", about)
    for atom in found:
        assert atom in ATOMS or atom[0] in "~#"
    strengths = [strength for _, strength in meanings(frozenset(found), frozenset({about} - {""}))]
    assert strengths == sorted(strengths, reverse=True)
    assert all(0 < one <= 1 for one in strengths)
