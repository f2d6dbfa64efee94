"""News in, effects out: acceptance, claims, the engine and the journal together."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from connectors.connections.models import Connection
from connectors.sdk.errors import AuthenticationError, RateLimitedError, RejectedError
from flows.dispatch import worker
from flows.dispatch.accepting import Arrival, accept
from flows.dispatch.drain import Drain
from flows.engine.problem import FlowInvalidError, Problem
from flows.models import Deployment, FlowRollup, Receipt, Run, RunEvent
from flows.protection.reading import resume
from flows.store.claims import ClaimedRun, claim
from flows.store.sweep import sweep
from flows.store.writer import EndRow, Entry, commit
from tests.flows.example import FarSide, event
from tests.flows.world import DAY, World, make_runs


async def bring(hot: World, *ids: str, version: str = "1") -> None:
    await asyncio.gather(
        *(
            accept(
                Arrival(
                    environment_id=hot.environment.id,
                    connection_id=hot.connection.id,
                    source="hook",
                    system=hot.connection.system,
                    events=[event(id_, at=DAY, version=version)],
                )
            )
            for id_ in ids
        )
    )


async def kinds(run: Run) -> list[str]:
    return [one.type async for one in RunEvent.objects.filter(run=run).order_by("seq")]


async def test_news_becomes_an_effect_with_a_receipt(hot: World, far_side: FarSide) -> None:
    await bring(hot, "6")
    assert await worker.drain() == 1
    run = await Run.objects.aget()
    assert run.state == "succeeded"
    [(touched, key)] = far_side.touched
    assert touched == "6"
    receipt = await Receipt.objects.aget()
    assert (receipt.effect_key, receipt.verdict, receipt.record_id) == (key, "confirmed", "6")
    events = [one async for one in RunEvent.objects.order_by("seq")]
    assert [one.seq for one in events] == list(range(1, len(events) + 1))
    assert events[0].type == "run_started"
    assert events[-1].type == "run_succeeded"
    assert run.next_seq == len(events) + 1
    rollup = await FlowRollup.objects.aget()
    assert (rollup.succeeded, rollup.confirmed) == (1, 1)


async def test_many_runs_are_carried_at_once(hot: World, far_side: FarSide) -> None:
    await bring(hot, *(str(n) for n in range(80)))
    assert await worker.drain() == 80
    assert sorted(int(one) for one, _ in far_side.touched) == list(range(80))
    assert await Run.objects.filter(state="succeeded").acount() == 80
    assert (await FlowRollup.objects.aget()).succeeded == 80


async def test_of_one_lane_no_two_run_at_the_same_time(hot: World, far_side: FarSide) -> None:
    at_work = 0

    async def slow(_: Mapping[str, Any]) -> None:
        nonlocal at_work
        at_work += 1
        assert at_work == 1
        await asyncio.sleep(0)
        at_work -= 1

    far_side.behave = slow
    for version in "abcde":
        await bring(hot, "6", version=version)
    assert await worker.drain() == 5
    assert await Run.objects.filter(state="succeeded").acount() == 5


async def test_a_rejection_makes_a_dead_letter_that_says_where(
    hot: World, far_side: FarSide
) -> None:
    async def refuse(_: Mapping[str, Any]) -> None:
        raise RejectedError("There is no such thing.", code="no_thing")

    far_side.behave = refuse
    await bring(hot, "6")
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "dead"
    assert (run.error["code"], run.error["node"]) == ("no_thing", "touch")
    assert (await FlowRollup.objects.aget()).failed == 1


async def test_a_far_side_that_is_away_is_asked_again_later(hot: World, far_side: FarSide) -> None:
    async def away(_: Mapping[str, Any]) -> None:
        raise RateLimitedError("Come back later.", retry_after=timedelta(minutes=50))

    far_side.behave = away
    await bring(hot, "6")
    await worker.drain()
    run = await Run.objects.aget()
    assert (run.state, run.claim_token) == ("waiting", None)
    assert run.due_at > timezone.now() + timedelta(minutes=40)
    assert await worker.drain() == 0
    await Run.objects.aupdate(due_at=DAY)
    assert await worker.drain() == 1
    assert (await Run.objects.aget()).claims == 2


async def test_a_refused_credential_is_shown_on_the_connection(
    hot: World, far_side: FarSide
) -> None:
    async def refuse(_: Mapping[str, Any]) -> None:
        raise AuthenticationError("The key is not accepted.")

    far_side.behave = refuse
    await bring(hot, "6")
    await worker.drain()
    connection = await Connection.objects.aget()
    assert connection.state == "needs_attention"
    assert connection.state_message == "The key is not accepted."
    far_side.behave = None
    await bring(hot, "7")
    await worker.drain()
    held = await Run.objects.aget(lane_key="7")
    assert held.state == "waiting"
    assert "attempt_started" not in await kinds(held)
    waits = await RunEvent.objects.aget(run=held, type="run_waiting")
    assert waits.data["reason"] == "connection"
    # A person repaired and checked it; the next worker that looks knows.
    await sync_to_async(resume)(str(connection.id))
    await worker.close_kit()
    await Run.objects.filter(id=held.id).aupdate(due_at=timezone.now())
    await worker.drain()
    assert (await Run.objects.aget(id=held.id)).state == "succeeded"
    assert (await Connection.objects.aget()).state == "healthy"


async def test_an_effect_whose_answer_was_lost_is_looked_up_and_not_repeated(
    hot: World, far_side: FarSide
) -> None:
    """The worker dies after the write left and before its outcome is stored."""
    carried = asyncio.Event()

    async def hang(_: Mapping[str, Any]) -> None:
        carried.set()
        await asyncio.sleep(3600)

    far_side.behave = hang
    await bring(hot, "6")
    [claimed] = await claim(1, by="the one that dies")
    task = asyncio.create_task(worker.kit().carrier.carry(claimed))
    await carried.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    run = await Run.objects.aget()
    [started] = [one async for one in RunEvent.objects.filter(type="attempt_started", node="touch")]
    far_side.touched.append(("6", started.data["effect_key"]))  # it did arrive
    far_side.behave = None
    await Run.objects.aupdate(lease_until=DAY)
    await sweep()
    await Run.objects.aupdate(due_at=DAY)
    assert await worker.drain() == 1
    await Run.objects.filter(state="waiting").aupdate(due_at=DAY)
    await worker.drain()
    run = await Run.objects.aget()
    assert (run.state, run.alone, run.claims >= 2) == ("succeeded", False, True)
    assert len(far_side.touched) == 1
    assert "probe_finished" in await kinds(run)
    assert await Receipt.objects.acount() == 1


async def test_a_run_of_a_version_that_no_longer_compiles_says_so(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise FlowInvalidError([Problem(code="gone", pointer="", message="example is gone.")])

    await sync_to_async(make_runs)(hot, [{}])
    monkeypatch.setattr("flows.dispatch.plans.compile_flow", refuse)
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "dead"
    assert run.error["code"] == "flow_invalid"
    assert await kinds(run) == ["run_dead"]


async def test_a_failure_of_our_own_is_written_without_its_text(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(**_: Any) -> None:
        raise RuntimeError("the customer's name")

    await sync_to_async(make_runs)(hot, [{}])
    monkeypatch.setattr("flows.dispatch.carry.drive", broken)
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "dead"
    assert run.error["code"] == "unexpected"
    assert "customer" not in str(run.error)


async def test_a_slot_that_nothing_is_bound_to_is_named(hot: World) -> None:
    await Deployment.objects.all().aupdate(bindings={})
    await bring(hot, "6")
    await worker.drain()
    run = await Run.objects.aget()
    assert (run.state, run.error["code"]) == ("dead", "slot_unbound")


async def test_suspects_have_only_each_other_for_company(hot: World) -> None:
    together: list[tuple[bool, int]] = []
    active = 0

    async def carry(run: ClaimedRun) -> None:
        nonlocal active
        active += 1
        together.append((run.alone, active))
        await asyncio.sleep(0.01)
        active -= 1

    await sync_to_async(make_runs)(
        hot,
        [{"alone": True, "suspicion": n} for n in (0, 0, 1)] + [{}, {}, {}],
    )
    one = Drain(carry, concurrency=8, wake_another=lambda: None, slice_=0.5)
    await one.run()
    assert [count for alone, count in together if alone] == [1, 2, 1]
    assert len(together) == 6
    assert max(count for _, count in together) == 3


async def test_a_drain_carries_no_more_at_once_than_it_may(hot: World) -> None:
    active = most = 0

    async def carry(_: ClaimedRun) -> None:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await asyncio.sleep(0.005)
        active -= 1

    await sync_to_async(make_runs)(hot, [{} for _ in range(20)])
    one = Drain(carry, concurrency=4, wake_another=lambda: None, slice_=5)
    assert await one.run() is False
    assert (one.carried, most) == (20, 4)


async def test_a_run_that_ends_while_others_are_looked_for_leaves_none_behind(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim saw its lane taken; when it came back nothing was carried any more."""
    first, second = await sync_to_async(make_runs)(hot, [{"lane_key": "a"}, {"lane_key": "a"}])
    may_end = asyncio.Event()
    carried: list[UUID] = []

    async def carry(run: ClaimedRun) -> None:
        await may_end.wait()
        end = EndRow(state="succeeded", due_at=None, outcome="", error=None)
        await commit([Entry(run_id=run.id, token=run.token, end=end)])
        carried.append(run.id)

    async def late(*args: Any, **more: Any) -> list[ClaimedRun]:
        found = await claim(*args, **more)
        if not found and not may_end.is_set():
            may_end.set()
            await asyncio.wait(list(one._active))
        return found

    monkeypatch.setattr("flows.dispatch.drain.claims.claim", late)
    one = Drain(carry, concurrency=4, wake_another=lambda: None, slice_=5)
    assert await one.run() is False
    assert carried == [first.id, second.id]


