"""Servers behind proxies, moved ones, Windows paths, and documents that are gone."""

import json
from typing import Any

import httpx
import pytest

from connectors.notes.actions.read import run_get
from connectors.notes.dds.client import DdsClient
from connectors.notes.statuses import redirect_error
from connectors.notes.tests.conftest import Served
from connectors.notes.transforms import read_document
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ConfigurationError, ContractError, NotFoundError
from connectors.sdk.operation import OperationContext

GONE = {"unid": "A" * 32}
T_SHIRT = {"unid": "C19DBA6C3A81ABCF2BA2AED24430F4EF"}
RAW = {
    "@unid": "A" * 32,
    "@noteid": "8FA",
    "@form": "Order Record",
    "@created": "2026-11-23T10:00:00Z",
    "@modified": "2026-11-23T10:00:00Z",
}


def ctx(served: Served, answer: Any, **settings: Any) -> OperationContext:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    connection = served.connection(**settings)
    return OperationContext(
        connection=connection, http=http, effect_key="e", now=served.clock, session={}
    )


async def test_a_document_that_is_gone_fails_unless_the_flow_takes_null(served: Served) -> None:
    with pytest.raises(NotFoundError):
        await run_get(served.ctx(), GONE)
    with pytest.raises(NotFoundError):
        await run_get(served.ctx(), {**GONE, "if_missing": "fail"})
    output = (await run_get(served.ctx(), {**GONE, "if_missing": "null"})).output
    assert output == {"document": None, "version": None}


async def test_a_document_that_is_there_is_read_either_way(served: Served) -> None:
    plain = (await run_get(served.ctx(), T_SHIRT)).output
    assert (await run_get(served.ctx(), {**T_SHIRT, "if_missing": "null"})).output == plain


async def test_a_missing_database_is_no_missing_document(served: Served) -> None:
    params = {**GONE, "if_missing": "null"}
    with pytest.raises(ConfigurationError):
        await run_get(served.ctx(database="elsewhere.nsf"), params)


@pytest.mark.parametrize("auth", ["session", "basic"])
async def test_a_server_that_sends_on_to_https_is_named(served: Served, auth: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        location = str(request.url.copy_with(scheme="https", host="domino.example", port=None))
        return httpx.Response(302, headers={"Location": location}, html="<html>moved</html>")

    with pytest.raises(ConfigurationError) as caught:
        await run_get(ctx(served, answer, auth=auth), T_SHIRT)
    assert caught.value.code == "redirect"
    assert "https://domino.example," in caught.value.fix


@pytest.mark.parametrize(
    ("status", "location"),
    [(302, "/names.nsf?Login"), (302, "http://d.example/x"), (200, "https://other.example/")],
)
def test_what_stays_on_the_server_is_no_redirect(status: int, location: str) -> None:
    assert redirect_error(status, location, base="http://d.example") is None


@pytest.mark.parametrize(
    ("database", "path"),
    [
        ("sales\\order desk.nsf", "/sales/order%20desk.nsf/api/data"),
        ("/Verkauf/Aufträge.nsf", "/Verkauf/Auftr%C3%A4ge.nsf/api/data"),
    ],
)
@pytest.mark.parametrize("front", ["", "/domino"])
async def test_paths_of_databases_and_proxies(
    served: Served, database: str, path: str, front: str
) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        headers = {"Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"}
        return httpx.Response(200, headers=headers, json=RAW)

    context = ctx(
        served, answer, auth="basic", database=database, base_url=f"http://d.example{front}/"
    )
    await run_get(context, GONE)
    assert asked[0].startswith(f"{front}{path}/documents/unid/")


@pytest.mark.parametrize("row", [{"@unid": "A" * 32}, {"@unid": "A" * 32, "@modified": "soon"}])
async def test_a_change_list_without_times_is_a_broken_contract(served: Served, row: Any) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[row])

    with pytest.raises(ContractError):
        await DdsClient(ctx(served, answer, auth="basic")).changed_since(served.clock())


async def test_times_of_the_change_list_are_utc(served: Served) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = [
            {"@unid": "A" * 32, "@modified": "2026-11-23T10:00:00"},
            {"@unid": "B" * 32, "@modified": "2026-11-23T11:00:00+01:00"},
        ]
        return httpx.Response(200, content=json.dumps(rows).encode())

    rows, _ = await DdsClient(ctx(served, answer, auth="basic")).changed_since(served.clock())
    assert {one.modified.isoformat() for one in rows} == {"2026-11-23T10:00:00+00:00"}


def connection(served: Served, **settings: Any) -> ConnectionConfig:
    return served.connection(
        forms={"Order Record": {"multi": ["Item_SKU", "Item_Qty"], "numbers": ["Item_Qty"]}},
        **settings,
    )


async def test_odd_items_of_a_document(served: Served) -> None:
    """Scalars where lists are usual, numbers as text, rich text, `$` items, names in any case."""
    rich = {"type": "multipart", "content": [{"contentType": "text/html", "data": "<p>x</p>"}]}
    raw = {
        **RAW,
        "ITEM_sku": "demo_1",
        "item_qty": "129,50",
        "Body": rich,
        "$Revisions": ["x"],
        "Ünï": "ß🎁",
        "Empty": None,
    }
    got = read_document(raw, "m", connection(served, decimal=","))
    assert got.items["Item_SKU"] == ["demo_1"]
    assert [str(one) for one in got.items["Item_Qty"]] == ["129.50"]
    assert got.items["Body"]["html"] == "<p>x</p>"
    assert got.items["Body"]["text"] == "x"
    assert got.items["Ünï"] == "ß🎁"
    assert "$Revisions" not in got.items
    with pytest.raises(ContractError) as caught:
        read_document(raw, "m", connection(served))
    assert "Item_Qty" in caught.value.message
    assert caught.value.fix
