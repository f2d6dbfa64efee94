"""What is asked of a far side is counted, and what can wait keeps out of its quiet hours."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from connectors.connections.models import Connection
from connectors.sdk.errors import (
    FarSideError,
    RateLimitedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.meter import Meter, counted, metered
from connectors.sdk.readback import read_back
from connectors.sdk.trigger import PollPage
from flows import polling
from flows.dispatch import load, worker
from flows.dispatch import reach as reaching
from flows.dispatch.load import LoadBook
from flows.dispatch.reach import QUIET_LOOK, Reach
from flows.models import ConnectionLoad, Listener, PollCursor, RunEvent
from flows.protection.circuit import Outcome
from flows.protection.outcome import outcome_of
from flows.store.load import HOURS_KEPT, MINUTES_KEPT, add_load, trim_load
from tests.flows.example import FarSide, document, event
from tests.flows.world import DAY, World, deploy, make_runs

AT = datetime(2026, 11, 27, 10, 59, 30, tzinfo=UTC)
ALL_DAY = "00:00-24:00"


async def requests(count: int) -> None:
    for _ in range(count):
        async with counted(unless=()):
            await asyncio.sleep(0)


async def settings(world: World, **given: Any) -> None:
    await Connection.objects.filter(pk=world.connection.pk).aupdate(settings=given)
    worker.kit().reach._known.clear()  # other processes notice within three seconds


async def rows() -> dict[tuple[str, str, str], tuple[int, int, int, int]]:
    return {
        (one.grain, one.at.strftime("%H:%M"), one.operation): (
            one.calls,
            one.requests,
            one.failed,
            one.throttled,
        )
        async for one in ConnectionLoad.objects.all()
    }


async def test_calls_become_sums_by_minute_and_hour(hot: World) -> None:
    now = AT
    book = LoadBook(clock=lambda: now)
    other = LoadBook(clock=lambda: now)
    meter = Meter(requests=3, ms=300.0)
    here = hot.connection.id
    book.note(here, "shop.get@1", meter, Outcome.ANSWERED)
    book.note(here, "shop.get@1", meter, Outcome.FAILED)
    book.note(here, "shop.get@1", Meter(), Outcome.NOT_SENT)
    other.note(here, "shop.get@1", meter, Outcome.THROTTLED)
    now = AT + timedelta(minutes=1)
    book.note(here, "shop.get@1", meter, Outcome.ANSWERED)
    await asyncio.gather(book.aclose(), other.aclose())
    assert await rows() == {
        ("m", "10:59", "shop.get@1"): (3, 9, 1, 1),
        ("h", "10:00", "shop.get@1"): (3, 9, 1, 1),
        ("m", "11:00", "shop.get@1"): (1, 3, 0, 0),
        ("h", "11:00", "shop.get@1"): (1, 3, 0, 0),
    }
    sums = await ConnectionLoad.objects.aget(grain="h", at__hour=10)
    assert sums.ms == 900


async def test_what_the_database_cannot_take_now_is_told_later(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(asked: Any) -> None:
        raise psycopg.OperationalError("away")

    book = LoadBook(clock=lambda: AT)
    book.note(hot.connection.id, "a@1", Meter(requests=2, ms=1.0), Outcome.ANSWERED)
    monkeypatch.setattr(load, "add_load", away)
    await book.flush()
    book.note(hot.connection.id, "a@1", Meter(requests=1, ms=1.0), Outcome.ANSWERED)
    monkeypatch.setattr(load, "add_load", add_load)
    await book.aclose()
    assert (await rows())["m", "10:59", "a@1"] == (2, 3, 0, 0)


async def test_a_connection_that_is_gone_stops_nobody_elses_figures(hot: World) -> None:
    book = LoadBook(clock=lambda: AT)
    gone = hot.workspace.id  # no connection has this id
    book.note(gone, "a@1", Meter(requests=1), Outcome.ANSWERED)
    book.note(hot.connection.id, "a@1", Meter(requests=1), Outcome.ANSWERED)
    await book.aclose()
    assert await ConnectionLoad.objects.acount() == 2


async def test_old_minutes_and_hours_go(hot: World) -> None:
    now = timezone.now()
    for grain, kept in (("m", MINUTES_KEPT), ("h", HOURS_KEPT)):
        for age in (kept - timedelta(minutes=5), kept + timedelta(minutes=5)):
            await ConnectionLoad.objects.acreate(
                connection=hot.connection, grain=grain, at=now - age, operation="a@1"
            )
    assert await trim_load() == 2
    assert await ConnectionLoad.objects.acount() == 2


async def failing(reach: Reach, connection: UUID, count: int, error: FarSideError) -> None:
    """A call that ends with `error` after so many requests."""
    async with reach.turn(connection, key="1", type_="a@1", cost=1.0, within=10.0):
        await requests(count)
        raise error


async def test_a_turn_counts_what_left_within_it(hot: World) -> None:
    reach = Reach()
    here = hot.connection.id
    try:
        async with reach.turn(here, key="1", type_="a@1", cost=1.0, within=10.0):
            await asyncio.gather(requests(2), requests(3))
        with pytest.raises(UnavailableError):
            await failing(reach, here, 1, UnavailableError("away", code="away"))
        await requests(5)  # of nobody
    finally:
        await reach.aclose()
    [(_, found)] = [one for one in (await rows()).items() if one[0][0] == "h"]
    assert found == (2, 6, 1, 0)


async def test_what_a_far_side_refused_slows_down_all_that_follow(hot: World) -> None:
    """The pace of a 429 holds for the connection's next calls, without a rate in its settings."""
    reach = Reach()
    here = hot.connection.id
    try:
        error = RateLimitedError("much", code="rate_limited", retry_after=timedelta(seconds=1))
        with pytest.raises(RateLimitedError):
            await failing(reach, here, 21, error)
        guard = await reach._guard(here)
        rate = guard.bounds.rate
        assert rate is not None
        # 20 answered in a second at most, and another of pause: about ten a second.
        assert 8 <= rate <= 20
    finally:
        await reach.aclose()


