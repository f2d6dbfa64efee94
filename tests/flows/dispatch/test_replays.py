"""Replays on the hot path: carried by the workers, in the lane by source time, effects once."""

from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.actors import system
from connectors.sdk.errors import RejectedError
from flows.dispatch import worker
from flows.engine.execute import effect_key
from flows.models import Receipt, Run, TriggerEvent
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from tests.flows import example
from tests.flows.example import FarSide, make_catalog
from tests.flows.world import World, deploy, make_runs

ME = system("tests")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


@sync_to_async
def again(run: Run, **wish: object) -> Run:
    return replay_run(ME, run, Wish(**wish))  # type: ignore[arg-type]  # the test's own words


def refuse(far_side: FarSide) -> None:
    async def behave(params: object) -> None:
        raise RejectedError("no", code="refused", fix="Correct it.")

    far_side.behave = behave


async def test_a_dead_letter_is_replayed_and_done_once(hot: World, far_side: FarSide) -> None:
    [run] = await sync_to_async(make_runs)(hot, [{}])
    refuse(far_side)
    await worker.drain()
    await run.arefresh_from_db()
    assert run.state == "dead"
    far_side.behave = None
    replay = await again(run)
    assert await worker.drain() == 1
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    [(_, key)] = far_side.touched
    # From the beginning: the write is found by its key.
    second = await again(replay)
    await worker.drain()
    await second.arefresh_from_db()
    assert second.state == "succeeded"
    assert len(far_side.touched) == 1
    assert {one.effect_key async for one in Receipt.objects.all()} == {key}
    assert [one.replay_number async for one in Run.objects.order_by("replay_number")] == [0, 1, 2]


async def test_an_edit_is_what_the_flow_sees_and_takes_effect(
    hot: World, far_side: FarSide
) -> None:
    [run] = await sync_to_async(make_runs)(hot, [{"lane_key": "6"}])
    await worker.drain()
    await run.arefresh_from_db()
    replay = await again(run, outputs={"look": {"id": "7"}})
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["6", "7"]
    assert len({key for _, key in far_side.touched}) == 2


async def test_the_dead_block_nobody_and_a_replay_goes_first_by_source_time(
    hot: World, far_side: FarSide
) -> None:
    first, second = await sync_to_async(make_runs)(hot, [{"lane_key": "6"}, {"lane_key": "6"}])
    await Run.objects.filter(pk=second.pk).aupdate(due_at=timezone.now().replace(year=2999))
    await Run.objects.filter(pk=second.pk).aupdate(state="waiting")
    refuse(far_side)
    await worker.drain()
    await first.arefresh_from_db()
    assert first.state == "dead"
    far_side.behave = None
    replay = await again(first)
    assert (replay.lane, replay.lane_key) == ("thing", "6")
    await Run.objects.filter(pk=second.pk).aupdate(state="pending", due_at=timezone.now())
    assert await worker.drain() == 2
    ends = [one.pk async for one in Run.objects.filter(state="succeeded").order_by("started_at")]
    assert ends == [replay.pk, second.pk]


def looping() -> dict[str, Any]:
    """News -> for each of `rows` touch it, failures collected -> touch what the news is about."""
    made = example.document("loops")
    news, _, touch = made["nodes"]
    each = {
        "id": "each",
        "type": "flow.for_each@1",
        "name": "Each",
        "params": {
            "items": "{{ trigger.data.rows }}",
            "key": "{{ item }}",
            "on_item_error": "collect",
        },
    }
    inner = {**touch, "id": "inner", "params": {"id": "{{ item }}"}}
    last = {**touch, "params": {"id": "{{ trigger.entity_id }}"}}
    return {
        **made,
        "nodes": [news, each, inner, last],
        "edges": [
            {"from": "news", "port": "out", "to": "each"},
            {"from": "each", "port": "item", "to": "inner"},
            {"from": "each", "port": "done", "to": "touch"},
        ],
    }


async def test_one_loop_item_is_replayed_and_nothing_else(hot: World, far_side: FarSide) -> None:
    made = await sync_to_async(deploy)(hot.environment, hot.connection, looping())
    [run] = await sync_to_async(make_runs)(hot, [{}])
    await Run.objects.filter(pk=run.pk).aupdate(
        deployment=made, version_id=made.version_id, flow_id=made.flow_id
    )
    await TriggerEvent.objects.filter(pk=run.event_id).aupdate(data={"rows": ["a", "b", "c"]})

    async def behave(params: Mapping[str, Any]) -> None:
        if params["id"] == "b":
            raise RejectedError("no", code="refused", fix="Correct it.")

    far_side.behave = behave
    await worker.drain()
    await run.arefresh_from_db()
    assert run.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["a", "c", "0"]
    far_side.behave = None
    replay = await again(
        await Run.objects.select_related("workspace").aget(pk=run.pk), item="each/b"
    )
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["a", "c", "0", "b"]
    assert far_side.touched[-1][1] == effect_key(str(run.event_id), "inner", "each/b")
