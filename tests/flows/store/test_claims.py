import asyncio
import random
import re
from datetime import timedelta
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.models import Run
from flows.store import claims
from flows.store.claims import claim, claim_suspects, extend, release
from flows.store.pool import pool
from tests.flows.world import DAY, World, make_backlog, make_runs

runs_of = sync_to_async(make_runs)


async def states(*runs: Run) -> list[str]:
    found = {one.id: one.state async for one in Run.objects.filter(pk__in=[r.id for r in runs])}
    return [found[run.id] for run in runs]


async def end(*ids: UUID, state: str = "succeeded") -> None:
    await Run.objects.filter(pk__in=ids).aupdate(state=state, claim_token=None, lease_until=None)


async def test_a_claim_takes_due_runs_and_counts(hot: World) -> None:
    due, later = await runs_of(hot, [{}, {"due_at": timezone.now() + timedelta(hours=1)}])
    [claimed] = await claim(10, by="me")
    assert claimed.id == due.id
    assert claimed.next_seq == 1
    assert claimed.trigger["entity_id"] == "0"
    assert claimed.trigger["occurred_at"] == "2026-11-23T10:00:00Z"
    row = await Run.objects.aget(pk=due.id)
    assert (row.state, row.claims, row.claimed_by) == ("running", 1, "me")
    assert row.claim_token == claimed.token
    assert row.started_at is not None
    assert await states(later) == ["pending"]
    assert await claim(10, by="me") == []


async def test_claimers_at_the_same_time_share_nothing(hot: World) -> None:
    made = await runs_of(hot, [{} for _ in range(60)])
    batches = await asyncio.gather(*(claim(7, by=str(n)) for n in range(12)))
    claimed = [run.id for batch in batches for run in batch]
    assert len(claimed) == len(set(claimed)) == 60
    assert set(claimed) == {run.id for run in made}


async def test_a_lane_gives_one_run_at_a_time_in_source_order(hot: World) -> None:
    late, early, other = await runs_of(
        hot,
        [
            {"lane_key": "a", "source_time": DAY + timedelta(minutes=5)},
            {"lane_key": "a", "source_time": DAY},
            {"lane_key": "b"},
        ],
    )
    assert {run.id for run in await claim(10, by="me")} == {early.id, other.id}
    assert await claim(10, by="me") == []
    await end(early.id)
    assert [run.id for run in await claim(10, by="me")] == [late.id]


async def test_the_source_sequence_orders_within_one_second(hot: World) -> None:
    second, first = await runs_of(
        hot,
        [
            {"lane_key": "a", "source_time": DAY, "source_sequence": 9},
            {"lane_key": "a", "source_time": DAY, "source_sequence": 3},
        ],
    )
    assert [run.id for run in await claim(10, by="me")] == [first.id]
    assert await states(second) == ["pending"]


async def test_a_lane_is_not_shared_by_claimers_at_the_same_time(hot: World) -> None:
    await runs_of(hot, [{"lane_key": "a"} for _ in range(8)])
    for _ in range(8):
        batches = await asyncio.gather(*(claim(4, by=str(n)) for n in range(6)))
        [claimed] = [run for batch in batches for run in batch]
        await end(claimed.id)


async def test_an_earlier_run_that_comes_late_waits_for_the_one_at_work(hot: World) -> None:
    [second] = await runs_of(hot, [{"lane_key": "a", "source_time": DAY + timedelta(hours=1)}])
    assert [run.id for run in await claim(10, by="me")] == [second.id]
    [first] = await runs_of(hot, [{"lane_key": "a", "source_time": DAY}])
    assert await claim(10, by="me") == []
    await end(second.id)
    assert [run.id for run in await claim(10, by="me")] == [first.id]


async def test_a_waiting_run_releases_its_lane_and_comes_back_in_order(hot: World) -> None:
    hour = timezone.now() + timedelta(hours=1)
    waiting, second, third = await runs_of(
        hot,
        [{"lane_key": "a", "state": "waiting", "due_at": hour}, *[{"lane_key": "a"}] * 2],
    )
    assert [run.id for run in await claim(10, by="me")] == [second.id]
    await Run.objects.filter(pk=waiting.id).aupdate(due_at=DAY)
    assert await claim(10, by="me") == []  # due again, yet not beside the one at work
    await end(second.id)
    assert [run.id for run in await claim(10, by="me")] == [waiting.id]
    await end(waiting.id)
    assert [run.id for run in await claim(10, by="me")] == [third.id]


async def test_runs_without_a_lane_go_side_by_side(hot: World) -> None:
    await runs_of(hot, [{"lane": "", "lane_key": ""} for _ in range(5)])
    assert len(await claim(10, by="me")) == 5


async def test_a_run_that_lost_its_worker_parks_only_its_own_lane(hot: World) -> None:
    poisoned, behind, innocent = await runs_of(
        hot, [{"lane_key": "a", "alone": True}, {"lane_key": "a"}, {"lane_key": "b"}]
    )
    assert [run.id for run in await claim(10, by="me")] == [innocent.id]
    [suspect] = await claim_suspects(8, by="me")
    assert suspect.id == poisoned.id
    assert suspect.alone
    assert await claim_suspects(8, by="other") == []
    await end(poisoned.id, state="dead")
    assert [run.id for run in await claim(10, by="me")] == [behind.id]


