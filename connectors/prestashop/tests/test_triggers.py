"""News of orders: hooks, polls, and that both name the same state alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.prestashop import CONNECTOR
from connectors.prestashop.dated_poll import OVERLAP, PAGE
from connectors.prestashop.tests.recorded import NOW, RecordedShop, context
from connectors.prestashop.triggers import matches, poll
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent

MADRID = ZoneInfo("Europe/Madrid")
BODY = {
    "event": "order.created",
    "entity": "order",
    "id": "6",
    "reference": "XPYEWWWWK",
    "current_state": "11",
    "date_upd": "2026-11-23 11:21:26",
    "occurred_at": "2026-11-23T10:21:26Z",
    "sequence": 12,
    "origin": "front",
    "shop": "http://shop.example",
}


def hook(**changes: Any) -> Sequence[SourceEvent]:
    connection = context(RecordedShop(version="9.1")).connection
    assert CONNECTOR.read_hook is not None
    return CONNECTOR.read_hook(connection, {**BODY, **changes})


def test_a_placed_order() -> None:
    (event,) = hook()
    assert event.type == "prestashop.order_event@1"
    assert (event.entity, event.entity_id, event.version) == ("order", "6", "created")
    assert event.business_key == "XPYEWWWWK"
    assert event.sequence == 12
    assert event.occurred_at == datetime(2026, 11, 23, 10, 21, 26, tzinfo=UTC)
    assert event.data == {
        "order_id": "6",
        "change": "created",
        "reference": "XPYEWWWWK",
        "current_state": "11",
        "origin": "front",
        "echo": None,
        "shop_id": None,
        "field_hashes": {},
    }


def test_two_changes_within_a_second_are_two_states() -> None:
    (one,) = hook(event="order.updated", sequence=12)
    (other,) = hook(event="order.updated", sequence=13)
    assert one.version != other.version


def test_numbers_for_ids_are_taken_too() -> None:
    (event,) = hook(id=6, current_state=11)
    assert (event.entity_id, event.data["current_state"]) == ("6", "11")


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "order.vanished"},
        {"event": "cart.updated"},
        {"event": "stock.updated"},
        {"event": "stock.updated", "quantity": "7", "product_id": "1"},
        {"event": "tracking.updated"},
        {"hashes": {"email": "may@meadow.example"}},
        {"own": "yes"},
        {"event": None},
        {"sequence": "first"},
        {"id": None},
        {"id": {"$ne": 1}},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-11-23T10:21:26"},
        {"origin": "elsewhere"},
    ],
)
def test_other_bodies_are_refused_with_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="module"):
        hook(**changes)


def test_a_trigger_listens_to_placed_orders_unless_told_otherwise() -> None:
    (created,) = hook()
    (updated,) = hook(event="order.updated")
    assert [matches({}, one) for one in (created, updated)] == [True, False]
    both = {"changes": ["created", "updated"]}
    assert all(matches(both, one) for one in (created, updated))


class Orders:
    """A shop with a table of orders, a clock and nothing else: it filters, sorts and limits as
    recordings 036, 037 and 039 show."""

    def __init__(self, zone: ZoneInfo = MADRID) -> None:
        self.zone = zone
        self.rows: dict[int, dict[str, str]] = {}
        self.now = NOW
        self.config = RecordedShop(version="9.1").response("200")

    def local(self) -> str:
        return self.now.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def place(self, at: str | None = None) -> int:
        id_ = len(self.rows) + 1
        moment = at or self.local()
        self.rows[id_] = {"date_add": moment, "date_upd": moment}
        return id_

    def touch(self, id_: int, at: str | None = None) -> None:
        self.rows[id_]["date_upd"] = at or self.local()

    def handle(self, request: httpx.Request) -> httpx.Response:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        if "configurations" in request.url.path:
            return httpx.Response(200, content=self.config.content)
        assert query["date"] == "1"
        rows: list[dict[str, Any]] = [
            {"id": id_, "reference": f"R{id_}", "current_state": "2", **row}
            for id_, row in self.rows.items()
        ]
        wanted = query["filter[date_upd]"]
        if wanted.startswith(">["):
            rows = [row for row in rows if row["date_upd"] > wanted[2:-1]]
        else:
            low, high = wanted[1:-1].split(",")
            rows = [row for row in rows if low <= row["date_upd"] <= high]
        if "filter[id]" in query:
            rows = [row for row in rows if int(str(row["id"])) > int(query["filter[id]"][2:-1])]
        by_date = query["sort"] == "[date_upd_ASC,id_ASC]"
        rows.sort(key=lambda row: (row["date_upd"] if by_date else "", row["id"]))
        rows = rows[: int(query["limit"])]
        stamp = self.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
        body = {"orders": rows} if rows else []
        return httpx.Response(200, json=body, headers={"Date": stamp, "PSWS-Version": "9.1.4"})

    def context(self) -> OperationContext:
        return context(
            RecordedShop(version="9.1"),
            http=httpx.AsyncClient(transport=httpx.MockTransport(self.handle)),
            now=lambda: self.now,
        )

    async def poll_all(
        self, cursor: Mapping[str, Any] | None
    ) -> tuple[list[SourceEvent], Mapping[str, Any]]:
        """Pages until there are no more, as the platform does it."""
        events: list[SourceEvent] = []
        ctx = self.context()
        for _ in range(1000):
            page: PollPage = await poll(ctx, cursor)
            events += page.events
            cursor = page.cursor
            if not page.more:
                return events, cursor
        raise AssertionError("the poll never ends")


def created(events: Sequence[SourceEvent]) -> list[str]:
    return [one.entity_id for one in events if one.change == "created"]


async def test_the_first_poll_takes_its_place_by_the_shops_clock() -> None:
    """Ours may be wrong."""
    orders = Orders()
    orders.place("2026-11-01 09:00:00")
    page = await poll(
        context(
            RecordedShop(version="9.1"),
            http=httpx.AsyncClient(transport=httpx.MockTransport(orders.handle)),
            now=lambda: NOW + timedelta(days=3),
        ),
        None,
    )
    assert page.events == ()
    assert page.cursor["since"] == "2026-11-23 11:30:00"


async def test_a_placed_order_is_the_same_news_as_its_hook() -> None:
    orders = Orders()
    _, cursor = await orders.poll_all(None)
    orders.now += timedelta(minutes=1)
    for _ in range(6):
        orders.place()
    events, _ = await orders.poll_all(cursor)
    (pushed,) = hook()
    polled = next(one for one in events if one.entity_id == "6")
    assert (polled.type, polled.entity, polled.version) == (
        pushed.type,
        pushed.entity,
        pushed.version,
    )
    assert set(polled.data) == set(pushed.data)


async def test_an_order_that_was_placed_and_changed_between_polls_is_both() -> None:
    orders = Orders()
    _, cursor = await orders.poll_all(None)
    orders.now += timedelta(seconds=10)
    id_ = orders.place()
    orders.now += timedelta(seconds=40)
    orders.touch(id_)
    events, _ = await orders.poll_all(cursor)
    assert [one.change for one in events] == ["created", "updated"]


async def test_the_overlap_brings_late_rows_and_repeats_nothing() -> None:
    orders = Orders()
    _, cursor = await orders.poll_all(None)
    orders.now += timedelta(minutes=1)
    orders.place()
    first, cursor = await orders.poll_all(cursor)
    # Committed after the poll, with a time from before it.
    late = orders.place((orders.now - OVERLAP / 2).astimezone(MADRID).strftime("%Y-%m-%d %H:%M:%S"))
    orders.now += timedelta(minutes=1)
    second, cursor = await orders.poll_all(cursor)
    assert created(first) == ["1"]
    assert created(second) == [str(late)]
    third, _ = await orders.poll_all(cursor)
    assert third == []


async def test_more_orders_than_a_page_in_one_second() -> None:
    orders = Orders()
    _, cursor = await orders.poll_all(None)
    orders.now += timedelta(minutes=1)
    for _ in range(3 * PAGE + 7):
        orders.place()
    orders.now += timedelta(seconds=1)
    orders.place()
    events, _ = await orders.poll_all(cursor)
    assert sorted(set(map(int, created(events)))) == list(range(1, 3 * PAGE + 9))


async def test_an_order_placed_on_an_early_page_and_changed_later_is_still_new() -> None:
    orders = Orders()
    _, cursor = await orders.poll_all(None)
    orders.now += timedelta(minutes=1)
    first = orders.place()
    for _ in range(PAGE + 5):
        orders.now += timedelta(seconds=1)
        orders.place()
    orders.now += timedelta(seconds=1)
    orders.touch(first)
    events, _ = await orders.poll_all(cursor)
    assert str(first) in created(events)


async def test_the_repeated_hour_at_the_end_of_summer_time_loses_nothing() -> None:
    """Local times go back: an order placed then has an older text than the cursor."""
    orders = Orders()
    orders.now = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)  # 02:59:30 summer time
    _, cursor = await orders.poll_all(None)
    found: list[str] = []
    for _ in range(10):
        orders.now += timedelta(minutes=5)
        orders.place()
        orders.now += timedelta(minutes=5)
        events, cursor = await orders.poll_all(cursor)
        found += created(events)
    assert sorted(set(map(int, found))) == list(range(1, 11))


@given(
    st.lists(
        st.tuples(st.sampled_from(["place", "touch", "poll"]), st.integers(0, 90)), max_size=40
    )
)
@settings(max_examples=60, deadline=None)
async def test_no_placed_order_is_ever_missed(steps: list[tuple[str, int]]) -> None:
    orders = Orders()
    _, cursor = await orders.poll_all(None)
    found: set[str] = set()
    for kind, seconds in [*steps, ("poll", 1)]:
        orders.now += timedelta(seconds=seconds)
        if kind == "place":
            orders.place()
        elif kind == "touch" and orders.rows:
            orders.touch(1 + seconds % len(orders.rows))
        elif kind == "poll":
            events, cursor = await orders.poll_all(cursor)
            found |= set(created(events))
    assert found == {str(id_) for id_ in orders.rows}


async def test_the_recorded_shop_understands_the_question(shop: RecordedShop) -> None:
    """Filter, sort and limit as in recording 168."""
    shop.serve("200")
    shop.derive(
        "/api/orders?date=1&filter[date_upd]=%3E[2026-11-15%2023:59:29]"
        "&display=[id,reference,current_state,date_add,date_upd]"
        f"&sort=[date_upd_ASC,id_ASC]&limit={PAGE}&output_format=JSON",
        "168",
    )
    page = await poll(context(shop), {"since": "2026-11-16 00:00:00", "seen": {}})
    expected = []
    for row in shop.body("168")["orders"]:
        placed, changed = row["date_add"], row["date_upd"]
        expected += [(str(row["id"]), "created")] if placed >= "2026-11-15 23:59:30" else []
        expected += [(str(row["id"]), "updated")] if changed != placed else []
    assert [(one.entity_id, one.change) for one in page.events] == expected
    assert ("6", "created") in expected
    assert ("2", "created") not in expected
    assert page.cursor["since"] == shop.body("168")["orders"][-1]["date_upd"]
    assert not page.more
