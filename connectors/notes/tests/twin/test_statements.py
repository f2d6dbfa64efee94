"""Statements of the contract marked [S] that no other test names; `statements.json` lists all."""

from typing import Any

import httpx
import pytest

from connectors.notes.tests.conftest import ORDER, Clock

DATA = "/fulfil.nsf/api/data"
DOCS = f"{DATA}/documents"
STOCK = f"{DATA}/collections/name/Stock"
KEYED = f"{DATA}/collections/name/(OrdersByExternalKey)"
T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


async def create(dds: httpx.AsyncClient, items: dict[str, Any], **query: str) -> str:
    answer = await dds.post(DOCS, params={"form": "Order Record", **query}, json=items)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"][-32:])


def over(method: str, **more: str) -> dict[str, str]:
    return {"X-HTTP-Method-Override": method, **more}


async def test_the_service_root_names_its_services(dds: httpx.AsyncClient) -> None:
    """[S] 3.1: an object with a list; Core is always there."""
    services = (await dds.get("/api")).json()["services"]
    assert [one["name"] for one in services] == ["Data", "Core"]
    assert list(services[0]) == ["name", "enabled", "version", "href"]
    assert services[1]["enabled"] is True


async def test_the_service_root_takes_no_database(dds: httpx.AsyncClient) -> None:
    """[S] 3.1."""
    answer = await dds.get("/fulfil.nsf/api")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Database context not allowed."


async def test_no_etag_and_no_cache_control(dds: httpx.AsyncClient) -> None:
    """[S] 3.4."""
    for url in (STOCK, f"{DOCS}/unid/{T_SHIRT}", f"{DATA}/collections"):
        answer = await dds.get(url)
        assert "etag" not in answer.headers
        assert "cache-control" not in answer.headers


@pytest.mark.parametrize("value", ["1", "yes", "on", ""])
async def test_only_true_is_true(dds: httpx.AsyncClient, value: str) -> None:
    """[S] 3.6: any other text is false."""
    assert b"\n" in (await dds.get(STOCK, params={"compact": value})).content
    assert b"\n" not in (await dds.get(STOCK, params={"compact": "True"})).content


@pytest.mark.parametrize(("name", "value"), [("count", "ten"), ("count", "-1"), ("start", "x")])
async def test_integers_are_checked_by_name(dds: httpx.AsyncClient, name: str, value: str) -> None:
    """[S] 3.6."""
    answer = await dds.get(STOCK, params={name: value})
    assert answer.status_code == 400
    assert answer.json()["message"] == f"Invalid parameter {name}: {value}"


async def test_unknown_parameters_are_ignored(dds: httpx.AsyncClient) -> None:
    """[S] 3.6."""
    assert (await dds.get(STOCK, params={"nonsense": "1"})).json() == (await dds.get(STOCK)).json()


async def test_a_database_where_none_belongs_and_none_where_one_does(
    dds: httpx.AsyncClient,
) -> None:
    """[S] 4."""
    answer = await dds.get(DATA)
    assert answer.status_code == 400
    assert answer.json()["message"] == "URI path must not include a database."
    answer = await dds.get("/api/data/documents")
    assert answer.status_code == 400
    assert answer.json()["message"] == "URI path must include a database."
    answer = await dds.get("/api/data/collections/name/Stock")
    assert answer.status_code == 404
    assert answer.json()["message"] == "URI path must include a database."


async def test_the_catalogues_have_their_keys_in_order(dds: httpx.AsyncClient) -> None:
    """[S] 5.1, 5.2, 5.3."""
    [database] = (await dds.get("/api/data")).json()
    assert list(database) == ["@title", "@filepath", "@replicaid", "@template", "@href"]
    assert database["@href"] == "/fulfil.nsf/api/data/collections"
    first = (await dds.get(f"{DATA}/collections")).json()[0]
    assert list(first) == ["@title", "@folder", "@private", "@modified", "@unid", "@href"]
    assert first["@href"].endswith(f"/api/data/collections/unid/{first['@unid']}")
    column = (await dds.get(f"{STOCK}/design")).json()[0]
    assert list(column) == [
        "@columnNumber", "@name", "@title", "@width", "@alignment", "@hidden", "@response",
        "@twistie", "@field", "@category",
    ]  # fmt: skip


