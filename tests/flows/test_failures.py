"""Failures of runs start the flows that listen to them: always, and once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from connectors.sdk.errors import RejectedError
from flows import failures
from flows.dispatch import worker
from flows.engine.compile import check_flow
from flows.models import Deployment, Flow, Run, TriggerEvent
from flows.store.sweep import sweep
from tests.flows.dispatch.test_worker import bring
from tests.flows.engine.support import CATALOG
from tests.flows.example import FarSide, document
from tests.flows.world import DAY, World, deploy, make_runs


def handler(slug: str = "handler", *, settings: Any = None, **params: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "slug": slug,
        "name": slug,
        "connections": {},
        "settings": settings or {},
        "nodes": [
            {"id": "failed", "type": "flow.failed@1", "name": "Failed", "params": params},
            {
                "id": "end",
                "type": "flow.stop@1",
                "name": "End",
                "params": {
                    "outcome": "{{ failed.flow }} {{ failed.state }} {{ failed.error.code }}"
                    " {{ failed.node }}"
                },
            },
        ],
        "edges": [{"from": "failed", "port": "out", "to": "end"}],
    }


async def put(hot: World, made: dict[str, Any]) -> Deployment:
    return await sync_to_async(deploy)(hot.environment, hot.connection, made)


async def runs_of(slug: str) -> list[Run]:
    return [one async for one in Run.objects.filter(flow__slug=slug).order_by("id")]


async def refuse(_params: Mapping[str, Any]) -> None:
    raise RejectedError("No.", code="not_wanted")


@pytest.fixture
async def dead(hot: World, far_side: FarSide) -> Run:
    """A dead letter of the flow `touches`."""
    far_side.behave = refuse
    await bring(hot, "6")
    await worker.drain()
    run = await Run.objects.aget(flow__slug="touches")
    assert run.state == "dead"
    return run


async def test_a_dead_letter_starts_who_listens_with_what_is_known(hot: World, dead: Run) -> None:
    await put(hot, handler())
    assert await failures.tell() == 1
    await worker.drain()
    (run,) = await runs_of("handler")
    assert (run.state, run.outcome) == ("succeeded", "touches dead not_wanted touch")
    event = await TriggerEvent.objects.aget(pk=run.event_id)
    assert event.data["run_id"] == str(dead.id)
    assert event.data["page"] == f"/runs/{dead.id}"
    assert (event.source, event.business_key) == ("failure", dead.business_key)


async def test_it_is_told_once_however_many_sweeps_there_are(hot: World, dead: Run) -> None:
    await put(hot, handler())
    assert sum(await asyncio.gather(*(failures.tell() for _ in range(6)))) == 1
    assert await failures.tell() == 0
    assert len(await runs_of("handler")) == 1


async def test_a_run_that_ended_through_the_sweep_is_told_too(hot: World) -> None:
    """Whoever ended it and died right after: what counts is its row."""
    await put(hot, handler())
    (run,) = await sync_to_async(make_runs)(
        hot, [{"state": "running", "alone": True, "suspicion": 3, "lease_until": DAY}]
    )
    await sweep()
    await run.arefresh_from_db()
    assert run.state == "dead"
    assert await failures.tell() == 1


async def test_who_listens_later_hears_nothing_of_the_past(hot: World, dead: Run) -> None:
    assert await failures.tell() == 0
    await put(hot, handler())
    assert await failures.tell() == 0


@pytest.mark.parametrize(
    ("params", "hears"),
    [
        ({}, True),
        ({"flows": ["touches"]}, True),
        ({"flows": ["another"]}, False),
        ({"states": ["failed"]}, False),
        ({"states": ["dead"]}, True),
        ({"codes": ["not_wanted"]}, True),
        ({"codes": ["timeout"]}, False),
        ({"named_only": True}, False),
    ],
)
async def test_the_node_says_what_it_hears(
    params: dict[str, Any], hears: bool, hot: World, dead: Run
) -> None:
    await put(hot, handler(**params))
    assert await failures.tell() == int(hears)


async def test_a_flow_names_the_one_that_is_started(hot: World, far_side: FarSide) -> None:
    made = document("routed")
    made["settings"]["on_error"] = "handler"
    await put(hot, made)
    await put(hot, handler(named_only=True))
    await put(hot, handler("elsewhere", flows=["another"]))
    far_side.behave = refuse
    await bring(hot, "6")
    await worker.drain()
    await failures.tell()
    (run,) = await runs_of("handler")
    event = await TriggerEvent.objects.aget(pk=run.event_id)
    assert event.data["flow"] == "routed"
    assert await runs_of("elsewhere") == []


async def test_failures_of_failures_end_there(hot: World, dead: Run) -> None:
    """A handler that fails itself starts neither itself nor another."""
    broken = handler()
    broken["nodes"][1]["params"] = {"outcome": "{{ failed.nowhere.to }}"}
    await put(hot, broken)
    await put(hot, handler("watcher"))
    for _ in range(3):
        await failures.tell()
        await worker.drain()
    (run,) = await runs_of("handler")
    assert run.state == "dead"
    assert len(await runs_of("watcher")) == 1
    assert await Run.objects.filter(failure_told=False, state="dead").acount() == 0


async def test_another_environment_hears_nothing(hot: World, dead: Run) -> None:
    deployment = await put(hot, handler())
    other = await sync_to_async(
        lambda: type(hot.environment).objects.create(
            workspace=hot.workspace, slug="other", name="Other", kind="test"
        )
    )()
    await Deployment.objects.filter(pk=deployment.pk).aupdate(environment=other)
    assert await failures.tell() == 0


async def test_a_full_backlog_lets_it_wait(hot: World, dead: Run) -> None:
    deployment = await put(hot, handler())
    await Deployment.objects.filter(pk=deployment.pk).aupdate(backlog_cap=0)
    assert await failures.tell() == 0
    await dead.arefresh_from_db()
    assert not dead.failure_told
    await Deployment.objects.filter(pk=deployment.pk).aupdate(backlog_cap=10)


async def test_what_succeeds_is_nobodys_failure(hot: World) -> None:
    await put(hot, handler())
    await bring(hot, "7")
    await worker.drain()
    assert await failures.tell() == 0
    assert await Flow.objects.acount() == 2


def test_a_list_and_named_only_contradict_each_other() -> None:
    problems = check_flow(handler(flows=["a"], named_only=True), CATALOG)
    assert "failed_flows" in {one.code for one in problems}
