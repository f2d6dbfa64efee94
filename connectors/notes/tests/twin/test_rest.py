"""The REST API of the twin, statement by statement (reference, 15 [D])."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.notes.tests.conftest import Clock, Served, inside

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
USER = {"username": "svc-causeway", "password": "meadow-service-1"}
NEW = {"Form": "Order Record", "OrderNo": "A", "Item_SKU": ["x"], "Item_Qty": [2], "Total": 1.5}


@pytest.fixture
async def api(twin_app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """The API with a token, asked for the scope fulfil."""
    async with inside(twin_app, auth=None) as client:
        answer = await client.post("/api/v1/auth", json=USER)
        client.headers["authorization"] = f"Bearer {answer.json()['bearer']}"
        client.base_url = httpx.URL("http://notes/api/v1")
        client.params = httpx.QueryParams({"dataSource": "fulfil"})
        yield client


async def test_login_gives_a_token_its_life_and_claims(twin_app: Starlette) -> None:
    async with inside(twin_app, auth=None) as client:
        answer = (await client.post("/api/v1/auth", json=USER)).json()
        assert answer["expSeconds"] == 7200
        assert answer["claims"]["sub"] == "CN=Causeway Service/O=Meadow"
        assert {"bearer", "leeway", "issueDate"} <= answer.keys()
        wrong = await client.post("/api/v1/auth", json={**USER, "password": "x"})
        assert wrong.status_code == 401
        assert wrong.json() == {"status": 401, "message": "Invalid credentials or account locked"}


async def test_every_data_call_takes_a_scope(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/document/{T_SHIRT}", params={"dataSource": "demo"})
    assert (answer.status_code, answer.json()["errorId"]) == (404, 1112)


@pytest.mark.parametrize("header", ["", "Bearer x", "Bearer a.b.c", "Basic eA=="])
async def test_without_a_token(api: httpx.AsyncClient, header: str) -> None:
    answer = await api.get(f"/document/{T_SHIRT}", headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.json()["status"] == 401


async def test_a_token_ends(api: httpx.AsyncClient, clock: Clock) -> None:
    clock.move(7199)
    assert (await api.get(f"/document/{T_SHIRT}")).status_code == 200
    clock.move(1)
    assert (await api.get(f"/document/{T_SHIRT}")).status_code == 401


async def test_the_document_shape(api: httpx.AsyncClient) -> None:
    document = (await api.get(f"/document/{T_SHIRT}")).json()
    meta = document["@meta"]
    assert {
        *("noteid", "unid", "created", "lastmodified", "lastaccessed", "lastmodifiedinfile"),
        *("addedtofile", "noteclass", "unread", "editable", "revision", "size"),
    } == meta.keys()
    assert isinstance(meta["noteid"], int)
    assert len(meta["revision"]) == 24
    assert int(meta["revision"][:8], 16) == 1
    assert document["Form"] == "Product Catalog Item"
    assert document["Category"] == ["Clothes\\Men"]  # arrays stay arrays
    assert document["Stock"] == 38


async def test_a_document_needs_a_form(api: httpx.AsyncClient) -> None:
    answer = await api.post("/document", json={"OrderNo": "A"})
    assert answer.status_code == 400


async def test_create_answers_the_document(api: httpx.AsyncClient) -> None:
    made = (await api.post("/document", json=NEW)).json()
    assert made["Item_Qty"] == [2]
    unid = made["@meta"]["unid"]
    assert (await api.get(f"/document/{unid}")).json()["OrderNo"] == "A"
    meta = (await api.get(f"/docmeta/{unid}")).json()
    assert meta["revision"] == made["@meta"]["revision"]


async def test_patch_by_revision_and_null_removes(api: httpx.AsyncClient) -> None:
    made = (await api.post("/document", json=NEW)).json()
    unid, revision = made["@meta"]["unid"], made["@meta"]["revision"]
    answer = await api.patch(
        f"/document/{unid}", params={"revision": revision}, json={"OrderNo": None, "Total": 2}
    )
    assert "OrderNo" not in answer.json()
    assert answer.json()["Item_SKU"] == ["x"]
    stale = await api.patch(f"/document/{unid}", params={"revision": revision}, json={"Total": 3})
    assert stale.status_code == 409
    assert (await api.patch(f"/document/{unid}", json={"Total": 3})).status_code == 200


async def test_delete_says_so(api: httpx.AsyncClient) -> None:
    answer = await api.delete(f"/document/{T_SHIRT}")
    assert answer.json()["message"] == "deletion complete"
    assert (await api.delete(f"/document/{T_SHIRT}")).status_code == 404


async def test_rich_text_as(api: httpx.AsyncClient) -> None:
    body = {"type": "text/html", "encoding": "PLAIN", "content": "<p>Größe</p>"}
    made = (await api.post("/document", json={**NEW, "Body": body})).json()
    unid = made["@meta"]["unid"]
    html = (await api.get(f"/document/{unid}", params={"richTextAs": "html"})).json()["Body"]
    assert html == body
    mime = (await api.get(f"/document/{unid}", params={"richTextAs": "mime"})).json()["Body"]
    assert mime["encoding"] == "BASE64"
    assert b"Gr\xc3\xb6\xc3\x9fe" in base64.b64decode(mime["content"])


async def test_bulk_rows(api: httpx.AsyncClient) -> None:
    rows = (await api.post("/bulk/unid", json={"unids": [T_SHIRT, "0" * 32]})).json()
    assert rows[0]["@meta"]["unid"] == T_SHIRT
    assert (rows[1]["status"], rows[1]["unid"]) == (404, "0" * 32)
    rows = (await api.post("/bulk/create", json={"documents": [NEW, {"Total": 1}]})).json()
    assert len(rows[0]["@meta"]["unid"]) == 32
    assert rows[1]["status"] == 400


async def test_lists(api: httpx.AsyncClient) -> None:
    lists = (await api.get("/lists")).json()
    assert {"title", "isFolder", "alias", "unid"} == lists[0].keys()
    columns = (await api.get("/lists", params={"columns": "true"})).json()[0]["columns"]
    assert columns[0]["name"] == "ExternalKey"
    rows = (await api.get("/lists/Stock", params={"count": 2, "start": 1})).json()
    assert len(rows) == 2
    assert {"@unid", "@noteid", "@index", "@etag"} <= rows[0].keys()
    assert rows[0]["@index"] == "2"
    assert len((await api.get("/lists/Stock")).json()) == 47  # 1000 at most
    found = (await api.get("/lists/(StockByKey)", params={"key": "1/1"})).json()
    assert [one["@unid"] for one in found] == [T_SHIRT]
    some = {"key": "1/", "keyAllowPartial": "true"}
    assert len((await api.get("/lists/(StockByKey)", params=some)).json()) > 1
    assert (await api.get("/lists/Nowhere")).status_code == 404


async def test_a_category(api: httpx.AsyncClient) -> None:
    await api.post("/document", json={**NEW, "OrderStatus": "Closed"})
    await api.post("/document", json={**NEW, "OrderStatus": "Shipped"})
    path = "/lists/OrdersByStatus"
    assert ["@unid" in one for one in (await api.get(path)).json()] == [False, True, False, True]
    [row] = (await api.get(path, params={"category": "shipped"})).json()
    assert "@unid" in row


async def test_readers_items_hide(api: httpx.AsyncClient, twin_app: Starlette) -> None:
    from connectors.notes.twin.values import Item, Kind

    state, document = twin_app.state.twin.store.find(T_SHIRT)
    document.put(Item("DocReaders", Kind.READERS, ["CN=Ann Editor/O=Meadow"]))
    state.save(document, by="CN=Ann Editor/O=Meadow")
    assert (await api.get(f"/document/{T_SHIRT}")).status_code == 404
    [row] = (await api.post("/bulk/unid", json={"unids": [T_SHIRT]})).json()
    assert row["status"] == 404
    assert (await api.get("/lists/(StockByKey)", params={"key": "1/1"})).json() == []
    query = {"query": f"@DocumentUniqueID = '{T_SHIRT}'"}
    assert (await api.post("/query", json=query)).json() == []


async def test_only_what_the_schema_has(served_world: Callable[..., Any]) -> None:
    forms = {"Order Record": {"default": ["OrderNo"], "dql": ["OrderNo"]}}
    scope = {
        "name": "fulfil",
        "database": "fulfil.nsf",
        "forms": forms,
        "views": ["Customers"],
        "need_revision": True,
    }
    served: Served = await served_world(rest={"scopes": [scope]})
    token = (await served.http.post(f"{served.url}/api/v1/auth", json=USER)).json()["bearer"]
    headers = {"authorization": f"Bearer {token}"}

    async def ask(method: str, path: str, body: Any = None) -> httpx.Response:
        address = f"{served.url}/api/v1{path}?dataSource=fulfil"
        return await served.http.request(method, address, headers=headers, json=body)

    made = await ask("POST", "/document", {"Form": "Order Record", "OrderNo": "A"})
    document = made.json()
    assert document.keys() == {"@meta", "OrderNo", "Form"}
    assert (await ask("POST", "/document", NEW)).status_code == 400
    assert (await ask("GET", f"/document/{T_SHIRT}")).status_code == 403
    assert (await ask("GET", "/lists/Stock")).status_code == 404
    assert [one["title"] for one in (await ask("GET", "/lists")).json()] == ["Customers"]
    unid = document["@meta"]["unid"]
    assert (await ask("PATCH", f"/document/{unid}", {"OrderNo": "B"})).status_code == 400
    found = (await ask("POST", "/query", {"query": "Form = 'Order Record'", "mode": "dql"})).json()
    assert [one["@meta"]["unid"] for one in found] == [unid]
    every = (
        await ask("POST", "/query", {"query": "@Created > @dt('2020-01-01T00:00:00Z')"})
    ).json()
    assert len(every) == 1  # the other forms have no mode
