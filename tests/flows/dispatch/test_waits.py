"""Steps that wait for news: from acceptance to the step that goes on."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.actors import system
from connectors.sdk.errors import RejectedError
from flows.dispatch import carry, worker
from flows.dispatch.accepting import Arrival, accept
from flows.models import (
    AwaitedNews,
    Deployment,
    HeardNews,
    Run,
    RunEvent,
    TriggerEvent,
    Wait,
)
from flows.services.replays import replay_run
from flows.services.starts import cancel_run
from flows.store.accepting import Accepted
from flows.store.sweep import NEWS_KEPT, sweep
from tests.flows.example import FarSide, event, make_catalog, waiting_document
from tests.flows.world import DAY, World, deploy

ME = system("tests")
deployed = sync_to_async(deploy)


async def bring(hot: World, *ids: str, version: str = "1") -> Accepted:
    return await accept(
        Arrival(
            environment_id=hot.environment.id,
            connection_id=hot.connection.id,
            source="hook",
            system=hot.connection.system,
            events=[event(id_, at=DAY, version=version) for id_ in ids],
        )
    )


@pytest.fixture
async def waits(hot: World) -> World:
    """A world in which only the flow that waits is deployed."""
    await Deployment.objects.aupdate(retired_at=timezone.now())
    await deployed(hot.environment, hot.connection, waiting_document())
    return hot


async def wait_of(run: Run) -> Wait | None:
    return await Wait.objects.filter(run=run).afirst()


async def test_news_with_the_key_lets_the_step_go_on(waits: World, far_side: FarSide) -> None:
    await bring(waits, "6")
    assert await worker.drain() == 1
    run = await Run.objects.aget()
    assert run.state == "waiting"
    assert run.due_at > timezone.now() + timedelta(minutes=59)
    wait = await wait_of(run)
    assert wait is not None
    assert (wait.kind, wait.key, wait.node) == ("event", "KEY6x", "wait")
    accepted = await bring(waits, "6x")
    assert (accepted.fresh, accepted.run_ids) == (True, [])
    assert await worker.drain() == 1
    await run.arefresh_from_db()
    assert run.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["6x"]
    done = await RunEvent.objects.aget(run=run, node="wait", type="step_succeeded")
    assert done.data["output"] == {
        "type": "example.news@1",
        "change": "updated",
        "entity": "thing",
        "entity_id": "6x",
        "version": "1",
        "business_key": "KEY6x",
        "occurred_at": "2026-11-23T10:00:00Z",
        "data": {"id": "6x"},
    }
    assert await wait_of(run) is None


async def test_other_news_wakes_nobody(waits: World, far_side: FarSide) -> None:
    await bring(waits, "6")
    await worker.drain()
    await bring(waits, "7", "8")
    assert await worker.drain() == 0
    assert (await Run.objects.aget()).state == "waiting"


async def test_the_id_of_the_record_may_be_the_key(waits: World, far_side: FarSide) -> None:
    document = waiting_document("by-id", key="{{ trigger.entity_id }}x", match="entity_id")
    await deployed(waits.environment, waits.connection, document)
    await bring(waits, "6")
    await worker.drain()
    await bring(waits, "6x")
    await worker.drain()
    assert {one.state async for one in Run.objects.all()} == {"succeeded"}


async def test_news_that_comes_before_the_step_waits_counts(
    waits: World, far_side: FarSide
) -> None:
    await bring(waits, "6")
    await bring(waits, "6x")
    await worker.drain()
    assert (await Run.objects.aget()).state == "succeeded"


async def test_news_from_before_the_run_does_not_count(waits: World, far_side: FarSide) -> None:
    await bring(waits, "6x")
    await bring(waits, "6")
    await worker.drain()
    assert (await Run.objects.aget()).state == "waiting"


async def test_of_news_that_comes_together_what_stands_behind_counts(
    waits: World, far_side: FarSide
) -> None:
    await bring(waits, "6x", "6")
    await worker.drain()
    assert (await Run.objects.aget()).state == "waiting"
    await bring(waits, "6", "6x", version="2")
    await worker.drain()
    states = [one.state async for one in Run.objects.order_by("id")]
    assert states == ["succeeded", "succeeded"]
    assert [id_ for id_, _ in far_side.touched] == ["6x", "6x"]


async def test_the_news_that_started_the_run_is_not_what_it_waits_for(
    waits: World, far_side: FarSide
) -> None:
    document = waiting_document("itself", key="{{ trigger.business_key }}")
    await deployed(waits.environment, waits.connection, document)
    await bring(waits, "6")
    await worker.drain()
    assert {one.state async for one in Run.objects.all()} == {"waiting"}


async def test_a_filter_says_which_news_count(waits: World, far_side: FarSide) -> None:
    await Deployment.objects.aupdate(retired_at=timezone.now())
    await AwaitedNews.objects.all().adelete()
    document = waiting_document("picky", key="KEY7", filter={"ids": ["8"]})
    await deployed(waits.environment, waits.connection, document)
    await bring(waits, "6")
    await worker.drain()
    accepted = await bring(waits, "7")
    assert accepted.event_id is None  # nobody listens: it is not stored
    assert await worker.drain() == 0
    assert not await HeardNews.objects.aexists()


async def test_the_same_news_twice_answers_once(waits: World, far_side: FarSide) -> None:
    await bring(waits, "6")
    await worker.drain()
    first = await bring(waits, "6x")
    second = await bring(waits, "6x")
    assert (second.fresh, second.event_id) == (False, first.event_id)
    third = await bring(waits, "6x", version="2")
    assert third.fresh
    wait = await wait_of(await Run.objects.aget())
    assert wait is not None
    assert wait.event_id == first.event_id
    await worker.drain()
    assert len(far_side.touched) == 1


async def test_one_event_wakes_all_that_wait_for_it(waits: World, far_side: FarSide) -> None:
    for version in "abc":
        await bring(waits, "6", version=version)
    assert await worker.drain() == 3
    await bring(waits, "6x", version="d")
    assert await worker.drain() == 3
    assert await Run.objects.filter(state="succeeded").acount() == 3


async def test_past_the_deadline_the_step_fails_and_nothing_is_kept(
    waits: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bring(waits, "6")
    await worker.drain()
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(carry, "utcnow", lambda: later)
    await Run.objects.aupdate(due_at=timezone.now())
    await worker.drain()
    run = await Run.objects.aget()
    assert (run.state, run.error["code"]) == ("dead", "wait_timeout")
    assert not await Wait.objects.aexists()
    await bring(waits, "6x")
    assert await worker.drain() == 0


async def test_two_waits_of_a_run_take_two_events(waits: World, far_side: FarSide) -> None:
    document = waiting_document("twice")
    first = document["nodes"][1]
    document["nodes"].insert(2, {**first, "id": "then"})
    document["edges"] = [
        {"from": "news", "port": "out", "to": "wait"},
        {"from": "wait", "port": "out", "to": "then"},
        {"from": "then", "port": "out", "to": "touch"},
    ]
    await Deployment.objects.aupdate(retired_at=timezone.now())
    await deployed(waits.environment, waits.connection, document)
    await bring(waits, "6")
    await bring(waits, "6x", version="1")
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "waiting"
    assert [one.node async for one in Wait.objects.filter(run=run, answered_at=None)] == ["then"]
    assert await worker.drain() == 0
    await bring(waits, "6x", version="2")
    await worker.drain()
    await run.arefresh_from_db()
    assert run.state == "succeeded"


async def test_a_run_of_a_retired_deployment_is_still_answered(
    waits: World, far_side: FarSide
) -> None:
    await bring(waits, "6")
    await worker.drain()
    long_ago = timezone.now() - timedelta(days=9)
    await Deployment.objects.aupdate(retired_at=long_ago)
    await bring(waits, "6x")
    await worker.drain()
    assert (await Run.objects.aget()).state == "succeeded"
    accepted = await bring(waits, "6x", version="2")
    assert accepted.event_id is None  # now nobody waits any more


async def test_a_cancelled_run_waits_no_longer(waits: World, far_side: FarSide) -> None:
    await bring(waits, "6")
    await worker.drain()
    run = await Run.objects.aget()
    await sync_to_async(cancel_run)(ME, run)
    assert not await Wait.objects.aexists()
    await bring(waits, "6x")
    assert await worker.drain() == 0


async def test_a_replay_is_not_asked_again(
    waits: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))

    async def refuse(params: Any) -> None:
        raise RejectedError("no", code="refused", fix="Correct it.")

    far_side.behave = refuse
    await bring(waits, "6")
    await bring(waits, "6x")
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "dead"
    far_side.behave = None
    replay = await sync_to_async(replay_run)(ME, run)
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"


async def test_a_run_that_our_own_code_fails_keeps_no_wait(
    waits: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bring(waits, "6")
    await worker.drain()
    await bring(waits, "6x")

    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(carry, "signals", broken)
    await worker.drain()
    assert (await Run.objects.aget()).state == "dead"
    assert not await Wait.objects.aexists()


async def test_old_news_is_forgotten(waits: World, far_side: FarSide) -> None:
    await bring(waits, "6x")
    await HeardNews.objects.aupdate(at=timezone.now() - NEWS_KEPT - timedelta(days=1))
    await bring(waits, "6y")
    await sweep()
    assert [one.key async for one in HeardNews.objects.all()] == ["KEY6y"]
    assert await TriggerEvent.objects.acount() == 2


async def test_no_answer_is_lost_however_news_and_waits_meet(
    waits: World, far_side: FarSide
) -> None:
    """Runs come to their wait while their news comes in: each of them goes on."""
    rng = random.Random(7)
    document = waiting_document("many")
    document["nodes"][0]["params"] = {"ids": [str(n) for n in range(100, 160)]}
    await Deployment.objects.aupdate(retired_at=timezone.now())
    await deployed(waits.environment, waits.connection, document)

    async def one(id_: str) -> None:
        await bring(waits, id_)
        for _ in range(rng.randrange(6)):
            await asyncio.sleep(0)
        await bring(waits, f"{id_}x")

    await asyncio.gather(
        *(one(str(n)) for n in range(100, 160)), *(worker.drain() for _ in range(3))
    )
    while await worker.drain():
        pass
    assert await Run.objects.filter(state="succeeded").acount() == 60
    assert len(far_side.touched) == 60
    assert not await Wait.objects.aexists()
