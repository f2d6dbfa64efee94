"""Flows that call flows: started once, answered once, whatever dies in between."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.actors import system
from connectors.sdk.errors import RejectedError
from flows.dispatch import accepting, worker
from flows.dispatch.sweeping import sweep_once
from flows.models import Call, Deployment, Run, RunEvent, TriggerEvent, Wait
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from flows.services.runs import find_run, run_detail
from flows.services.starts import cancel_run
from flows.store import writer
from flows.store.calls import make_calls
from tests.flows import example
from tests.flows.dispatch.killing import die_at, taken_up
from tests.flows.example import FarSide, make_catalog
from tests.flows.world import World, deploy, make_runs

ME = system("tests")


def calling(slug: str = "caller", **params: Any) -> dict[str, Any]:
    """News -> look -> call `child`."""
    made = example.document(slug)
    news, look, _ = made["nodes"]
    call = {
        "id": "call",
        "type": "flow.call@1",
        "name": "Call",
        "params": {"flow": "child", "input": {"id": "{{ look.id }}"}, **params},
    }
    return {
        **made,
        "nodes": [news, look, call],
        "edges": [
            {"from": "news", "port": "out", "to": "look"},
            {"from": "look", "port": "out", "to": "call"},
        ],
    }


def child(*, slug: str = "child", calls: str = "", **params: Any) -> dict[str, Any]:
    """Called -> touch, or -> call another one -> touch; the output is that of touch."""
    made = example.document(slug, lane=False)
    _, _, touch = made["nodes"]
    touch["params"] = {"id": "{{ trigger.data.id }}"}
    called = {"id": "called", "type": "flow.called@1", "name": "Called", "params": params}
    nodes, edges = [called, touch], [{"from": "called", "port": "out", "to": "touch"}]
    if calls:
        call = {
            "id": "on",
            "type": "flow.call@1",
            "name": "On",
            "params": {"flow": calls, "input": "{{ trigger.data }}"},
        }
        nodes.append(call)
        edges.append({"from": "touch", "port": "out", "to": "on"})
    return {**made, "nodes": nodes, "edges": edges}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


@sync_to_async
def start(hot: World, caller: dict[str, Any], *called: dict[str, Any]) -> Run:
    """A run of the caller, which was deployed together with what it calls."""
    for one in called:
        deploy(hot.environment, hot.connection, one)
    made = deploy(hot.environment, hot.connection, caller)
    [run] = make_runs(hot, [{"business_key": "A7"}])
    Run.objects.filter(pk=run.pk).update(
        deployment=made, version_id=made.version_id, flow_id=made.flow_id
    )
    run.refresh_from_db()
    return run


async def drained() -> None:
    while await worker.drain():
        pass


async def ended(run: Run) -> Run:
    await drained()
    await run.arefresh_from_db()
    return run


async def output(run: Run, node: str = "call") -> Any:
    event = await RunEvent.objects.aget(run=run, node=node, type="step_succeeded")
    return event.data["output"]


async def children() -> list[Run]:
    return [
        one
        async for one in Run.objects.filter(flow__slug="child")
        .select_related("event", "version", "flow")
        .order_by("replay_number")
    ]


@sync_to_async
def again(run: Run, **wish: Any) -> Run:
    return replay_run(ME, find_run(ME, run.pk), Wish(**wish))


def refuse(far_side: FarSide) -> None:
    async def behave(params: object) -> None:
        raise RejectedError("no", code="refused", fix="Correct it.")

    far_side.behave = behave


async def test_a_called_flow_runs_by_itself_and_answers(hot: World, far_side: FarSide) -> None:
    run = await ended(await start(hot, calling(), child()))
    assert run.state == "succeeded"
    assert await output(run) == {"id": "0"}
    [called] = await children()
    assert (called.state, called.business_key) == ("succeeded", "A7")
    assert (called.event.source, called.event.type) == ("call", "flow.called@1")
    assert called.event.data == {"id": "0"}
    assert called.source_time == run.source_time
    assert len(far_side.touched) == 1
    assert not await Wait.objects.aexists()
    assert not await Call.objects.filter(open=True).aexists()


async def test_the_pages_of_both_lead_to_each_other(hot: World) -> None:
    run = await ended(await start(hot, calling(), child()))
    [called] = await children()

    @sync_to_async
    def detail(one: Run) -> dict[str, Any]:
        return run_detail(ME, find_run(ME, one.pk))

    caller = {"id": run.id, "flow": "caller", "state": "succeeded", "node": "call", "path": ""}
    assert (await detail(called))["called_by"] == caller
    assert (await detail(run))["called_by"] is None
    assert (await detail(run))["calls"] == [{**caller, "id": called.id, "flow": "child"}]


async def test_what_is_not_waited_for_goes_on_by_itself(hot: World, far_side: FarSide) -> None:
    refuse(far_side)
    run = await ended(await start(hot, calling(wait=False), child()))
    [called] = await children()
    assert called.state == "dead"
    assert run.state == "succeeded"
    assert await output(run) == {"run_id": str(called.id)}


async def test_a_failure_goes_along_the_callers_error_route(hot: World, far_side: FarSide) -> None:
    refuse(far_side)
    document = calling()
    document["nodes"][2]["policy"] = {"on_error": "route"}
    document["nodes"].append(
        {"id": "end", "type": "flow.stop@1", "params": {"outcome": "{{ call.error.code }}"}}
    )
    document["edges"].append({"from": "call", "port": "error", "to": "end"})
    run = await ended(await start(hot, document, child()))
    assert (run.state, run.outcome) == ("succeeded", "called_flow_failed")


async def test_a_replay_of_the_caller_replays_the_called_run_that_failed(
    hot: World, far_side: FarSide
) -> None:
    refuse(far_side)
    run = await ended(await start(hot, calling(), child()))
    assert run.state == "dead"
    [called] = await children()
    assert run.error["code"] == "called_flow_failed"
    assert run.error["detail"]["run_id"] == str(called.id)
    assert run.error["detail"]["error"]["code"] == "refused"
    assert run.error["node"] == "call"
    far_side.behave = None
    replay = await ended(await again(run))
    assert replay.state == "succeeded"
    first, second = await children()
    assert (second.state, second.replay_of_id) == ("succeeded", first.id)
    assert first.resolved_by == "system:call"
    assert await TriggerEvent.objects.filter(type="flow.called@1").acount() == 1
    assert len(far_side.touched) == 1


async def test_what_was_repaired_below_is_taken_over(hot: World, far_side: FarSide) -> None:
    refuse(far_side)
    run = await ended(await start(hot, calling(), child()))
    far_side.behave = None
    [called] = await children()
    assert (await ended(await again(called))).state == "succeeded"
    replay = await ended(await again(run))
    assert replay.state == "succeeded"
    assert await output(replay) == {"id": "0"}
    assert len(await children()) == 2


@pytest.mark.parametrize("from_node", ["", "call", "news"])
async def test_a_replay_never_starts_a_finished_call_twice(
    hot: World, far_side: FarSide, from_node: str
) -> None:
    run = await ended(await start(hot, calling(), child()))
    replay = await ended(await again(run, from_node=from_node))
    assert replay.state == "succeeded"
    assert await output(replay) == {"id": "0"}
    assert len(await children()) == 1
    assert len(far_side.touched) == 1


async def test_other_data_is_another_run_of_the_same_call(hot: World, far_side: FarSide) -> None:
    run = await ended(await start(hot, calling(input="{{ trigger.data }}"), child()))
    replay = await ended(await again(run, trigger_data={"id": "9"}))
    assert replay.state == "succeeded"
    first, second = await children()
    assert (first.trigger_data, second.trigger_data) == (None, {"id": "9"})
    assert second.event_id == first.event_id
    assert [id_ for id_, _ in far_side.touched] == ["0", "9"]


@pytest.mark.parametrize(
    ("document", "called", "code"),
    [
        (calling(flow="nowhere"), child(), "called_flow_not_deployed"),
        (calling(version=7), child(), "called_flow_not_deployed"),
        (calling(flow="touches"), child(), "called_flow_no_trigger"),
        (calling(), child(schema={"required": ["price"]}), "call_input_invalid"),
        (calling(input="{{ look.id }}"), child(), "call_input"),
    ],
)
async def test_a_call_that_cannot_be_made_says_why(
    hot: World, far_side: FarSide, document: dict[str, Any], called: dict[str, Any], code: str
) -> None:
    run = await ended(await start(hot, document, called))
    assert (run.state, run.error["code"]) == ("dead", code)
    assert await children() == []
    assert far_side.touched == []


async def test_a_pinned_version_stays(hot: World) -> None:
    await sync_to_async(deploy)(hot.environment, hot.connection, child())
    await Deployment.objects.filter(flow__slug="child").aupdate(retired_at=timezone.now())
    run = await ended(await start(hot, calling(version=1), child()))
    [called] = await children()
    assert (run.state, called.version.number) == ("succeeded", 1)


async def test_a_circle_is_refused_where_it_closes(hot: World, far_side: FarSide) -> None:
    run = await ended(
        await start(hot, calling(), child(calls="other"), child(slug="other", calls="child"))
    )
    assert run.state == "dead"
    assert run.error["detail"]["error"]["detail"]["error"]["code"] == "call_recursion"
    assert len(far_side.touched) == 2


async def test_a_chain_has_an_end(hot: World, far_side: FarSide) -> None:
    names = ["child", *(f"child-{n}" for n in range(2, 12))]
    chain = [
        child(slug=name, calls=then) for name, then in zip(names, [*names[1:], ""], strict=True)
    ]
    run = await ended(await start(hot, calling(), *chain))
    assert run.state == "dead"
    deepest = run.error
    while "error" in deepest.get("detail", {}):
        deepest = deepest["detail"]["error"]
    assert deepest["code"] == "call_too_deep"
    assert len(far_side.touched) == 7


async def test_a_called_flow_cannot_wait_behind_its_caller(hot: World) -> None:
    lane = {"name": "same", "key": "{{ trigger.business_key }}", "hold": True}
    caller, called = calling(), child()
    caller["settings"]["lane"] = called["settings"]["lane"] = lane
    run = await start(hot, caller, called)
    await Run.objects.filter(pk=run.pk).aupdate(lane="same", lane_key="A7", holds_lane=True)
    assert (await ended(run)).error["code"] == "call_lane_held"


async def test_a_called_run_that_is_called_off_answers_too(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await start(hot, calling(), child())
    original = make_calls

    async def delayed(connection: Any, calls: Any) -> Any:
        due = await original(connection, calls)
        await connection.execute(
            "UPDATE flows_run SET due_at = now() + interval '1 hour' WHERE state = 'pending'"
        )
        return due

    monkeypatch.setattr(writer, "make_calls", delayed)
    assert (await ended(run)).state == "waiting"
    [called] = await children()
    await sync_to_async(cancel_run)(ME, await Run.objects.select_related("flow").aget(pk=called.pk))
    await sweep_once()
    await ended(run)
    assert (run.state, run.error["code"]) == ("dead", "called_flow_failed")
    assert run.error["detail"]["state"] == "cancelled"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", range(4))
async def test_no_kill_between_two_commits_loses_or_doubles_a_call(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch, place: int, after: bool
) -> None:
    """The process dies at its commit number `place`, before it or right after it."""
    run = await start(hot, calling(), child())
    await die_at(monkeypatch, place, after=after, sure=4)
    await taken_up(drained, rounds=4)
    await run.arefresh_from_db()
    assert run.state == "succeeded"
    assert await output(run) == {"id": "0"}
    assert [one.state for one in await children()] == ["succeeded"]
    assert len(far_side.touched) == 1
    assert not await Call.objects.filter(open=True).aexists()


def put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Called runs begin in an hour."""
    original = make_calls

    async def delayed(connection: Any, calls: Any) -> Any:
        due = await original(connection, calls)
        await connection.execute(
            "UPDATE flows_run SET due_at = now() + interval '1 hour' WHERE state = 'pending'"
        )
        return due

    monkeypatch.setattr(writer, "make_calls", delayed)


