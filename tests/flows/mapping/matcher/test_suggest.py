"""Suggestions: right, abstaining, with the function that is needed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.matcher import FieldError, Suggestion, read_fields, suggest
from flows.mapping.matcher.suggest import LEAST

ADDRESS = [
    "id_customer", "id_country", "id_state", "alias", "company", "lastname", "firstname",
    "vat_number", "address1", "address2", "postcode", "city", "other", "phone", "phone_mobile",
]  # fmt: skip
ORDER = [
    "reference", "date_add", "current_state", "id_currency", "payment", "total_paid_tax_incl",
    "total_paid_tax_excl", "total_shipping", "associations.order_rows.product_reference",
    "associations.order_rows.product_quantity", "associations.order_rows.unit_price_tax_excl",
]  # fmt: skip


def named(names: list[str], **more: Any) -> list[dict[str, Any]]:
    return [{"name": name, **more} for name in names]


def best(
    names: list[str], targets: list[str], samples: list[dict[str, Any]] | None = None
) -> dict[str, Suggestion]:
    found: dict[str, Suggestion] = {}
    for one in suggest(
        read_fields(named(names, type="text"), samples),
        read_fields(named(targets), what="target_fields"),
    ):
        if one.confidence >= 0.5:
            found.setdefault(one.source.name, one)
    return found


def test_an_address_in_german_finds_its_places() -> None:
    found = best(["Vorname", "Name", "Firma", "Strasse", "PLZ", "Ort", "Land", "Handy"], ADDRESS)
    assert {key: one.target.name for key, one in found.items()} == {
        "Vorname": "firstname", "Name": "lastname", "Firma": "company", "Strasse": "address1",
        "PLZ": "postcode", "Ort": "city", "Land": "id_country", "Handy": "phone_mobile",
    }  # fmt: skip
    assert found["Land"].transform.kind == "country"


def test_a_name_alone_is_split_and_an_address_in_one_is_parsed() -> None:
    targets = read_fields(named(ADDRESS), what="target_fields")
    samples = [{"Ansprechpartner": "Braun, Eva", "Anschrift": "Weg 1, 10115 Berlin, Deutschland"}]
    found = suggest(read_fields(named(["Ansprechpartner", "Anschrift"]), samples), targets)
    kinds = {(one.source.name, one.target.name): one.transform for one in found}
    assert kinds["Ansprechpartner", "firstname"].kind == "name_split"
    assert kinds["Ansprechpartner", "lastname"].params["order"] == "last, first"
    assert kinds["Anschrift", "postcode"].kind == "address_parse"
    assert kinds["Anschrift", "city"].params == {"part": "city"}


def test_lists_of_one_length_are_rows() -> None:
    samples = [{"ArtNr": ["A", "B"], "Menge": [1, 2], "Einzelpreis": [2.5, 3.0], "BestNr": "7"}]
    found = best(["BestNr", "ArtNr", "Menge", "Einzelpreis"], ORDER, samples)
    assert found["BestNr"].target.name == "reference"
    assert found["Menge"].target.name == "associations.order_rows.product_quantity"
    assert found["Menge"].transform.kind == "line_items"
    assert found["ArtNr"].transform.params == {"column": "reference"}


def test_numbered_items_are_rows() -> None:
    names = ["i1Quant", "i1PricePer", "i2Quant", "i2PricePer", "RefNumber"]
    found = best(names, ORDER)
    assert found["i2Quant"].target.name == "associations.order_rows.product_quantity"
    assert found["i2Quant"].transform.params == {"column": "quantity", "row": 2}


def test_net_and_gross_are_kept_apart() -> None:
    found = best(["Summe netto", "TotalTTC"], ORDER)
    assert found["Summe netto"].target.name == "total_paid_tax_excl"
    assert found["TotalTTC"].target.name == "total_paid_tax_incl"


def test_a_status_brings_the_table_of_its_values() -> None:
    samples = [{"Status": "Versendet"}, {"Status": "Phase 7"}]
    made = best(["Status", "BestellNr"], ORDER, samples)["Status"].transform
    assert made.kind == "status_lookup"
    assert made.params["map"] == {"Versendet": "4"}
    assert made.params["unknown"] == ["Phase 7"]


def test_dates_and_numbers_bring_the_form_of_their_column() -> None:
    samples = [{"Bestelldatum": "12.03.2026", "Versandkosten": "5,90"}]
    found = best(["Bestelldatum", "Versandkosten"], ORDER, samples)
    assert found["Bestelldatum"].transform.params["format"] == "dd.MM.yyyy"
    assert found["Versandkosten"].transform.kind == "number"
    assert found["Versandkosten"].transform.params["locale"] == "de"


@pytest.mark.parametrize(
    "field",
    [
        {"name": "$UpdatedBy"}, {"name": "DocReaders", "type": "readers"}, {"name": "Passwort"},
        {"name": "au_Doc", "type": "authors"}, {"name": "SyncHash"},
        {"name": "Bearbeitungshistorie"}, {"name": "ErstelltVon"}, {"name": "SaveOptions"},
    ],
)  # fmt: skip
def test_internal_items_map_to_nothing(field: dict[str, Any]) -> None:
    targets = read_fields(named([*ADDRESS, *ORDER, "passwd", "date_upd"]), what="target_fields")
    assert suggest(read_fields([field]), targets) == ()


def test_roles_decide_between_like_targets() -> None:
    targets = [
        {"name": "postcode", "entity": "address", "role": role} for role in ("delivery", "invoice")
    ]
    [one, *_] = suggest(read_fields(named(["RechPLZ"])), read_fields(targets, what="target_fields"))
    assert one.target.role == "invoice"
    assert one.confidence > 0.5


def test_the_reason_is_told_in_words() -> None:
    one = best(["PLZ"], ADDRESS, [{"PLZ": "10115"}])["PLZ"]
    assert "both mean address postcode" in one.explanation
    assert "values look like postcodes" in one.explanation


def test_a_schema_of_nothing_known_gives_nothing() -> None:
    assert suggest(read_fields(named(["Xqzt", "Wvvk"])), read_fields(named(ADDRESS))) == ()


@pytest.mark.parametrize(
    ("documents", "samples", "told"),
    [
        (None, None, "must be a list"),
        ([], None, "at least one field"),
        ([{"type": "text"}], None, "1 to 200 characters"),
        ([{"name": 3}], None, "must be a text"),
        ([3], None, "object with a `name`"),
        ([{"name": "A"}], [3], "`samples` must be a list of objects"),
        ([{"name": "A"}] * 501, None, "at most 500"),
    ],
)
def test_bad_fields_are_refused_in_a_sentence(documents: Any, samples: Any, told: str) -> None:
    with pytest.raises(FieldError, match=told):
        read_fields(documents, samples)


NAMES = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()))
VALUES = st.one_of(
    st.none(), st.text(max_size=60), st.integers(), st.floats(allow_nan=False), st.booleans(),
    st.lists(st.text(max_size=10), max_size=3), st.dictionaries(NAMES, st.integers(), max_size=2),
)  # fmt: skip


@given(st.lists(NAMES, min_size=1, max_size=6), st.data())
def test_any_names_and_values_give_ranked_chances(names: list[str], data: st.DataObject) -> None:
    samples = data.draw(st.lists(st.dictionaries(st.sampled_from(names), VALUES), max_size=3))
    found = suggest(read_fields(named(names), samples), read_fields(named([*ADDRESS, *ORDER])))
    before: dict[str, float] = {}
    for one in found:
        assert LEAST <= one.confidence <= before.get(one.source.name, 1.0)
        before[one.source.name] = one.confidence
