"""Several shops in one PrestaShop: which one is asked, what it shows, what a check says of it.

What one shop answers is recorded (204 to 206, 201). That of several is the twin's, after
PrestaShop's source: nobody recorded a multistore.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.auth import check
from connectors.prestashop.client import ShopClient
from connectors.prestashop.multistore import is_scoped, own_shop
from connectors.prestashop.tests.recorded import KEY, NOW, RecordedShop, context
from connectors.prestashop.tests.test_contract import WORLD
from connectors.prestashop.twin.app import create_app
from connectors.sdk.connector import CheckResult
from connectors.sdk.errors import (
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
)
from connectors.sdk.operation import OperationContext

ROW = {"depends_on_stock": "0", "out_of_stock": 2, "location": ""}


def alone() -> dict[str, Any]:
    """The contract's world, with its one shop."""
    world: dict[str, Any] = json.loads(Path(WORLD).read_text(encoding="utf-8"))
    return world


def several() -> dict[str, Any]:
    """The contract's world with three shops: 1 and 2 in a group that shares orders, 3 in one that
    shares stock. Order 1 is of shop 1, order 2 of shop 2, order 3 of shop 3."""
    world = alone()
    tables = world["tables"]
    [first] = tables["shops"]
    for id_, group, name in ((2, 1, "Second"), (3, 2, "Third")):
        tables["shops"].append({**first, "id": id_, "id_shop_group": group, "name": name})
    tables["shop_groups"] = [
        {"id": 1, "share_order": "1", "share_customer": "0", "share_stock": "0"},
        {"id": 2, "share_order": "0", "share_customer": "0", "share_stock": "1"},
    ]
    for order in tables["orders"]:
        order["id_shop"] = {2: 2, 3: 3}.get(order["id"], 1)
    stock = tables["stock_availables"]
    for id_, shop, group, quantity in ((9002, 2, 0, 22), (9003, 0, 2, 33)):
        row = {"id": id_, "id_product": 6, "id_product_attribute": 0, "id_shop": shop}
        stock.append({**ROW, **row, "id_shop_group": group, "quantity": quantity})
    keys = {one["key"]: one for one in world["keys"]}
    keys[KEY]["shops"] = [1, 2, 3]
    return world


@asynccontextmanager
async def shops(
    world: dict[str, Any], folder: Path, **settings: str
) -> AsyncIterator[OperationContext]:
    path = folder / "world.json"
    path.write_text(json.dumps(world), encoding="utf-8")
    app = create_app(world=path, data=None, version="9.1.4", clock=lambda: NOW)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http,
    ):
        yield in_shop(context(RecordedShop(version="9.1"), http=http), **settings)


def in_shop(ctx: OperationContext, **settings: str) -> OperationContext:
    given = {"base_url": "http://shop.example", **settings}
    return replace(ctx, connection=replace(ctx.connection, settings=given), session={})


async def run(ctx: OperationContext, name: str, /, **params: Any) -> Any:
    operation = CONNECTOR.operation(f"prestashop.{name}@1")
    assert operation is not None
    return (await operation.run(ctx, params)).output


def finding(got: CheckResult) -> dict[str, str]:
    found: list[dict[str, str]] = got.facts["findings"]
    return next(one for one in found if one["id"] == "multistore")


@pytest.mark.parametrize(("shop_id", "recording"), [("1", "204"), ("all", "206")])
async def test_the_shop_goes_with_each_request(
    shop: RecordedShop, shop_id: str, recording: str
) -> None:
    target = f"/api/orders?display=full&limit=1&output_format=JSON&id_shop={shop_id}"
    shop.derive(target, recording)
    ctx = in_shop(context(shop), shop_id=shop_id)
    found = await ShopClient(ctx).rows("orders", shape="record", limit="1")
    assert [str(row["id"]) for row in found.rows] == ["1"]