async def test_a_long_lane_does_not_hide_the_others(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "WINDOW", 20)
    queue = await runs_of(hot, [{"lane_key": "long"} for _ in range(50)])
    [other] = await runs_of(hot, [{"lane_key": "short", "due_at": DAY + timedelta(hours=1)}])
    assert [run.id for run in await claim(10, by="me")] == [queue[0].id]
    # All that is seen first stands behind that one; the claim parks it and looks further.
    assert [run.id for run in await claim(10, by="me")] == [other.id]
    assert await Run.objects.filter(parked=True, state="pending").acount() >= 38


async def test_the_database_refuses_two_at_work_in_a_lane(hot: World) -> None:
    first, second = await runs_of(hot, [{"lane_key": "a"}, {"lane_key": "a"}])
    await claim(10, by="me")
    with pytest.raises(Exception, match="run_one_active_in_lane"):
        await Run.objects.filter(pk=second.id).aupdate(state="running")
    assert await states(first, second) == ["running", "pending"]


async def test_leases_are_extended_by_their_holder_only(hot: World) -> None:
    first, second = await runs_of(hot, [{}, {}])
    held = {run.id: run.token for run in await claim(10, by="me")}
    await Run.objects.filter(pk=second.id).aupdate(state="pending", claim_token=None)
    before = (await Run.objects.aget(pk=first.id)).lease_until
    assert await extend(held) == {second.id}
    after = (await Run.objects.aget(pk=first.id)).lease_until
    assert before is not None
    assert after is not None
    assert after > before


async def test_a_released_run_is_due_at_once(hot: World) -> None:
    await runs_of(hot, [{}])
    [claimed] = await claim(10, by="me")
    await release(claimed)
    [again] = await claim(10, by="you")
    assert again.id == claimed.id
    assert again.token != claimed.token
    assert not again.alone


async def test_a_claim_reads_the_due_runs_through_an_index(hot: World) -> None:
    """100,000 runs that wait must not be read one by one."""
    await sync_to_async(make_backlog)(hot.deployment, 5_000)  # and the planner knows of them
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(
            "EXPLAIN " + claims._CLAIM_COMPANY,
            {
                "limit": 32,
                "window": 64,
                "by": "me",
                "lease": claims.LEASE,
                "latest": True,
            },
        )
        plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert "Seq Scan on flows_run" not in plan
    assert "using run_due on" in plan
    # What stands ahead in a lane, and what is at work there: of the latter there are few anyway.
    assert "using run_lane_order on" in plan
    read = set(re.findall(r"using (\w+) on flows_run", plan))
    assert read <= {
        "run_due", "run_lane_order", "run_latest", "run_one_active_in_lane", "run_leased",
        "flows_run_pkey",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
async def test_any_interleaving_keeps_each_lane_in_order(hot: World, seed: int) -> None:
    """Claims, ends, waits and late arrivals in any order: of each lane one run at a time, and
    never a later one while an earlier one is due."""
    chance = random.Random(seed)
    pending = {run.id: run for run in await runs_of(hot, [{"lane_key": k} for k in "aabbbccaab"])}
    active: dict[UUID, Run] = {}
    while pending or active:
        if active and chance.random() < 0.5:
            ended = chance.choice(list(active))
            del active[ended]
            await end(ended)
            continue
        for claimed in await claim(chance.randint(1, 4), by="me"):
            run = pending.pop(claimed.id)
            assert run.lane_key not in {one.lane_key for one in active.values()}
            assert not [
                one
                for one in pending.values()
                if one.lane_key == run.lane_key and one.source_time < run.source_time
            ]
            active[run.id] = run


async def test_a_run_that_waits_keeps_its_place_where_the_lane_is_held(hot: World) -> None:
    """A later write must not overtake an earlier one that is being tried again."""
    later = timezone.now() + timedelta(hours=1)
    waits = {"state": "waiting", "due_at": later, "lane_key": "a"}
    held, behind, _, passes = await runs_of(
        hot,
        [
            {**waits, "holds_lane": True},
            {"lane_key": "a", "holds_lane": True},
            {**waits, "lane_key": "b"},
            {"lane_key": "b"},
        ],
    )
    assert [run.id for run in await claim(10, by="me")] == [passes.id]
    await end(held.id, passes.id)
    assert [run.id for run in await claim(10, by="me")] == [behind.id]


async def test_runs_alone_that_stand_behind_others_hide_no_other_one(hot: World) -> None:
    """Found by the machine: two of them kept every run whose worker had died from coming back."""
    later = timezone.now() + timedelta(hours=1)
    await runs_of(
        hot,
        [{"lane_key": k, "state": "waiting", "due_at": later, "holds_lane": True} for k in "abc"],
    )
    *_, free = await runs_of(hot, [{"lane_key": k, "alone": True} for k in "abcd"])
    [found] = await claim_suspects(8, by="me")
    assert found.id == free.id


async def test_suspects_of_whom_no_more_is_known_go_together(hot: World) -> None:
    known = [{"lane": "", "lane_key": "", "alone": True, "suspicion": n} for n in (0, 1, 0, 0, 2)]
    runs = await runs_of(hot, known)
    for n, run in enumerate(runs):
        due = timezone.now() - timedelta(seconds=60 - n)
        await Run.objects.filter(pk=run.id).aupdate(due_at=due)
    claims = [await claim_suspects(2, by=name) for name in ("a", "b", "c", "d")]
    assert [{one.id for one in some} for some in claims] == [
        {runs[0].id, runs[2].id},
        {runs[1].id},
        {runs[3].id},
        {runs[4].id},
    ]
    assert await claim_suspects(2, by="e") == []
