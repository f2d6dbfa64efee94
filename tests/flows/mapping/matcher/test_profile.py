"""What sample values look like."""

import pytest

from flows.mapping.matcher.profile import profile


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a.b@example.org", "email"),
        ("4006381333931", "ean"),
        ("DE44500105175407324931", "iban"),
        ("+49 30 123456", "phone"),
        ("12,50", "number"),
        ("1.299,00 €", "number"),
        ("<p>Guten Tag</p>", "html"),
        ("Muster GmbH", "company"),
        ("Frau", "salutation"),
        ("https://example.org", "url"),
        ("CN=Ada Demo/O=Acme", "dn"),
        ("0cc175b9c0f1b6a831c399e269772661", "secret"),
        ("Oui", "bool"),
        ("75001", "postcode"),
        ("SW1A 1AA", "postcode"),
    ],
)
def test_a_value_is_known_by_its_look(value: str, kind: str) -> None:
    assert profile([value]).share(kind) == 1.0


def test_a_wrong_check_digit_is_no_ean() -> None:
    assert profile(["4006381333932"]).share("ean") == 0.0


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["12.03.2026", "01.04.2026"], "dd.MM.yyyy"),
        (["03/25/2026", "03/26/2026"], "MM/dd/yyyy"),
        (["25/03/2026"], "dd/MM/yyyy"),
        (["20260310"], "yyyyMMdd"),
        (["20260310T093011,00+01"], "DXL"),
        (["2026-03-10 09:30:00"], "yyyy-MM-dd HH:mm:ss"),
    ],
)
def test_the_form_of_dates_is_told(values: list[str], form: str) -> None:
    assert profile(values).dates[0] == form


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["1.234,50", "3,2"], ","),
        (["1,234.50"], "."),
        (["1.234"], ""),
        (["12.5", "3.25"], "."),
        ([12.5], "."),
    ],
)
def test_the_decimal_mark_is_told_by_the_column(values: list[object], mark: str) -> None:
    assert profile(values).decimal == mark


def test_lists_and_their_lengths_are_kept() -> None:
    found = profile([["a", "b"], "c", None])
    assert found.listed
    assert found.lengths == (2, 1, 0)
    assert found.values == ("a", "b", "c")
