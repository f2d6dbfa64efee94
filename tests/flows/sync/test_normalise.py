from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sync.entity import Field
from flows.sync.fingerprint import digest
from flows.sync.normalise import Normaliser, normalised

CASE, SPACES, PHONE, COUNTRY, NUMBER = Normaliser


@pytest.mark.parametrize(
    ("normalisers", "one", "other"),
    [
        ((), None, ""),
        ((), [], None),
        ((), "a\r\nb", "a\nb"),
        ((), "é", "é"),
        ((CASE,), "Straße", "STRASSE"),
        ((SPACES,), "  Rue  du\tBac ", "Rue du Bac"),
        ((PHONE,), "+33 (0)1 23.45-67/89", "0033 123456789"),
        ((COUNTRY,), "Allemagne", "DE"),
        ((COUNTRY,), "Deutschland", "germany"),
        ((COUNTRY,), "de", "DE"),
        ((NUMBER,), "1.50", Decimal("1.5")),
        ((NUMBER,), "100", Decimal("1E+2")),
        ((NUMBER,), "-0.00", 0),
    ],
)
def test_cosmetic_differences_are_none(normalisers: Any, one: Any, other: Any) -> None:
    assert normalised(one, normalisers) == normalised(other, normalisers)


@pytest.mark.parametrize(
    ("normalisers", "one", "other"),
    [
        ((), "a", "A"),
        ((), "0123", "123"),
        ((CASE, SPACES), "a b", "ab"),
        ((PHONE,), "+33123456789", "+33123456780"),
        ((PHONE,), "ask", "asks"),
        ((COUNTRY,), "FR", "DE"),
        ((NUMBER,), "12 pieces", "12"),
        ((NUMBER,), True, 1),
    ],
)
def test_real_differences_stay(normalisers: Any, one: Any, other: Any) -> None:
    assert digest(normalised(one, normalisers)) != digest(normalised(other, normalisers))


@pytest.mark.parametrize(
    ("home", "national", "international"),
    [
        ("FR", "01 23 45 67 89", "+33 1 23 45 67 89"),
        ("DE", "030/12345", "0049 30 12345"),
        ("IT", "06 1234567", "+39 06 1234567"),
        ("US", "(212) 555-0100", "+1 212 555 0100"),
    ],
)
def test_a_telephone_number_is_at_home_somewhere(
    home: str, national: str, international: str
) -> None:
    assert normalised(national, (PHONE,), home) == normalised(international, (PHONE,), home)


def test_members_of_a_set_have_no_order() -> None:
    tags = Field(name="tags", as_set=True, normalisers=(CASE,))
    assert tags.same(["a", "B"], ["b", "A", "a"])
    assert tags.same("a", ["A"])
    assert tags.same(None, [])
    assert not tags.same(["a"], ["a", "b"])


@given(st.text(), st.lists(st.sampled_from(list(Normaliser)), unique=True))
def test_normalising_twice_changes_nothing_more(value: str | None, normalisers: Any) -> None:
    once = normalised(value, normalisers)
    assert normalised(once, normalisers) == once