async def test_a_shop_that_is_not_there_is_told(shop: RecordedShop) -> None:
    """205: the webservice redirects to the front page, which is not followed."""
    shop.derive("/api/orders?display=full&limit=1&output_format=JSON&id_shop=2", "205")
    ctx = in_shop(context(shop), shop_id="2")
    with pytest.raises(ConfigurationError) as caught:
        await ShopClient(ctx).rows("orders", shape="record", limit="1")
    assert "a shop that exists" in caught.value.fix


async def test_a_group_counts_where_no_shop_is_set(tmp_path: Path) -> None:
    async with shops(several(), tmp_path, shop_group_id="1") as ctx:
        orders = await run(ctx, "order.search")
        assert {"1", "2"} <= {one["id"] for one in orders["items"]}
        assert "3" not in {one["id"] for one in orders["items"]}
        both = in_shop(ctx, shop_group_id="1", shop_id="3")
        assert [one["id"] for one in (await run(both, "order.search"))["items"]] == ["3"]
        with pytest.raises(ConfigurationError) as caught:
            await run(in_shop(ctx, shop_group_id="7"), "order.search")
        assert caught.value.code == "shop_missing"


async def test_stock_is_of_the_shop_or_of_the_group_that_shares_it(tmp_path: Path) -> None:
    async with shops(several(), tmp_path) as ctx:
        seen = {
            shop: (
                await run(in_shop(ctx, shop_id=shop), "stock.search", filters={"id_product": "6"})
            )
            for shop in ("2", "3")
        }
        assert [one["quantity"] for one in seen["2"]["items"]] == [22]
        assert [one["quantity"] for one in seen["3"]["items"]] == [33]
        second = in_shop(ctx, shop_id="2")
        got = await run(second, "stock.set", product_id="6", quantity=5)
        assert (got["stock_available_id"], got["previous_quantity"]) == ("9002", 22)
        # The other shops' stock is what it was; the shared row is reached through its shop.
        assert (await run(ctx, "stock.set", product_id="6", quantity=33, shop_id="3"))[
            "changed"
        ] is False
        with pytest.raises(RejectedError) as caught:
            await run(ctx, "stock.set", product_id="6", quantity=5, shop_id="all")
        assert caught.value.code == "several_stocks"


@pytest.mark.parametrize(("shares", "row"), [("1", "9003"), ("0", "9004")])
async def test_what_a_group_left_behind_when_it_changed_its_mind_does_not_count(
    tmp_path: Path, shares: str, row: str
) -> None:
    """A group that begins or ceases to share its stock keeps the other rows."""
    world = several()
    world["tables"]["shop_groups"][1]["share_stock"] = shares
    left = {"id": 9004, "id_product": 6, "id_product_attribute": 0, "id_shop": 3}
    world["tables"]["stock_availables"].append({**ROW, **left, "id_shop_group": 0, "quantity": 1})
    async with shops(world, tmp_path, shop_id="3") as ctx:
        got = await run(ctx, "stock.set", product_id="6", quantity=44)
        assert got["stock_available_id"] == row
        key = next(one for one in world["keys"] if one["key"] == KEY)
    # Where the key may not ask, nothing is guessed.
    key["rights"] = {"stock_availables": ["GET", "PATCH"]}
    async with shops(world, tmp_path, shop_id="3") as ctx:
        with pytest.raises(RejectedError) as caught:
            await run(ctx, "stock.set", product_id="6", quantity=44)
        assert caught.value.code == "several_stocks"


async def test_a_step_may_name_another_shop_than_the_connection(tmp_path: Path) -> None:
    async with shops(several(), tmp_path, shop_id="1") as ctx:
        got = await run(ctx, "stock.adjust", product_id="6", delta=1, shop_id="2")
        assert (got["stock_available_id"], got["quantity"]) == ("9002", 23)
        operation = CONNECTOR.operation("prestashop.stock.set@1")
        assert operation is not None
        assert operation.probe is not None
        asked = {"product_id": "6", "quantity": 23, "shop_id": "2"}
        assert (await operation.probe(ctx, asked)).happened
        assert not (await operation.probe(ctx, {**asked, "shop_id": "1"})).happened
        with pytest.raises(RejectedError):
            await run(ctx, "stock.search", shop_id="2&id_shop=3")


