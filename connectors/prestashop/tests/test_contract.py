"""One suite for both recorded shops and for the twin as either of them: what the connector makes
of a shop must not depend on which of them answers."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.tests import test_order_get
from connectors.prestashop.tests import test_order_tracking as tracking
from connectors.prestashop.tests import test_stock as stock
from connectors.prestashop.tests.recorded import NOW, RecordedShop, context
from connectors.prestashop.tests.surroundings import surroundings
from connectors.prestashop.tests.test_order_state import stands
from connectors.prestashop.twin.app import create_app
from connectors.sdk.errors import NotFoundError, RejectedError
from connectors.sdk.operation import OperationContext, OperationResult
from connectors.sdk.receipt import Verdict

WORLD = Path(__file__).parents[3] / "fixtures" / "worlds" / "meadow" / "shop.json"
Arrange = Callable[[RecordedShop], None]


@dataclass
class FarSide:
    """A shop under test. `recorded` is None for the twin, which needs no arranging."""

    ctx: OperationContext
    recorded: RecordedShop | None = None

    def arrange(self, how: Arrange) -> None:
        if self.recorded is not None:
            how(self.recorded)

    async def run(self, name: str, **params: Any) -> OperationResult:
        operation = CONNECTOR.operation(f"prestashop.{name}@1")
        assert operation is not None
        return await operation.run(self.ctx, params)

    async def state(self) -> Any:
        """All that the twin holds."""
        if self.recorded is not None:
            return None
        return (await self.ctx.http.get("http://shop.example/_twin/state")).json()

    async def writes(self) -> int:
        if self.recorded is not None:
            return len(self.recorded.writes())
        log = (await self.ctx.http.get("http://shop.example/_twin/requests?since=0")).json()
        entries = log["requests"] if isinstance(log, dict) else log
        return sum(one["method"] not in ("GET", "HEAD") for one in entries)


@pytest.fixture(params=["recorded 9.1", "recorded 8.2", "twin 9.1.4", "twin 8.2.1"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[FarSide]:
    kind, version = request.param.split()
    if kind == "recorded":
        recorded = RecordedShop(version=version)
        yield FarSide(ctx=context(recorded), recorded=recorded)
        recorded.verify()
        return
    app = create_app(world=WORLD, data=None, version=version, clock=lambda: NOW)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http,
    ):
        placed = await http.post("http://shop.example/_twin/recorded-order")
        assert placed.status_code == 201
        yield FarSide(ctx=context(RecordedShop(version="9.1"), http=http))


async def test_check(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("006")
        recorded.serve("200")
        surroundings(recorded, PS_MAIL_METHOD="1")

    shop.arrange(arrange)
    before = await shop.state()
    got = await CONNECTOR.check(shop.ctx)
    assert await shop.state() == before
    assert got.ok
    levels = {one["id"]: one["level"] for one in got.facts["findings"]}
    assert levels["method.patch"] == levels["date_filter"] == levels["mail"] == "ok"
    assert levels["module"] == "warn"
    assert got.facts["time_zone"] == "Europe/Madrid"
    assert set(got.facts["operations"].values()) == {"ready"}


@pytest.mark.parametrize(
    ("key", "recording", "words"),
    [
        ("WSKEYDISABLEDDISABLEDDISABLED003", "005", "no active webservice key"),
        ("NOSUCHKEYNOSUCHKEYNOSUCHKEYNOSUC", "002", "no active webservice key"),
        ("short", "004", "32 characters"),
    ],
)
async def test_bad_keys(shop: FarSide, key: str, recording: str, words: str) -> None:
    def refused(recorded: RecordedShop) -> None:
        recorded.key = key
        recorded.derive("/api/", recording)

    shop.arrange(refused)
    connection = replace(shop.ctx.connection, secrets={"api_key": key})
    got = await CONNECTOR.check(replace(shop.ctx, connection=connection))
    assert not got.ok
    assert words in got.message


async def test_reading_the_recorded_order(shop: FarSide) -> None:
    shop.arrange(test_order_get.whole_order)
    got = (await shop.run("order.get", order_id="6")).output
    order = got["order"]
    assert re.fullmatch(r"[A-Z]{9}", order["reference"])
    assert datetime.fromisoformat(order["date_add"]).tzinfo == UTC
    assert {name: order[name] for name in ("id", "current_state", "valid", "payment", "note")} == {
        "id": "6",
        "current_state": "11",
        "valid": True,
        "payment": "Bank transfer",
        "note": "",
    }
    assert order["total_paid_tax_incl"] == Decimal("60.67")
    assert order["total_products"] == Decimal("50.14")
    assert [
        (one["product_id"], one["product_attribute_id"], one["quantity"], one["reference"])
        for one in order["lines"]
    ] == [("1", "1", 2, "demo_1"), ("6", "0", 1, "demo_11")]
    assert got["state"]["name"] == "Remote payment accepted"
    assert got["customer"]["email"] == "jane.doe@buyer.example"
    assert (got["delivery"]["postcode"], got["delivery"]["country_iso"]) == ("28013", "ES")
    assert got["delivery"]["state_iso"] == "ES-M"
    assert got["carrier"]["id"] == "1"
    assert got["currency"] == {"iso_code": "EUR"}


async def test_reading_an_unknown_order(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("200")
        recorded.derive("/api/orders/9999?display=full&output_format=JSON", "048")

    shop.arrange(arrange)
    with pytest.raises(NotFoundError):
        await shop.run("order.get", order_id="9999")


async def test_an_unknown_state_never_reaches_the_shop(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("060")
        recorded.derive("/api/order_states/9999?display=full&output_format=JSON", "048")
        stands(recorded, 4, 2, 8, 9)

    shop.arrange(arrange)
    with pytest.raises(RejectedError):
        await shop.run("order.set_state", order_id="2", state_id="9999")
    assert await shop.writes() == 0


async def test_the_state_that_an_order_has_is_not_set_again(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("060")
        stands(recorded, 4, 2, 8, 9)

    shop.arrange(arrange)
    got = await shop.run("order.set_state", order_id="2", state_id="4")
    assert got.output["changed"] is False
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_setting_a_state(shop: FarSide) -> None:
    """Recorded: order 2 from paid to shipped. In the twin's world that has happened; there it is
    the next state."""
    state = "4" if shop.recorded else "5"

    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("060")
        stands(recorded, 2, 2, 8)
        recorded.serve("084")
        stands(recorded, 4, 2, 8, 9)

    shop.arrange(arrange)
    got = await shop.run("order.set_state", order_id="2", state_id=state, send_email=True)
    assert got.output["changed"] is True
    assert got.output["history_id"] is not None
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    operation = CONNECTOR.operation("prestashop.order.set_state@1")
    assert operation is not None
    assert operation.probe is not None
    again = await operation.probe(shop.ctx, {"order_id": "2", "state_id": state})
    assert again.happened


async def test_setting_the_tracking_number(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        tracking.carries(recorded, "")
        recorded.serve("097")
        tracking.carries(recorded, "TRACK0002")

    shop.arrange(arrange)
    got = await shop.run("order.set_tracking", order_id="2", tracking_number="TRACK0002")
    assert got.output["order_carrier_id"] == "2"
    assert got.output["changed"] is True
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_a_tracking_number_that_is_refused(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        tracking.carries(recorded, "")
        recorded.derive(tracking.PATCH, "103", method="PATCH")

    shop.arrange(arrange)
    with pytest.raises(RejectedError) as caught:
        await shop.run("order.set_tracking", order_id="2", tracking_number="bad<track>#{}")
    assert caught.value.code == "value_refused"


async def test_setting_the_stock_of_a_combination(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("122", edit=stock.holding(300))
        recorded.serve("126")
        recorded.serve("123", edit=stock.holding(40))

    shop.arrange(arrange)
    got = await shop.run("stock.set", product_id="1", combination_id="1", quantity=40)
    assert (got.output["stock_available_id"], got.output["quantity"]) == ("20", 40)
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_the_sum_of_combinations_is_refused(shop: FarSide) -> None:
    shop.arrange(lambda recorded: recorded.serve("122"))
    with pytest.raises(RejectedError) as caught:
        await shop.run("stock.set", product_id="1", quantity=40)
    assert caught.value.code == "sum_of_combinations"


async def test_polling_finds_the_placed_order(shop: FarSide) -> None:
    def arrange(recorded: RecordedShop) -> None:
        recorded.serve("200")
        recorded.derive(
            "/api/orders?date=1&filter[date_upd]=%3E[2026-11-15%2023:59:29]"
            "&display=[id,reference,current_state,date_add,date_upd]"
            "&sort=[date_upd_ASC,id_ASC]&limit=50&output_format=JSON",
            "168",
        )

    shop.arrange(arrange)
    poll = CONNECTOR.triggers[0].poll
    assert poll is not None
    page = await poll(shop.ctx, {"since": "2026-11-16 00:00:00", "seen": {}})
    placed = [one.entity_id for one in page.events if one.change == "created"]
    assert "6" in placed
    assert "2" not in placed
