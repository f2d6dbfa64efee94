"""Laws that functions keep for every value, and what they refuse."""

import string
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.expression import ExpressionError, compile_field
from flows.mapping import local_dates
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.call import call
from flows.mapping.functions.function import FunctionError
from flows.mapping.functions.people import e164, split_name
from flows.mapping.functions.units import UNITS

LOCALES = ["en_US", "en_GB", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sv", "da"]
AMOUNTS = st.decimals(
    min_value=-(10**9), max_value=10**9, places=2, allow_nan=False, allow_infinity=False
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | AMOUNTS | st.text(max_size=60),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=8), below),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(value=AMOUNTS, locale=st.sampled_from(LOCALES))
def test_an_amount_written_in_a_language_is_read_again(value: Decimal, locale: str) -> None:
    written = f"{format_decimal(value, format='#,##0.00', locale=locale)} EUR"
    found = call("money", written, {"locale": locale, "give": "object"})
    assert found == {"amount": value, "currency": "EUR"}


@settings(max_examples=150, deadline=None)
@given(
    day=st.dates(date(1970, 1, 1), date(2069, 12, 31)),
    locale=st.sampled_from(LOCALES),
    form=st.sampled_from(["short", "medium", "long", "full"]),
)
def test_a_day_written_in_a_language_is_read_again(day: date, locale: str, form: Any) -> None:
    assert local_dates.parse(format_date(day, form, locale=locale), locale) == day


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("3. März 2026, 14:05 Uhr", "de", "2026-03-03T13:05:00Z"),
        ("Tue, 3 Mar 2026 14:05:09 +0200", "en", "2026-03-03T12:05:09Z"),
        ("3/11/26 2:30 PM", "en_US", "2026-03-11T13:30:00Z"),
        ("11.03.2026 14.30 Uhr", "de", "2026-03-11T13:30:00Z"),
        ("le 5 mai 2026 à 9h", "fr", "2026-05-05T07:00:00Z"),
        ("2026-03-03T10:00:00Z", "de", "2026-03-03T10:00:00Z"),
        ("03.03.2026 12:00 MEZ", "de", "2026-03-03T11:00:00Z"),
    ],
)
def test_an_instant_in_a_language(text: str, locale: str, expected: str) -> None:
    params = {"in_locale": locale, "zone": "Europe/Berlin"}
    assert call("datetime_utc", text, params) == expected


@pytest.mark.parametrize("text", ["31.02.2026", "tomorrow", "3.4", "99/99/99", "1 2 3 4", "25:61"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|time"):
        call("date_only", text, {"in_locale": "de"})


@settings(max_examples=200, deadline=None)
@given(
    value=st.decimals(
        min_value=0, max_value=10**6, places=3, allow_nan=False, allow_infinity=False
    ),
    pair=st.sampled_from([("g", "kg"), ("lb", "kg"), ("in", "cm"), ("l", "gal_us"), ("F", "C")]),
)
def test_a_unit_there_and_back_is_the_same(value: Decimal, pair: tuple[str, str]) -> None:
    there = call("unit_convert", value, {"unit": pair[0], "to": pair[1], "digits": 12})
    back = call("unit_convert", there, {"unit": pair[1], "to": pair[0], "digits": 6})
    assert abs(Decimal(back) - value) <= Decimal("0.000001")


@given(pair=st.tuples(st.sampled_from(UNITS), st.sampled_from(UNITS)))
def test_units_convert_or_say_why_not(pair: tuple[str, str]) -> None:
    try:
        found = call("unit_convert", Decimal(1), {"unit": pair[0], "to": pair[1]})
    except FunctionError as error:
        found, said = Decimal(0), error.fix
    else:
        said = "converted"
    assert said
    assert type(found) in (int, Decimal)


NAMES = st.text(alphabet=string.ascii_letters, min_size=2, max_size=9).filter(
    lambda one: one[0].isupper() and one.lower() not in ("ing", "jr", "sr")
)


@given(first=NAMES, last=NAMES)
def test_a_name_split_and_joined_is_the_same(first: str, last: str) -> None:
    found = split_name(f"{last}, {first}")
    if not found["title"] and not found["suffix"]:
        assert call("name_join", found, {"order": "last_first"}) == f"{last}, {first}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Ludwig van Beethoven", ("", "Ludwig", "van Beethoven", "")),
        ("Beethoven, Ludwig van", ("", "Ludwig", "van Beethoven", "")),
        ("Herr Prof. Dr. Max Müller-Lang", ("Herr Prof. Dr.", "Max", "Müller-Lang", "")),
        ("María José de la Cruz", ("", "María José", "de la Cruz", "")),
        ("John Smith Jr.", ("", "John", "Smith", "Jr.")),
        ("Madonna", ("", "", "Madonna", "")),
        ("", ("", "", "", "")),
    ],
)
def test_names(source: str, expected: tuple[str, ...]) -> None:
    assert tuple(split_name(source).values()) == expected


