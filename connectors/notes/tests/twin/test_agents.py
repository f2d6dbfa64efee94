"""The agent manager: what becomes an event, and how it gets out."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.notes.tests.conftest import ORDER, REPLICA, WORLD, Clock, inside, serve
from connectors.notes.twin.agents import AgentManager
from connectors.notes.twin.app import create_app

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
URL, SECRET = "http://causeway/hooks/x", "hook-secret-1"


class Receiver:
    """An endpoint that keeps what it got and answers as told."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []
        self.answers: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        status = self.answers.pop(0) if self.answers else 202
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(one.content) for one in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def agents(twin_app: Starlette) -> AgentManager:
    manager: AgentManager = twin_app.state.twin.agents
    manager.set_hook(URL, SECRET)
    return manager


@pytest.fixture
def deliver(agents: AgentManager, receiver: Receiver) -> Callable[[], Any]:
    async def run() -> int:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receiver)) as http:
            return await agents.deliver(http)

    return run


async def save(dds: httpx.AsyncClient, unid: str = T_SHIRT, **items: Any) -> None:
    answer = await dds.post(f"/_twin/documents/{unid}", json={"items": items})
    assert answer.status_code == 200, answer.text


async def test_a_save_becomes_a_signed_event(
    dds: httpx.AsyncClient,
    agents: AgentManager,
    deliver: Callable[[], Any],
    receiver: Receiver,
    clock: Clock,
) -> None:
    await save(dds, Stock=12)
    assert agents.capture() == 1
    assert await deliver() == 1
    [request] = receiver.got
    body = json.loads(request.content)
    assert {name: body[name] for name in ("kind", "replica_id", "database", "unid", "form")} == {
        "kind": "updated",
        "replica_id": REPLICA,
        "database": "fulfil.nsf",
        "unid": T_SHIRT,
        "form": "Product Catalog Item",
    }
    assert body["modified"] == "2026-11-23T10:21:30Z"
    assert (body["key"], body["server"]) == ("demo_1", "CN=Notes1/O=Meadow")
    assert request.headers["webhook-id"] == body["event_id"]
    stamp = str(int(clock.now.timestamp()))
    assert request.headers["webhook-timestamp"] == stamp
    signed = f"{body['event_id']}.{stamp}.".encode() + request.content
    mac = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{mac}"
    assert agents.to_json()["outbox"] == []


async def test_saves_between_two_runs_are_one_event(
    dds: httpx.AsyncClient, agents: AgentManager
) -> None:
    """[D] domino-agents 1: intermediate states are lost."""
    await save(dds, Stock=1)
    await save(dds, Stock=2)
    assert agents.capture() == 1
    assert agents.capture() == 0


async def test_created_first_and_updated_from_then_on(
    dds: httpx.AsyncClient, agents: AgentManager, deliver: Callable[[], Any], receiver: Receiver
) -> None:
    made = await dds.post("/_twin/documents", json={"form": "Order Record", "items": ORDER})
    agents.capture()
    await save(dds, made.json()["unid"], OrderStatus="Shipped")
    agents.capture()
    assert await deliver() == 2
    assert [one["kind"] for one in receiver.bodies] == ["created", "updated"]
    assert len({one["event_id"] for one in receiver.bodies}) == 2


async def test_echoes_are_told_by_the_hash_and_not_by_the_stamp(
    dds: httpx.AsyncClient, agents: AgentManager
) -> None:
    """domino-agents 6: the stamp stays when a person edits later."""
    canonical = "EMAIL=a@b\x1eORDERNO=1\x1eTOTAL=5.5\x1e"
    stamps = {"SyncHash": hashlib.sha256(canonical.encode()).hexdigest(), "SyncRev": "r1"}
    items = {"OrderNo": " 1 ", "Total": 5.5, "EMail": "a@b", "TrackingNo": ""}
    answer = await dds.post(
        "/fulfil.nsf/api/data/documents",
        params={"form": "Order Record"},
        json={**items, **stamps, "SyncSource": "Causeway"},
    )
    assert agents.capture() == 0
    assert agents.echoes == 1
    await save(dds, answer.headers["location"][-32:], TrackingNo="1Z")
    assert agents.capture() == 1


