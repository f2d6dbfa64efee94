import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from connectors.sdk.errors import AuthenticationError, UnavailableError
from connectors.sdk.trigger import PollPage
from flows import polling
from flows.dispatch import accepting, worker
from flows.dispatch.accepting import Arrival, accept
from flows.dispatch.catalog import catalog
from flows.models import (
    AwaitedNews,
    Deployment,
    HeardNews,
    Listener,
    PollCursor,
    Run,
    TriggerEvent,
)
from tests.flows.example import NEWS, FarSide, event, waiting_document
from tests.flows.world import DAY, World, deploy, deploy_instead


@pytest.fixture
async def cursor(hot: World) -> PollCursor:
    await sync_to_async(polling.ensure_poll_cursors)([one async for one in Listener.objects.all()])
    return await PollCursor.objects.aget()


async def poll() -> int:
    return await polling.poll_due(worker.kit().reach)


async def test_a_cursor_stands_for_all_listeners_of_a_connection(
    hot: World, cursor: PollCursor
) -> None:
    await PollCursor.objects.aupdate(cursor={"at": 7})
    await sync_to_async(polling.ensure_poll_cursors)([one async for one in Listener.objects.all()])
    again = await PollCursor.objects.aget()
    assert (again.trigger_type, again.cursor) == (NEWS, {"at": 7})


async def test_a_connection_is_asked_for_news_that_only_a_step_waits_for(
    hot: World, far_side: FarSide
) -> None:
    deployment = await sync_to_async(deploy)(hot.environment, hot.connection, waiting_document())
    await sync_to_async(polling.ensure_poll_cursors)(
        [one async for one in AwaitedNews.objects.all()]
    )
    await Listener.objects.all().adelete()
    far_side.pages = [PollPage(events=[event("6x", at=DAY)], cursor={"at": 1})]
    await poll()
    assert far_side.cursors == [None]
    assert await HeardNews.objects.acount() == 1
    await PollCursor.objects.aupdate(due_at=timezone.now())
    deployment.retired_at = timezone.now()
    await deployment.asave()
    await poll()  # nobody waits: it is not asked, and has no page left
    assert far_side.cursors == [None]