async def too_many() -> None:
    raise RateLimitedError("much", code="rate_limited", retry_after=timedelta(seconds=7))


async def test_a_refusal_while_reading_back_slows_down_too() -> None:
    with pytest.raises(UncertainError) as caught:
        await read_back(too_many())
    assert outcome_of(caught.value) == (Outcome.THROTTLED, 7.0)
    assert outcome_of(UncertainError("lost", code="lost")) == (Outcome.FAILED, None)


async def test_a_call_pays_for_what_it_asked_in_truth(hot: World) -> None:
    await settings(hot, rate_limit="60/m")
    reach = Reach()
    try:
        async with reach.turn(hot.connection.id, key="1", type_="a@1", cost=1.0, within=10.0):
            await requests(4)
        guard = await reach._guard(hot.connection.id)
        assert guard._tokens <= -2.0
    finally:
        await reach.aclose()


async def test_requests_keep_their_distance_in_slow_hours() -> None:
    loop = asyncio.get_running_loop()
    with metered(gap=0.05) as meter:
        begun = loop.time()
        await asyncio.gather(requests(1), requests(1), requests(1))
    assert loop.time() - begun >= 0.1 - 0.01
    assert meter.requests == 3


@pytest.fixture
async def cursor(hot: World) -> PollCursor:
    await sync_to_async(polling.ensure_poll_cursors)([one async for one in Listener.objects.all()])
    return await PollCursor.objects.aget()


async def test_polls_wait_until_the_quiet_hours_are_over(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await settings(hot, quiet_hours=ALL_DAY)
    await polling.poll_due(worker.kit().reach)
    assert far_side.cursors == []
    row = await PollCursor.objects.aget()
    # It looks again within the hour: somebody may shorten the hours.
    assert QUIET_LOOK - timedelta(minutes=1) < row.due_at - timezone.now() <= QUIET_LOOK
    assert row.failures == 0
    await settings(hot)
    await PollCursor.objects.aupdate(due_at=timezone.now())
    far_side.pages = [PollPage(events=[event("6", at=DAY)], cursor={"at": 1})]
    assert await polling.poll_due(worker.kit().reach) == 1


async def test_in_slow_hours_a_sweep_goes_on_page_by_page(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await settings(hot, quiet_hours=ALL_DAY, quiet_mode="slow")
    far_side.pages = [
        PollPage(events=[], cursor={"at": 1}, more=True),
        PollPage(events=[], cursor={"at": 2}),
    ]
    await polling.poll_due(worker.kit().reach)
    assert far_side.cursors == [None]
    row = await PollCursor.objects.aget()
    assert (row.cursor, row.lease_until) == ({"at": 1}, None)
    assert timedelta(seconds=5) < row.due_at - timezone.now() <= timedelta(seconds=10)
    await PollCursor.objects.aupdate(due_at=timezone.now())
    await polling.poll_due(worker.kit().reach)
    row = await PollCursor.objects.aget()
    assert row.due_at - timezone.now() > timedelta(minutes=4)


async def test_bulk_reads_wait_and_other_reads_and_writes_go_on(
    hot: World, far_side: FarSide
) -> None:
    bulky = document("bulky")
    bulky["nodes"][1]["params"]["many"] = ["1", "2"]
    deployment = await sync_to_async(deploy)(hot.environment, hot.connection, bulky)
    await settings(hot, quiet_hours=ALL_DAY)
    other = {
        "flow_id": deployment.flow_id,
        "version_id": deployment.version_id,
        "deployment": deployment,
    }
    plain, bulk = await sync_to_async(make_runs)(hot, [{}, other])
    await worker.drain()
    await plain.arefresh_from_db()
    await bulk.arefresh_from_db()
    assert (plain.state, bulk.state) == ("succeeded", "waiting")
    assert [id_ for id_, _ in far_side.touched] == ["0"]
    assert QUIET_LOOK - timedelta(minutes=1) < bulk.due_at - timezone.now() <= QUIET_LOOK
    waiting = await RunEvent.objects.filter(run_id=bulk.id, type="run_waiting").alast()
    assert waiting is not None
    assert waiting.data["reason"] == "quiet"


async def test_a_bulk_read_goes_on_when_the_hours_are_over(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it looked meanwhile, no try of its three is used up."""
    monkeypatch.setattr(reaching, "QUIET_LOOK", timedelta(milliseconds=20))  # slept through
    bulky = document("bulky")
    bulky["nodes"][1]["params"]["many"] = ["1", "2"]
    bulky["nodes"][1]["policy"] = {"retry": {"horizon": "PT1H", "max_attempts": 3}}
    deployment = await sync_to_async(deploy)(hot.environment, hot.connection, bulky)
    await settings(hot, quiet_hours=ALL_DAY)
    of_it = {"flow_id": deployment.flow_id, "version_id": deployment.version_id}
    [run] = await sync_to_async(make_runs)(hot, [{**of_it, "deployment": deployment}])
    draining = asyncio.create_task(worker.drain())
    await asyncio.sleep(0.5)
    assert far_side.touched == []
    await settings(hot)
    await draining
    await run.arefresh_from_db()
    assert run.state == "succeeded"
    looked = RunEvent.objects.filter(run_id=run.id, node="look", type="attempt_failed")
    assert await looked.acount() > 3