async def test_a_stopped_drain_ends_what_it_carries_and_claims_nothing_more(hot: World) -> None:
    await sync_to_async(make_runs)(hot, [{} for _ in range(3)])

    async def carry(_: ClaimedRun) -> None:
        one.stop()
        await asyncio.sleep(0.01)

    one = Drain(carry, concurrency=1, wake_another=lambda: None, slice_=5)
    await one.run()
    assert one.carried == 1
    assert await Run.objects.filter(state="pending").acount() == 2


async def test_a_full_batch_wakes_another_worker(hot: World) -> None:
    woken: list[int] = []

    async def carry(_: ClaimedRun) -> None:
        await asyncio.sleep(0)

    await sync_to_async(make_runs)(hot, [{} for _ in range(40)])
    await Drain(carry, concurrency=64, wake_another=lambda: woken.append(1), slice_=5).run()
    assert len(woken) == 1


async def test_a_run_whose_lease_was_lost_is_stopped(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.dispatch.drain._HEARTBEAT", 0.01)
    stopped = asyncio.Event()

    async def carry(run: ClaimedRun) -> None:
        try:
            await Run.objects.filter(pk=run.id).aupdate(claim_token=None, state="cancelled")
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            stopped.set()
            raise

    await sync_to_async(make_runs)(hot, [{}])
    await Drain(carry, concurrency=4, wake_another=lambda: None, slice_=5).run()
    assert stopped.is_set()
