import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from flows import schedules
from flows.dispatch import accepting, worker
from flows.models import Deployment, Listener, Run, TriggerEvent
from tests.flows.world import World, deploy

MORNING = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # one hour before Berlin's clocks go back


def document(**params: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "slug": "nightly",
        "name": "Nightly",
        "connections": {},
        "settings": {},
        "nodes": [
            {
                "id": "tick",
                "type": "flow.schedule@1",
                "name": "Tick",
                "params": {"cron": "30 2 * * *", "zone": "Europe/Berlin", **params},
            },
            {
                "id": "end",
                "type": "flow.stop@1",
                "name": "End",
                "params": {"outcome": "{{ tick.local }}"},
            },
        ],
        "edges": [{"from": "tick", "port": "out", "to": "end"}],
    }


def put_to_work(world: World, *, since: datetime = MORNING, **params: Any) -> Deployment:
    deployment = deploy(world.environment, world.connection, document(**params))
    Listener.objects.filter(deployment=deployment).update(connection=None)
    Deployment.objects.filter(pk=deployment.pk).update(deployed_at=since)
    schedules._rests.clear()
    return deployment


@pytest.fixture
async def nightly(hot: World) -> Deployment:
    return await sync_to_async(put_to_work)(hot)


async def ticks() -> list[str]:
    found = TriggerEvent.objects.filter(type="flow.schedule@1").order_by("source_time")
    return [one.version async for one in found]


async def test_a_tick_becomes_one_event_and_one_run(hot: World, nightly: Deployment) -> None:
    assert await schedules.start_due(MORNING) == 0
    assert await schedules.start_due(MORNING + timedelta(minutes=30)) == 1
    event = await TriggerEvent.objects.aget()
    assert (event.source, event.connection_id, event.entity_id) == (
        "schedule",
        None,
        "nightly.tick",
    )
    assert event.data == {
        "tick": "2026-10-25T00:30:00Z",
        "local": "2026-10-25T02:30:00+02:00",
        "zone": "Europe/Berlin",
        "missed": False,
    }
    await worker.drain()
    run = await Run.objects.aget()
    assert (run.state, run.outcome) == ("succeeded", "2026-10-25T02:30:00+02:00")


async def test_the_hour_that_comes_twice_brings_one_tick(hot: World, nightly: Deployment) -> None:
    for minute in range(0, 24 * 60 + 121, 10):
        await schedules.start_due(MORNING + timedelta(minutes=minute, seconds=5))
    assert await ticks() == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]


async def test_the_hour_that_is_skipped_does_not_swallow_the_tick(hot: World) -> None:
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    await sync_to_async(put_to_work)(hot, since=spring)
    for minute in range(0, 24 * 60, 10):
        await schedules.start_due(spring + timedelta(minutes=minute, seconds=5))
    assert await ticks() == ["2026-03-29T01:30:00Z"]


async def test_two_beats_at_once_start_a_tick_once(hot: World, nightly: Deployment) -> None:
    now = MORNING + timedelta(minutes=30, seconds=1)
    made = await asyncio.gather(*(schedules.start_due(now) for _ in range(8)))
    assert sum(made) == 1
    schedules._rests.clear()  # another process
    assert await schedules.start_due(now) == 0
    assert await Run.objects.acount() == 1


async def test_a_new_deployment_does_not_repeat_a_tick(hot: World, nightly: Deployment) -> None:
    now = MORNING + timedelta(minutes=30, seconds=1)
    await schedules.start_due(now)
    await Deployment.objects.filter(pk=nightly.pk).aupdate(retired_at=now)
    await sync_to_async(put_to_work)(hot, missed="all")
    assert await schedules.start_due(now) == 0
    assert await schedules.start_due(now + timedelta(days=1, hours=1)) == 1


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, []),
        ({"missed": "once"}, ["2026-10-28T01:30:00Z"]),
        ({"missed": "all", "max_missed": 2}, ["2026-10-27T01:30:00Z", "2026-10-28T01:30:00Z"]),
    ],
)
async def test_missed_ticks_go_by_the_policy(
    hot: World, params: dict[str, Any], expected: list[str]
) -> None:
    await sync_to_async(put_to_work)(hot, **params)
    later = MORNING + timedelta(days=3, hours=5)
    await schedules.start_due(later)
    assert await ticks() == expected
    async for event in TriggerEvent.objects.all():
        assert event.data["missed"] is True
    schedules._rests.clear()
    assert await schedules.start_due(later + timedelta(seconds=2)) == 0


async def test_a_tick_waits_for_a_full_backlog(hot: World, nightly: Deployment) -> None:
    now = MORNING + timedelta(minutes=30)
    await Deployment.objects.filter(pk=nightly.pk).aupdate(backlog_cap=0)
    accepting._backlogs._full.clear()
    assert await schedules.start_due(now) == 0
    await Deployment.objects.filter(pk=nightly.pk).aupdate(backlog_cap=10)
    accepting._backlogs._full.clear()
    assert await schedules.start_due(now + timedelta(seconds=20)) == 1


async def test_a_tick_waits_for_a_full_lane(hot: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = {"name": "night", "key": "{{ trigger.entity_id }}", "cap": 1}
    made = {**document(missed="all"), "settings": {"lane": lane}}
    monkeypatch.setattr(f"{__name__}.document", lambda **_: made)
    await sync_to_async(put_to_work)(hot)
    assert await schedules.start_due(MORNING + timedelta(minutes=30)) == 1
    assert await schedules.start_due(MORNING + timedelta(days=1, hours=2)) == 0
    await Run.objects.aupdate(state="succeeded")
    assert await schedules.start_due(MORNING + timedelta(days=1, hours=2, minutes=1)) == 1
    assert len(await ticks()) == 2


async def test_a_start_by_hand_is_no_tick(hot: World, nightly: Deployment) -> None:
    now = MORNING + timedelta(minutes=30)
    await TriggerEvent.objects.acreate(
        environment=hot.environment,
        source="manual",
        type="flow.schedule@1",
        change="updated",
        system="",
        entity="schedule",
        entity_id="nightly.tick",
        version="manual:1",
        data={},
        source_time=now,
        accepted_at=now,
    )
    assert await schedules.start_due(now) == 1


async def test_a_retired_schedule_is_silent(hot: World, nightly: Deployment) -> None:
    await Deployment.objects.filter(pk=nightly.pk).aupdate(retired_at=MORNING)
    assert await schedules.start_due(MORNING + timedelta(minutes=30)) == 0
    assert schedules._rests == {}


async def test_a_schedule_that_breaks_holds_up_no_other(hot: World, nightly: Deployment) -> None:
    for params in ({}, {"cron": "30 2 * * *", "zone": "Europe/Bremerhaven"}):
        broken = await sync_to_async(deploy)(
            hot.environment, hot.connection, {**document(), "slug": f"broken-{len(params)}"}
        )
        # Their ids are older than that of the schedule that works.
        await Listener.objects.filter(deployment=broken).aupdate(connection=None, params=params)
    await Listener.objects.filter(deployment=nightly).adelete()
    await Listener.objects.acreate(
        deployment=nightly,
        node="tick",
        trigger_type="flow.schedule@1",
        params={"cron": "0 1 * * *"},
    )
    assert await schedules.start_due(MORNING + timedelta(hours=1)) == 1