async def test_a_view_goes_by_name_alias_and_unid_in_any_case(dds: httpx.AsyncClient) -> None:
    """[S] 6."""
    [stock] = [
        one for one in (await dds.get(f"{DATA}/collections")).json() if one["@title"] == "Stock"
    ]
    by_unid = await dds.get(f"{DATA}/collections/unid/{stock['@unid'].lower()}")
    rows = (await dds.get(STOCK)).json()
    assert [one["@unid"] for one in by_unid.json()] == [one["@unid"] for one in rows]
    assert (await dds.get(f"{DATA}/collections/name/sTOCK")).json() == rows
    assert (await dds.get(f"{DATA}/collections/name/ordersbystatus")).status_code == 200


async def test_si_is_added_and_range_replaces_all(dds: httpx.AsyncClient) -> None:
    """[S] 6.1."""
    unids = [one["@unid"] for one in (await dds.get(STOCK, params={"count": "30"})).json()]

    async def shown(headers: dict[str, str] | None = None, **query: str) -> list[str]:
        rows = (await dds.get(STOCK, params=query, headers=headers)).json()
        return [one["@unid"] for one in rows]

    assert await shown(start="3", si="2", count="4") == unids[5:9]
    assert await shown(page="1", ps="5", si="1") == unids[6:11]
    assert await shown({"Range": "items=2-3"}, start="9", count="9") == unids[2:4]


