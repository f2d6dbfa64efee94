"""News of stock by comparison: nothing twice, nothing invented, few requests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.prestashop import sweep
from connectors.prestashop.stock_sweep import REST, matches, poll
from connectors.prestashop.sweep import PAGE, packed, unpacked
from connectors.prestashop.tests.recorded import NOW, RecordedShop, context
from connectors.prestashop.tests.test_record_triggers import Clock, clock, shop
from connectors.prestashop.tests.test_upserts_imitated import run
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import SourceEvent

__all__ = ["clock", "shop"]


async def swept(
    ctx: OperationContext, cursor: Mapping[str, Any] | None
) -> tuple[list[SourceEvent], Mapping[str, Any]]:
    """A whole sweep, as the platform asks for page after page."""
    events: list[SourceEvent] = []
    for _ in range(100):
        page = await poll(ctx, cursor)
        events += page.events
        cursor = page.cursor
        if not page.more:
            return events, cursor
    raise AssertionError("the sweep never ends")


async def test_a_change_is_news_once(shop: OperationContext, clock: Clock) -> None:
    first, cursor = await swept(shop, None)
    assert first == []
    clock.on(int(REST.total_seconds()))
    await run(shop, "stock.set", {"product_id": "1", "combination_id": "1", "quantity": 7})
    events, cursor = await swept(shop, cursor)
    own = next(one for one in events if one.data["combination_id"] == "1")
    assert (own.change, own.data["quantity"], own.business_key) == ("updated", 7, "1")
    assert own.data["before"] not in (None, 7)
    clock.on(int(REST.total_seconds()))
    again, _ = await swept(shop, cursor)
    assert again == []


async def test_between_two_sweeps_the_shop_is_left_alone(
    shop: OperationContext, clock: Clock
) -> None:
    _, cursor = await swept(shop, None)
    await run(shop, "stock.set", {"product_id": "1", "combination_id": "1", "quantity": 7})
    clock.on(int(REST.total_seconds()) - 1)
    page = await poll(shop, cursor)
    assert (page.events, page.cursor, page.more) == ((), cursor, False)


class Shelves:
    """A shop that has stock rows and nothing else; it filters, sorts and limits."""

    def __init__(self, quantities: Mapping[int, int]) -> None:
        self.quantities = dict(quantities)
        self.now = NOW
        self.requests = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        self.requests += 1
        after = int(query["filter[id]"][2:-1])
        rows = [
            {"id": id_, "id_product": str(id_), "id_product_attribute": "0", "quantity": str(one)}
            for id_, one in sorted(self.quantities.items())
            if id_ > after
        ][: int(query["limit"])]
        body: Any = {"stock_availables": rows} if rows else []
        return httpx.Response(200, json=body, headers={"PSWS-Version": "9.1.4"})

    def context(self) -> OperationContext:
        return context(
            RecordedShop(version="9.1"),
            http=httpx.AsyncClient(transport=httpx.MockTransport(self.handle)),
            now=lambda: self.now,
        )


def said(events: list[SourceEvent]) -> dict[str, tuple[str, int | None, int | None]]:
    return {one.entity_id: (one.change, one.data["before"], one.data["quantity"]) for one in events}


async def test_ten_thousand_rows_cost_eleven_requests_and_every_change_is_found() -> None:
    shelves = Shelves({id_: id_ % 90 for id_ in range(1, 10_001)})
    _, cursor = await swept(shelves.context(), None)
    assert shelves.requests == 10_000 // PAGE + 1  # the last one finds nothing more
    assert len(str(cursor)) < 40_000
    changed = {id_: 1_000 + id_ for id_ in range(3, 10_001, 97)}
    shelves.quantities |= changed
    del shelves.quantities[5], shelves.quantities[9_999]
    shelves.quantities[10_050] = 4
    shelves.now += REST
    events, _ = await swept(shelves.context(), cursor)
    expected: dict[str, tuple[str, int | None, int | None]] = {
        str(id_): ("updated", id_ % 90, one) for id_, one in changed.items()
    }
    expected |= {
        "5": ("deleted", 5, None),
        "9999": ("deleted", 9_999 % 90, None),
        "10050": ("created", None, 4),
    }
    assert said(events) == expected


QUANTITIES = st.dictionaries(st.integers(1, 40), st.integers(-5, 5), max_size=25)


@settings(deadline=None, max_examples=60)
@given(st.lists(QUANTITIES, min_size=1, max_size=6), st.integers(1, 7))
async def test_the_news_adds_up_to_what_is_there(states: list[dict[int, int]], page: int) -> None:
    """Whoever applies all news to the first state has the last one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "PAGE", page)
        shelves = Shelves(states[0])
        _, cursor = await swept(shelves.context(), None)
        mine: dict[str, int] = {str(id_): one for id_, one in states[0].items()}
        for state in states[1:]:
            shelves.quantities = dict(state)
            shelves.now += REST
            events, cursor = await swept(shelves.context(), cursor)
            for id_, (change, before, quantity) in said(events).items():
                assert mine.get(id_) == before
                assert change == (
                    "created" if before is None else "deleted" if quantity is None else "updated"
                )
                if quantity is None:
                    del mine[id_]
                else:
                    mine[id_] = quantity
            assert mine == {str(id_): one for id_, one in state.items()}


@given(st.dictionaries(st.integers(1, 10**12).map(str), st.integers(-(10**9), 10**9)))
def test_what_was_seen_travels_unchanged(known: dict[str, int]) -> None:
    assert unpacked(packed(known)) == known


def test_a_broken_cursor_is_refused() -> None:
    with pytest.raises(ValueError, match="list of what was swept"):
        unpacked("nothing of ours")


async def test_a_node_may_want_to_hear_once_when_stock_runs_low() -> None:
    shelves = Shelves({1: 10})
    _, cursor = await swept(shelves.context(), None)
    heard = []
    for quantity in (9, 4, 3, 8, 2):
        shelves.quantities[1] = quantity
        shelves.now += REST + timedelta(seconds=1)
        events, cursor = await swept(shelves.context(), cursor)
        heard.append([matches({"below": 5}, one) for one in events])
    assert heard == [[False], [True], [False], [False], [True]]
