"""The agent endpoint of the twin, statement by statement (far_side/agent-endpoint.md)."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.notes.tests.conftest import ENDPOINT_SECRET, Clock, inside

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


class Agent:
    """Asks as the contract says; `bare` sends the body as it is."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self.http = http
        self.clock = clock

    async def ask(self, op: str, *, skew: int = 0, id_: str = "r-1", **members: Any) -> Any:
        body = json.dumps({"protocol": 1, "op": op, **members}).encode()
        at = str(int(self.clock.now.timestamp()) + skew)
        signed = f"{id_}.{at}.".encode() + body
        mac = hmac.new(ENDPOINT_SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return await self.bare(body, f"&id={id_}&at={at}&signature={mac}")

    async def bare(self, body: bytes, query: str = "") -> Any:
        answer = await self.http.post(f"/fulfil.nsf/causeway?OpenAgent{query}", content=body)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        answer.content.decode("ascii")
        return answer.json()


@pytest.fixture
async def agent(twin_app: Starlette, clock: Clock) -> AsyncIterator[Agent]:
    async with inside(twin_app) as client:
        yield Agent(client, clock)


async def test_the_envelope(agent: Agent) -> None:
    answer = await agent.ask("hello")
    assert {"ok", "protocol", "id", "server_time", "user", "result"} == answer.keys()
    assert (answer["ok"], answer["id"]) == (True, "r-1")
    assert answer["server_time"] == "2026-11-23T10:21:30Z"
    assert answer["user"] == "CN=Causeway Service/O=Meadow"
    assert answer["result"]["proof"] == "signature"
    assert answer["result"]["access"]["level"] == 4


async def code(answer: Any) -> str:
    assert answer["ok"] is False
    assert answer["error"]["message"]
    return str(answer["error"]["code"])


async def test_the_proof(agent: Agent) -> None:
    body = b'{"protocol":1,"op":"hello"}'
    assert await code(await agent.bare(body)) == "proof_missing"
    query = "&id=r&at=1795429290&signature=" + "0" * 64
    assert await code(await agent.bare(body, query)) == "proof_wrong"
    assert await code(await agent.ask("hello", skew=301)) == "clock"
    assert await code(await agent.ask("hello", skew=-301)) == "clock"
    assert (await agent.ask("hello", skew=299))["ok"]
    secret = json.dumps({"protocol": 1, "op": "hello", "secret": ENDPOINT_SECRET}).encode()
    assert await code(await agent.bare(secret, "&id=r")) == "proof_missing"


async def test_what_is_no_request(agent: Agent) -> None:
    for body in (b"", b"[]", b"{", "{ü}".encode()):
        assert await code(await agent.bare(body)) == "bad_request"
    assert await code(await agent.ask("nothing")) == "unknown_op"
    assert await code(await agent.ask("hello", protocol=2)) == "protocol"
    assert await code(await agent.ask("get")) == "bad_request"
    assert await code(await agent.ask("get", unid="0" * 32)) == "not_found"


async def test_values_are_lists_with_their_type(agent: Agent) -> None:
    result = (await agent.ask("get", unid=T_SHIRT))["result"]
    assert result["items"]["Stock"] == {"type": "number", "values": [38]}
    assert result["items"]["Category"] == {"type": "text", "values": ["Clothes\\Men"]}
    assert result["meta"]["noteid"] == "8F6"
    some = (await agent.ask("get", unid=T_SHIRT, items=["stock"]))["result"]
    assert some["items"].keys() == {"Stock"}


async def test_update_by_revision(agent: Agent) -> None:
    meta = (await agent.ask("get", unid=T_SHIRT))["result"]["meta"]
    items = {
        "Stock": {"type": "number", "values": [7]},
        "UnitPrice": {"type": "text", "values": []},
    }
    change = {"unid": T_SHIRT, "if_revision": meta["revision"], "items": items}
    after = (await agent.ask("update", **change))["result"]["meta"]
    assert after["revision"] != meta["revision"]
    refused = await agent.ask("update", **change)
    assert await code(refused) == "conflict"
    assert refused["error"]["detail"]["meta"]["revision"] == after["revision"]
    stored = (await agent.ask("get", unid=T_SHIRT))["result"]["items"]
    assert stored["Stock"]["values"] == [7]
    assert "UnitPrice" not in stored


@pytest.mark.parametrize(
    "items",
    [
        {"$Hidden": {"type": "text", "values": ["x"]}},
        {"@Meta": {"type": "text", "values": ["x"]}},
        {"form": {"type": "text", "values": ["x"]}},
        {"A": "x"},
        {"A": {"type": "text"}},
        {"A": {"type": "other", "values": []}},
        {"A": {"type": "number", "values": ["x"]}},
        {"A": {"type": "number", "values": [True]}},
        {"A": {"type": "text", "values": [1]}},
        {"A": {"type": "datetime", "values": ["soon"]}},
        {"A": {"type": "datetime", "values": ["2026-13-01"]}},
        [],
    ],
)
async def test_what_cannot_be_written_saves_nothing(agent: Agent, items: Any) -> None:
    assert await code(await agent.ask("create", form="Order Record", items=items)) == "bad_request"
    before = (await agent.ask("get", unid=T_SHIRT))["result"]["meta"]["revision"]
    change = {"unid": T_SHIRT, "if_revision": before, "items": items}
    assert await code(await agent.ask("update", **change)) == "bad_request"
    assert (await agent.ask("get", unid=T_SHIRT))["result"]["meta"]["revision"] == before


async def test_changed_goes_by_rising_note_ids(agent: Agent) -> None:
    since = "2026-10-01T00:00:00Z"
    first = (await agent.ask("changed", since=since, after="", count=10))["result"]
    assert first["more"] is True
    ids = [int(one["noteid"], 16) for one in first["documents"]]
    assert ids == sorted(ids)
    after = first["documents"][-1]["noteid"]
    second = (await agent.ask("changed", since=since, after=after, count=500))["result"]
    assert second["more"] is False
    assert min(int(one["noteid"], 16) for one in second["documents"]) > ids[-1]
    assert len(first["documents"]) + len(second["documents"]) == 54


async def test_a_batch_is_in_order_and_each_by_itself(agent: Agent) -> None:
    requests = [
        {"protocol": 1, "op": "get", "unid": T_SHIRT},
        {"protocol": 1, "op": "get", "unid": "0" * 32},
        {"protocol": 1, "op": "batch", "requests": []},
        {"protocol": 1, "op": "views"},
    ]
    result = (await agent.ask("batch", requests=requests))["result"]
    assert result["done"] == 4
    assert [one["ok"] for one in result["results"]] == [True, False, False, True]
    assert result["results"][1]["error"]["code"] == "not_found"


async def test_views_keys_and_pages(agent: Agent) -> None:
    page = (await agent.ask("list", view="Stock", count=3))["result"]
    assert (len(page["entries"]), page["more"], page["total"]) == (3, True, 47)
    [entry] = (await agent.ask("find", view="(StockByKey)", key="1/1"))["result"]["entries"]
    assert (entry["unid"], entry["form"]) == (T_SHIRT, "Product Catalog Item")
    several = (await agent.ask("find", view="(StockByKey)", key="1/", exact=False))["result"]
    assert len(several["entries"]) > 1
    assert await code(await agent.ask("list", view="Nowhere")) == "view_missing"
    assert await code(await agent.ask("folder", folder="Stock", add=[T_SHIRT])) == "not_a_folder"
    assert await code(await agent.ask("search", query="x")) == "no_index"


async def test_anonymous_may_not(twin_app: Starlette, clock: Clock) -> None:
    twin_app.state.twin.faults.configure({"anonymous": 1})
    async with inside(twin_app) as client:
        answer = await Agent(client, clock).ask("hello")
        assert await code(answer) == "anonymous"
        assert answer["user"] == "Anonymous"


async def test_the_web_server_answers_for_what_is_not_there(twin_app: Starlette) -> None:
    async with inside(twin_app) as client:
        for path in ("/fulfil.nsf/other?OpenAgent", "/none.nsf/causeway?OpenAgent"):
            answer = await client.post(path, content=b"{}")
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")
    async with inside(twin_app, auth=None) as client:
        answer = await client.post("/fulfil.nsf/causeway?OpenAgent", content=b"{}")
        assert (answer.status_code, "names.nsf?Login" in answer.text) == (200, True)