async def test_conflicts_other_forms_and_deleted_documents_are_skipped(
    dds: httpx.AsyncClient, agents: AgentManager
) -> None:
    customer = {"form": "Customer Record", "items": {"CustomerNo": "99"}}
    await dds.post("/_twin/documents", json=customer)
    await dds.post(
        "/_twin/documents",
        json={
            "form": "Product Catalog Item",
            "conflict_of": T_SHIRT,
            "items": {"ProductID": "demo_1", "Stock": 1},
        },
    )
    await save(dds, Stock=5)
    await dds.delete(f"/_twin/documents/{T_SHIRT}")
    assert agents.capture() == 0


async def test_failed_deliveries_wait_and_come_again_in_order(
    dds: httpx.AsyncClient,
    agents: AgentManager,
    deliver: Callable[[], Any],
    receiver: Receiver,
    clock: Clock,
) -> None:
    receiver.answers = [0, 503]
    await save(dds, Stock=1)
    agents.capture()
    clock.move(1)
    await save(dds, Stock=2)
    agents.capture()
    assert await deliver() == 0
    assert [one["attempts"] for one in agents.to_json()["outbox"]] == [1, 0]
    clock.move(20)
    assert await deliver() == 0
    clock.move(20)
    assert await deliver() == 2
    times = [one["modified"] for one in receiver.bodies]
    assert times == sorted(times)
    assert len({one["event_id"] for one in receiver.bodies}) == 2
    assert agents.delivered == 2


@pytest.mark.parametrize(("status", "state"), [(400, "dead"), (413, "dead"), (429, "retry")])
async def test_refused_for_good_or_not(
    dds: httpx.AsyncClient,
    agents: AgentManager,
    deliver: Callable[[], Any],
    receiver: Receiver,
    status: int,
    state: str,
) -> None:
    receiver.answers = [status]
    await save(dds, Stock=1)
    agents.capture()
    await deliver()
    [entry] = agents.to_json()["outbox"]
    assert (entry["state"], entry["answer"]) == (state, f"HTTP {status}")


async def test_a_duplicate_counts_as_delivered(
    dds: httpx.AsyncClient, agents: AgentManager, deliver: Callable[[], Any], receiver: Receiver
) -> None:
    receiver.answers = [409]
    await save(dds, Stock=1)
    agents.capture()
    assert await deliver() == 1


async def test_the_queue_outlives_a_restart(tmp_path: Path, clock: Clock) -> None:
    data = tmp_path / "state" / "notes.db"
    first = create_app(world=WORLD, data=data, clock=clock, hook_url=URL, hook_secret=SECRET)
    async with inside(first) as dds:
        await save(dds, Stock=1)
        first.state.twin.agents.capture()
        await save(dds, Stock=2)
    first.state.twin.disk.close()
    second = create_app(world=WORLD, data=data, clock=clock)
    manager: AgentManager = second.state.twin.agents
    assert manager.to_json()["hook"] == {"url": URL, "secret_set": True}
    assert len(manager.to_json()["outbox"]) == 1
    assert manager.to_json()["pending"] == [T_SHIRT]
    assert manager.capture() == 1
    receiver = Receiver()
    async with httpx.AsyncClient(transport=httpx.MockTransport(receiver)) as http:
        assert await manager.deliver(http) == 2
    assert [one["kind"] for one in receiver.bodies] == ["updated", "updated"]
    second.state.twin.disk.close()


async def test_a_running_twin_captures_and_delivers_by_itself(clock: Clock) -> None:
    got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        got.put_nowait(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    receiver = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = receiver.sockets[0].getsockname()[1]
    app = create_app(
        world=WORLD,
        clock=clock,
        agent_delay=0,
        hook_url=f"http://127.0.0.1:{port}/",
        hook_secret=SECRET,
    )
    async with receiver:
        async for served in serve(app, clock):
            await served.save(T_SHIRT, Stock=4)
            body = await asyncio.wait_for(got.get(), 20)
            assert (body["unid"], body["kind"]) == (T_SHIRT, "updated")
            await served.control.post("/_twin/agent", json={"paused": True})
            await served.save(T_SHIRT, Stock=5)
            state = (await served.control.get("/_twin/agent")).json()
            assert state["pending"] == [T_SHIRT]
            await served.control.post("/_twin/agent", json={"paused": False})
            assert (await asyncio.wait_for(got.get(), 20))["unid"] == T_SHIRT
