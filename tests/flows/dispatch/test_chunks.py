"""A for-each spread over runs of its own: in order, bounded, each item once, whatever dies."""

from collections import Counter
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.actors import system
from connectors.sdk.errors import RejectedError, UncertainError
from flows import failures
from flows.dispatch import worker
from flows.engine.execute import effect_key
from flows.models import Call, Deployment, Payload, Run, RunEvent, TriggerEvent
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from flows.services.runs import find_run, run_detail
from flows.services.starts import cancel_run
from flows.services.verdicts import Finding, give_verdict
from flows.store import calls, writer
from tests.flows import example
from tests.flows.dispatch.killing import die_at, taken_up
from tests.flows.example import FarSide, make_catalog
from tests.flows.test_failures import handler
from tests.flows.world import World, deploy, make_runs

ME = system("tests")
LETTERS = "ABCDEFG"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


def spreading(**params: Any) -> dict[str, Any]:
    """News -> look -> each (three at a time) -> touch, and `then` behind it."""
    made = example.document("spreads", lane=False)
    news, look, touch = made["nodes"]
    touch["params"] = {"id": "{{ item.id }}"}
    each = {
        "id": "each",
        "type": "flow.for_each@1",
        "params": {
            "items": "{{ trigger.data.items }}",
            "key": "{{ item.id }}",
            "chunk_size": 3,
            "concurrency": 2,
            **params,
        },
    }
    then = {**touch, "id": "then", "params": {"id": "then"}}
    edges = [
        {"from": "news", "port": "out", "to": "look"},
        {"from": "look", "port": "out", "to": "each"},
        {"from": "each", "port": "item", "to": "touch"},
        {"from": "each", "port": "done", "to": "then"},
    ]
    return {**made, "nodes": [news, look, each, touch, then], "edges": edges}


@sync_to_async
def start(hot: World, document: dict[str, Any], items: str = LETTERS) -> Run:
    made = deploy(hot.environment, hot.connection, document)
    [run] = make_runs(hot, [{"business_key": "K7", "lane": ""}])
    data = {"id": "0", "items": [{"id": one} for one in items]}
    TriggerEvent.objects.filter(pk=run.event_id).update(data=data)
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


async def ended(run: Run) -> Run:
    while await worker.drain():
        pass
    await run.arefresh_from_db()
    return run


async def chunks() -> list[Run]:
    return [one async for one in Run.objects.exclude(chunk="").order_by("replay_number")]


async def output(run: Run, node: str = "each") -> Any:
    event = await RunEvent.objects.aget(run=run, node=node, path="", type="step_succeeded")
    return event.data["output"]


def touched(far_side: FarSide) -> str:
    return "".join(sorted(id_ for id_, _ in far_side.touched if id_ != "then"))


@sync_to_async
def again(run: Run, **wish: Any) -> Run:
    return replay_run(ME, find_run(ME, run.pk), Wish(**wish))


async def test_each_chunk_is_a_run_and_the_results_come_back_in_order(
    hot: World, far_side: FarSide
) -> None:
    run = await ended(await start(hot, spreading()))
    assert run.state == "succeeded"
    assert touched(far_side) == LETTERS
    assert [one.chunk for one in await chunks()] == ["each/A+3", "each/D+3", "each/G+1"]
    assert {one.state for one in await chunks()} == {"succeeded"}
    given = await output(run)
    assert [one["id"] for one in given["items"]] == list(LETTERS)
    assert (given["failed"], given["count"]) == ([], 7)
    keys = {id_: key for id_, key in far_side.touched if id_ != "then"}
    assert keys == {id_: effect_key(str(run.event_id), "touch", f"each/{id_}") for id_ in LETTERS}
    assert not await Call.objects.filter(open=True).aexists()


async def test_the_pages_of_both_lead_to_each_other(hot: World) -> None:
    run = await ended(await start(hot, spreading()))
    detail = sync_to_async(lambda one: run_detail(ME, find_run(ME, one.pk)))
    [first, *_] = await chunks()
    shown = await detail(run)
    assert [one["id"] for one in shown["calls"]] == [one.id for one in await chunks()]
    assert (await detail(first))["called_by"]["id"] == run.id
    assert (await detail(first))["chunk"] == "each/A+3"
    assert shown["called_by"] is None


async def test_no_more_chunks_are_under_way_than_may_be(hot: World, far_side: FarSide) -> None:
    most = 0

    async def behave(params: Any) -> None:
        nonlocal most
        open_ = Run.objects.exclude(chunk="").filter(state__in=["pending", "running", "waiting"])
        most = max(most, await open_.acount())

    far_side.behave = behave
    await ended(await start(hot, spreading(chunk_size=2, concurrency=2), "ABCDEFGHIJ"))
    assert most == 2
    assert len(await chunks()) == 5


