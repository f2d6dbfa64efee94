"""Verdicts on the hot path: a lost write without a way to look, and what a person makes of it."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from causeway.base.actors import system
from connectors.sdk.errors import RejectedError, UncertainError
from flows.dispatch import worker
from flows.dispatch.catalog import use_catalog
from flows.models import Run
from flows.services.runs import find_run, run_detail
from flows.services.verdicts import Finding, give_verdict
from tests.flows.example import FarSide, make_catalog
from tests.flows.world import World, make_runs

ME = system("tests")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


@sync_to_async
def decide(run: Run, *, happened: bool, **more: Any) -> Run:
    return give_verdict(ME, run, Finding(node="touch", happened=happened, **more))


@sync_to_async
def shown(run: Run) -> dict[str, Any]:
    return run_detail(ME, find_run(ME, run.pk))


async def lost(hot: World, far_side: FarSide, *, touched: bool) -> Run:
    """A dead letter whose write got no answer, and whose far side cannot be asked."""

    async def behave(params: Any) -> None:
        if touched:
            far_side.touched.append((params["id"], "by the lost attempt"))
        raise UncertainError("The line was cut.", code="cut", fix="Look there.")

    async def blind(ctx: Any, params: Any) -> Any:
        raise RejectedError("There is no way to look.", code="blind", fix="Look there.")

    far_side.probe = blind  # type: ignore[method-assign]  # the catalog is made below
    use_catalog(make_catalog(far_side))
    far_side.behave = behave
    [run] = await sync_to_async(make_runs)(hot, [{"lane_key": "6"}])
    await worker.drain()
    await run.arefresh_from_db()
    assert (run.state, (run.error or {})["code"]) == ("dead", "unresolved")
    far_side.behave = None
    return run


async def test_both_facts_are_shown(hot: World, far_side: FarSide) -> None:
    run = await lost(hot, far_side, touched=True)
    [fact] = (await shown(run))["unresolved"]
    assert (fact["node"], fact["path"], fact["attempt"]) == ("touch", "", 1)
    assert fact["params"] == {"id": "6"}
    assert fact["sent_at"] is not None
    assert len(fact["effect_key"]) == 32
    assert fact["answer"]["error"]["message"] == "The line was cut."
    assert [one["error"]["code"] for one in fact["looks"]] == ["blind"]


async def test_what_happened_is_taken_for_done(hot: World, far_side: FarSide) -> None:
    run = await lost(hot, far_side, touched=True)
    replay = await decide(run, happened=True, output={"id": "6"}, note="Seen there")
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert len(far_side.touched) == 1
    steps = {one["node"]: one for one in (await shown(replay))["steps"]}
    assert steps["touch"]["output"] == {"id": "6"}
    await run.arefresh_from_db()
    assert (run.resolved_by, run.resolved_note) == (str(ME), "Seen there")


async def test_what_did_not_happen_is_done_again(hot: World, far_side: FarSide) -> None:
    run = await lost(hot, far_side, touched=False)
    replay = await decide(run, happened=False)
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["6"]
    assert (await shown(replay))["unresolved"] == []
