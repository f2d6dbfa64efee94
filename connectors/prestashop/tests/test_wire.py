"""Values into the shop and back: what is written is what is held."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.prestashop.reference import ShopFacts
from connectors.prestashop.wire import held, languages_of, translations, wanted_value, wire
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import RejectedError
from connectors.sdk.receipt import FieldResult

FACTS = ShopFacts(zone=ZoneInfo("Europe/Madrid"), language="1")
KNOWN = {"1": {"id": 1, "iso_code": "en"}, "2": {"id": 2, "iso_code": "es"}}

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "flag": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "money": st.decimals(-(10**9), 10**9, places=6),
    "text": st.text(max_size=30).map(str.strip),
    "id": st.integers(1, 10**9).map(str),
    # Not the hour that comes twice.
    "time": st.integers(991_353_600, 999_302_400).map(
        lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()
    ),
}


@pytest.mark.parametrize("kind", sorted(VALUES))
@given(data=st.data())
def test_what_is_written_is_held(kind: str, data: st.DataObject) -> None:
    given_value = data.draw(VALUES[kind])
    value = wanted_value(kind, given_value, name="it")
    there = held(kind, wire(kind, value, None, FACTS), FACTS)
    one = compare_field("it", value, there, text_only=kind in ("text", "id"))
    assert one.result is not FieldResult.DIVERGED
    # What was read can be wanted again.
    assert wanted_value(kind, there, name="it") == value


@given(
    there=st.dictionaries(st.sampled_from(["1", "2", "3"]), st.text(max_size=9), min_size=1),
    wanted=st.dictionaries(st.sampled_from(["1", "2", "3"]), st.text(max_size=9), min_size=1),
)
def test_other_languages_go_out_as_they_are(there: dict[str, str], wanted: dict[str, str]) -> None:
    """197: a language that is left out is emptied."""
    row = [{"id": int(id_), "value": value} for id_, value in there.items()]
    assert wire("lang", wanted, row, FACTS) == {**there, **wanted}


def test_a_new_text_stands_in_every_language() -> None:
    assert languages_of({"1": "Jar"}, KNOWN, FACTS) == {"1": "Jar", "2": "Jar"}
    assert languages_of({"2": "Tarro"}, KNOWN, FACTS) == {"1": "Tarro", "2": "Tarro"}
    assert languages_of({"1": "Jar", "2": ""}, KNOWN, FACTS) == {"1": "Jar", "2": ""}


def test_languages_are_named_by_id_or_code() -> None:
    both = [{"language": "EN", "value": "Jar"}, {"language": "2", "value": "Tarro"}]
    assert translations(both, KNOWN, FACTS, name="name") == {"1": "Jar", "2": "Tarro"}
    assert translations("Jar", {}, FACTS, name="name") == {"1": "Jar"}


@pytest.mark.parametrize("value", [[{"language": "xx", "value": "?"}], [{"value": "?"}], ["?"]])
def test_a_language_that_is_none(value: Any) -> None:
    with pytest.raises(RejectedError) as caught:
        translations(value, KNOWN, FACTS, name="name")
    assert caught.value.code == "unknown_language"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("money", "1,50"),
        ("money", "NaN"),
        ("money", True),
        ("int", "1.5"),
        ("int", ""),
        ("time", "yesterday"),
        ("time", "2026-11-23 10:30:00"),
    ],
)
def test_what_is_none_of_its_kind(kind: str, value: Any) -> None:
    with pytest.raises(RejectedError) as caught:
        wanted_value(kind, value, name="it")
    assert caught.value.detail["field"] == "it"


@pytest.mark.parametrize(
    ("value", "flag"), [("1", True), ("yes", True), ("false", False), ("0", False), (1, True)]
)
def test_flags_in_every_spelling(value: Any, flag: bool) -> None:
    assert wanted_value("flag", value, name="active") is flag


def test_money_never_passes_through_floats() -> None:
    assert wire("money", Decimal("1E+2"), None, FACTS) == "100"
    assert wire("money", Decimal("0.000001"), None, FACTS) == "0.000001"
