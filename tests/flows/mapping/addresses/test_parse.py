"""Addresses are taken apart as a person would, in forty countries."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.mapping.addresses import parse_address
from tests.bench.mapping import addresses
from tests.bench.mapping.sets import SETS

CASES = json.loads((SETS["development"] / "addresses.json").read_text())
# Two numbers of which only a map knows which is the house's, a town before its street without a
# postcode, a quarter that looks like a town.
UNREAD = {"a178", "a194", "a195", "a196"}


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_street_number_postcode_and_city_are_right(
    case: Any, request: pytest.FixtureRequest
) -> None:
    if case["id"] in UNREAD:
        request.applymarker(pytest.mark.xfail(strict=True))
    assert not {key: why for key, why in addresses.wrong(case).items() if key in addresses.MUST}


def test_the_sets_are_as_wide_as_we_say() -> None:
    kept = json.loads((SETS["kept aside"] / "addresses.json").read_text())
    assert len(CASES) + len(kept) >= 200
    assert len({one["country"] for one in CASES}) >= 25
    assert not {one["text"] for one in CASES} & {one["text"] for one in kept}


def test_a_hint_counts_where_the_text_names_no_country() -> None:
    assert parse_address("Marktplatz 3, 9490 Vaduz", "LI").country == "LI"
    assert parse_address("Marktplatz 3, 9490 Vaduz, Österreich", "LI").country == "AT"
    assert parse_address("Marktplatz 3, 1010 Wien", "Austria").country == "AT"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rothschild Blvd 22, Tel Aviv 6688218, Israel", {"city": "Tel Aviv", "country": "IL"}),
        ("Weg 1, 10115 Berlin\nTel. 030 1234\na@b.de", {"rest": "Tel. 030 1234, a@b.de"}),
        ("Lieferadresse: Weg 1, 10115 Berlin", {"street": "Weg", "name": ""}),
        ("Germany", {"country": "DE", "street": ""}),
        ("Corso Italia 118, 10121 Torino (TO)", {"country": "IT", "state": "TO"}),
        ("Andrássy út 60, 1062 Budapest VI.", {"country": "HU"}),
        ("Recife - PE\n51020-001", {"country": "BR", "state": "PE"}),
        ("10-123 Main St, Winnipeg MB R3C 1A3", {"unit": "10", "house_number": "123"}),
        ("Calle 100 # 8A-55, Bogotá, Colombia", {"street": "Calle 100", "house_number": "8A-55"}),
    ],
)
def test_what_looks_like_something_else(text: str, expected: dict[str, str]) -> None:
    found = parse_address(text)
    assert {key: getattr(found, key) for key in expected} == expected


def test_what_finds_no_place_is_kept() -> None:
    found = parse_address("Rua Augusta, 1500, Consolação, São Paulo - SP, 01304-001, Brasil")
    assert found.rest == "Consolação"


WORDS = st.sampled_from(
    ["Hauptstraße", "12", "12a", "10115", "Berlin", "rue", "de", "Paris", "75001", "BP", "Flat",
     "2", "SW1A 2AA", "London", "UK", "US", "IL 62704", "Deutschland", ",", "\n", "-", "/", "(",
     ")", "#5", "D-", "PO Box", "MI", "São", "São Paulo", "01304-001", "東京", "é", "c/o"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(max_size=120) | st.lists(WORDS, max_size=14).map(" ".join),
    hint=st.sampled_from(["", "DE", "us", "FR", "XX", "Japan"]),
)
def test_no_text_is_too_odd_and_nothing_is_made_up(text: str, hint: str) -> None:
    found = parse_address(text, hint)
    letters = {one for one in text.lower() + text.upper().lower() if one.isalnum()}
    for value in (
        found.street,
        found.house_number,
        found.city,
        found.unit,
        found.name,
        found.state,
    ):
        assert {one for one in value.lower() if one.isalnum()} <= letters


@pytest.mark.parametrize(
    "text", ["1 " * 1000, "a, " * 600, "Flat 1 " * 280, "1/" * 1000, "(" * 2000, "12 rue " * 280]
)
def test_a_hostile_text_takes_bounded_time(text: str) -> None:
    parse_address(text[:2000])
    begun = time.process_time()
    parse_address(text[:2000])
    assert time.process_time() - begun < 2