async def test_the_body_sees_what_it_reads_and_the_items_place(hot: World) -> None:
    document = spreading()
    document["nodes"][3] = {
        "id": "touch",
        "type": "data.map@1",
        "params": {
            "fields": [
                {"target": "id", "expression": "item.id"},
                {"target": "place", "expression": "index"},
                {"target": "looked", "expression": "look.id"},
                {"target": "key", "expression": "trigger.business_key"},
            ]
        },
    }
    run = await ended(await start(hot, document))
    given = (await output(run))["items"]
    assert [(one["id"], one["place"]) for one in given] == list(zip(LETTERS, range(7), strict=True))
    assert {one["looked"] for one in given} == {"0"}


async def test_a_list_without_elements_needs_no_chunk(hot: World) -> None:
    run = await ended(await start(hot, spreading(), ""))
    assert run.state == "succeeded"
    assert (await output(run)) == {"items": [], "failed": [], "count": 0}
    assert await chunks() == []


async def test_with_stop_the_failed_item_is_the_runs_failure(hot: World, far_side: FarSide) -> None:
    refuse(far_side, "B")
    run = await ended(await start(hot, spreading(concurrency=1)))
    assert (run.state, run.error["code"]) == ("dead", "refused")
    assert (run.error["node"], run.error["path"]) == ("touch", "each/B")
    [chunk] = await chunks()
    assert (chunk.state, chunk.resolved_by) == ("dead", "system:chunk")
    assert touched(far_side) == "A"
    far_side.behave = None
    replay = await ended(await again(run))
    assert replay.state == "succeeded"
    assert Counter(touched(far_side)) == Counter(LETTERS)


async def test_a_failure_goes_along_the_error_route(hot: World, far_side: FarSide) -> None:
    refuse(far_side, "B")
    document = spreading()
    document["nodes"][2]["policy"] = {"on_error": "route"}
    document["nodes"].append(
        {"id": "end", "type": "flow.stop@1", "params": {"outcome": "{{ each.error.code }}"}}
    )
    document["edges"].append({"from": "each", "port": "error", "to": "end"})
    run = await ended(await start(hot, document))
    assert (run.state, run.outcome) == ("succeeded", "refused")


async def test_with_collect_failed_items_are_listed_over_all_chunks(
    hot: World, far_side: FarSide
) -> None:
    refuse(far_side, "B", "F")
    run = await ended(await start(hot, spreading(on_item_error="collect")))
    assert run.state == "succeeded"
    given = await output(run)
    assert [(one["index"], one["key"]) for one in given["failed"]] == [(1, "B"), (5, "F")]
    assert [one and one["id"] for one in given["items"]] == ["A", None, "C", "D", "E", None, "G"]


async def test_the_most_failures_count_over_all_chunks(hot: World, far_side: FarSide) -> None:
    refuse(far_side, "B", "F")
    run = await ended(
        await start(hot, spreading(on_item_error="collect", max_failures=1, concurrency=1))
    )
    assert (run.state, run.error["code"], run.error["path"]) == ("dead", "refused", "each/F")
    assert "G" not in touched(far_side)


async def test_failed_items_become_dead_letters_that_are_replayed_alone(
    hot: World, far_side: FarSide
) -> None:
    refuse(far_side, "B", "F")
    await ended(await start(hot, spreading(on_item_error="dead_letter")))
    letters = [one async for one in Run.objects.exclude(item="").order_by("item")]
    assert [one.item for one in letters] == ["each/B", "each/F"]
    far_side.behave = None
    replay = await ended(await again(letters[0]))
    assert replay.state == "succeeded"
    assert touched(far_side) == "ABCDEG"


@pytest.mark.parametrize("cut", [{}, {"chunk_size": 2}])
async def test_a_replay_does_no_item_twice_however_the_list_is_cut(
    hot: World, far_side: FarSide, cut: dict[str, Any]
) -> None:
    refuse(far_side, "E")
    run = await ended(await start(hot, spreading()))
    assert run.state == "dead"
    far_side.behave = None
    if cut:
        await Deployment.objects.filter(flow__slug="spreads").aupdate(retired_at=timezone.now())
        await sync_to_async(deploy)(hot.environment, hot.connection, spreading(**cut))
        replay = await again(run, version=2)
    else:
        replay = await again(run)
    assert (await ended(replay)).state == "succeeded"
    assert [one["id"] for one in (await output(replay))["items"]] == list(LETTERS)
    assert Counter(touched(far_side)) == Counter(LETTERS)
    assert Counter(id_ for id_, _ in far_side.touched)["then"] == 1


