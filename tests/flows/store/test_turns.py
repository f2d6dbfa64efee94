"""Turns: a long backlog takes nobody's place, and what people started comes first."""

import time
from collections import Counter
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.models import Deployment, Run
from flows.store import claims
from flows.store.claims import ClaimedRun, anything_due, claim
from tests.flows.example import document
from tests.flows.world import DAY, World, deploy, make_backlog, make_runs

LONG: Final = 20_000
backlog = sync_to_async(make_backlog)


async def flow(hot: World, slug: str, **more: Any) -> Deployment:
    return await sync_to_async(deploy)(hot.environment, hot.connection, document(slug), **more)


async def runs_of(hot: World, deployment: Deployment, *rows: dict[str, Any]) -> list[Run]:
    own = {
        "deployment": deployment,
        "flow_id": deployment.flow_id,
        "version_id": deployment.version_id,
    }
    return await sync_to_async(make_runs)(hot, [{**own, **row} for row in rows])


def places(claimed: list[ClaimedRun]) -> Counter[UUID]:
    return Counter(run.deployment_id for run in claimed)


async def test_behind_a_long_backlog_another_flow_is_claimed_at_once(hot: World) -> None:
    other = await flow(hot, "other")
    await backlog(hot.deployment, LONG)
    assert places(await claim(32, by="me")) == {hot.deployment.id: 32}
    [run] = await runs_of(hot, other, {"due_at": timezone.now()})
    claimed = await claim(32, by="me")
    assert run.id in {one.id for one in claimed}
    assert len(claimed) == 32
    # Also where a worker has room for a few only.
    [run] = await runs_of(hot, other, {"due_at": timezone.now(), "lane_key": "few"})
    claimed = await claim(2, by="me") + await claim(2, by="me")
    assert run.id in {one.id for one in claimed}


async def test_a_long_backlog_and_many_that_wait_cost_a_claim_nothing(hot: World) -> None:
    async def least(times: int = 12) -> float:
        took = []
        for _ in range(times):
            begun = time.perf_counter()
            assert len(await claim(16, by="me")) == 16
            took.append(time.perf_counter() - begun)
        return min(took)

    await backlog(hot.deployment, 500)
    short = await least()
    later = timezone.now() + timedelta(days=1)
    for slug in ("one", "two", "three"):
        await backlog(await flow(hot, slug), 5000, due=later, state="waiting")
    await backlog(hot.deployment, LONG)
    assert await least() < 4 * short


async def test_weights_say_how_much_each_flow_gets(hot: World) -> None:
    heavy = await flow(hot, "heavy", weight=30)
    await backlog(hot.deployment, 300)  # weight 10
    await backlog(heavy, 300)
    taken: Counter[UUID] = Counter()
    for _ in range(20):
        taken += places(await claim(8, by="me"))
    assert taken.total() == 160
    assert 105 <= taken[heavy.id] <= 135


async def test_the_lightest_flow_comes_to_its_turn_beside_the_heaviest(hot: World) -> None:
    light, heavy = await flow(hot, "light", weight=1), await flow(hot, "heavy", weight=100)
    await backlog(heavy, 3000)
    await backlog(light, 30)
    taken: Counter[UUID] = Counter()
    while light.id not in taken:
        taken += places(await claim(16, by="me"))
        assert taken.total() < 3000


async def test_who_has_few_runs_leaves_its_room_to_the_others(hot: World) -> None:
    await backlog(hot.deployment, 200)
    for n in range(6):
        await runs_of(hot, await flow(hot, f"few-{n}"), {"lane_key": f"few-{n}"})
    claimed = places(await claim(32, by="me"))
    assert claimed.total() == 32
    assert claimed[hot.deployment.id] == 26
    assert places(await claim(32, by="me")) == {hot.deployment.id: 32}


async def test_one_claim_at_a_time_serves_every_flow_in_the_long_run(hot: World) -> None:
    flows = [await flow(hot, f"flow-{n}") for n in range(3)]
    for one in flows:
        await backlog(one, 100)
    taken: Counter[UUID] = Counter()
    for _ in range(60):
        taken += places(await claim(1, by="me"))
    assert set(taken) == {one.id for one in flows}
    assert min(taken.values()) >= 5


