"""A change that both the module and a poll or sweep tell has one name. Seen with the twin, whose
module shares no code with the connector."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.prestashop.tests.test_contract import WORLD
from connectors.prestashop.tests.test_record_triggers import Clock
from connectors.prestashop.tests.test_upserts_imitated import JAR, MAY, MILL, VERSIONS, run
from connectors.prestashop.twin.app import create_app
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import SourceEvent

Name = tuple[str, str, str, str]
DATED = ("order", "customer", "address", "product")
SWEPT = ("stock", "combination")


@dataclass
class Shop:
    """A twin whose module delivers here, and the polls of its connection."""

    ctx: OperationContext
    clock: Clock
    bodies: list[dict[str, Any]] = field(default_factory=list)
    cursors: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)

    async def send(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> tuple[int, dict[str, str]]:
        self.bodies.append(json.loads(body))
        return 202, {}

    async def pushed(self) -> list[SourceEvent]:
        """What the module told since the last call."""
        for _ in range(200):
            await asyncio.sleep(0)
        read = CONNECTOR.read_hook
        assert read is not None
        bodies, self.bodies = self.bodies, []
        return [one for body in bodies for one in read(self.ctx.connection, body)]

    async def polled(self, *nouns: str) -> list[SourceEvent]:
        events: list[SourceEvent] = []
        for noun in nouns:
            trigger = next(
                one for one in CONNECTOR.triggers if one.name == f"prestashop.{noun}_event"
            )
            assert trigger.poll is not None
            more = True
            while more:
                page = await trigger.poll(self.ctx, self.cursors.get(noun))
                self.cursors[noun], more = page.cursor, page.more
                events += page.events
        return events

    async def change(self, method: str, path: str, body: str) -> httpx.Response:
        answer = await self.ctx.http.request(
            method,
            f"http://shop.example/api/{path}",
            content=f'<?xml version="1.0"?><prestashop>{body}</prestashop>',
            auth=(self.ctx.connection.secrets["api_key"], ""),
        )
        assert answer.is_success, answer.text
        return answer


@asynccontextmanager
async def listening(version: str) -> AsyncIterator[Shop]:
    clock = Clock()
    holder: list[Shop] = []

    async def send(url: str, **more: Any) -> tuple[int, dict[str, str]]:
        return await holder[0].send(url, **more)

    app = create_app(
        world=WORLD,
        data=None,
        version=version,
        clock=clock,
        hook=("http://causeway.example/hooks/abc", "a secret of both sides"),
        send=send,
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http,
    ):
        shop = Shop(ctx=context(RecordedShop(version="9.1"), http=http, now=clock), clock=clock)
        holder.append(shop)
        await shop.polled(*DATED, *SWEPT)
        await shop.pushed()
        yield shop


@pytest.fixture(params=VERSIONS)
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    async with listening(request.param) as one:
        yield one


def names(events: list[SourceEvent]) -> set[Name]:
    return {(one.type, one.entity, one.entity_id, one.version) for one in events}


async def upsert(shop: Shop, noun: str, params: Mapping[str, Any]) -> str:
    return str((await run(shop.ctx, f"{noun}.upsert", dict(params))).output["id"])


async def make_all(shop: Shop) -> None:
    await upsert(shop, "customer", MAY)
    await upsert(shop, "address", MILL)
    await upsert(shop, "product", JAR)
    placed = await shop.ctx.http.post(
        "http://shop.example/_twin/orders", json={"lines": [{"product_id": 8, "quantity": 1}]}
    )
    assert placed.status_code == 201


async def change_all(shop: Shop) -> None:
    await upsert(shop, "customer", {**MAY, "lastname": "Meadow"})
    await upsert(shop, "product", {**JAR, "price": "11.5"})
    await shop.change(
        "POST",
        "order_histories",
        "<order_history><id_order>1</id_order><id_order_state>3</id_order_state></order_history>",
    )


@pytest.mark.parametrize("act", [make_all, change_all])
async def test_what_a_poll_tells_the_module_has_told_under_the_same_name(
    shop: Shop, act: Callable[[Shop], Awaitable[None]]
) -> None:
    if act is change_all:
        await make_all(shop)
    shop.clock.on(60)
    await shop.polled(*DATED)
    told = names(await shop.pushed())
    shop.clock.on(60)
    await act(shop)
    shop.clock.on(1)
    told |= names(await shop.pushed())
    polled = await shop.polled(*DATED)
    assert not names(polled) - told
    expected = {"order", "customer", "product"} | ({"address"} if act is make_all else set())
    assert {one.entity for one in polled} == expected


async def test_a_second_change_within_the_second_is_told_by_the_module_under_another_name(
    shop: Shop,
) -> None:
    shop.clock.on(60)
    state = (
        "<order_history><id_order>1</id_order><id_order_state>{}</id_order_state></order_history>"
    )
    told = []
    for number in (3, 4, 3):
        await shop.change("POST", "order_histories", state.format(number))
        told += [one for one in await shop.pushed() if one.entity == "order"]
    versions = [one.version for one in told]
    assert len(set(versions)) == 3
    [polled] = await shop.polled("order")
    assert polled.version == versions[0]  # the poll sees the last state, which the first was too


async def test_stock_and_combinations_are_told_with_the_same_state(shop: Shop) -> None:
    shop.clock.on(3600)
    await run(shop.ctx, "stock.set", {"product_id": "1", "combination_id": "1", "quantity": 7})
    await run(
        shop.ctx,
        "resource.update",
        {"resource": "combinations", "id": "1", "fields": {"reference": "NEW-REF"}},
    )
    pushed, swept = await shop.pushed(), await shop.polled(*SWEPT)

    def states(events: list[SourceEvent]) -> set[Name]:
        return {
            (one.type, one.entity_id, one.change, one.state)
            for one in events
            if one.entity in {"stock", "combination"}
        }

    assert states(swept) == states(pushed)
    assert {one.entity for one in swept} == {"stock", "combination"}
    for one in swept:
        # The module tells after the sweep that found it otherwise, and before this one.
        [twin] = [
            other
            for other in pushed
            if (other.entity, other.entity_id) == (one.entity, one.entity_id)
        ]
        assert one.since is not None
        assert one.since <= twin.occurred_at <= one.occurred_at
        shared = one.data.keys() - {"origin", "echo", "shop_id", "field_hashes"}
        assert {name: one.data[name] for name in shared} == {
            name: twin.data[name] for name in shared
        }


async def test_hook_and_poll_give_data_of_one_shape(shop: Shop) -> None:
    """A flow reads the same names whichever way its news came, as the manifest says."""
    shop.clock.on(3600)
    await make_all(shop)
    await run(shop.ctx, "stock.set", {"product_id": "1", "combination_id": "1", "quantity": 7})
    outputs = {
        f"{one['name']}@{one['version']}": set(one["output"]["properties"])
        for one in CONNECTOR.manifest["triggers"]
    }
    shop.clock.on(1)
    for event in [*await shop.pushed(), *await shop.polled(*DATED, *SWEPT)]:
        assert set(event.data) == outputs[event.type]


async def test_tracking_comes_by_the_module_alone(shop: Shop) -> None:
    shop.clock.on(60)
    await run(shop.ctx, "order.set_tracking", {"order_id": "1", "tracking_number": "T-1042"})
    pushed = await shop.pushed()
    [event] = [one for one in pushed if one.type == "prestashop.tracking_event@1"]
    assert (event.data["order_id"], event.data["tracking_number"]) == ("1", "T-1042")
    assert event.data["echo"] is not None
    shop.clock.on(60)
    polled = await shop.polled(*DATED)
    assert not [one for one in polled if one.entity_id == "1" and one.entity == "order"]


async def test_writes_of_our_own_key_come_back_marked(shop: Shop) -> None:
    shop.clock.on(60)
    await shop.ctx.http.post(
        "http://shop.example/_twin/hooks",
        json={
            "url": "http://causeway.example/hooks/abc",
            "secret": "a secret of both sides",
            "own_key": str(_row_of(shop)),
        },
    )
    await upsert(shop, "customer", MAY)
    [mine] = [one for one in await shop.pushed() if one.entity == "customer"]
    assert (mine.data["origin"], mine.data["echo"]) == ("api", True)
    await shop.ctx.http.post(
        "http://shop.example/_twin/orders", json={"lines": [{"product_id": 8, "quantity": 1}]}
    )
    [theirs] = [one for one in await shop.pushed() if one.entity == "order"]
    assert (theirs.data["origin"], theirs.data["echo"]) == ("front", False)


def _row_of(shop: Shop) -> int:
    keys = [one["key"] for one in json.loads(WORLD.read_text(encoding="utf-8"))["keys"]]
    return keys.index(shop.ctx.connection.secrets["api_key"]) + 1


async def test_a_record_that_is_gone_is_told_to_who_asks_for_it(shop: Shop) -> None:
    id_ = await upsert(shop, "product", JAR)
    await shop.pushed()
    await shop.change("DELETE", f"products/{id_}", "")
    gone = [one for one in await shop.pushed() if one.entity == "product"]
    assert [(one.change, one.version, one.data["reference"]) for one in gone] == [
        ("deleted", "deleted", "JAR-0123")
    ]
    trigger = next(one for one in CONNECTOR.triggers if one.name == "prestashop.product_event")
    assert not trigger.matches({}, gone[0])
    assert trigger.matches({"changes": ["deleted"]}, gone[0])
