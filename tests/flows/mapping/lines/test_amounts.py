"""Numbers as people write them."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.lines.amounts import agrees, amount, amounts, sign_of
from flows.mapping.lines.grid import cell

LOCALES = ["en", "de", "fr", "de_CH", "es", "it", "nl", "pl", "sv", "en_GB", "fr_CA", "de_AT"]


@pytest.mark.parametrize("locale", LOCALES)
@given(number=st.decimals(min_value=0, max_value=10**9, places=2))
def test_what_a_locale_writes_is_read_back(locale: str, number: Decimal) -> None:
    shown = format_decimal(number, format="#,##0.00", locale=locale)
    assert amount(cell(shown), sign_of(locale)) == number


@pytest.mark.parametrize(
    ("shown", "sign", "value"),
    [
        ("1 234,50 €", ",", "1234.50"),
        ("1\u202f234,50\u00a0€", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("CHF 12.-", ".", "12"),
        ("€ 1.099,–", ",", "1099"),
        ("-4,90 €", ",", "-4.90"),
        ("12,50-", ",", "-12.50"),
        ("($5.00)", ".", "-5.00"),
        ("12€50", ",", "12.50"),
        ("2 Stk", ",", "2"),
        ("× 3", ",", "3"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("0,125", ".", "0.125"),
        ("1.234.567", None, "1234567"),
    ],
)
def test_an_amount(shown: str, sign: str | None, value: str) -> None:
    assert amount(cell(shown), sign) == Decimal(value)


def test_a_share_is_no_amount() -> None:
    assert amount(cell("19 %"), ",") is None


def test_a_price_may_be_free() -> None:
    assert amount(cell("gratis"), ",", priced=True) == 0
    assert amount(cell("gratis"), ",") is None


def test_the_column_decides_what_a_point_means() -> None:
    cells = [cell("1.000"), cell("12,50")]
    assert amounts(cells, ".") == [Decimal(1000), Decimal("12.50")]


def test_rounding_is_allowed_for() -> None:
    assert agrees(Decimal(3), Decimal("0.333"), Decimal("1.00"))
    assert not agrees(Decimal(3), Decimal("0.35"), Decimal("1.00"))
