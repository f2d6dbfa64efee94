"""The shop broken on purpose, and the control plane around it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from connectors.prestashop.tests.twin.conftest import ALL, MEADOW, Running, basic, running
from connectors.prestashop.twin.app import create_app
from connectors.prestashop.twin.faults import Faults
from connectors.prestashop.twin.gate import DroppedConnectionError
from connectors.prestashop.twin.post import PostError, post
from connectors.prestashop.twin.store import Store

ONE = "/api/orders/1?output_format=JSON"
STATE = (
    '<?xml version="1.0"?><prestashop><order_history><id_order>2</id_order>'
    "<id_order_state>5</id_order_state></order_history></prestashop>"
)


async def faults(twin: Running, **wanted: Any) -> dict[str, Any]:
    answer = await twin.twin("faults", wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["faults"])


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("down", 503, ""),
        ("http_500", 500, ""),
        ("access_denied", 401, "Authentification key is not active"),
        ("webservice_off", 503, "The PrestaShop webservice is disabled"),
        ("html_answer", 200, "<!DOCTYPE html>"),
        ("rate_limited", 429, ""),
        ("forbidden", 403, "<!DOCTYPE html>"),
        ("not_found", 404, "<!DOCTYPE html>"),
    ],
)
async def test_a_fault_is_on_until_it_is_switched_off(
    twin: Running, fault: str, status: int, body: str
) -> None:
    await faults(twin, **{fault: True})
    for _ in range(2):
        answer = await twin.api("GET", ONE)
        assert answer.status_code == status
        assert body in answer.text
    await faults(twin, **{fault: False})
    assert (await twin.api("GET", ONE)).status_code == 200


STOCK = (
    '<?xml version="1.0"?><prestashop><stock_available><id>20</id><quantity>7</quantity>'
    "</stock_available></prestashop>"
)
PRICE = (
    '<?xml version="1.0"?><prestashop><product><id>1</id><price>12.345678</price>'
    "</product></prestashop>"
)


async def test_maintenance_lets_reads_pass(twin: Running) -> None:
    await faults(twin, read_only=True)
    assert (await twin.api("GET", ONE)).status_code == 200
    answer = await twin.api("PATCH", "/api/stock_availables/20", STOCK)
    assert answer.status_code == 503
    assert "Maintenance" in answer.text
    await faults(twin, read_only=False)
    assert (await twin.api("PATCH", "/api/stock_availables/20", STOCK)).status_code == 200


async def test_a_stock_write_that_is_ignored_is_answered_well(twin: Running) -> None:
    before = await twin.quantity(20)
    await faults(twin, stock_ignored=1)
    answer = await twin.api("PATCH", "/api/stock_availables/20?output_format=JSON", STOCK)
    assert answer.status_code == 200
    assert answer.json()["stock_available"]["quantity"] == "7"
    assert await twin.quantity(20) == before
    await twin.api("PATCH", "/api/stock_availables/20", STOCK)
    assert await twin.quantity(20) == 7


async def test_a_rounded_price_is_echoed_as_it_was_sent(twin: Running) -> None:
    await faults(twin, price_rounded=True)
    answer = await twin.api("PATCH", "/api/products/1?output_format=JSON", PRICE)
    assert answer.json()["product"]["price"] == "12.345678"
    shown = await twin.api("GET", "/api/products/1?display=[price]&output_format=JSON")
    assert shown.json()["products"][0]["price"] == "12.350000"


async def test_somebody_edits_what_was_just_read(twin: Running) -> None:
    await faults(twin, edited_after_read={"field": "reference", "value": "theirs"})
    one = "/api/products/1?display=[reference]&output_format=JSON"
    seen = [(await twin.api("GET", one)).json()["products"][0]["reference"] for _ in range(2)]
    assert seen == ["demo_1", "theirs"]
    assert (await twin.state())["faults"] == {}


async def test_a_hanging_shop_does_nothing(twin: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("connectors.prestashop.twin.gate.asyncio.sleep", sleep)
    before = await twin.quantity(20)
    await faults(twin, hang=30)
    with pytest.raises(DroppedConnectionError):
        await twin.api("PATCH", "/api/stock_availables/20", STOCK)
    assert waited == [30.0]
    await faults(twin, hang=False)
    assert await twin.quantity(20) == before


async def test_a_fault_with_a_count_ends_by_itself(twin: Running) -> None:
    await faults(twin, http_500={"count": 2}, access_denied=1)
    statuses = [(await twin.api("GET", ONE)).status_code for _ in range(4)]
    assert statuses == [500, 500, 200, 200]
    assert (await twin.state())["faults"] == {}


async def test_a_fault_may_concern_some_requests_only(twin: Running) -> None:
    await faults(twin, down={"method": "POST", "path": "/api/order_histories"})
    assert (await twin.api("GET", ONE)).status_code == 200
    assert (await twin.api("POST", "/api/order_histories", STATE)).status_code == 503


async def test_a_truncated_answer_is_no_json(twin: Running) -> None:
    await faults(twin, truncated=True)
    answer = await twin.api("GET", ONE)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_a_slow_shop_is_late(twin: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    await faults(twin, slow=2.5)
    monkeypatch.setattr("connectors.prestashop.twin.gate.asyncio.sleep", sleep)
    assert (await twin.api("GET", ONE)).status_code == 200
    assert waited == [2.5]


async def test_a_lost_answer_has_done_its_work(twin: Running) -> None:
    await faults(twin, lost_answer={"count": 1})
    assert (await twin.api("GET", ONE)).status_code == 200
    with pytest.raises(DroppedConnectionError):
        await twin.api("POST", "/api/order_histories", STATE)
    assert (await twin.order(2))["current_state"] == 5


async def test_bad_data_spoils_the_next_orders_address(twin: Running) -> None:
    await faults(twin, bad_data={"count": 1, "value": "28013-BAJO-IZQUIERDA"})
    line = {"product_id": 8, "quantity": 1}
    wanted = {"customer_id": 4, "lines": [line]}
    spoilt = await twin.order((await twin.twin("orders", wanted)).json()["id"])
    sound = await twin.order((await twin.twin("orders", wanted)).json()["id"])
    codes = []
    for order in (spoilt, sound):
        path = f"/api/addresses/{order['id_address_delivery']}?output_format=JSON"
        codes.append((await twin.api("GET", path)).json()["address"]["postcode"])
    assert codes == ["28013-BAJO-IZQUIERDA", "08013"]


async def test_a_limit_takes_so_many_requests_in_a_while(twin: Running) -> None:
    await faults(twin, limited={"count": 3, "seconds": 60})
    answers = [await twin.api("GET", ONE) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    await faults(twin, limited={"count": 3, "seconds": 60, "mode": "untold"})
    refused = await twin.api("GET", ONE)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers


def test_a_limit_begins_anew_when_its_time_is_over() -> None:
    now = 100.0
    found = Faults(Store(None), seconds=lambda: now)
    found.change({"limited": {"count": 2, "seconds": 10}})

    def hit() -> list[float]:
        return [one.seconds for one in found.take("GET", ONE)]

    assert [hit(), hit(), hit()] == [[], [], [10.0]]
    now = 107.0
    assert hit() == [3.0]
    now = 110.0
    assert [hit(), hit(), hit()] == [[], [], [10.0]]


@pytest.mark.parametrize(
    "wanted",
    [{"earthquake": True}, {"down": "yes"}, {"down": {"mode": "hang"}}, {"slow": {"count": 0}}],
)
async def test_an_unknown_fault_is_refused(twin: Running, wanted: dict[str, Any]) -> None:
    answer = await twin.twin("faults", wanted)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_faults_are_shown_and_cleared(twin: Running) -> None:
    await faults(twin, slow=True, down={"mode": "close"})
    shown = (await twin.client.get("/_twin/faults")).json()
    assert shown["faults"] == {"slow": {"seconds": 2.0}, "down": {"mode": "close"}}
    assert set(shown["kinds"]) >= {"down", "slow", "lost_answer", "bad_data", "limited"}
    assert await faults(twin, clear=True, http_500=True) == {"http_500": {}}


async def test_requests_are_logged_without_keys(twin: Running) -> None:
    await twin.client.get(f"/api/orders?limit=1&filter[id]=[1|2]&ws_key={ALL}")
    await twin.api("POST", "/api/order_histories", STATE)
    found = (await twin.client.get("/_twin/requests")).json()
    shown = [(one["method"], one["path"], one["status"]) for one in found["requests"]]
    assert shown == [
        ("GET", "/api/orders?limit=1&filter[id]=[1|2]", 200),
        ("POST", "/api/order_histories", 201),
    ]
    newer = (await twin.client.get("/_twin/requests?since=1")).json()
    assert [one["number"] for one in newer["requests"]] == [2]


async def test_the_state_has_what_a_sandbox_page_shows(twin: Running) -> None:
    state = await twin.state()
    shirt = state["products"][0]
    assert (shirt["id"], shirt["price"], shirt["image"]) == ("1", "23.14", "t-shirt")
    assert shirt["combinations"][0] == {
        "id": "1",
        "name": "Size: S, Color: White",
        "reference": "demo_1",
        "price": "23.14",
        "quantity": 38,
    }
    assert sum(one["quantity"] for one in shirt["combinations"]) == shirt["quantity"] == 1875
    jane = next(one for one in state["customers"] if one["id"] == "3")
    assert jane["name"] == "Jane Roe"
    assert jane["addresses"][0]["city"] == "Madrid"
    assert len(state["products"]) == 19
    assert [one["id"] for one in state["orders"]] == ["5", "4", "3", "2", "1"]
    assert {one["id"] for one in state["states"]} == {str(number) for number in range(1, 14)}
    assert (await twin.client.get("/_twin/state?orders=2")).json()["orders"][0]["id"] == "5"
    assert "passwd" not in json.dumps(state)


async def test_a_broken_control_body_is_refused(twin: Running) -> None:
    for body in ("{", "[1]"):
        answer = await twin.client.post("/_twin/faults", content=body)
        assert answer.status_code == 400


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "shop.db"
    async with running(data=data) as twin:
        await twin.twin("recorded-order")
        await twin.api("POST", "/api/order_histories", STATE)
        await twin.api("DELETE", "/api/carriers/4")
        await twin.twin("faults", {"slow": {"seconds": 0.0, "count": 100}})
        before = await twin.state()
        rows = (await twin.api("GET", "/api/order_states")).text
    async with running(data=data) as twin:
        after = await twin.state()
        assert after == before | {"faults": after["faults"]}
        assert after["faults"]["slow"]["count"] == 99
        assert (await twin.api("GET", "/api/order_states")).text == rows
        assert (await twin.api("GET", "/api/carriers/4")).status_code == 404
        made = await twin.twin("orders", {"lines": [{"product_id": 8, "quantity": 1}]})
        assert made.json()["id"] == "7"


async def test_a_reset_goes_back_to_the_start(tmp_path: Path) -> None:
    data = tmp_path / "shop.db"
    async with running(data=data) as twin:
        before = await twin.state()
        await twin.twin("recorded-order")
        await twin.twin("faults", {"http_500": True})
        await twin.twin("reset")
        assert await twin.state() == before
    async with running(data=data) as twin:
        assert await twin.state() == before


# On the wire: what needs a real connection.


@pytest.fixture
async def served() -> AsyncIterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(world=MEADOW, data=None)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag only
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def test_a_dropped_connection_gets_no_byte(served: str) -> None:
    async with httpx.AsyncClient(base_url=served, headers={"Authorization": basic(ALL)}) as client:
        for fault, call in (
            ({"down": {"mode": "close", "count": 1}}, ("GET", ONE, None)),
            ({"lost_answer": 1}, ("POST", "/api/order_histories", STATE)),
        ):
            await client.post("/_twin/faults", json=fault)
            with pytest.raises(httpx.RemoteProtocolError):
                await client.request(call[0], call[1], content=call[2])
        order = (await client.get("/api/orders/2?output_format=JSON")).json()["order"]
        assert order["current_state"] == 5
        log = (await client.get("/_twin/requests")).json()["requests"]
        assert [one["status"] for one in log] == [0, 0, 200]


async def test_links_name_the_host_that_was_asked(served: str) -> None:
    async with httpx.AsyncClient(base_url=served, headers={"Authorization": basic(ALL)}) as client:
        answer = await client.get("/api/orders?limit=1")
        assert f'xlink:href="{served}/api/orders/1"' in answer.text
        head = await client.head("/api/orders/1")
        assert (head.status_code, head.content) == (200, b"")


async def test_the_twin_posts_over_a_real_connection(served: str) -> None:
    status, headers = await post(
        f"{served}/_twin/orders", headers={"X-A": "b"}, body=b"{}", seconds=5
    )
    assert status == 409
    assert headers["content-type"] == "application/json"


async def test_posting_to_nobody_is_an_error(served: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(PostError):
        await post(f"http://127.0.0.1:{port}/", headers={}, body=b"", seconds=5)
