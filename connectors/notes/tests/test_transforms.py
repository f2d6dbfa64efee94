"""Canonical items, from and to the service's JSON."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.notes.tests.conftest import FORMS, REPLICA
from connectors.notes.transforms import (
    FormProfile,
    NotesDocument,
    parse_number,
    profile_of,
    read_document,
    write_items,
)
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ConfigurationError, ContractError, RejectedError

SYSTEM: dict[str, Any] = {
    "@unid": "a" * 32,
    "@noteid": "8F6",
    "@created": {"data": "2026-11-23T10:00:00Z", "type": "datetime"},
    "@modified": {"data": "2026-11-23T10:21:30Z", "type": "datetime"},
    "@form": "order record",
}


def connection(**settings: Any) -> ConnectionConfig:
    return ConnectionConfig(
        id="1",
        slug="notes",
        connector="notes",
        system=REPLICA,
        settings={"forms": FORMS, **settings},
        secrets={},
    )


def read(items: dict[str, Any], **settings: Any) -> NotesDocument:
    return read_document(
        {**SYSTEM, **items}, "Mon, 23 Nov 2026 10:21:30 GMT", connection(**settings)
    )


def order_profile() -> FormProfile:
    return profile_of(connection(), "ORDER RECORD")


def written(items: dict[str, Any]) -> dict[str, Any]:
    return {one.name: one.body for one in write_items(items, order_profile())}


def test_the_profile_decides_between_scalar_and_list() -> None:
    document = read({"Item_SKU": "A", "item_qty": 2, "OrderNo": "1", "Other": ["x", "y"]})
    assert document.items["Item_SKU"] == ["A"]
    assert document.items["Item_Qty"] == [2]
    assert document.items["Item_Price"] == []
    assert document.items["OrderNo"] == "1"
    assert document.items["Other"] == ["x", "y"]


def test_system_keys() -> None:
    document = read({"$Conflict": "", "$UpdatedBy": "me"})
    assert document.unid == "A" * 32
    assert document.note_id == 0x8F6
    assert document.modified == datetime(2026, 11, 23, 10, 21, 30, tzinfo=UTC)
    assert document.is_conflict
    assert not {"$Conflict", "$UpdatedBy"} & set(document.items)
    assert not read({}).is_conflict


def test_typed_dates_become_text_and_keep_their_kind() -> None:
    document = read(
        {
            "OrderDate": {"data": "2026-11-23", "type": "datetime"},
            "Many": {"data": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"], "type": "datetime"},
            "Each": [
                {"data": "09:30:00", "type": "datetime"},
                {"data": "10:00:00", "type": "datetime"},
            ],
        }
    )
    assert document.items["OrderDate"] == "2026-11-23"
    assert document.items["Many"] == ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]
    assert document.items["Each"] == ["09:30:00", "10:00:00"]


def test_text_in_number_items_is_read_with_the_decimal_sign() -> None:
    assert read({"Total": "129,50"}, decimal=",").items["Total"] == Decimal("129.50")
    assert read({"Total": " "}).items["Total"] is None
    with pytest.raises(ContractError) as caught:
        read({"Total": "129,50"})
    assert caught.value.code == "not_a_number"


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234.5", ".", "1234.5"),
        ("1.234,50", ",", "1234.50"),
        ("1 234,5", ",", "1234.5"),
        ("-7", ".", "-7"),
        ("129,50", ".", None),
        ("1,23,456", ".", None),
        ("12e3", ".", None),
        ("", ".", None),
        ("NaN", ".", None),
    ],
)
def test_numbers_as_people_type_them(text: str, sign: str, number: str | None) -> None:
    assert parse_number(text, sign) == (None if number is None else Decimal(number))


def test_rich_text_is_converted_and_stays_out_of_the_hash() -> None:
    body = {"type": "multipart", "content": [{"contentType": "text/plain", "data": "hi"}]}
    document = read({"OrderNo": "1", "Body": body})
    assert document.items["Body"]["html"] == "<p>hi</p>"
    assert document.items["Body"]["losses"] == []
    assert document.hash == read({"OrderNo": "1"}).hash


@pytest.mark.parametrize("missing", ["@unid", "@created", "@modified"])
def test_a_document_without_its_system_keys_breaks_the_contract(missing: str) -> None:
    raw = {name: value for name, value in SYSTEM.items() if name != missing}
    with pytest.raises(ContractError):
        read_document(raw, "x", connection())


def test_writing() -> None:
    assert written(
        {
            "orderdate": "2026-11-23T11:21:30+01:00",
            "StatusChanged": "2026-11-23",
            "Item_SKU": ["A"],
            "Item_Qty": ["2", 1],
            "ShipTo": [],
            "TrackingNo": None,
            "Total": Decimal("60.67"),
            "JustText": "2026-11-23",
        }
    ) == {
        "OrderDate": {"type": "datetime", "data": "2026-11-23T10:21:30Z"},
        "StatusChanged": {"type": "datetime", "data": "2026-11-23T00:00:00Z"},
        "Item_SKU": "A",
        "Item_Qty": [Decimal(2), 1],
        "ShipTo": "",
        "TrackingNo": "",
        "Total": Decimal("60.67"),
        "JustText": "2026-11-23",
    }


@pytest.mark.parametrize(
    "value", [True, {"a": 1}, [["x"]], ["a", 1]], ids=["flag", "object", "nested", "mixed"]
)
def test_values_that_notes_does_not_have_are_rejected(value: Any) -> None:
    with pytest.raises(RejectedError):
        written({"Free": value})


def test_a_date_item_takes_dates_only() -> None:
    for value in ("someday", "2026-11-23T10:21:30", 5):
        with pytest.raises(RejectedError) as caught:
            written({"OrderDate": value})
        assert caught.value.code == "not_a_date"


@pytest.mark.parametrize(
    "name", ["$X", "@unid", "Form", "FORM", "SyncRev", "synchash", "", "x" * 33]
)
def test_names_that_would_be_lost_silently_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        written({name: "1"})
    assert caught.value.code == "item_name"


def test_one_item_in_two_spellings_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        written({"OrderNo": "1", "ORDERNO": "2"})