async def test_a_long_lane_of_a_flow_hides_none_of_its_other_lanes(hot: World) -> None:
    """Also while another flow always has something to claim."""
    other = await flow(hot, "other")
    await runs_of(hot, hot.deployment, *[{"lane_key": "long"}] * 300)
    [hidden] = await runs_of(hot, hot.deployment, {"lane_key": "free", "due_at": timezone.now()})
    await backlog(other, 3000)
    for _ in range(60):
        if hidden.id in {run.id for run in await claim(8, by="me")}:
            break
    assert (await Run.objects.aget(pk=hidden.id)).state == "running"
    assert await Run.objects.filter(deployment=other, state="running").acount() > 100
    assert await Run.objects.filter(lane_key="long", state="running").acount() == 1


async def test_many_flows_with_one_run_each_in_a_busy_lane_hide_no_other_flow(hot: World) -> None:
    """Each has few runs and no more; what there is no room for is a flow, not a run of one."""
    await runs_of(hot, hot.deployment, {"lane_key": "busy"})
    [first] = await claim(1, by="me")
    for n in range(12):
        await runs_of(hot, await flow(hot, f"behind-{n}"), {"lane_key": "busy"})
    free = await flow(hot, "free")
    rows = [{"lane_key": f"free-{n}"} for n in range(8)]
    await runs_of(hot, free, *rows)
    for _ in rows:
        assert places(await claim(1, by="me")) == {free.id: 1}
    assert first.deployment_id == hot.deployment.id


async def test_flows_that_all_stand_behind_others_are_seen_past_at_last(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "WINDOW", 4)
    await runs_of(hot, hot.deployment, {"lane_key": "busy"})
    assert len(await claim(1, by="me")) == 1
    for n in range(12):
        await runs_of(hot, await flow(hot, f"behind-{n}"), {"lane_key": "busy"})
    free = await flow(hot, "free")
    await runs_of(hot, free, {"lane_key": "free"})
    assert places(await claim(1, by="me")) == {free.id: 1}


async def test_what_a_person_started_goes_first(hot: World) -> None:
    await backlog(hot.deployment, 1000)
    [run] = await runs_of(hot, hot.deployment, {"urgent": True, "due_at": timezone.now()})
    assert [one.id for one in await claim(1, by="me")] == [run.id]


async def test_what_a_person_started_keeps_the_order_of_its_lane(hot: World) -> None:
    first, urgent = await runs_of(
        hot, hot.deployment, {"lane_key": "a"}, {"lane_key": "a", "urgent": True}
    )
    assert [one.id for one in await claim(5, by="me")] == [first.id]
    assert await claim(5, by="me") == []
    await Run.objects.filter(pk=first.pk).aupdate(
        state="succeeded", claim_token=None, lease_until=None
    )
    assert [one.id for one in await claim(5, by="me")] == [urgent.id]


async def test_a_script_that_starts_runs_by_hand_stops_nobody(hot: World) -> None:
    await backlog(hot.deployment, 400)
    await runs_of(hot, await flow(hot, "by-hand"), *[{"urgent": True}] * 300)
    await Run.objects.filter(urgent=True).aupdate(lane="")
    taken: Counter[UUID] = Counter()
    for _ in range(8):
        taken += places(await claim(32, by="me"))
    assert taken.total() == 256
    assert 4 <= taken[hot.deployment.id] <= 40


@pytest.mark.parametrize("row", [{}, {"urgent": True}, {"alone": True}, {"state": "waiting"}])
async def test_whatever_is_due_is_seen(hot: World, row: dict[str, Any]) -> None:
    later = timezone.now() + timedelta(hours=1)
    [run] = await runs_of(hot, hot.deployment, {**row, "due_at": later})
    assert not await anything_due()
    await Run.objects.filter(pk=run.pk).aupdate(due_at=DAY)
    assert await anything_due()
    await Run.objects.filter(pk=run.pk).aupdate(state="succeeded")
    assert not await anything_due()
