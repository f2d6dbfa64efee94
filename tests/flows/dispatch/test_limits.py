"""The limits of a run where it is real: at the rim, in the worker, in the dead letter."""

from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from causeway.base.actors import system
from causeway.base.problems import Problem
from connectors.sdk.trigger import PollPage
from flows import failures, polling
from flows.dispatch import worker
from flows.models import Listener, PollCursor, Run, RunEvent, TriggerEvent
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from flows.services.runs import find_run
from flows.services.starts import ManualTrigger, start_manual
from flows.store.history import load_journal
from tests.flows import example
from tests.flows.example import FarSide, event
from tests.flows.test_failures import handler
from tests.flows.world import DAY, World, deploy, make_runs

ME = system("tests")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr(
        "flows.services.documents.default_catalog", lambda: example.make_catalog(far_side)
    )


def set_to(monkeypatch: pytest.MonkeyPatch, **limits: Any) -> None:
    monkeypatch.setattr(settings, "CAUSEWAY", replace(settings.CAUSEWAY, **limits))


@sync_to_async
def one_run(hot: World, **data: Any) -> Run:
    [run] = make_runs(hot, [{}])
    TriggerEvent.objects.filter(pk=run.event_id).update(data={"id": "0", **data})
    return run


async def test_a_value_that_is_too_large_makes_a_dead_letter_with_the_facts(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, payload_max_bytes=2_000)
    run = await one_run(hot, text="x" * 3_000)
    await worker.drain()
    await run.arefresh_from_db()
    assert (run.state, run.error["code"], run.error["node"]) == (
        "dead",
        "payload_too_large",
        "news",
    )
    assert run.error["detail"]["most"] == 2_000
    assert far_side.touched == []
    set_to(monkeypatch, payload_max_bytes=10_000)
    again = await sync_to_async(replay_run)(ME, await sync_to_async(find_run)(ME, run.pk), Wish())
    await worker.drain()
    await again.arefresh_from_db()
    assert again.state == "succeeded"


async def test_a_resumed_run_knows_what_it_holds(hot: World) -> None:
    run = await one_run(hot, text="\u00e4" * 1_000)
    await worker.drain()
    events, _ = await load_journal(run.pk)
    by_node = {one.node: one for one in events if one.type == "step_succeeded"}
    assert 2_000 < by_node["news"].size < 2_200, "bytes, not letters"
    assert await RunEvent.objects.filter(run=run).acount() == len(events)


async def test_a_long_history_ends_in_the_dead_letters(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, run_max_events=4)
    run = await one_run(hot)
    await worker.drain()
    await run.arefresh_from_db()
    assert (run.state, run.error["code"]) == ("dead", "history_too_long")


async def test_data_given_by_hand_is_refused_before_anything_is_stored(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, payload_max_bytes=2_000)
    flow = await sync_to_async(lambda: hot.deployment.flow)()
    with pytest.raises(Problem) as refused:
        await sync_to_async(start_manual)(
            ME,
            flow=flow,
            environment=hot.environment,
            trigger=ManualTrigger(entity_id="6", data={"text": "x" * 2_000}),
        )
    assert (refused.value.status, refused.value.code) == (413, "payload_too_large")
    assert refused.value.errors[0]["pointer"] == "/trigger/data"
    assert not await Run.objects.aexists()


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        (Wish(trigger_data={"text": "x" * 2_000}), "/trigger_data"),
        (Wish(outputs={"look": "x" * 2_000}), "/outputs/look"),
    ],
)
async def test_so_is_a_replay_with_too_large_an_edit(
    hot: World, monkeypatch: pytest.MonkeyPatch, wish: Wish, pointer: str
) -> None:
    run = await one_run(hot)
    await worker.drain()
    set_to(monkeypatch, payload_max_bytes=2_000)
    with pytest.raises(Problem) as refused:
        await sync_to_async(replay_run)(ME, await sync_to_async(find_run)(ME, run.pk), wish)
    assert refused.value.status == 413
    assert refused.value.errors[0]["pointer"] == pointer


async def test_a_poll_stays_where_it_is_and_names_the_record(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync_to_async(polling.ensure_poll_cursors)([one async for one in Listener.objects.all()])
    big = replace(event("77", at=DAY), data={"text": "x" * 2_000})
    far_side.pages = [PollPage(events=[event("6", at=DAY), big], cursor={"at": 1})] * 2
    set_to(monkeypatch, payload_max_bytes=2_000)
    await polling.poll_due(worker.kit().reach)
    cursor = await PollCursor.objects.aget()
    assert "77" in cursor.last_error
    assert "CAUSEWAY_PAYLOAD_MAX_BYTES" in cursor.last_error
    assert not await TriggerEvent.objects.aexists()
    set_to(monkeypatch, payload_max_bytes=10_000)
    await PollCursor.objects.aupdate(due_at=timezone.now())
    await polling.poll_due(worker.kit().reach)
    assert await TriggerEvent.objects.acount() == 2


@pytest.mark.parametrize("limit", [{"payload_max_bytes": 2_000}, {"run_max_events": 4}])
async def test_who_listens_to_failures_hears_of_a_limit_too(
    hot: World, monkeypatch: pytest.MonkeyPatch, limit: dict[str, int]
) -> None:
    await sync_to_async(deploy)(hot.environment, hot.connection, handler())
    set_to(monkeypatch, **limit)
    await one_run(hot, text="x" * 3_000)
    await worker.drain()
    assert await failures.tell() == 1
    event = await TriggerEvent.objects.aget(source="failure")
    code = "history_too_long" if "run_max_events" in limit else "payload_too_large"
    assert event.data["error"]["code"] == code
