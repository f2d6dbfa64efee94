"""The passes that keep house, over flows that keep for different times."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.dispatch import keeping
from flows.dispatch.keeping import keep_house
from flows.models import Flow, Run, RunEvent
from flows.store import expiry
from tests.flows.example import document
from tests.flows.store.test_day_tables import days  # noqa: F401 - a fixture
from tests.flows.store.test_expiry import old
from tests.flows.world import World, deploy


async def other_flow(hot: World, keep_days: int | None) -> dict[str, Any]:
    made = await sync_to_async(deploy)(hot.environment, hot.connection, document("other"))
    await Flow.objects.filter(pk=made.flow_id).aupdate(keep_days=keep_days)
    return {"deployment": made, "flow_id": made.flow_id, "version_id": made.version_id}


async def test_each_flow_keeps_for_its_own_time(days: World) -> None:  # noqa: F811
    other = await other_flow(days, 10)
    await old(days, {}, ago=timedelta(days=100))
    [own] = await old(days, {"lane_key": "own"}, ago=timedelta(days=40))
    await old(days, {**other, "lane_key": "short"}, ago=timedelta(days=40))
    [young] = await old(days, {**other, "lane_key": "young"}, ago=timedelta(days=5))
    kept = await keep_house(timezone.now(), keep_days=90)
    assert (kept.runs, kept.more) == (2, False)
    assert {run.id async for run in Run.objects.all()} == {own.id, young.id}


async def test_who_keeps_for_ever_keeps_the_days_too(days: World) -> None:  # noqa: F811
    await other_flow(days, 0)
    now = timezone.now()
    await keep_house(now - timedelta(days=40), keep_days=30)
    [run] = await old(days, {})
    kept = await keep_house(now, keep_days=30)
    assert (kept.runs, kept.days) == (1, [])
    assert await RunEvent.objects.filter(run_id=run.id).acount() == 0


async def test_days_are_dropped_when_nobody_keeps_them(days: World) -> None:  # noqa: F811
    now = timezone.now()
    await keep_house(now - timedelta(days=40), keep_days=30)
    [run] = await old(days, {})
    kept = await keep_house(now, keep_days=30)
    assert kept.runs == 1
    assert f"flows_runevent_{now - timedelta(days=40):%Y%m%d}" in kept.days
    assert await RunEvent.objects.filter(run_id=run.id).acount() == 0
    again = await keep_house(now, keep_days=30)
    assert (again.runs, again.days) == (0, [])


async def test_nothing_goes_where_all_is_kept(days: World) -> None:  # noqa: F811
    await old(days, {}, ago=timedelta(days=4000))
    kept = await keep_house(timezone.now(), keep_days=0)
    assert (kept.runs, kept.days) == (0, [])


async def test_a_pass_ends_in_time_and_the_next_one_goes_on(
    days: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expiry, "MOST", 2)
    monkeypatch.setattr(keeping, "_SLICE", 0.0)
    await old(days, *[{}] * 5)
    passes = []
    for _ in range(6):
        kept = await keep_house(timezone.now(), keep_days=30)
        passes.append((kept.runs, kept.more))
        if not kept.more:
            break
    assert passes == [(2, True), (2, True), (1, False)]