async def test_the_total_is_left_out_on_request(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: entrycount=false is cheaper."""
    assert "content-range" in (await dds.get(STOCK)).headers
    assert "content-range" not in (await dds.get(STOCK, params={"entrycount": "false"})).headers


async def test_keys_win_over_parent_and_start_keys(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: one selection, the others are silently ignored."""
    first = await create(dds, {**ORDER, "ExternalKey": "a"})
    await create(dds, {**ORDER, "ExternalKey": "b"})
    query = {"keys": "a", "parentid": "F" * 32, "startkeys": "b"}
    assert [one["@unid"] for one in (await dds.get(KEYED, params=query)).json()] == [first]
    query = {"parentid": "F" * 32, "startkeys": "b"}
    assert (await dds.get(KEYED, params=query)).json() == []


async def test_a_column_without_resorting_leaves_the_order(dds: httpx.AsyncClient) -> None:
    """[S] 6.1: errors of sortcolumn are swallowed; only `descending` reverses."""
    plain = (await dds.get(STOCK)).json()
    assert (await dds.get(STOCK, params={"sortcolumn": "Nothing"})).json() == plain


async def test_system_columns_by_their_bits(dds: httpx.AsyncClient) -> None:
    """[S] 6.1, 6.3: decimal or hexadecimal; @entryid always."""
    for mask in ("0x002", "2"):
        [entry] = (await dds.get(STOCK, params={"systemcolumns": mask, "count": "1"})).json()
        assert [one for one in entry if one.startswith("@")] == ["@entryid", "@unid"]
    [entry] = (await dds.get(STOCK, params={"systemcolumns": "0x100", "count": "1"})).json()
    assert [one for one in entry if one.startswith("@")] == ["@entryid", "@form"]


async def test_the_keys_of_an_entry_come_in_order(dds: httpx.AsyncClient) -> None:
    """[S] 6.3: system keys first; what is 0, empty or false is left out."""
    [entry] = (await dds.get(STOCK, params={"count": "1"})).json()
    system = [one for one in entry if one.startswith("@")]
    order = [
        "@href", "@link", "@entryid", "@unid", "@noteid", "@position", "@read", "@siblings",
        "@descendants", "@children", "@indent", "@form", "@category", "@response",
    ]  # fmt: skip
    assert system == [one for one in order if one in system]
    assert list(entry)[: len(system)] == system
    assert "@read" not in entry
    assert "@category" not in entry
    assert entry["@entryid"] == f"{entry['@position']}-{entry['@unid']}"
    assert entry["@link"] == {
        "rel": "document", "href": f"/fulfil.nsf/api/data/documents/unid/{entry['@unid']}",
    }  # fmt: skip


async def test_an_entry_is_not_read_at_its_own_address(dds: httpx.AsyncClient) -> None:
    """[S] 6.3: @href supports PUT and DELETE but not GET; @link is for reading."""
    [entry] = (await dds.get(STOCK, params={"count": "1"})).json()
    assert (await dds.get(entry["@href"])).status_code == 405
    assert (await dds.get(entry["@link"]["href"])).status_code == 200


async def test_a_document_without_a_form_has_no_form_key(dds: httpx.AsyncClient) -> None:
    """[S] 8.1, 8.2."""
    made = await dds.post(DOCS, json={"A": "1"})
    document = (await dds.get(f"{DOCS}/unid/{made.headers['location'][-32:]}")).json()
    assert "@form" not in document
    assert "@parentid" not in document


async def test_item_names_in_lower_case(dds: httpx.AsyncClient) -> None:
    """[S] 8: lowercasefields; system keys stay."""
    unid = await create(dds, ORDER)
    document = (await dds.get(f"{DOCS}/unid/{unid}", params={"lowercasefields": "true"})).json()
    assert document["orderno"] == ORDER["OrderNo"]
    assert all(name == name.lower() for name in document if not name.startswith("@"))


async def test_markread_is_true_or_false(dds: httpx.AsyncClient) -> None:
    """[S] 4: raised after the document was written, here as the 400 it means to be."""
    answer = await dds.get(f"{DOCS}/unid/{T_SHIRT}", params={"markread": "maybe"})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Invalid parameter."


async def test_a_unid_in_any_case_and_no_note_id(dds: httpx.AsyncClient) -> None:
    """[S] 8."""
    document = (await dds.get(f"{DOCS}/unid/{T_SHIRT.lower()}")).json()
    assert document["@unid"] == T_SHIRT
    assert (await dds.get(f"{DOCS}/unid/{document['@noteid']}")).status_code == 404


async def test_if_modified_since_that_is_no_date_is_ignored(dds: httpx.AsyncClient) -> None:
    """[S] 8."""
    answer = await dds.get(f"{DOCS}/unid/{T_SHIRT}", headers={"If-Modified-Since": "someday"})
    assert answer.status_code == 200


async def test_lists_of_strong_dates(dds: httpx.AsyncClient) -> None:
    """[S] 8.3, 9.5: one object with an array; in and out."""
    moments = ["2026-01-02T03:04:05Z", "2026-02-03T04:05:06Z"]
    unid = await create(dds, {"Seen": {"type": "datetime", "data": moments}})
    strong = (await dds.get(f"{DOCS}/unid/{unid}", params={"strongtype": "true"})).json()
    assert strong["Seen"] == {"data": moments, "type": "datetime"}
    assert (await dds.get(f"{DOCS}/unid/{unid}")).json()["Seen"] == moments


@pytest.mark.parametrize("value", [{"data": "x"}, {"type": "number", "data": "1"}])
async def test_objects_of_unknown_type_are_ignored(dds: httpx.AsyncClient, value: Any) -> None:
    """[S] 9.5: silently."""
    unid = await create(dds, {"OrderNo": "1", "Odd": value})
    assert "Odd" not in (await dds.get(f"{DOCS}/unid/{unid}")).json()


async def test_a_date_that_is_no_text_is_skipped(dds: httpx.AsyncClient) -> None:
    """[S] 9.5: a non-string `data` in a datetime object, silently."""
    unid = await create(dds, {"OrderNo": "1", "Odd": {"type": "datetime", "data": 5}})
    assert "Odd" not in (await dds.get(f"{DOCS}/unid/{unid}")).json()


async def test_a_date_text_stays_text_without_a_form(dds: httpx.AsyncClient) -> None:
    """[S] 9.5: nothing is converted without a form, or with an unknown one."""
    for query in ({}, {"form": "No Such Form"}):
        made = await dds.post(DOCS, params=query, json={"OrderDate": "2026-11-23T10:21:30Z"})
        url = f"{DOCS}/unid/{made.headers['location'][-32:]}"
        strong = (await dds.get(url, params={"strongtype": "true"})).json()
        assert strong["OrderDate"] == "2026-11-23T10:21:30Z"


async def test_creating_twice_makes_two(dds: httpx.AsyncClient) -> None:
    """[S] 9.1: nothing tells a repetition."""
    assert await create(dds, ORDER) != await create(dds, ORDER)


async def test_responses_outlive_their_parent(dds: httpx.AsyncClient) -> None:
    """[S] 9.6: children stay, and name a parent that is gone."""
    parent = await create(dds, ORDER)
    child = await create(dds, {"A": "1"}, parentid=parent)
    await dds.post(f"{DOCS}/unid/{parent}", headers=over("DELETE"))
    assert (await dds.get(f"{DOCS}/unid/{child}")).json()["@parentid"] == parent


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_each_change_of_a_document_knows_the_precondition(
    dds: httpx.AsyncClient, clock: Clock, method: str
) -> None:
    """[S] 9.7: PUT, PATCH and DELETE; an empty 412; without the header the last writer wins."""
    unid = await create(dds, ORDER)
    url = f"{DOCS}/unid/{unid}"
    read_at = (await dds.get(url)).headers["last-modified"]
    clock.move(2)
    await dds.post(url, json={"A": "1"}, headers=over("PATCH"))
    stale = await dds.post(
        url, json={"A": "2"}, headers=over(method, **{"If-Unmodified-Since": read_at})
    )
    assert (stale.status_code, stale.content) == (412, b"")
    assert (await dds.get(url)).json()["A"] == "1"
    assert (await dds.post(url, json={"A": "2"}, headers=over(method))).status_code == 200


@pytest.mark.parametrize(
    "given",
    ["mon, 23 nov 2026 10:21:30 gmt", "Monday, 23-Nov-26 10:21:30 GMT", "Mon Nov 23 10:21:30 2026"],
)
async def test_the_precondition_takes_the_three_date_forms(
    dds: httpx.AsyncClient, given: str
) -> None:
    """[S] 9.7: equal text in any case; RFC 1123, RFC 1036, asctime."""
    unid = await create(dds, ORDER)
    headers = over("PATCH", **{"If-Unmodified-Since": given})
    assert (await dds.post(f"{DOCS}/unid/{unid}", json={"A": "1"}, headers=headers)).is_success


async def test_a_search_narrows_what_changed(dds: httpx.AsyncClient) -> None:
    """[S] 7: without an index it is refused, since or not."""
    answer = await dds.get(DOCS, params={"since": "2026-01-01T00:00:00Z", "search": "x"})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Database is not full text indexed."


async def test_columns_collapse_and_leave_out(dds: httpx.AsyncClient) -> None:
    """[S] 6.3: several values are an array, one is a scalar, none leaves the key out."""
    await create(dds, {"ExternalKey": "k", "OrderRef": ["A", "B"], "CustomerName": ["Zoë"]})
    [entry] = (await dds.get(KEYED, params={"keys": "k"})).json()
    assert entry["OrderRef"] == ["A", "B"]
    assert entry["CustomerName"] == "Zoë"
    assert "Total" not in entry


async def test_the_list_leaves_deletions_out(dds: httpx.AsyncClient, clock: Clock) -> None:
    """[S] 7: no stub, since a time or not."""
    unid = await create(dds, ORDER)
    clock.move(2)
    await dds.post(f"{DOCS}/unid/{unid}", headers=over("DELETE"))
    for query in ({}, {"since": "2026-11-23T10:21:00Z"}):
        rows = (await dds.get(DOCS, params=query)).json()
        assert unid not in {one["@unid"] for one in rows}
