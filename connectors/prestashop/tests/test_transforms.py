"""Values between the webservice and the canonical shapes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.prestashop import transforms
from connectors.sdk.errors import ContractError

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(6, "6"), ("6", "6"), (0, "0"), ("0", "0"), ("", "0"), (None, "0"), (False, "0")],
)
def test_ids_are_text(raw: Any, expected: str) -> None:
    assert transforms.id_text(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("60.670000", "60.67"),
        ("23.135200", "23.1352"),
        ("0.000000", "0.00"),
        ("7", "7.00"),
        (7, "7.00"),
        (Decimal("4.5"), "4.50"),
        ("-3.10", "-3.10"),
        ("1E+3", "1000.00"),
        (False, "0.00"),
        ("", "0.00"),
    ],
)
def test_amounts_are_exact(raw: Any, expected: str) -> None:
    assert str(transforms.decimal(raw)) == expected


@pytest.mark.parametrize("raw", ["many", "NaN", "Infinity", "1,5", [1]])
def test_what_is_no_amount_breaks_the_contract(raw: Any) -> None:
    with pytest.raises(ContractError):
        transforms.decimal(raw)


@given(st.decimals(min_value=-1_000_000_000, max_value=1_000_000_000, places=6))
def test_amounts_keep_their_value(number: Decimal) -> None:
    assert transforms.decimal(f"{number:f}") == number


def test_a_quantity_with_a_fraction_breaks_the_contract() -> None:
    assert transforms.integer("300") == 300
    with pytest.raises(ContractError):
        transforms.integer("1.5")


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-11-23 11:21:26", "2026-11-23T10:21:26Z"),
        ("2026-07-01 11:21:26", "2026-07-01T09:21:26Z"),
        # The repeated hour at the end of summer time: the first is meant.
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
        ("0000-00-00 00:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_local_times_become_utc(local: Any, utc: str | None) -> None:
    assert transforms.iso(transforms.instant(local, MADRID)) == utc


@pytest.mark.parametrize("raw", ["23/11/2026", "2026-11-23", "2026-13-01 00:00:00"])
def test_what_is_no_date_breaks_the_contract(raw: str) -> None:
    with pytest.raises(ContractError):
        transforms.instant(raw, MADRID)


@given(
    st.datetimes(
        min_value=datetime.fromisoformat("2000-01-01"),
        max_value=datetime.fromisoformat("2037-01-01"),
    )
)
def test_times_survive_the_way_to_the_shop_and_back(moment: datetime) -> None:
    """But for the repeated hour, which the shop cannot express."""
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    back = transforms.instant(transforms.local_text(aware, MADRID), MADRID)
    assert back is not None
    assert aware - back in (timedelta(), timedelta(hours=1))


def test_translated_fields_in_every_form() -> None:
    names = [{"id": "1", "value": ""}, {"id": 2, "value": "Enviado"}]
    assert transforms.translated(names, "2") == "Enviado"
    assert transforms.translated(names, "1") == "Enviado"
    assert transforms.translated("Shipped", "1") == "Shipped"
    assert transforms.translated([], "1") == ""
    assert transforms.translated(False, "1") == ""


def test_flags() -> None:
    assert [transforms.flag(one) for one in ("1", 1, True, "true")] == [True] * 4
    assert [transforms.flag(one) for one in ("0", 0, False, "", None)] == [False] * 5
