"""Items of the REST API and of the agent endpoint, in both directions: pure."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notes.endpoint.items import endpoint_values, read_endpoint_document
from connectors.notes.rest.items import read_column, read_rest_document, rest_values
from connectors.notes.tests.conftest import FORMS, REPLICA
from connectors.notes.transforms import FormProfile, NotesDocument, write_items
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ContractError

CONNECTION = ConnectionConfig(
    id="1",
    slug="notes",
    connector="notes",
    system=REPLICA,
    settings={"database": "fulfil.nsf", "forms": FORMS},
    secrets={},
    is_twin=True,
)
ORDER = FormProfile(
    form="Order Record", multi={"item_qty": "Item_Qty"}, dates={"orderdate": "OrderDate"}
)
META = {
    "unid": "a" * 32,
    "noteid": 2394,
    "created": "2026-11-23T10:21:30.06Z",
    "lastmodified": "2026-11-23T11:21:31.5+01:00",
    "lastmodifiedinfile": "2026-11-23T11:21:32.08+01:00",
    "revision": "0000000100653B4400258A1B",
}


def rest(**items: Any) -> NotesDocument:
    return read_rest_document({"@meta": META, "Form": "Order Record", **items}, CONNECTION)


def test_a_rest_document() -> None:
    document = rest(OrderNo="A", Item_Qty=2, Total=23.0, **{"@warnings": ["No values found"]})
    assert document.unid == "A" * 32
    assert document.note_id == 2394
    assert document.modified == datetime(2026, 11, 23, 10, 21, 32, 80_000, tzinfo=UTC)
    assert document.last_modified == "Mon, 23 Nov 2026 10:21:32 GMT"
    assert document.revision == META["revision"]
    assert document.items["Item_Qty"] == [2]  # the profile says that it is a list
    assert "@warnings" not in document.items
    assert "Form" not in document.items
    assert not document.is_conflict


def test_a_conflict_shows_by_its_item() -> None:
    document = rest(**{"$Conflict": "", "$REF": ["b" * 32]})
    assert document.is_conflict
    assert document.parent == "B" * 32
    assert not document.items.keys() & {"$Conflict", "$REF"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-23T11:21:30.5+01:00", "2026-11-23T10:21:30Z"),
        ("2026-11-23T10:21:30Z", "2026-11-23T10:21:30Z"),
        ("2026-11-23", "2026-11-23"),
        ("10:21:30", "10:21:30"),
        ("2026-11-23T10:21:30", "2026-11-23T10:21:30"),  # no zone: not from the API's hand
        ("on 2026-11-23T10:21:30Z", "on 2026-11-23T10:21:30Z"),
        (Decimal("23.0"), 23),
        (Decimal("23.5"), Decimal("23.5")),
        (True, "true"),
        ([], []),
        (None, []),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_values_of_the_rest_api(given: Any, expected: Any) -> None:
    assert rest(Other=given).items["Other"] == expected


def test_a_date_is_known_as_one() -> None:
    document = rest(A="2026-11-23T10:21:30Z", B="x", C=["2026-11-23T10:21:30Z", "x"])
    assert document.date_items == {"a"}


def test_columns_of_the_rest_api() -> None:
    assert read_column(["a"]) == "a"
    assert read_column(["a", "b"]) == ["a", "b"]
    assert read_column(None) is None
    assert read_column("2026-11-23T11:21:30+01:00") == "2026-11-23T10:21:30Z"


def test_what_the_rest_api_is_sent() -> None:
    written = write_items(
        {
            "OrderNo": "A",
            "Item_Qty": [2],
            "OrderDate": "2026-11-23",
            "Body": {"html": "<p>Größe</p>"},
            "Empty": "",
            "Gone": None,
            "Many": ["a", "b"],
        },
        ORDER,
    )
    assert rest_values(written) == {
        "OrderNo": "A",
        "Item_Qty": [2],
        "OrderDate": "2026-11-23T00:00:00Z",
        "Body": {
            "type": "text/html",
            "encoding": "PLAIN",
            "content": "<html><body><p>Gr&#246;&#223;e</p></body></html>",
        },
        "Empty": "",
        "Gone": None,
        "Many": ["a", "b"],
    }


def endpoint(items: dict[str, Any], **meta: Any) -> NotesDocument:
    known = {
        "unid": "A" * 32,
        "noteid": "8F6",
        "form": "Order Record",
        "created": "2026-11-23T10:21:30Z",
        "modified": "2026-11-23T10:21:32Z",
        "revision": "20261123T102132-0011223344556677",
    }
    return read_endpoint_document({"meta": {**known, **meta}, "items": items}, CONNECTION)


def test_a_document_of_the_endpoint() -> None:
    document = endpoint(
        {
            "OrderNo": {"type": "text", "values": ["A"]},
            "Item_Qty": {"type": "number", "values": [2]},
            "OrderDate": {"type": "datetime", "values": ["2026-11-23T10:21:30Z"]},
            "DocAuthors": {"type": "authors", "values": ["CN=Ann/O=Meadow", "CN=Bo/O=Meadow"]},
            "Empty": {"type": "text", "values": []},
        },
        conflict=True,
        parent="B" * 32,
    )
    assert document.items["OrderNo"] == "A"
    assert document.items["Item_Qty"] == [2]
    assert document.items["DocAuthors"] == ["CN=Ann/O=Meadow", "CN=Bo/O=Meadow"]
    assert document.date_items == {"orderdate"}
    assert (document.is_conflict, document.parent, document.note_id) == (True, "B" * 32, 0x8F6)


def test_rich_text_of_the_endpoint_in_each_of_its_forms() -> None:
    dxl = (
        "<item name='Body'><richtext><pardef id='1'/><par def='1'><run><font style='bold'/>M"
        "</run></par></richtext></item>"
    )
    mime = [{"contentType": "text/html; charset=UTF-8", "data": "<p><b>M</b></p>"}]
    document = endpoint(
        {
            "Dxl": {"type": "dxl", "dxl": dxl},
            "Mime": {"type": "mime", "parts": mime},
            "Plain": {"type": "richtext", "text": "M"},
        }
    )
    assert document.items["Dxl"]["html"] == "<p><strong>M</strong></p>"
    assert document.items["Mime"]["html"] == "<p><strong>M</strong></p>"
    assert document.items["Plain"]["text"] == "M"
    assert document.rich_names == {"dxl", "mime", "plain"}


def test_what_the_endpoint_is_sent() -> None:
    written = write_items(
        {"OrderNo": "Ä", "Total": Decimal("2.5"), "OrderDate": "2026-11-23", "Gone": None}, ORDER
    )
    assert endpoint_values(written) == {
        "OrderNo": {"type": "text", "values": ["Ä"]},
        "Total": {"type": "number", "values": [Decimal("2.5")]},
        "OrderDate": {"type": "datetime", "values": ["2026-11-23T00:00:00Z"]},
        "Gone": {"type": "text", "values": []},
    }


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"Body": {}},
        {"Body": {"type": "text"}},
        {"Body": {"type": "mime"}},
        {"Body": {"type": "text", "values": 1}},
        {"Body": None},
    ],
)
def test_items_of_another_shape(broken: dict[str, Any]) -> None:
    if not broken:
        assert endpoint(broken).items == {name: [] for name in FORMS["Order Record"]["multi"]}
        return
    with pytest.raises(ContractError):
        endpoint(broken)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,15}", fullmatch=True).filter(
            lambda one: one.lower() not in {"form", "syncsource", "syncrev", "synchash"}
        ),
        st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4),
        max_size=6,
    )
)
def test_both_ways_read_the_same_values(items: dict[str, list[str]]) -> None:
    """What one gives as scalar or list, and the other with its type."""
    if len({one.lower() for one in items}) < len(items):
        return
    over_rest = rest(**{name: one if len(one) > 1 else one[0] for name, one in items.items()})
    over_agent = endpoint({name: {"type": "text", "values": one} for name, one in items.items()})
    assert over_rest.items == over_agent.items
    assert over_rest.hash == over_agent.hash