async def test_a_record_of_another_shop_is_not_there(tmp_path: Path) -> None:
    async with shops(several(), tmp_path, shop_id="2") as ctx:
        with pytest.raises(NotFoundError) as caught:
            await ShopClient(ctx).row("stock_availables", "9003")
        assert caught.value.code == "not_found"


async def test_the_poll_brings_the_orders_of_its_shop_only(tmp_path: Path) -> None:
    """Shops 1 and 2 share orders: the webservice shows either those of both."""
    async with shops(several(), tmp_path, shop_id="2") as ctx:
        poll = CONNECTOR.triggers[0].poll
        assert poll is not None
        since = {"since": "2026-10-01 00:00:00", "seen": {}}
        page = await poll(ctx, since)
        assert {one.entity_id for one in page.events} == {"2"}
        every = await poll(
            in_shop(ctx, shop_id="all"), {"since": "2026-10-01 00:00:00", "seen": {}}
        )
        assert {"1", "2", "3"} <= {one.entity_id for one in every.events}


@pytest.mark.parametrize(
    ("shop_id", "named", "heard"),
    [
        ("2", "2", True),
        ("2", 2, True),
        ("2", "1", False),
        ("2", None, True),
        ("", "1", True),
        ("all", "1", True),
    ],
)
def test_a_delivery_of_another_shop_is_no_news(shop_id: str, named: Any, heard: bool) -> None:
    body = {
        "event": "order.created",
        "entity": "order",
        "id": "6",
        "occurred_at": "2026-11-23T10:21:30Z",
        **({} if named is None else {"id_shop": named}),
    }
    connection = in_shop(context(RecordedShop(version="9.1")), shop_id=shop_id).connection
    assert CONNECTOR.read_hook is not None
    assert bool(CONNECTOR.read_hook(connection, body)) is heard


async def test_a_check_says_that_there_is_one_shop(tmp_path: Path) -> None:
    async with shops(alone(), tmp_path) as ctx:
        got = finding(await check(ctx))
    assert (got["level"], got["says"]) == ("ok", "There is one shop, and no multistore.")


async def test_a_check_names_the_shops_and_what_the_key_may_see(tmp_path: Path) -> None:
    world = several()
    next(one for one in world["keys"] if one["key"] == KEY)["shops"] = [1, 2]
    async with shops(world, tmp_path) as ctx:
        got = finding(await check(ctx))
        assert got["level"] == "warn"
        assert "3 shops: 1 (" in got["says"]
        assert "may not see 3 (Third)" in got["says"]
        assert "main shop alone" in got["says"]
        assert "one connection for each shop" in got["remedy"]
        chosen = finding(await check(in_shop(ctx, shop_id="2")))
        assert chosen["level"] == "ok"
        assert "Asked 2 (Second) is." in chosen["says"]
        every = finding(await check(in_shop(ctx, shop_id="all")))
        assert "Asked all of them are." in every["says"]
        group = finding(await check(in_shop(ctx, shop_group_id="1")))
        assert "the group 1" in group["says"]
        # The shop itself refuses a key that is not for it, whatever is asked.
        refused = await check(in_shop(ctx, shop_id="3"))
        assert not refused.ok
        assert "not valid for this shop" in refused.message
        with pytest.raises(PermissionDeniedError):
            await run(ctx, "order.search", shop_id="3")


def test_which_operations_take_a_shop() -> None:
    for entry in CONNECTOR.manifest["operations"]:
        assert is_scoped(entry["name"]) == ("shop_id" in entry["input"]["properties"])
    names = {one["name"] for one in CONNECTOR.manifest["operations"] if is_scoped(one["name"])}
    assert {"prestashop.stock.set", "prestashop.product.upsert", "prestashop.order.search"} <= names
    assert "prestashop.order.get" not in names


def test_a_world_with_one_shop_needs_nothing_of_this() -> None:
    connection = context(RecordedShop(version="9.1")).connection
    assert own_shop(connection) == ""
    assert deepcopy(connection.settings) == {"base_url": "http://shop.example"}
