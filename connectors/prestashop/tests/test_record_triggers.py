"""News of customers, addresses and products, of the twin as each version."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.record_triggers import RECORD_NEWS, matches
from connectors.prestashop.tests.imitated import asked, imitated
from connectors.prestashop.tests.recorded import NOW
from connectors.prestashop.tests.test_upserts_imitated import JAR, MAY, MILL, VERSIONS, run
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import SourceEvent, Trigger


class Clock:
    """The shop's and ours; tests move it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


KNOWN: set[tuple[str, str]] = set()


@pytest.fixture
def clock() -> Clock:
    KNOWN.clear()
    return Clock()


@pytest.fixture(params=VERSIONS)
async def shop(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[OperationContext]:
    async with imitated(request.param, clock=clock) as ctx:
        yield ctx


def trigger(noun: str) -> Trigger:
    return next(one for one in CONNECTOR.triggers if one.name == f"prestashop.{noun}_event")


async def news(
    ctx: OperationContext, noun: str, cursor: Mapping[str, Any] | None
) -> tuple[list[SourceEvent], Mapping[str, Any]]:
    poll = trigger(noun).poll
    assert poll is not None
    events: list[SourceEvent] = []
    for _ in range(50):
        page = await poll(ctx, cursor)
        # The platform takes the same state of a record once.
        events += [one for one in page.events if (one.entity_id, one.version) not in KNOWN]
        KNOWN.update((one.entity_id, one.version) for one in page.events)
        cursor = page.cursor
        if not page.more:
            return events, cursor
    raise AssertionError("the poll never ends")


@pytest.mark.parametrize(
    ("noun", "params", "change", "key"),
    [
        ("customer", MAY, {"lastname": "Meadow"}, "may@meadow.example"),
        ("address", MILL, {"address2": "Rear house"}, None),
        ("product", JAR, {"price": "11.5"}, "JAR-0123"),
    ],
)
async def test_what_is_added_and_changed_is_news_once(
    shop: OperationContext,
    clock: Clock,
    noun: str,
    params: dict[str, Any],
    change: dict[str, Any],
    key: str | None,
) -> None:
    nothing, cursor = await news(shop, noun, None)
    assert nothing == []
    clock.on(60)
    made = (await run(shop, f"{noun}.upsert", params)).output
    events, cursor = await news(shop, noun, cursor)
    mine = [one for one in events if one.entity_id == made["id"]]
    assert mine[0].change == "created"
    assert mine[0].data[f"{noun}_id"] == made["id"]
    assert mine[0].business_key == (key or made["id"])
    clock.on(60)
    again, cursor = await news(shop, noun, cursor)
    assert again == []
    extra = {f"{noun}_id": made["id"]} if noun == "address" else {}
    await run(shop, f"{noun}.upsert", {**params, **change, **extra})
    events, cursor = await news(shop, noun, cursor)
    assert [(one.change, one.entity_id) for one in events] == [("updated", made["id"])]
    # The overlap brings it again, and it is no news.
    clock.on(5)
    assert (await news(shop, noun, cursor))[0] == []


async def test_a_second_change_within_the_same_second_is_news_too(
    shop: OperationContext, clock: Clock
) -> None:
    _, cursor = await news(shop, "product", None)
    clock.on(60)
    await run(shop, "product.upsert", JAR)
    _, cursor = await news(shop, "product", cursor)
    clock.on(60)
    await run(shop, "product.upsert", {**JAR, "price": "11.5"})
    first, cursor = await news(shop, "product", cursor)
    await run(shop, "product.upsert", {**JAR, "price": "11.6"})
    second, cursor = await news(shop, "product", cursor)
    assert [one.change for one in (*first, *second)] == ["updated", "updated"]
    assert first[0].version != second[0].version


async def test_a_poll_with_nothing_new_costs_one_request(
    shop: OperationContext, clock: Clock
) -> None:
    _, cursor = await news(shop, "customer", None)
    before = await asked(shop)
    clock.on(60)
    await news(shop, "customer", cursor)
    # And the shop's facts, which are kept with the connection's session where there is one.
    assert await asked(shop) - before <= 2


def test_a_node_may_want_new_ones_only() -> None:
    event = SourceEvent(
        type="prestashop.customer_event@1", change="updated", entity="customer", entity_id="1",
        version="v", occurred_at=NOW, data={},
    )  # fmt: skip
    assert matches({}, event)
    assert not matches({"changes": ["created"]}, event)


def test_what_tells_a_person_is_marked() -> None:
    customer = next(one for one in RECORD_NEWS if one.noun.name == "customer").entry()
    assert customer["output"]["properties"]["email"]["x-personal"] is True
