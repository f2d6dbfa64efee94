"""What the shop tells whoever registered a hook: signed, in order, until it has arrived."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.prestashop.tests.twin.conftest import Running, running
from connectors.prestashop.twin.delivery import backoff, wait_after
from connectors.prestashop.twin.post import PostError

URL = "http://causeway.example/hooks/abc"
SECRET = "a secret of both sides"
XML = '<?xml version="1.0"?><prestashop>{}</prestashop>'


@dataclass
class Receiver:
    """Stands in for the network; `answers` are given first, then 202."""

    answers: list[Any] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(
        self, url: str, *, headers: dict[str, str], body: bytes, seconds: float
    ) -> tuple[int, dict[str, str]]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.got.append((url, headers, body))
        self.news.set()
        answer = self.answers.pop(0) if self.answers else 202
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, tuple) else (answer, {})

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.got]

    async def wait(self, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not until():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def listening(receiver: Receiver) -> AsyncIterator[Running]:
    async with running(send=receiver, hook=(URL, SECRET)) as twin:
        yield twin


async def place(twin: Running, product: int = 8) -> dict[str, Any]:
    answer = await twin.twin("orders", {"lines": [{"product_id": product, "quantity": 1}]})
    return dict(answer.json())


async def test_an_order_is_told_as_the_contract_says(
    listening: Running, receiver: Receiver
) -> None:
    await listening.twin("recorded-order")
    await receiver.wait(lambda: len(receiver.got) == 4)
    [created] = [one for one in receiver.events if one["event"] == "order.created"]
    assert set(created.pop("hashes")) >= {"current_state", "total_paid", "id_carrier"}
    assert created == {
        "event": "order.created",
        "entity": "order",
        "id": "6",
        "id_shop": "1",
        "reference": "XPYEWWWWK",
        "current_state": "11",
        "date_add": "2026-11-23 11:21:26",
        "date_upd": "2026-11-23 11:21:26",
        "version": "2026-11-23 11:21:26/11",
        "occurred_at": "2026-11-23T10:21:26Z",
        "sequence": created["sequence"],
        "origin": "front",
        "key_id": None,
        "own": False,
        "shop": "http://shop.example",
        "module": "1.1.0",
    }
    stocks = [one for one in receiver.events if one["event"] == "stock.updated"]
    assert {one["id"] for one in stocks} == {"20", "1", "6"}
    assert sorted(one["sequence"] for one in receiver.events) == [1, 2, 3, 4]


async def test_the_signature_is_that_of_standard_webhooks(
    listening: Running, receiver: Receiver
) -> None:
    await place(listening)
    await receiver.wait(lambda: bool(receiver.got))
    url, headers, body = receiver.got[0]
    assert url == URL
    assert headers["webhook-timestamp"] == "1795429286"
    content = b".".join(
        [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body]
    )
    wanted = base64.b64encode(hmac.new(SECRET.encode(), content, hashlib.sha256).digest())
    assert headers["webhook-signature"] == f"v1,{wanted.decode()}"


async def test_a_whsec_secret_is_base64(receiver: Receiver) -> None:
    key = b"0123456789abcdef0123456789abcdef"
    secret = "whsec_" + base64.b64encode(key).decode()
    async with running(send=receiver, hook=(URL, secret)) as twin:
        await place(twin)
        await receiver.wait(lambda: bool(receiver.got))
    _, headers, body = receiver.got[0]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    assert headers["webhook-signature"] == f"v1,{wanted.decode()}"


async def test_changes_by_the_webservice_are_told_with_their_origin(
    listening: Running, receiver: Receiver
) -> None:
    placed = await place(listening)
    writes = {
        "order_histories": f"<order_history><id_order>{placed['id']}</id_order>"
        "<id_order_state>3</id_order_state></order_history>",
        "orders/1": "<order><id>1</id><note>x</note></order>",
        "order_carriers/1": "<order_carrier><id>1</id><tracking_number>T1</tracking_number>"
        "</order_carrier>",
        "stock_availables/21": "<stock_available><id>21</id><quantity>5</quantity>"
        "</stock_available>",
    }
    for path, body in writes.items():
        method = "POST" if path == "order_histories" else "PATCH"
        answer = await listening.api(method, f"/api/{path}", XML.format(body))
        assert answer.status_code in {200, 201}
    await receiver.wait(lambda: len(receiver.got) == 7)
    told = [
        (one["event"], one["id"], one.get("current_state", ""))
        for one in receiver.events
        if one["origin"] == "api"
    ]
    assert sorted(told) == [
        ("order.updated", "1", "6"),
        ("order.updated", placed["id"], "3"),
        ("stock.updated", "1", ""),
        ("stock.updated", "21", ""),
        ("tracking.updated", "1", ""),
    ]


async def test_a_failed_delivery_comes_again_under_the_same_id(
    listening: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.prestashop.twin.delivery.FIRST_WAIT", 0.001)
    await listening.client.request(
        "POST", "/_twin/hooks", json={"url": URL, "secret": SECRET, "events": ["order.created"]}
    )
    receiver.answers = [500, PostError("refused"), (429, {"retry-after": "0.001"}), 202]
    await place(listening)
    await receiver.wait(lambda: len(receiver.got) == 4)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
    state = await listening.state()
    assert state["deliveries"] == {
        "pending": 0,
        "delivered": 1,
        "failed_attempts": 3,
        "given_up": 0,
        "last_failure": "HTTP 429",
    }


def test_waiting_doubles_and_a_receiver_may_say_when() -> None:
    assert [backoff(attempts) for attempts in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, 2.0]
    assert backoff(100) == 15.0
    assert wait_after(429, {"retry-after": "7"}, 1) == 7.0
    assert wait_after(503, {"retry-after": "Mon, 23 Nov 2026 10:21:17 GMT"}, 2) == 0.5
    assert wait_after(500, {"retry-after": "7"}, 1) == 0.25


async def test_news_of_one_order_never_overtake_each_other(
    listening: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.prestashop.twin.delivery.FIRST_WAIT", 0.02)
    receiver.answers = [500] * 8
    placed = await place(listening)
    for state in (3, 4, 5):
        body = XML.format(
            f"<order_history><id_order>{placed['id']}</id_order>"
            f"<id_order_state>{state}</id_order_state></order_history>"
        )
        await listening.api("POST", "/api/order_histories", body)
    await place(listening, 7)

    def states() -> list[str]:
        seen = dict.fromkeys(
            (one["sequence"], one["current_state"])
            for one in receiver.events
            if one["entity"] == "order" and one["id"] == placed["id"]
        )
        return [state for _, state in seen]

    await receiver.wait(lambda: len(states()) == 4)
    assert states() == ["10", "3", "4", "5"]


async def test_many_orders_are_told_once_each_and_eight_at_a_time(
    listening: Running, receiver: Receiver
) -> None:
    await listening.client.request(
        "POST", "/_twin/hooks", json={"url": URL, "secret": SECRET, "events": ["order.created"]}
    )
    wanted = {"lines": [{"product_id": 8, "quantity": 1}], "ignore_stock": True}
    await asyncio.gather(*(listening.twin("orders", wanted) for _ in range(200)))
    await receiver.wait(lambda: len(receiver.got) == 200)
    assert len({one["id"] for one in receiver.events}) == 200
    assert receiver.most_at_once <= 8


async def test_what_was_not_delivered_survives_a_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    data = tmp_path / "shop.db"
    receiver.answers = [PostError("nobody there")] * 100
    async with running(data=data, send=receiver, hook=(URL, SECRET)) as twin:
        await place(twin)
        await receiver.wait(lambda: bool(receiver.got))
        first = receiver.got[0][1]["webhook-id"]
    again = Receiver()
    async with running(data=data, send=again) as twin:
        await again.wait(lambda: len(again.got) == 2)
        assert (await twin.state())["deliveries"]["pending"] in {0, 1}
    assert first in {headers["webhook-id"] for _, headers, _ in again.got}


async def test_after_a_reset_events_have_new_ids(listening: Running, receiver: Receiver) -> None:
    await listening.twin("recorded-order")
    await receiver.wait(lambda: len(receiver.got) == 4)
    await listening.twin("reset")
    await listening.twin("recorded-order")
    await receiver.wait(lambda: len(receiver.got) == 8)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 8


async def test_hooks_are_registered_listed_without_secret_and_removed(twin: Running) -> None:
    for body in ({}, {"url": "ftp://x", "secret": "s"}, {"url": URL}, {"url": URL, "secret": ""}):
        assert (await twin.twin("hooks", body)).status_code == 400
    unknown = {"url": URL, "secret": "s", "events": ["cart.created"]}
    assert (await twin.twin("hooks", unknown)).status_code == 400
    answer = await twin.twin("hooks", {"url": URL, "secret": SECRET})
    assert answer.status_code == 201
    await twin.twin("hooks", {"url": URL, "secret": "another", "events": ["order.created"]})
    listed = await twin.client.get("/_twin/hooks")
    assert listed.json() == {"hooks": [{"url": URL, "events": ["order.created"]}]}
    assert "another" not in listed.text
    other = {"url": f"{URL}/2", "secret": "s", "events": ["stock.updated"], "replace": True}
    await twin.twin("hooks", other)
    listed = await twin.client.get("/_twin/hooks")
    assert listed.json() == {"hooks": [{"url": f"{URL}/2", "events": ["stock.updated"]}]}
    gone = await twin.client.request("DELETE", "/_twin/hooks", json={"url": other["url"]})
    assert gone.json() == {"hooks": []}


async def test_every_kind_of_record_is_told_when_it_is_written(
    listening: Running, receiver: Receiver
) -> None:
    """By the webservice: created, changed and deleted, each under its own name."""
    made = await listening.api(
        "POST",
        "/api/customers?output_format=JSON",
        XML.format(
            "<customer><passwd>a long password</passwd><lastname>Field</lastname>"
            "<firstname>May</firstname><email>may@meadow.example</email></customer>"
        ),
    )
    assert made.status_code == 201
    new = str(made.json()["customer"]["id"])
    for path, body in {
        f"customers/{new}": f"<customer><id>{new}</id><lastname>Wood</lastname></customer>",
        "addresses/1": "<address><id>1</id><dni>1</dni><city>Bath</city></address>",
        "products/8": "<product><id>8</id><price>9.5</price></product>",
        "combinations/1": "<combination><id>1</id><reference>NEW</reference></combination>",
        "order_carriers/1": "<order_carrier><id>1</id><weight>2</weight></order_carrier>",
        "stock_availables/21": "<stock_available><id>21</id><location>A</location>"
        "</stock_available>",
    }.items():
        answer = await listening.api("PATCH", f"/api/{path}", XML.format(body))
        assert answer.is_success, answer.text
    assert (await listening.api("DELETE", f"/api/customers/{new}")).is_success
    await receiver.wait(lambda: len(receiver.got) == 6)
    events = sorted(receiver.events, key=lambda one: one["sequence"])
    assert [(one["event"], one["entity"]) for one in events] == [
        ("customer.created", "customer"),
        ("customer.updated", "customer"),
        ("address.updated", "address"),
        ("product.updated", "product"),
        ("combination.updated", "combination"),
        ("customer.deleted", "customer"),
    ]  # a parcel's weight and a shelf's name are no news
    created, changed = events[:2]
    assert created["email"] == "may@meadow.example"
    assert created["hashes"]["email"] == changed["hashes"]["email"]
    assert created["hashes"]["lastname"] != changed["hashes"]["lastname"]
    assert "Wood" not in json.dumps(events)


async def test_what_is_refused_for_good_is_given_up_and_the_next_goes_on(
    listening: Running, receiver: Receiver
) -> None:
    receiver.answers = [400]
    await listening.client.request(
        "POST", "/_twin/hooks", json={"url": URL, "secret": SECRET, "events": ["order.created"]}
    )
    await place(listening)
    await receiver.wait(lambda: len(receiver.got) == 1)
    await place(listening, 7)
    await receiver.wait(lambda: len(receiver.got) == 2)
    deliveries = (await listening.state())["deliveries"]
    assert (deliveries["given_up"], deliveries["last_failure"]) == (1, "HTTP 400")


async def test_the_module_knows_whose_key_wrote(listening: Running, receiver: Receiver) -> None:
    note = XML.format("<order><id>1</id><note>x</note></order>")
    for own in ("1", "2"):
        body = {"url": URL, "secret": SECRET, "events": ["order.updated"], "own_key": own}
        await listening.client.request("POST", "/_twin/hooks", json=body)
        await listening.api("PATCH", "/api/orders/1", note)
    await receiver.wait(lambda: len(receiver.got) == 2)
    assert len({one["key_id"] for one in receiver.events}) == 1
    assert sorted(one["own"] for one in receiver.events) == [False, True]
