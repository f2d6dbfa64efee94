"""Failed items of a loop as dead letters of their own: each one once, whatever dies in between."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.actors import system
from causeway.base.problems import Problem
from connectors.sdk.errors import RejectedError
from flows import failures
from flows.dispatch import worker
from flows.models import FlowRollup, Run, TriggerEvent
from flows.services.bulk_replays import Bulk, dead_letters
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from flows.services.runs import find_run, run_detail
from tests.flows import example
from tests.flows.dispatch.killing import die_at, taken_up
from tests.flows.example import FarSide, make_catalog
from tests.flows.test_failures import handler
from tests.flows.world import World, deploy, make_runs

ME = system("tests")
ITEMS = [{"id": "A"}, {"id": "B"}, {"id": "C"}]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


def looping(*, then: str = "", **params: Any) -> dict[str, Any]:
    """News -> each -> touch, and behind it what `then` says."""
    made = example.document("loops", lane=False)
    news, _, touch = made["nodes"]
    touch["params"] = {"id": "{{ item.id }}"}
    each = {
        "id": "each",
        "type": "flow.for_each@1",
        "params": {
            "items": "{{ trigger.data.items }}",
            "key": "{{ item.id }}",
            "on_item_error": "dead_letter",
            **params,
        },
    }
    nodes = [news, each, touch]
    edges = [
        {"from": "news", "port": "out", "to": "each"},
        {"from": "each", "port": "item", "to": "touch"},
    ]
    if then:
        nodes.append({**touch, "id": "then", "params": {"id": then}})
        edges.append({"from": "each", "port": "done", "to": "then"})
    return {**made, "nodes": nodes, "edges": edges}


@sync_to_async
def start(hot: World, document: dict[str, Any]) -> Run:
    made = deploy(hot.environment, hot.connection, document)
    [run] = make_runs(hot, [{"business_key": "K7"}])
    TriggerEvent.objects.filter(pk=run.event_id).update(data={"items": ITEMS})
    Run.objects.filter(pk=run.pk).update(
        deployment=made, version_id=made.version_id, flow_id=made.flow_id
    )
    run.refresh_from_db()
    return run


def refuse(far_side: FarSide, *ids: str) -> None:
    async def behave(params: Any) -> None:
        if params["id"] in ids:
            raise RejectedError("no", code="refused", fix="Correct it.")

    far_side.behave = behave


async def drained(run: Run) -> Run:
    while await worker.drain():
        pass
    await run.arefresh_from_db()
    return run


async def letters() -> list[Run]:
    return [one async for one in Run.objects.exclude(item="").order_by("item")]


@sync_to_async
def again(run: Run, **wish: Any) -> Run:
    return replay_run(ME, find_run(ME, run.pk), Wish(**wish))


@sync_to_async
def detail(run: Run) -> dict[str, Any]:
    return run_detail(ME, find_run(ME, run.pk))


async def test_each_failed_item_is_a_dead_letter_of_its_own(hot: World, far_side: FarSide) -> None:
    refuse(far_side, "A", "C")
    run = await drained(await start(hot, looping(then="done")))
    assert run.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["B", "done"]
    first, second = await letters()
    assert (first.item, second.item) == ("each/A", "each/C")
    for one in (first, second):
        assert (one.state, one.replay_of_id, one.event_id) == ("dead", run.id, run.event_id)
        assert (one.business_key, one.error["code"]) == ("K7", "refused")
        assert (one.error["node"], one.error["path"]) == ("touch", one.item)
    shown = await detail(run)
    assert [one["item"] for one in shown["failed_items"]] == ["each/A", "each/C"]
    assert shown["replays"] == []
    mine = await detail(first)
    assert (mine["item"], mine["replay_of"]) == ("each/A", run.id)
    waiting = await sync_to_async(lambda: list(dead_letters(ME, hot.environment, Bulk())))()
    assert {one.id for one in waiting} == {first.id, second.id}
    rollup = await FlowRollup.objects.aget()
    assert (rollup.succeeded, rollup.failed) == (1, 2)


@pytest.mark.parametrize("by", ["letter", "run"])
async def test_its_replay_does_that_item_alone(hot: World, far_side: FarSide, by: str) -> None:
    refuse(far_side, "A")
    run = await drained(await start(hot, looping(then="done")))
    [letter] = await letters()
    far_side.behave = None
    far_side.touched.clear()
    replay = await (again(letter) if by == "letter" else again(run, item="each/A"))
    with pytest.raises(Problem) as refused:
        await again(letter)
    assert refused.value.code == "replay_under_way"
    await drained(replay)
    assert replay.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["A"]
    [letter] = await letters()
    assert letter.resolved_note == "replayed"


async def test_an_item_that_fails_again_is_the_new_dead_letter(
    hot: World, far_side: FarSide
) -> None:
    refuse(far_side, "A")
    await drained(await start(hot, looping()))
    [letter] = await letters()
    second = await drained(await again(letter))
    assert (second.state, second.item) == ("dead", "")
    far_side.behave = None
    third = await drained(await again(second))
    assert third.state == "succeeded"
    assert len(await letters()) == 1


@pytest.mark.parametrize("from_node", ["each", "then"])
async def test_a_replay_of_the_run_sets_no_item_aside_twice(
    hot: World, far_side: FarSide, from_node: str
) -> None:
    refuse(far_side, "A")
    run = await drained(await start(hot, looping(then="done")))
    [letter] = await letters()
    await Run.objects.filter(pk=letter.pk).aupdate(
        resolved_at=timezone.now(), resolved_note="by hand"
    )
    replay = await drained(await again(run, from_node=from_node))
    assert replay.state == "succeeded"
    [same] = await letters()
    assert same.id == letter.id
    # One that was done again and failed again is open again; what was taken over is no news.
    assert (same.resolved_at is None) == (from_node == "each")


async def test_of_a_run_that_did_not_go_through_they_are_set_aside_by_its_replay(
    hot: World, far_side: FarSide
) -> None:
    refuse(far_side, "A", "done")
    run = await drained(await start(hot, looping(then="done")))
    assert run.state == "dead"
    assert await letters() == []
    refuse(far_side, "A")
    replay = await drained(await again(run))
    assert replay.state == "succeeded"
    [letter] = await letters()
    assert (letter.item, letter.replay_of_id) == ("each/A", replay.id)
    far_side.behave = None
    assert (await drained(await again(letter))).state == "succeeded"
    assert sorted(id_ for id_, _ in far_side.touched) == ["A", "B", "C", "done"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", range(5))
async def test_no_kill_between_two_commits_loses_or_doubles_a_dead_letter(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch, place: int, after: bool
) -> None:
    refuse(far_side, "A", "C")
    run = await start(hot, looping(then="done"))
    await die_at(monkeypatch, place, after=after, sure=5)
    await taken_up(lambda: drained(run), rounds=3)
    assert run.state == "succeeded"
    assert [one.item for one in await letters()] == ["each/A", "each/C"]
    assert sorted(id_ for id_, _ in far_side.touched) == ["B", "done"]


async def test_with_too_many_failures_the_run_is_the_dead_letter(
    hot: World, far_side: FarSide
) -> None:
    refuse(far_side, "A", "C")
    run = await drained(await start(hot, looping(max_failures=1)))
    assert run.state == "dead"
    assert await letters() == []


async def test_each_is_told_to_who_listens_to_failures_and_again_when_it_fails_again(
    hot: World, far_side: FarSide
) -> None:
    await sync_to_async(deploy)(hot.environment, hot.connection, handler())
    refuse(far_side, "A", "C")
    run = await drained(await start(hot, looping()))
    assert await failures.tell() == 2
    assert await failures.tell() == 0
    await drained(await again(run, from_node="each"))
    assert await failures.tell() == 2
    told = TriggerEvent.objects.filter(source="failure")
    paths = [one.data["path"] async for one in told.order_by("id")]
    assert sorted(paths) == ["each/A", "each/A", "each/C", "each/C"]
