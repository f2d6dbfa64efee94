"""Of the runs of a lane that have not begun only the newest is carried, where the flow says so."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.models import FlowRollup, Run, RunEvent
from flows.store import superseding
from flows.store.claims import ClaimedRun, claim, release
from flows.store.pool import pool
from flows.store.superseding import SupersededRun
from tests.flows.world import DAY, World, deploy, make_runs

runs_of = sync_to_async(make_runs)
_lanes = itertools.count(1)


def row(second: int = 0, **more: Any) -> dict[str, Any]:
    at = DAY + timedelta(seconds=second)
    return {"lane_key": "a", "supersedable": True, "source_time": at, **more}


async def end(*ids: UUID) -> None:
    await Run.objects.filter(pk__in=ids).aupdate(
        state="succeeded", claim_token=None, lease_until=None
    )


async def left(run: Run) -> tuple[str, str]:
    found = await Run.objects.aget(pk=run.id)
    return found.state, found.outcome


async def test_of_many_that_have_not_begun_the_newest_is_carried(hot: World) -> None:
    told: list[SupersededRun] = []
    middle, newest, oldest, other = await runs_of(
        hot, [row(2), row(3), row(1), row(4, lane_key="b")]
    )
    claimed = await claim(10, by="me", tell=told.extend)
    claimed += await claim(10, by="me", tell=told.extend)
    assert {run.id for run in claimed} == {newest.id, other.id}
    for run in (oldest, middle):
        assert await left(run) == ("cancelled", f"superseded by {newest.id}")
        [event] = [one async for one in RunEvent.objects.filter(run=run)]
        assert (event.seq, event.type, event.data) == (1, "run_superseded", {"by": str(newest.id)})
        found = await Run.objects.aget(pk=run.id)
        assert (found.next_seq, found.claims, found.started_at) == (2, 0, None)
        assert found.ended_at is not None
        assert found.revision > run.revision
    assert {(one.id, one.by, one.seq) for one in told} == {
        (oldest.id, newest.id, 1),
        (middle.id, newest.id, 1),
    }
    rollup = await FlowRollup.objects.aget()
    assert (rollup.superseded, rollup.succeeded, rollup.failed) == (2, 0, 0)
    assert rollup.last_ended_at is None


async def test_a_lane_alone_is_taken_in_one_claim(hot: World) -> None:
    *_, newest = await runs_of(hot, [row(n) for n in range(20)])
    assert [run.id for run in await claim(10, by="me")] == [newest.id]
    assert await claim(10, by="me") == []


async def test_without_the_policy_every_run_is_carried(hot: World) -> None:
    first, second = await runs_of(hot, [row(1, supersedable=False), row(2, supersedable=False)])
    assert [run.id for run in await claim(10, by="me")] == [first.id]
    await end(first.id)
    assert [run.id for run in await claim(10, by="me")] == [second.id]


async def test_what_has_begun_is_never_superseded(hot: World) -> None:
    """It may have written something: only itself knows how to go on."""
    await runs_of(hot, [row(1)])
    [begun] = await claim(10, by="me")
    await release(begun)
    [newer] = await runs_of(hot, [row(2)])
    assert [run.id for run in await claim(10, by="me")] == [begun.id]
    assert await claim(10, by="me") == []
    await end(begun.id)
    assert [run.id for run in await claim(10, by="me")] == [newer.id]


async def test_nothing_is_superseded_by_what_has_begun(hot: World) -> None:
    [newer] = await runs_of(hot, [row(2)])
    assert [run.id for run in await claim(10, by="me")] == [newer.id]
    [late] = await runs_of(hot, [row(1)])
    await end(newer.id)
    assert [run.id for run in await claim(10, by="me")] == [late.id]


async def test_a_start_by_hand_neither_supersedes_nor_is_superseded(hot: World) -> None:
    old, by_hand, new = await runs_of(hot, [row(1), row(2, supersedable=False), row(3)])
    assert [run.id for run in await claim(10, by="me")] == [by_hand.id]
    assert (await left(old))[1] == f"superseded by {new.id}"
    await end(by_hand.id)
    assert [run.id for run in await claim(10, by="me")] == [new.id]


async def test_flows_that_share_a_lane_leave_each_other_alone(hot: World) -> None:
    document = {**hot.deployment.version.document, "slug": "other", "name": "Other"}
    other = await sync_to_async(deploy)(hot.environment, hot.connection, document)
    mine, theirs, newest = await runs_of(
        hot,
        [
            row(1),
            row(2, deployment=other, flow_id=other.flow_id, version_id=other.version_id),
            row(3),
        ],
    )
    assert [run.id for run in await claim(10, by="me")] == [theirs.id]
    assert (await left(mine))[1] == f"superseded by {newest.id}"
    await end(theirs.id)
    assert [run.id for run in await claim(10, by="me")] == [newest.id]


async def test_another_trigger_node_is_another_way_through_the_flow(hot: World) -> None:
    first, second = await runs_of(hot, [row(1, trigger_node="deleted"), row(2)])
    assert [run.id for run in await claim(10, by="me")] == [first.id]
    await end(first.id)
    assert [run.id for run in await claim(10, by="me")] == [second.id]


async def test_parked_runs_are_superseded_too_and_who_stood_behind_is_woken(hot: World) -> None:
    first, second, by_hand, newest = await runs_of(
        hot,
        [
            row(1),
            row(2, parked=True),
            row(3, supersedable=False, parked=True),
            row(4, parked=True),
        ],
    )
    assert [run.id for run in await claim(10, by="me")] == [by_hand.id]
    for run in (first, second):
        assert (await left(run))[1] == f"superseded by {newest.id}"
    await end(by_hand.id)
    assert [run.id for run in await claim(10, by="me")] == [newest.id]
    assert not await Run.objects.filter(parked=True).aexists()


async def test_a_newest_run_that_somebody_calls_off_meanwhile_supersedes_nothing(
    hot: World,
) -> None:
    old, newest = await runs_of(hot, [row(1), row(2)])
    async with (await pool()).connection() as connection, connection.transaction():
        await connection.execute(
            "UPDATE flows_run SET state = 'cancelled' WHERE id = %(id)s", {"id": newest.id}
        )
        assert [run.id for run in await claim(10, by="me")] == [old.id]
    assert (await left(newest))[0] == "cancelled"


async def test_a_long_lane_is_called_off_in_parts(hot: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(superseding, "MOST", 7)
    *old, newest = await runs_of(hot, [row(n) for n in range(30)])
    [claimed] = await claim(10, by="me")
    assert claimed.id == newest.id
    assert {await left(run) for run in old} == {("cancelled", f"superseded by {newest.id}")}
    assert (await FlowRollup.objects.aget()).superseded == 29


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[int, bool, list[str]]]:
    """News of one record in any order: its place at the source, whether a person made it, and what
    the workers do after it came."""
    count = draw(st.integers(1, 8))
    doings = st.lists(st.sampled_from(["claim", "end", "give back"]), max_size=3)
    by_hand = st.sampled_from([False, False, False, True])
    return [(place, draw(by_hand), draw(doings)) for place in draw(st.permutations(range(count)))]


@given(story=stories())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_in_any_order_the_last_version_is_carried_and_nothing_is_lost(
    hot: World, story: list[tuple[int, bool, list[str]]]
) -> None:
    await Run.objects.filter(state__in=["pending", "running"]).aupdate(state="failed")
    lane = f"lane-{next(_lanes)}"
    active: list[ClaimedRun] = []

    async def claim_twice() -> None:
        batches = await asyncio.gather(claim(3, by="me"), claim(3, by="you"))
        active.extend(run for batch in batches for run in batch)
        assert len(active) <= 1, "two of one lane at once"

    for place, by_hand, doings in story:
        await runs_of(hot, [row(place, lane_key=lane, supersedable=not by_hand)])
        for doing in doings:
            if doing == "claim":
                await claim_twice()
            elif active:
                run = active.pop()
                await (end(run.id) if doing == "end" else release(run))
    for _ in range(2 * len(story)):
        await claim_twice()
        if active:
            await end(active.pop().id)

    ended = {one.id: one async for one in Run.objects.filter(lane_key=lane)}
    carried = {id_ for id_, one in ended.items() if one.state == "succeeded"}
    for id_, one in ended.items():
        if id_ in carried:
            continue
        assert one.state == "cancelled"
        assert one.supersedable
        assert (one.claims, one.started_at) == (0, None)
        by = ended[UUID(one.outcome.removeprefix("superseded by "))]
        assert by.source_time > one.source_time
        assert by.supersedable
        while by.state == "cancelled":
            by = ended[UUID(by.outcome.removeprefix("superseded by "))]
        assert by.id in carried
    assert max(ended.values(), key=lambda one: one.source_time).id in carried
