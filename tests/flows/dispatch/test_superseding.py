"""Event storms: a thousand changes of one product cost about one run."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from causeway.base.actors import system
from flows.dispatch import worker
from flows.dispatch.accepting import Arrival, accept
from flows.dispatch.announce import JOURNALS, announcer, runs_group
from flows.models import Flow, FlowRollup, Run, TriggerEvent
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from flows.services.starts import ManualTrigger, start_manual
from tests.flows.example import FarSide, event, make_catalog
from tests.flows.world import DAY, World, deploy_instead

STORM: Final = 1000
ME = system("tests")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


async def only_the_latest(hot: World) -> None:
    await sync_to_async(deploy_instead)(hot, policy="latest")


async def storm(hot: World, count: int, *, first: int = 1) -> None:
    """Changes of the one product, a second apart, in no order."""
    await asyncio.gather(
        *(
            accept(
                Arrival(
                    environment_id=hot.environment.id,
                    connection_id=hot.connection.id,
                    source="hook",
                    system=hot.connection.system,
                    events=[event("6", at=DAY + timedelta(seconds=n), version=str(n))],
                )
            )
            for n in sorted(range(first, first + count), key=lambda n: n % 7)
        )
    )


async def carried() -> list[str]:
    """The versions that were carried, in that order."""
    found = Run.objects.filter(state="succeeded").select_related("event").order_by("started_at")
    return [run.event.version async for run in found]


async def test_a_storm_of_one_product_costs_one_run(hot: World, far_side: FarSide) -> None:
    await only_the_latest(hot)
    await storm(hot, STORM)
    assert await worker.drain() == 1
    assert len(far_side.touched) == 1
    assert await carried() == [str(STORM)]
    assert await Run.objects.filter(state="cancelled").acount() == STORM - 1
    rollup = await FlowRollup.objects.aget()
    assert (rollup.succeeded, rollup.failed, rollup.superseded) == (1, 0, STORM - 1)


async def test_what_runs_when_a_storm_comes_is_followed_by_its_end(
    hot: World, far_side: FarSide
) -> None:
    await only_the_latest(hot)
    begun = asyncio.Event()

    async def during(_: Mapping[str, Any]) -> None:
        if not begun.is_set():
            begun.set()
            await storm(hot, 200, first=2)

    far_side.behave = during
    await storm(hot, 1)
    assert await worker.drain() == 2
    assert await carried() == ["1", "201"]
    assert not await Run.objects.filter(state__in=["pending", "running"]).aexists()


async def test_viewers_hear_that_runs_were_superseded(hot: World, far_side: FarSide) -> None:
    await only_the_latest(hot)
    await storm(hot, 3)
    await announcer().idle()
    layer = get_channel_layer()
    assert layer is not None
    me = await layer.new_channel()
    await layer.group_add(runs_group(hot.environment.id), me)
    await layer.group_add(JOURNALS, me)
    await worker.drain()
    await announcer().idle()
    old = {str(run.id) async for run in Run.objects.filter(state="cancelled")}
    heard: set[str] = set()
    grown: dict[str, int] = {}
    while not (old <= heard and old <= grown.keys()):
        message = await asyncio.wait_for(layer.receive(me), 5)
        heard.update(message.get("runs", ()))
        grown.update(message.get("seqs", {}))
    assert {grown[id_] for id_ in old} == {1}


async def test_a_superseded_run_can_be_replayed_and_a_replay_is_not_superseded(
    hot: World, far_side: FarSide
) -> None:
    await only_the_latest(hot)
    await storm(hot, 2)
    await worker.drain()
    old = await Run.objects.aget(state="cancelled")
    replay = await sync_to_async(replay_run)(ME, old, Wish())
    await storm(hot, 1, first=3)
    assert await worker.drain() == 2
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert await carried() == ["2", "1", "3"]
    assert len(far_side.touched) == 3


async def test_a_start_by_hand_is_not_superseded(hot: World, far_side: FarSide) -> None:
    await only_the_latest(hot)
    flow = await Flow.objects.aget(slug="products")
    [by_hand] = await sync_to_async(start_manual)(
        ME, flow=flow, environment=hot.environment, trigger=ManualTrigger(entity_id="6")
    )
    await storm(hot, 3)
    assert await worker.drain() == 2
    await by_hand.arefresh_from_db()
    assert by_hand.state == "succeeded"
    assert (await TriggerEvent.objects.aget(pk=by_hand.event_id)).source == "manual"