@pytest.mark.parametrize(
    ("source", "country", "expected"),
    [
        ("0711/12 34-5", "DE", "+497111234 5".replace(" ", "")),
        ("06 12 34 56 78", "France", "+33612345678"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("(415) 555-0132 ext. 12", "US", "+14155550132"),
        ("1-415-555-0132", "US", "+14155550132"),
        ("0043 1 234567", "", "+431234567"),
        ("612 345 678", "ES", "+34612345678"),
        ("06 1 234 5678", "HU", "+3612345678"),
        ("0711 1234", "", ""),
        ("n/a", "DE", ""),
    ],
)
def test_telephone_numbers(source: str, country: str, expected: str) -> None:
    assert e164(source, country) == expected


@pytest.mark.parametrize("word", ["Ja", "oui", "sì", "Tak", "ano", "kyllä", "1", "X", "✓"])
def test_words_for_true(word: str) -> None:
    assert call("bool", word) is True


@pytest.mark.parametrize("word", ["Nein", "non", "não", "nie", "ne", "ei", "0", "", "☐"])
def test_words_for_false(word: str) -> None:
    assert call("bool", word) is False


def test_a_pattern_that_could_run_for_years_is_refused_at_once() -> None:
    with pytest.raises(FunctionError) as caught:
        call("regex_find", "a" * 40, {"pattern": "(a+)+$"})
    assert caught.value.code == "pattern"
    with pytest.raises(FunctionError) as caught:
        call("regex_find", "x" * 900_000, {"pattern": r"\w+\s*\w+"})
    assert caught.value.code == "pattern_limit"
    with pytest.raises(ExpressionError):
        compile_field('{{ v | regex_find(pattern="(a+)+$") }}').evaluate({"v": "aaaa"})


def test_an_expression_names_an_argument_that_a_function_does_not_take() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_field("{{ v | money(lokale='de') }}")
    assert caught.value.code == "filter_arguments"
    with pytest.raises(ExpressionError):
        compile_field("{{ v | regex_find() }}")


@pytest.mark.parametrize(
    ("name", "value", "params"),
    [
        ("money", "12 and 13", {}),
        ("money", "none", {}),
        ("address_parse", "x" * 3000, {}),
        ("address_format", {"city": "Berlin"}, {}),
        ("country_code", "Atlantis", {}),
        ("phone", "call me", {"country": "DE"}),
        ("unit_convert", "3 parsec", {"to": "m"}),
        ("unit_convert", 3, {"to": "m"}),
        ("line_items", "", {"on_missing": "fail"}),
        ("rich_text", 5, {}),
        ("pick", "text", {"path": "a"}),
        ("pick", {}, {"path": "]"}),
        ("nothing", 1, {}),
        ("money", "1", {"locale": 5}),
    ],
)
def test_what_cannot_be_done_is_said(name: str, value: Any, params: dict[str, Any]) -> None:
    with pytest.raises(FunctionError) as caught:
        call(name, value, params)
    assert str(caught.value).endswith((".", "'")) or caught.value.fix


_PARAMS: dict[str, dict[str, Any]] = {
    "truncate": {"length": 5}, "replace": {"old": "a", "new": "b"}, "concat": {"with": ["a.b"]},
    "coalesce": {"with": ["a.b"]}, "default": {"value": 1}, "pick": {"path": "a[0]"},
    "regex_find": {"pattern": "^a"}, "regex_replace": {"pattern": "^a", "new": "b"},
    "crosswalk": {"table": "t", "direction": "to_right"}, "lookup": {"table": {"a": 1}},
    "unit_convert": {"to": "kg"}, "teaser": {"length": 20},
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(value=ANY)
@pytest.mark.parametrize("name", [one for one in FUNCTIONS if one != "template"])
def test_no_value_is_too_odd_and_none_is_changed(name: str, value: Any) -> None:
    """A function gives a value or an error with words; what it was given stays as it was."""
    before = repr(value)
    said = "nothing went wrong"
    try:
        call(name, value, _PARAMS.get(name, {}))
    except ValueError as error:
        said = str(error)
    assert said
    assert repr(value) == before


@settings(max_examples=100, deadline=None)
@given(
    street=st.sampled_from(["Hauptstraße", "Am Markt", "Lindenweg"]),
    number=st.integers(1, 299).map(str),
    city=st.sampled_from(["Berlin", "Köln", "Bad Homburg"]),
    postcode=st.integers(10000, 99999).map(str),
)
def test_an_address_written_is_read_again(
    street: str, number: str, city: str, postcode: str
) -> None:
    parts = {"street": street, "house_number": number, "postcode": postcode, "city": city}
    written = call("address_format", {**parts, "country": "DE"})
    found = call("address_parse", written)
    assert (found["street"], found["house_number"], found["postcode"]) == (street, number, postcode)
    assert found["city"] == city.upper()
    assert found["country"] == "DE"