@sync_to_async
def cancel(run: Run) -> None:
    cancel_run(ME, Run.objects.select_related("flow", "workspace").get(pk=run.pk))


async def states(*slugs: str) -> dict[str, str]:
    runs = Run.objects.filter(flow__slug__in=slugs).select_related("flow")
    return {one.flow.slug: one.state async for one in runs}


async def test_cancelling_the_caller_cancels_all_that_it_waits_for(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child waits for a grandchild, which has not begun."""
    run = await start(hot, calling(), child(calls="other"), child(slug="other"))
    made = 0
    original = make_calls

    async def delayed(connection: Any, calls: Any) -> Any:
        nonlocal made
        made += 1
        due = await original(connection, calls)
        if made == 2:
            await connection.execute(
                "UPDATE flows_run SET due_at = now() + interval '1 hour' WHERE state = 'pending'"
            )
        return due

    monkeypatch.setattr(writer, "make_calls", delayed)
    await drained()
    names = ("caller", "child", "other")
    before = {"caller": "waiting", "child": "waiting", "other": "pending"}
    assert await states(*names) == before
    await cancel(run)
    assert await states(*names) == dict.fromkeys(names, "cancelled")
    assert not await Wait.objects.aexists()
    [called] = await children()
    assert called.outcome == "The run that waited for it is over."
    await sweep_once()
    assert not await Call.objects.filter(open=True).aexists()


async def test_a_called_run_at_work_is_cancelled_at_its_next_wait(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off(monkeypatch)
    run = await ended(await start(hot, calling(), child()))
    await Run.objects.filter(flow__slug="child").aupdate(state="running")
    await cancel(run)
    assert await states("child") == {"child": "running"}
    await Run.objects.filter(flow__slug="child").aupdate(state="waiting")
    await sweep_once()
    assert await states("child") == {"child": "cancelled"}


async def test_what_was_called_without_waiting_goes_on(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off(monkeypatch)
    document = calling(wait=False)
    document["nodes"].append({"id": "rest", "type": "flow.delay@1", "params": {"for": "PT1H"}})
    document["edges"].append({"from": "call", "port": "out", "to": "rest"})
    run = await ended(await start(hot, document, child()))
    assert run.state == "waiting"
    await cancel(run)
    await sweep_once()
    assert await states("child") == {"child": "pending"}


async def test_what_another_caller_waits_for_goes_on(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off(monkeypatch)
    run = await ended(await start(hot, calling(), child()))
    await cancel(run)
    await Run.objects.filter(flow__slug="child").aupdate(state="pending")
    await Call.objects.filter(caller=run).aupdate(open=True)
    replay = await ended(await again(run))
    assert replay.state == "waiting"
    await sweep_once()
    assert await states("child") == {"child": "pending"}
    await cancel(replay)
    assert await states("child") == {"child": "cancelled"}


@pytest.mark.parametrize("lane", [False, True])
async def test_a_full_backlog_of_the_called_flow_is_an_error_with_a_name(
    hot: World, far_side: FarSide, lane: bool
) -> None:
    called = child()
    if lane:
        called["settings"]["lane"] = {"name": "l", "key": "{{ trigger.business_key }}", "cap": 1}
    run = await start(hot, calling(), called)
    deployment = await Deployment.objects.aget(flow__slug="child")
    if not lane:
        await Deployment.objects.filter(pk=deployment.pk).aupdate(backlog_cap=1)
    [waiting] = await sync_to_async(make_runs)(hot, [{}])
    await Run.objects.filter(pk=waiting.pk).aupdate(
        flow_id=deployment.flow_id,
        version_id=deployment.version_id,
        deployment_id=deployment.id,
        lane="l" if lane else "",
        lane_key="A7",
        due_at=timezone.now() + timedelta(hours=1),
    )
    await ended(run)
    code = "called_lane_backlog_full" if lane else "called_flow_backlog_full"
    assert (run.state, run.error["code"], run.error["node"]) == ("dead", code, "call")
    assert run.error["detail"]["cap"] == 1
    await Run.objects.filter(pk=waiting.pk).aupdate(state="cancelled")
    accepting._backlogs._full.clear()
    assert (await ended(await again(run))).state == "succeeded"
    assert len(far_side.touched) == 1