async def test_a_whole_replay_takes_over_the_chunks_that_went_well(
    hot: World, far_side: FarSide
) -> None:
    run = await ended(await start(hot, spreading()))
    replay = await ended(await again(run, from_node="each"))
    assert replay.state == "succeeded"
    assert len(await chunks()) == 3
    assert await output(replay) == await output(run)


async def test_cancelling_the_run_calls_its_chunks_off(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = calls.make_calls

    async def put_off(connection: Any, wanted: Any) -> Any:
        due = await make(connection, wanted)
        await connection.execute(
            "UPDATE flows_run SET due_at = now() + interval '1 hour' WHERE chunk <> ''"
        )
        return due

    monkeypatch.setattr(writer, "make_calls", put_off)
    run = await ended(await start(hot, spreading()))
    assert run.state == "waiting"
    assert [one.state for one in await chunks()] == ["pending", "pending"]
    await sync_to_async(cancel_run)(ME, await Run.objects.select_related("flow").aget(pk=run.pk))
    assert [one.state for one in await chunks()] == ["cancelled", "cancelled"]
    assert far_side.touched == []


async def test_a_write_in_a_chunk_that_nobody_knows_of_gets_its_verdict(
    hot: World, far_side: FarSide
) -> None:
    """A person says that it happened: the replay of the run takes that over."""

    async def behave(params: Any) -> None:
        if params["id"] == "B":
            raise UncertainError("lost", code="lost", fix="Look.")

    far_side.behave = behave
    document = spreading(concurrency=1)
    document["nodes"][3]["policy"] = {"retry": {"horizon": "PT0S", "max_attempts": 1}}
    run = await ended(await start(hot, document))
    [chunk] = await chunks()
    assert (run.state, run.error["code"]) == ("dead", "unresolved")
    assert (chunk.state, chunk.resolved_at) == ("dead", None)
    far_side.behave = None
    finding = Finding(node="touch", path="each/B", happened=True, output={"id": "B"})
    repaired = await sync_to_async(lambda: give_verdict(ME, find_run(ME, chunk.pk), finding))()
    assert (await ended(repaired)).state == "succeeded"
    replay = await ended(await again(run))
    assert replay.state == "succeeded"
    assert [one["id"] for one in (await output(replay))["items"]] == list(LETTERS)
    assert Counter(touched(far_side)) == Counter("ACDEFG")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", range(9))
async def test_no_kill_between_two_commits_loses_or_doubles_an_item(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch, place: int, after: bool
) -> None:
    run = await start(hot, spreading(chunk_size=2), "ABCDE")
    await die_at(monkeypatch, place, after=after, sure=6)
    await taken_up(lambda: ended(run), rounds=5)
    assert run.state == "succeeded"
    assert [one["id"] for one in (await output(run))["items"]] == list("ABCDE")
    assert touched(far_side) == "ABCDE"
    assert len(await chunks()) == 3
    assert not await Call.objects.filter(open=True).aexists()


async def test_large_items_and_answers_come_through(hot: World, far_side: FarSide) -> None:
    """What is too large for a row lies beside it, in chunks and in what earlier ones did."""
    refuse(far_side, "E")
    document = spreading()
    document["nodes"].insert(
        3,
        {
            "id": "wide",
            "type": "data.map@1",
            "params": {"fields": [{"target": "all", "source": "item"}]},
        },
    )
    document["edges"][2] = {"from": "each", "port": "item", "to": "wide"}
    document["edges"].append({"from": "wide", "port": "out", "to": "touch"})
    run = await start(hot, document)
    items = [{"id": one, "text": one * 40_000} for one in LETTERS]
    await TriggerEvent.objects.filter(pk=run.event_id).aupdate(data={"id": "0", "items": items})
    assert (await ended(run)).state == "dead"
    assert await Payload.objects.aexists()
    far_side.behave = None
    replay = await ended(await again(run))
    assert replay.state == "succeeded"
    assert [one["id"] for one in (await output(replay))["items"]] == list(LETTERS)
    assert Counter(touched(far_side)) == Counter(LETTERS)


async def test_the_run_tells_of_its_failure_and_its_chunks_do_not(
    hot: World, far_side: FarSide
) -> None:
    await sync_to_async(deploy)(hot.environment, hot.connection, handler())
    refuse(far_side, "B")
    run = await ended(await start(hot, spreading()))
    assert await failures.tell() == 1
    event = await TriggerEvent.objects.aget(source="failure")
    assert (event.data["run_id"], event.data["path"]) == (str(run.id), "each/B")
