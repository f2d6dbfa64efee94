"""The shop's module at our own hook: PHP signs and sends, the ingress takes it, and a poll that
finds the same order brings nothing new, whichever comes first."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from asgiref.sync import sync_to_async

from causeway.base.actors import system
from connectors.catalog import default_catalog
from connectors.prestashop import CONNECTOR
from connectors.prestashop.tests.far_side.test_module import PHP, needs_php
from connectors.prestashop.triggers import poll as order_poll
from connectors.sdk.trigger import SourceEvent
from flows.dispatch.accepting import Arrival, accept
from flows.dispatch.catalog import use_catalog
from flows.ingress import app
from flows.models import Listener, Run, TriggerEvent
from flows.services.deliveries import deliveries_of
from tests.flows.example import FarSide, document
from tests.flows.world import SECRET, World, deploy

ROW = {
    "id": 6,
    "reference": "XPYEWWWWK",
    "current_state": "3",
    "date_add": "2026-11-23 11:21:26",
    "date_upd": "2026-11-23 11:25:00",
}


def listening(type_: str, **params: Any) -> dict[str, Any]:
    made = document(type_.partition("@")[0].replace(".", "-").replace("_", "-"))
    made["connections"]["there"]["connector"] = "prestashop"
    made["nodes"][0] |= {"type": type_, "params": params}
    made["nodes"][1:] = [{"id": "end", "type": "flow.stop@1", "name": "End", "params": {}}]
    made["edges"] = [{"from": "news", "port": "out", "to": "end"}]
    return made


@pytest.fixture
async def shop(hot: World, far_side: FarSide) -> World:
    """The world's connection leads to a shop, and a flow listens to each of its triggers."""
    use_catalog(default_catalog())
    hot.connection.connector = "prestashop"
    await hot.connection.asave()
    await Listener.objects.all().adelete()
    for one in CONNECTOR.manifest["triggers"]:
        changes = one["params"]["properties"].get("changes")
        params = {"changes": changes["items"]["enum"]} if changes else {}
        made = listening(f"{one['name']}@1", **params)
        await sync_to_async(deploy)(hot.environment, hot.connection, made)
    return hot


@pytest.fixture
async def served() -> AsyncIterator[str]:
    """The ingress on a port of its own."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    running = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110  uvicorn sets a flag and tells nobody
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def deliver(address: str, secret: str = SECRET) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        "php", "-d", "display_errors=stderr", str(PHP / "deliver.php"), address, secret,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return dict(json.loads(out))


async def polled(world: World) -> int:
    """What the order poll makes of the same order; how many runs there are then."""
    events: list[SourceEvent] = order_poll.events(
        [ROW], "2026-11-23 00:00:00", ZoneInfo("Europe/Madrid")
    )
    await accept(
        Arrival(
            environment_id=world.environment.id,
            connection_id=world.connection.id,
            source="poll",
            system=world.connection.system,
            events=events,
        )
    )
    return await Run.objects.filter(event__type="prestashop.order_event@1").acount()


@needs_php
@pytest.mark.parametrize("hook_first", [True, False])
async def test_an_order_that_hook_and_poll_tell_is_one_piece_of_news(
    shop: World, served: str, hook_first: bool
) -> None:
    address = f"{served}/hooks/{shop.connection.hook_token}"
    counts = []
    for step in ("hook", "poll") if hook_first else ("poll", "hook"):
        if step == "hook":
            await deliver(address)
            orders = Run.objects.filter(event__type="prestashop.order_event@1")
            counts.append(await orders.acount())
        else:
            counts.append(await polled(shop))
    # Placed, and put into another state: told by each of them, and run once each.
    assert counts == [2, 2]


@needs_php
async def test_php_signs_what_our_ingress_accepts(shop: World, served: str) -> None:
    found = await deliver(f"{served}/hooks/{shop.connection.hook_token}")
    assert {(state, status) for _, _, state, status, _ in found["rows"]} == {("sent", 202)}
    kinds = [one async for one in TriggerEvent.objects.values_list("type", flat=True)]
    assert set(kinds) == {
        f"prestashop.{one}_event@1"
        for one in (
            "order", "customer", "address", "product", "combination", "stock", "tracking",
        )
    }  # fmt: skip
    event = await TriggerEvent.objects.aget(type="prestashop.tracking_event@1")
    assert event.data["tracking_number"] == "T-1042"
    # The module's test event is shown as one among the deliveries.
    assert found["test"] == 202
    rows, _ = await sync_to_async(deliveries_of)(system("test"), shop.connection)
    assert [one["delivery_id"][:5] for one in rows if one["test"]] == ["test_"]


@needs_php
async def test_another_secret_is_refused_and_what_was_told_waits(shop: World, served: str) -> None:
    address = f"{served}/hooks/{shop.connection.hook_token}"
    found = await deliver(address, "not the secret of this hook")
    assert found["test"] == 401
    assert {state for _, _, state, _, _ in found["rows"]} == {"waiting"}
    assert "signature does not match" in str(found["rows"])
    assert not await TriggerEvent.objects.aexists()
