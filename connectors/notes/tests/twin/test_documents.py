"""The documents resources against the documented contract."""

import json
from typing import Any

import httpx
import pytest

from connectors.notes.tests.conftest import ORDER, Clock

DOCS = "/fulfil.nsf/api/data/documents"
JSON = {"Content-Type": "application/json"}
T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


async def create(dds: httpx.AsyncClient, items: dict[str, Any], **query: str) -> str:
    query = {"form": "Order Record", **query}
    answer = await dds.post(DOCS, params=query, json=items)
    assert answer.status_code == 201, answer.text
    assert answer.content == b""
    return answer.headers["location"].rsplit("/", 1)[1]


async def read(dds: httpx.AsyncClient, unid: str, **query: str) -> dict[str, Any]:
    answer = await dds.get(f"{DOCS}/unid/{unid}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def patch(
    dds: httpx.AsyncClient, unid: str, body: dict[str, Any], **headers: str
) -> httpx.Response:
    return await dds.post(
        f"{DOCS}/unid/{unid}",
        json=body,
        headers={"X-HTTP-Method-Override": "PATCH", **headers},
    )


async def test_create_answers_201_with_an_absolute_location(dds: httpx.AsyncClient) -> None:
    """[S] 9.1: empty body, Location ends in the new UNID."""
    answer = await dds.post(DOCS, params={"form": "Order Record"}, json=ORDER)
    assert answer.headers["location"].startswith("http://notes/fulfil.nsf/api/data/documents/unid/")
    assert (await read(dds, answer.headers["location"][-32:]))["@form"] == "Order Record"


async def test_keys_come_in_order_and_form_is_no_item(dds: httpx.AsyncClient) -> None:
    """[S] 8.1: system keys first; `$` items only on request; Form never."""
    raw = (await dds.get(f"{DOCS}/unid/{T_SHIRT}", params={"hidden": "true"})).json()
    assert list(raw)[:7] == [
        "@href", "@unid", "@noteid", "@created", "@modified", "@authors", "@form",
    ]  # fmt: skip
    assert list(raw)[7] == "$UpdatedBy"
    assert "Form" not in raw
    assert "$UpdatedBy" not in await read(dds, T_SHIRT)


async def test_json_is_ascii_pretty_and_escapes_slashes(dds: httpx.AsyncClient) -> None:
    """[S] 3.4."""
    unid = await create(dds, {**ORDER, "CustomerName": "Zoë 🦊 a/b"})
    raw = (await dds.get(f"{DOCS}/unid/{unid}")).content
    assert raw.isascii()
    assert b'\n    "CustomerName":"Zo\\u00eb \\ud83e\\udd8a a\\/b"' in raw
    compact = (await dds.get(f"{DOCS}/unid/{unid}", params={"compact": "TRUE"})).content
    assert b"\n" not in compact
    assert json.loads(raw) == json.loads(compact)


async def test_a_list_of_one_is_a_scalar_and_an_empty_list_is_gone(
    dds: httpx.AsyncClient,
) -> None:
    """[S] 8.3."""
    unid = await create(dds, {**ORDER, "Item_SKU": ["A"], "Item_Qty": [2, 1], "ShipTo": []})
    document = await read(dds, unid)
    assert document["Item_SKU"] == "A"
    assert document["Item_Qty"] == [2, 1]
    assert "ShipTo" not in document
    assert document["TrackingNo"] == ""


async def test_numbers_print_like_java(dds: httpx.AsyncClient) -> None:
    """[S] 3.4: integral doubles as integers, small ones with an exponent."""
    unid = await create(
        dds, {"OrderNo": "1", "Total": 5.0, "Item_Price": [0.00001, 0.1, 12345678.5]}
    )
    raw = (await dds.get(f"{DOCS}/unid/{unid}", params={"compact": "true"})).text
    assert '"Total":5,' in raw
    assert '"Item_Price":[1.0E-5,0.1,1.23456785E7]' in raw


async def test_dates_by_form_by_type_and_strongly_typed(dds: httpx.AsyncClient) -> None:
    """[S] 9.5 and 8.3: only the form or a datetime object makes a date of a text."""
    unid = await create(
        dds,
        {
            "OrderDate": "2026-11-23T10:21:30Z",
            "Free": {"type": "datetime", "data": "2026-01-02T03:04:05Z"},
            "JustText": "2026-01-02T03:04:05Z",
        },
    )
    strong = await read(dds, unid, strongtype="true")
    assert strong["OrderDate"] == {"data": "2026-11-23T10:21:30Z", "type": "datetime"}
    assert strong["Free"] == {"data": "2026-01-02T03:04:05Z", "type": "datetime"}
    assert strong["JustText"] == "2026-01-02T03:04:05Z"
    assert strong["@created"]["type"] == "datetime"
    assert (await read(dds, unid))["OrderDate"] == "2026-11-23T10:21:30Z"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("2026-11-23T10:21:30.000Z", 400),
        ("2026-11-23T10:21:30+01:00", 400),
        ("someday", 400),
        ("03/02/2026", 201),
    ],
)
async def test_dates_off_the_safe_form_depend_on_the_region(
    dds: httpx.AsyncClient, sent: str, status: int
) -> None:
    """[S] 9.5: fractions and offsets fall out of the safe form; others are read by region."""
    answer = await dds.post(DOCS, params={"form": "Order Record"}, json={"OrderDate": sent})
    assert answer.status_code == status
    if status == 201:
        document = await read(dds, answer.headers["location"][-32:])
        assert document["OrderDate"] == "2026-02-03"


