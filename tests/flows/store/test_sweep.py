import asyncio
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.models import Delivery, FlowRollup, Run, RunEvent
from flows.store import claims
from flows.store.claims import claim, claim_suspects
from flows.store.sweep import APART, BACK, DEATHS, sweep
from tests.flows.world import DAY, World, make_runs

runs_of = sync_to_async(make_runs)


async def worker_dies() -> None:
    """Its leases end without anybody extending them."""
    past = timezone.now() - timedelta(seconds=1)
    await Run.objects.filter(state="running").aupdate(lease_until=past)


async def test_a_run_whose_worker_died_comes_back_alone(hot: World) -> None:
    [run] = await runs_of(hot, [{}])
    await claim(5, by="me")
    await worker_dies()
    swept = await sweep()
    assert (swept.orphaned, swept.quarantined) == (1, 0)
    row = await Run.objects.aget(pk=run.id)
    assert (row.state, row.alone, row.suspicion, row.claim_token) == ("pending", True, 0, None)
    assert await claim(5, by="me") == []
    assert await claim_suspects(8, by="me") == [], "its worker is not back yet"
    assert timedelta(0) < row.due_at - timezone.now() <= BACK
    await Run.objects.filter(pk=run.id).aupdate(due_at=DAY)
    assert await claim_suspects(8, by="me")


async def test_a_lease_that_holds_is_left(hot: World) -> None:
    await runs_of(hot, [{}])
    await claim(5, by="me")
    assert (await sweep()).orphaned == 0
    assert timedelta(seconds=5) < claims.LEASE


async def test_deaths_in_solitude_end_in_quarantine(hot: World) -> None:
    [run] = await runs_of(hot, [{"alone": True, "next_seq": 4}])
    for _ in range(DEATHS):
        assert await claim_suspects(8, by="me")
        await worker_dies()
        await sweep()
        assert await claim_suspects(8, by="me") == [], "its worker is not back yet"
        due = (await Run.objects.aget(pk=run.id)).due_at
        assert timedelta(0) < due - timezone.now() <= APART
        await Run.objects.filter(pk=run.id).aupdate(due_at=DAY)
    row = await Run.objects.aget(pk=run.id)
    assert (row.state, row.suspicion) == ("dead", DEATHS + 1)
    assert row.error["code"] == "quarantined"
    assert row.ended_at is not None
    event = await RunEvent.objects.aget(run_id=run.id)
    assert (event.seq, event.type, row.next_seq) == (4, "run_dead", 5)
    assert (await FlowRollup.objects.aget()).failed == 1
    assert await claim_suspects(8, by="me") == []


async def test_only_deaths_in_solitude_count(hot: World) -> None:
    [run] = await runs_of(hot, [{}])
    await claim(5, by="me")
    for _ in range(DEATHS):
        await worker_dies()
        await sweep()
        assert (await Run.objects.aget(pk=run.id)).state == "pending"
        await Run.objects.filter(pk=run.id).aupdate(due_at=DAY)
        assert await claim_suspects(8, by="me")


async def test_a_death_among_suspects_sends_each_of_them_into_solitude(hot: World) -> None:
    runs = await runs_of(hot, [{"lane": "", "lane_key": "", "alone": True} for _ in range(4)])
    assert len(await claim_suspects(8, by="me")) == 4
    await worker_dies()
    await sweep()
    assert {row.suspicion async for row in Run.objects.all()} == {1}
    await Run.objects.all().aupdate(due_at=DAY)
    assert len(await claim_suspects(8, by="me")) == 1
    assert len(runs) == 4


async def test_who_was_left_with_the_worker_was_alone_with_it(hot: World) -> None:
    """The others of its group had ended by then: nothing but this run can have done it."""
    first, *others = await runs_of(
        hot, [{"lane": "", "lane_key": "", "alone": True} for _ in range(3)]
    )
    await claim_suspects(8, by="me")
    for one in others:
        await Run.objects.filter(pk=one.id).aupdate(state="succeeded", claimed_by="")
    await worker_dies()
    await sweep()
    assert (await Run.objects.aget(pk=first.id)).suspicion == 2


async def test_sweeps_at_the_same_time_do_each_thing_once(hot: World) -> None:
    await runs_of(hot, [{} for _ in range(10)])
    await claim(10, by="me")
    await worker_dies()
    swept = await asyncio.gather(*(sweep() for _ in range(4)))
    assert sum(one.orphaned for one in swept) == 10
    assert await Run.objects.filter(state="pending", suspicion=0).acount() == 10
    assert (await sweep()).orphaned == 0


async def test_parked_runs_of_idle_lanes_are_woken_one_a_lane(hot: World) -> None:
    parked = {"parked": True}
    rows = await runs_of(
        hot,
        [
            {"lane_key": "a", **parked},
            {"lane_key": "a", **parked},
            {"lane_key": "b", **parked},
            {"lane_key": "c"},
            {"lane_key": "c", **parked},
        ],
    )
    await claim(1, by="me")  # c is at work
    assert (await sweep()).woken == 2
    still = [one.id async for one in Run.objects.filter(parked=True).order_by("id")]
    assert still == sorted([rows[1].id, rows[4].id])


async def test_old_deliveries_are_trimmed(hot: World) -> None:
    now = timezone.now()
    for days in (1, 29, 31, 90):
        await Delivery.objects.acreate(
            connection=hot.connection,
            delivery_id=f"d{days}",
            received_at=now - timedelta(days=days),
        )
    assert (await sweep()).trimmed == 2
    assert {one.delivery_id async for one in Delivery.objects.all()} == {"d1", "d29"}
