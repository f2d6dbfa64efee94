"""A run asks a person: from the question in the table to the step that goes on."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.actors import system
from connectors.sdk.errors import RejectedError
from flows.dispatch import worker
from flows.engine.nodes.approval import Decision
from flows.models import Approval, Deployment, Run, RunEvent, Wait
from flows.services.approvals import decide, find_approval, open_approvals
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from tests.flows import example
from tests.flows.example import FarSide, make_catalog
from tests.flows.world import World, deploy, make_runs

ME = system("tests")


def document() -> dict[str, Any]:
    made = example.document("asks")
    news, look, touch = made["nodes"]
    ask = {
        "id": "ask",
        "type": "flow.approval@1",
        "name": "Ask",
        "params": {"title": "Touch {{ look.id }}?", "users": ["nora"], "deadline": "P1D"},
    }
    return {
        **made,
        "nodes": [news, look, ask, touch],
        "edges": [
            {"from": "news", "port": "out", "to": "look"},
            {"from": "look", "port": "out", "to": "ask"},
            {"from": "ask", "port": "approved", "to": "touch"},
        ],
    }


@pytest.fixture
async def run(hot: World, monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> Run:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))
    await Deployment.objects.aupdate(retired_at=timezone.now())
    deployment = await sync_to_async(deploy)(hot.environment, hot.connection, document())
    [run] = await sync_to_async(make_runs)(hot, [{}])
    await Run.objects.filter(pk=run.pk).aupdate(
        deployment=deployment, version_id=deployment.version_id, flow_id=deployment.flow_id
    )
    await run.arefresh_from_db()
    return run


@sync_to_async
def say(decision: Decision, approval: Approval | None = None) -> Approval:
    found = approval or Approval.objects.latest("pk")
    return decide(ME, find_approval(ME, found.pk), decision, comment="So be it.")


@sync_to_async
def count_open(run: Run) -> int:
    return open_approvals(ME, run.environment).count()


async def test_a_run_goes_on_with_what_was_decided(run: Run, far_side: FarSide) -> None:
    await worker.drain()
    await run.arefresh_from_db()
    assert run.state == "waiting"
    asked = await Approval.objects.aget()
    assert (asked.title, asked.users, asked.node) == ("Touch 0?", ["nora"], "ask")
    assert (asked.workspace_id, asked.environment_id) == (run.workspace_id, run.environment_id)
    assert await count_open(run) == 1
    await say(Decision.APPROVED)
    assert await count_open(run) == 0
    assert await worker.drain() == 1
    await run.arefresh_from_db()
    assert run.state == "succeeded"
    assert len(far_side.touched) == 1
    done = await RunEvent.objects.aget(run=run, node="ask", type="step_succeeded")
    assert (done.data["output"]["by"], done.data["output"]["comment"]) == (
        "system:tests",
        "So be it.",
    )
    assert not await Wait.objects.aexists()


async def test_rejected_ends_well_with_nothing_done(run: Run, far_side: FarSide) -> None:
    await worker.drain()
    await say(Decision.REJECTED)
    await worker.drain()
    await run.arefresh_from_db()
    assert run.state == "succeeded"
    assert far_side.touched == []


async def test_a_decision_while_the_run_is_carried_is_not_lost(run: Run) -> None:
    await worker.drain()
    await Run.objects.filter(pk=run.pk).aupdate(due_at=timezone.now())
    await asyncio.gather(*(worker.drain() for _ in range(2)), say(Decision.APPROVED))
    while await worker.drain():
        pass
    await run.arefresh_from_db()
    assert run.state == "succeeded"


async def test_a_question_is_put_once_however_often_the_run_is_taken_up(run: Run) -> None:
    for _ in range(3):
        await worker.drain()
        await Run.objects.filter(pk=run.pk).aupdate(due_at=timezone.now())
    assert await Approval.objects.acount() == 1


async def test_a_replay_keeps_the_decision(run: Run, far_side: FarSide) -> None:
    async def refuse(_: Any) -> None:
        raise RejectedError("no", code="refused", fix="Correct it.")

    far_side.behave = refuse
    await worker.drain()
    await say(Decision.APPROVED)
    await worker.drain()
    await run.arefresh_from_db()
    assert run.state == "dead"
    far_side.behave = None
    replay = await sync_to_async(replay_run)(ME, run, Wish(from_node="news"))
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert await Approval.objects.acount() == 1