@pytest.mark.parametrize("value", [True, None, ["a", 1], [None]])
async def test_values_that_notes_does_not_have_are_refused(
    dds: httpx.AsyncClient, value: Any
) -> None:
    """[U] 9.5: the simulator answers 400."""
    answer = await dds.post(DOCS, json={"X": value})
    assert answer.status_code == 400
    assert answer.json()["data"].startswith("NotesException: ")


async def test_patch_changes_only_what_it_names(dds: httpx.AsyncClient, clock: Clock) -> None:
    """[S] 9.3: 200, empty, no Last-Modified; the type follows the value."""
    unid = await create(dds, ORDER)
    clock.move(5)
    answer = await patch(dds, unid, {"OrderStatus": "Shipped", "Total": "46"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert "last-modified" not in answer.headers
    document = await read(dds, unid)
    assert document["OrderStatus"] == "Shipped"
    assert document["Total"] == "46"
    assert document["OrderNo"] == "XPYEWWWWK"
    assert document["@modified"] == "2026-11-23T10:21:35Z"


async def test_put_removes_the_others_and_falls_into_the_case_trap(
    dds: httpx.AsyncClient,
) -> None:
    """[S/I] 9.2: removal compares the stored spelling, Notes ignores case."""
    unid = await create(dds, {"OrderNo": "1", "EMail": "a@b", "Total": 3})
    answer = await dds.post(
        f"{DOCS}/unid/{unid}",
        json={"orderno": "2", "Total": 4},
        headers={"X-HTTP-Method-Override": "PUT"},
    )
    assert answer.status_code == 200
    document = await read(dds, unid)
    assert "EMail" not in document
    assert document["Total"] == 4
    assert "OrderNo" not in document
    assert "orderno" not in document


async def test_system_keys_in_a_body_are_ignored(dds: httpx.AsyncClient) -> None:
    """[S] 9.4: `$`, `@` and Form in any case."""
    unid = await create(dds, {"$X": "1", "@unid": "2", "form": "Other", "OrderNo": "3"})
    document = await read(dds, unid, hidden="true")
    assert document["@form"] == "Order Record"
    assert "$X" not in document


async def test_optimistic_locking(dds: httpx.AsyncClient, clock: Clock) -> None:
    """[S] 9.7: equal text or a later time passes, an earlier one and ISO fail with an empty
    412."""
    unid = await create(dds, ORDER)
    read_at = (await dds.get(f"{DOCS}/unid/{unid}")).headers["last-modified"]
    assert read_at == "Mon, 23 Nov 2026 10:21:30 GMT"
    clock.move(2)
    assert (await patch(dds, unid, {"A": "1"}, **{"If-Unmodified-Since": read_at})).is_success
    stale = await patch(dds, unid, {"A": "2"}, **{"If-Unmodified-Since": read_at})
    assert (stale.status_code, stale.content) == (412, b"")
    iso = await patch(dds, unid, {"A": "2"}, **{"If-Unmodified-Since": "2030-01-01T00:00:00Z"})
    assert iso.status_code == 412
    later = {"If-Unmodified-Since": "Tue, 24 Nov 2026 00:00:00 GMT"}
    assert (await patch(dds, unid, {"A": "3"}, **later)).is_success
    assert (await read(dds, unid))["A"] == "3"


async def test_not_modified(dds: httpx.AsyncClient) -> None:
    """[S] 8: If-Modified-Since on GET."""
    first = await dds.get(f"{DOCS}/unid/{T_SHIRT}")
    again = await dds.get(
        f"{DOCS}/unid/{T_SHIRT}", headers={"If-Modified-Since": first.headers["last-modified"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_delete_and_unknown_documents(dds: httpx.AsyncClient) -> None:
    """[S] 9.6 and 4: unknown, malformed and deleted are the same 404 with a stack trace."""
    unid = await create(dds, ORDER)
    override = {"X-HTTP-Method-Override": "DELETE"}
    assert (await dds.post(f"{DOCS}/unid/{unid}", headers=override)).status_code == 200
    for one in (unid, "F" * 32, "nonsense"):
        answer = await dds.post(f"{DOCS}/unid/{one}", headers=override)
        assert answer.status_code == 404
        assert list(answer.json()) == ["code", "text", "message", "type", "data"]
        assert answer.json()["message"] == "Invalid universal id"
        assert answer.json()["data"].startswith("NotesException: Invalid universal id\r\n\tat ")


async def test_fields_limit_the_items_and_refuse_dollars(dds: httpx.AsyncClient) -> None:
    """[S] 8: compared in lower case; a `$` makes the list invalid."""
    document = await read(dds, T_SHIRT, fields="stock,PRODUCTID")
    assert {one for one in document if not one.startswith("@")} == {"Stock", "ProductID"}
    answer = await dds.get(f"{DOCS}/unid/{T_SHIRT}", params={"fields": "$REF"})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Invalid fields parameter: $REF"


async def test_validations_of_the_form_table(dds: httpx.AsyncClient) -> None:
    """[S] 9.5: only with computewithform, as an exception with the formula's text."""
    query = {"form": "Order Record", "computewithform": "true"}
    for items, message in (
        ({"Total": 1, "EMail": "a@b"}, "Enter the order number."),
        ({"OrderNo": "1", "Total": "46", "EMail": "a@b"}, "Total must be a number."),
        ({"OrderNo": "1", "Total": 46, "EMail": "nobody"}, "The e-mail address needs an @."),
    ):
        answer = await dds.post(DOCS, params=query, json=items)
        assert answer.status_code == 400
        assert answer.json()["message"] == message
    assert (await dds.post(DOCS, params={"form": "Order Record"}, json={"Total": "x"})).is_success


async def test_broken_bodies(dds: httpx.AsyncClient) -> None:
    """[S] 3.5: not an object or not JSON 400; another content type 415 [U]."""
    for raw in (b"[1]", b"{", b"", b"\xff"):
        answer = await dds.post(DOCS, content=raw, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["message"] == "Error while parsing the JSON content"
    assert (await dds.post(DOCS, content=b"a=1")).status_code == 415


async def test_rich_text_goes_and_comes_as_parts(dds: httpx.AsyncClient) -> None:
    """[S] 8.5 and 9.5: the boundary of a part must have been declared before it."""
    content = [
        {"contentType": 'multipart/alternative; boundary="B1"'},
        {"contentType": "text/plain", "data": "hi", "boundary": "--B1"},
        {"contentType": "text/html", "data": "<b>hi</b>", "boundary": "--B1"},
    ]
    body = {"Body": {"type": "multipart", "content": content}}
    unid = await create(dds, body)
    assert (await read(dds, unid))["Body"]["content"] == content
    flat = (await read(dds, unid, multipart="false"))["Body"]
    assert flat == {"type": "richtext", "contentType": "text/html", "data": "<b>hi</b>"}
    body["Body"]["content"] = [content[0], {**content[1], "boundary": "--B9"}]
    assert (await dds.post(DOCS, json=body)).status_code == 400
    with_files = {"Body": {"type": "richtext", "data": "x", "attachments": ["a"]}}
    answer = await dds.post(DOCS, json=with_files)
    assert answer.json()["message"] == "Updating embedded objects is not supported."


async def test_the_list_since_a_time(dds: httpx.AsyncClient, clock: Clock) -> None:
    """[S] 7: by the time of the save in this file; no form, no items, no paging."""
    everything = (await dds.get(DOCS)).json()
    assert len(everything) > 50
    clock.move(60)
    unid = await create(dds, ORDER)
    rows = (await dds.get(DOCS, params={"since": "2026-11-23T10:22:00Z"})).json()
    assert [one["@unid"] for one in rows] == [unid]
    assert list(rows[0]) == ["@modified", "@unid", "@href"]
    answer = await dds.get(DOCS, params={"since": "2026-11-23T10:22:31Z"})
    assert answer.json() == []
    assert "content-range" not in answer.headers
    assert (await dds.get(DOCS, params={"since": "yesterday"})).status_code == 400
    search = await dds.get(DOCS, params={"search": "x"})
    assert search.json()["message"] == "Database is not full text indexed."


async def test_a_response_needs_its_parent(dds: httpx.AsyncClient) -> None:
    """[S] 4 and 8.1: unknown parent 400, not 404; @parentid on responses only."""
    answer = await dds.post(DOCS, params={"parentid": "F" * 32}, json={"A": "1"})
    assert answer.status_code == 400
    unid = await create(dds, {"A": "1"}, parentid=T_SHIRT)
    assert (await read(dds, unid))["@parentid"] == T_SHIRT


async def test_a_conflict_document_looks_ordinary_unless_asked(
    dds: httpx.AsyncClient,
) -> None:
    """[S/I] 11: same keys, own UNID; $Conflict only with hidden=true."""
    made = await dds.post(
        "/_twin/documents",
        json={
            "form": "Product Catalog Item",
            "conflict_of": T_SHIRT,
            "items": {"ProductID": "demo_1", "Stock": 3, "ShopKey": "1/1"},
        },
    )
    unid = made.json()["unid"]
    plain, hidden = await read(dds, unid), await read(dds, unid, hidden="true")
    assert plain["@parentid"] == T_SHIRT
    assert "$Conflict" not in plain
    assert hidden["$Conflict"] == ""
    assert hidden["$REF"] == T_SHIRT
