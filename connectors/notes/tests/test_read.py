"""Reading over a real socket: find, get, logins, and what every fault becomes."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from connectors.notes.actions.read import run_find, run_get
from connectors.notes.tests.conftest import REPLICA, Served
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractError,
    FarSideError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext

T_SHIRT = {"unid": "C19DBA6C3A81ABCF2BA2AED24430F4EF"}
BY_KEY = {"view": "(StockByKey)", "key": "1/1"}


async def test_get(served: Served) -> None:
    output = (await run_get(served.ctx(), T_SHIRT)).output
    document = output["document"]
    assert document["form"] == "Product Catalog Item"
    assert document["items"]["Stock"] == 38
    assert document["items"]["Category"] == ["Clothes\\Men"]
    assert document["is_conflict"] is False
    assert output["version"]["last_modified"] == "Fri, 02 Oct 2026 10:00:00 GMT"
    assert len(output["version"]["hash"]) == 64


async def test_reading_never_marks_a_document_read(served: Served) -> None:
    await run_get(served.ctx(), T_SHIRT)
    [(_, path, _)] = [one for one in await served.requests() if "/documents/" in one[1]]
    assert "markread=false" in path


async def test_find(served: Served) -> None:
    found = (await run_find(served.ctx(), BY_KEY)).output
    assert found["document"]["items"]["ShopKey"] == "1/1"
    assert found["version"]["hash"]
    nothing = await run_find(served.ctx(), {**BY_KEY, "key": "1/999"})
    assert nothing.output == {"document": None, "conflicts": []}


async def test_find_compares_letter_by_letter_and_takes_the_oldest(served: Served) -> None:
    items = {"OrderNo": "1", "Total": 1, "EMail": "a@b"}
    unids = []
    for key in ("shop/ORDER/1", "shop/order/1", "shop/order/1"):
        served.clock.move(1)
        answer = await served.control.post(
            "/_twin/documents",
            json={"form": "Order Record", "items": {**items, "ExternalKey": key}},
        )
        unids.append(answer.json()["unid"])
    params = {"view": "(OrdersByExternalKey)", "key": "shop/order/1"}
    found = await run_find(served.ctx(), params)
    assert found.output["document"]["unid"] == unids[1]


async def test_find_skips_conflict_documents(served: Served) -> None:
    served.clock.move(-(10**8))
    await served.control.post(
        "/_twin/documents",
        json={
            "form": "Product Catalog Item",
            "conflict_of": T_SHIRT["unid"],
            "items": {"ProductID": "demo_1", "Stock": 1, "ShopKey": "1/1"},
        },
    )
    found = await run_find(served.ctx(), BY_KEY)
    assert found.output["document"]["unid"] == T_SHIRT["unid"]


async def test_keys_with_everything_in_them(served: Served) -> None:
    key = "prestashop:http://127.0.0.1:8081/a b&c=d?é#%/order/6"
    await served.control.post(
        "/_twin/documents",
        json={
            "form": "Order Record",
            "items": {"OrderNo": "1", "Total": 1, "EMail": "a@b", "ExternalKey": key},
        },
    )
    found = await run_find(served.ctx(), {"view": "(OrdersByExternalKey)", "key": key})
    assert found.output["document"]["items"]["ExternalKey"] == key


async def test_pages_are_joined(served_world: Callable[..., Any]) -> None:
    documents = [
        {
            "unid": f"{number:032X}", "form": "Product Catalog Item",
            "created": "2026-10-02T10:00:00+00:00", "author": "me",
            "items": {"ShopKey": "same", "ProductID": str(number), "Stock": 1},
        }
        for number in range(1, 131)
    ]  # fmt: skip
    served = await served_world(database={"documents": documents})
    found = await run_find(served.ctx(), {"view": "(StockByKey)", "key": "same"})
    assert found.output["document"]["unid"] == f"{1:032X}"
    reads = [one for one in await served.requests() if "/documents/unid/" in one[1]]
    assert len(reads) == 130


async def test_one_login_serves_many_requests_at_once(served: Served) -> None:
    await asyncio.gather(*(run_get(served.ctx(), T_SHIRT) for _ in range(50)))
    logins = [one for one in await served.requests() if one[1].startswith("/names.nsf")]
    assert len(logins) == 1


async def test_an_expired_session_is_renewed_once_for_all(served: Served) -> None:
    await run_get(served.ctx(), T_SHIRT)
    served.twin.gate.expire_all()
    await asyncio.gather(*(run_get(served.ctx(), T_SHIRT) for _ in range(20)))
    logins = [one for one in await served.requests() if one[1].startswith("/names.nsf")]
    assert len(logins) == 2


async def test_basic_authentication(served: Served) -> None:
    output = (await run_get(served.ctx(auth="basic"), T_SHIRT)).output
    assert output["document"]["items"]["Stock"] == 38
    assert not [one for one in await served.requests() if one[1].startswith("/names.nsf")]


@pytest.mark.parametrize("auth", ["basic", "session"])
async def test_a_wrong_password(served: Served, auth: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await run_get(served.ctx(auth=auth, password="wrong-password"), T_SHIRT)
    assert caught.value.code == "login_failed"
    assert "wrong-password" not in str(caught.value.to_dict())


@pytest.mark.parametrize(
    ("faults", "error", "code"),
    [
        ({"down": True}, UnavailableError, "answer_lost"),
        ({"truncated": {"path": "/documents"}}, UnavailableError, "answer_lost"),
        ({"http_500": {"path": "/documents"}}, UnavailableError, "server_failed"),
        ({"html_answer": True}, UnavailableError, "server_down"),
        ({"html_answer": {"status": 404}}, ConfigurationError, "database_missing"),
        ({"html_answer": {"status": 418}}, ContractError, "not_json"),
        ({"access_denied": True}, PermissionDeniedError, "lock_database_level"),
        (
            {"access_denied": {"status": 401, "path": "/documents"}},
            PermissionDeniedError,
            "no_access",
        ),
        ({"login_page": True}, AuthenticationError, "session_refused"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else None,
)
async def test_faults(
    served: Served, faults: Mapping[str, Any], error: type[FarSideError], code: str
) -> None:
    ctx = served.ctx()
    if "path" not in str(faults) and "down" not in faults:
        await run_get(ctx, T_SHIRT)
    await served.fault(**faults)
    with pytest.raises(error) as caught:
        await run_get(ctx, T_SHIRT)
    assert caught.value.code == code
    assert "lotus.domino" not in str(caught.value.to_dict())
    await served.fault(clear=True)
    assert (await run_get(ctx, T_SHIRT)).output["document"]["unid"] == T_SHIRT["unid"]


async def test_one_login_page_is_answered_by_a_login(served: Served) -> None:
    await run_get(served.ctx(), T_SHIRT)
    await served.fault(login_page=1)
    assert (await run_get(served.ctx(), T_SHIRT)).output["document"]


async def test_nobody_listens() -> None:
    connection = ConnectionConfig(
        id="1", slug="notes", connector="notes", system=REPLICA,
        settings={"base_url": "http://127.0.0.1:1", "database": "x.nsf", "username": "a"},
        secrets={"password": "b"},
    )  # fmt: skip
    async with build_client(allow=["127.0.0.1:1"]) as http:
        ctx = OperationContext(
            connection=connection, http=http, effect_key="e", now=lambda: pytest.fail("no clock")
        )
        with pytest.raises(UnavailableError) as caught:
            await run_get(ctx, T_SHIRT)
    assert caught.value.code == "not_reached"


async def test_unknown_documents_views_databases_and_bad_ids(served: Served) -> None:
    with pytest.raises(NotFoundError):
        await run_get(served.ctx(), {"unid": "F" * 32})
    with pytest.raises(ConfigurationError) as view:
        await run_find(served.ctx(), {"view": "Nothing", "key": "1"})
    assert view.value.code == "view_missing"
    with pytest.raises(ConfigurationError) as database:
        await run_get(served.ctx(database="nothing.nsf"), T_SHIRT)
    assert database.value.code == "database_missing"
    with pytest.raises(ConfigurationError) as unid:
        await run_get(served.ctx(), {"unid": "../../names.nsf"})
    assert unid.value.code == "unid"


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"nonsense", b'{"@unid": "A", "@created": "x"}'], ids=str
)
async def test_answers_off_the_contract(body: bytes) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"content-type": "application/json", "last-modified": "x"}
        return httpx.Response(200, content=body, headers=headers)

    connection = ConnectionConfig(
        id="1", slug="notes", connector="notes", system=REPLICA,
        settings={
            "base_url": "http://notes.example", "database": "x.nsf",
            "username": "a", "auth": "basic",
        },
        secrets={"password": "b"},
    )  # fmt: skip
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        ctx = OperationContext(
            connection=connection, http=http, effect_key="e", now=lambda: pytest.fail("no clock")
        )
        with pytest.raises(ContractError) as caught:
            await run_get(ctx, T_SHIRT)
    assert {"expected", "received"} <= set(caught.value.detail)