async def test_news_and_cursor_are_stored_together(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    far_side.pages = [
        PollPage(events=[event("6", at=DAY)], cursor={"at": 1}, more=True),
        PollPage(events=[event("7", at=DAY)], cursor={"at": 2}),
    ]
    assert await poll() == 2
    assert far_side.cursors == [None, {"at": 1}]
    row = await PollCursor.objects.aget()
    assert row.cursor == {"at": 2}
    assert row.lease_until is None
    assert row.due_at > timezone.now() + timedelta(seconds=50)
    assert {one.source async for one in TriggerEvent.objects.all()} == {"poll"}
    assert await Run.objects.acount() == 2
    assert await poll() == 0  # not due


async def test_news_that_a_hook_brought_is_not_news_to_the_poll(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await accept(
        Arrival(
            environment_id=hot.environment.id,
            connection_id=hot.connection.id,
            source="hook",
            system=hot.connection.system,
            events=[event("6", at=DAY)],
            delivery_id="d1",
        )
    )
    far_side.pages = [PollPage(events=[event("6", at=DAY)], cursor={"at": 1})]
    assert await poll() == 0
    assert await Run.objects.acount() == 1


async def test_where_news_cannot_be_stored_the_cursor_stays(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await Deployment.objects.all().aupdate(backlog_cap=0)
    accepting._backlogs._full.clear()
    page = PollPage(events=[event("6", at=DAY)], cursor={"at": 1})
    far_side.pages = [page]
    assert await poll() == 0
    row = await PollCursor.objects.aget()
    assert (row.cursor, row.failures, row.lease_until) == (None, 1, None)
    assert "backlog" in row.last_error
    await Deployment.objects.all().aupdate(backlog_cap=10)
    accepting._backlogs._full.clear()
    await PollCursor.objects.aupdate(due_at=DAY)
    far_side.pages = [page]
    assert await poll() == 1
    row = await PollCursor.objects.aget()
    assert (row.cursor, row.failures, row.last_error) == ({"at": 1}, 0, "")


async def test_where_a_lane_is_full_the_cursor_stays(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await sync_to_async(deploy_instead)(hot, cap=1)
    far_side.pages = [
        PollPage(events=[event("6", at=DAY)], cursor={"at": 1}, more=True),
        PollPage(
            events=[event("7", at=DAY), event("6", at=DAY, version="2")],
            cursor={"at": 2},
        ),
    ]
    await poll()
    row = await PollCursor.objects.aget()
    assert (row.cursor, row.lease_until) == ({"at": 1}, None)
    assert "'thing' has 1 unfinished runs for the key '6'" in row.last_error
    assert await Run.objects.acount() == 1
    await Run.objects.aupdate(state="succeeded")
    await PollCursor.objects.aupdate(due_at=DAY)
    # More of one key than the cap in one page: taken where there is room, or it never came in.
    many = [event("6", at=DAY, version=str(n)) for n in range(2, 6)]
    far_side.pages = [PollPage(events=[event("7", at=DAY), *many], cursor={"at": 2})]
    assert await poll() == 5
    assert far_side.cursors[-1] == {"at": 1}
    row = await PollCursor.objects.aget()
    assert (row.cursor, row.last_error) == ({"at": 2}, "")


async def test_a_far_side_that_is_away_is_asked_less_and_less_often(
    hot: World, cursor: PollCursor, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise UnavailableError("It is away.")

    trigger = catalog().trigger(NEWS)
    assert trigger is not None
    object.__setattr__(trigger, "poll", away)
    pauses = []
    for _ in range(3):
        await PollCursor.objects.aupdate(due_at=DAY)
        await poll()
        row = await PollCursor.objects.aget()
        pauses.append(row.due_at - timezone.now())
    assert row.last_error == "It is away."
    assert row.failures == 3
    assert pauses == sorted(pauses)


async def test_a_refused_credential_is_shown_on_the_connection(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    async def refuse(*_: Any) -> Any:
        raise AuthenticationError("The key is not accepted.")

    trigger = catalog().trigger(NEWS)
    assert trigger is not None
    object.__setattr__(trigger, "poll", refuse)
    await poll()
    await hot.connection.arefresh_from_db()
    assert hot.connection.state == "needs_attention"


async def test_without_an_active_listener_nobody_asks(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await Deployment.objects.all().aupdate(retired_at=DAY)
    assert await poll() == 0
    assert far_side.cursors == []


async def test_two_pollers_ask_once(hot: World, cursor: PollCursor, far_side: FarSide) -> None:
    far_side.pages = [PollPage(events=[event("6", at=DAY)], cursor={"at": 1})]
    assert sum(await asyncio.gather(poll(), poll())) == 1
    assert far_side.cursors == [None]


async def test_a_page_that_leads_to_itself_is_the_last(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await PollCursor.objects.aupdate(cursor={"at": 1})
    far_side.pages = [PollPage(events=[], cursor={"at": 1}, more=True)]
    await poll()
    assert far_side.cursors == [{"at": 1}]


@pytest.mark.parametrize(
    ("given", "seconds"),
    [(None, 60), ("PT5S", 5), ("PT2M", 120), (30, 30), ("nonsense", 60), (0.01, 1), ("", 60)],
)
def test_how_often_a_connection_is_polled(given: Any, seconds: int) -> None:
    assert polling.interval({"poll_interval": given}) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("quiet", "settings", "seconds"),
    [
        (0, {}, 10), (2, {}, 10), (3, {}, 20), (4, {}, 40), (5, {}, 60), (900, {}, 60),
        (5, {"poll_interval": "PT2S"}, 16), (9, {"poll_idle": "PT5M"}, 300),
        (9, {"poll_interval": "PT2M", "poll_idle": "PT1M"}, 120),
    ],
)  # fmt: skip
def test_a_quiet_far_side_is_asked_less_often(
    quiet: int, settings: dict[str, Any], seconds: int
) -> None:
    page = PollPage(events=[], cursor={}, default=timedelta(seconds=10), quiet=quiet)
    assert polling.pause_after(page, settings) == timedelta(seconds=seconds)


def test_a_page_names_the_setting_of_its_pause() -> None:
    page = PollPage(events=[], cursor={}, every="sweep_interval", default=timedelta(minutes=15))
    assert polling.pause_after(page, {"poll_interval": 5}) == timedelta(minutes=15)
    assert polling.pause_after(page, {"sweep_interval": "PT1H"}) == timedelta(hours=1)


async def test_the_page_says_when_the_next_poll_is_due(
    hot: World, cursor: PollCursor, far_side: FarSide
) -> None:
    await PollCursor.objects.aupdate(cursor={"at": 1})
    far_side.pages = [PollPage(events=[], cursor={"at": 2}, default=timedelta(hours=3), quiet=1)]
    before = timezone.now()
    await poll()
    due = (await PollCursor.objects.aget()).due_at
    assert timedelta(hours=3) <= due - before < timedelta(hours=3, minutes=1)
