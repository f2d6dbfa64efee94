"""What is over goes, with all that hangs on it; what somebody still needs stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.models import (
    Approval,
    Call,
    Delivery,
    FlowRollup,
    HeardNews,
    Receipt,
    Run,
    RunEvent,
    TriggerEvent,
    Wait,
)
from flows.store import expiry
from flows.store.days import floor_of
from flows.store.expiry import Expiring, expire
from tests.flows.store.test_day_tables import run_id
from tests.flows.world import World, make_runs

AGO = timedelta(days=40)
KEEP = timedelta(days=30)


def what(hot: World, *, dropped: timedelta = KEEP) -> Expiring:
    now = timezone.now()
    return Expiring(
        flow_id=hot.deployment.flow_id,
        environment_id=hot.environment.id,
        before=now - KEEP,
        dropped=now - dropped,
    )


@sync_to_async
def old(hot: World, *rows: dict[str, Any], ago: timedelta = AGO) -> list[Run]:
    """Runs that ended so long ago, each with a journal and a receipt."""
    at = timezone.now() - ago
    full = [
        {
            "id": run_id(at),
            "state": "succeeded",
            "created_at": at,
            "ended_at": at,
            "lane_key": f"old-{place}",
            **row,
        }
        for place, row in enumerate(rows)
    ]
    runs = make_runs(hot, full)
    for run in runs:
        RunEvent.objects.create(run_id=run.id, seq=1, type="run_started", at=at, data={})
        Receipt.objects.create(
            run=run, effect_key="k", node="n", system="s", entity="e", record_id="1",
            action="created", verdict="confirmed", fields=[], at=at,
        )  # fmt: skip
        Delivery.objects.create(
            connection=hot.connection, delivery_id=str(run.id), event=run.event, received_at=at
        )
    return runs


@sync_to_async
def left() -> set[UUID]:
    return set(Run.objects.values_list("id", flat=True))


async def test_a_run_that_is_over_goes_with_all_that_hangs_on_it(hot: World) -> None:
    [run] = await old(hot, {})
    [young] = await old(hot, {"lane_key": "young"}, ago=timedelta(days=20))
    now = timezone.now()
    await Wait.objects.acreate(
        run=run, node="n", kind="event", topic="t", key="k", event=run.event, until=now,
        registered_at=now,
    )  # fmt: skip
    await HeardNews.objects.acreate(topic="t", key="k", event=run.event, at=now)
    assert await expire(what(hot, dropped=timedelta(days=60))) == (1, None)
    assert await Wait.objects.acount() == await HeardNews.objects.acount() == 0
    assert await left() == {young.id}
    for model in (RunEvent, Receipt):
        assert {row.run_id async for row in model.objects.all()} == {young.id}
    assert {row.id async for row in TriggerEvent.objects.all()} == {young.event_id}
    assert await Delivery.objects.acount() == 1


async def test_a_journal_whose_day_is_dropped_is_left_to_that(hot: World) -> None:
    [run] = await old(hot, {})
    assert await expire(what(hot)) == (1, None)
    assert await RunEvent.objects.filter(run_id=run.id).acount() == 1
    assert await TriggerEvent.objects.acount() == 0


async def test_what_is_not_over_stays(hot: World) -> None:
    long_ago = timezone.now() - AGO
    kept = await old(
        hot,
        {"state": "pending", "ended_at": None},
        {"state": "waiting", "ended_at": None},
        {"state": "running", "ended_at": None},
        {"state": "dead"},
        {"state": "dead", "resolved_at": timezone.now() - timedelta(days=2)},
        {"state": "succeeded", "ended_at": timezone.now() - timedelta(days=2)},
    )
    gone = await old(
        hot,
        {"state": "failed", "lane_key": "a"},
        {"state": "cancelled", "lane_key": "b"},
        {"state": "dead", "resolved_at": long_ago, "lane_key": "c"},
    )
    assert (await expire(what(hot)))[0] == len(gone)
    assert await left() == {run.id for run in kept}


async def test_the_original_goes_after_its_replay(hot: World) -> None:
    [original] = await old(hot, {})
    [replay] = await old(
        hot, {"replay_of_id": original.id, "replay_number": 1, "state": "dead", "lane_key": "r"}
    )
    await Run.objects.filter(pk=replay.id).aupdate(event=original.event)
    assert (await expire(what(hot)))[0] == 0
    await Run.objects.filter(pk=replay.id).aupdate(resolved_at=timezone.now() - AGO)
    assert (await expire(what(hot)))[0] == 1
    assert await left() == {original.id}
    assert await TriggerEvent.objects.filter(pk=original.event_id).aexists()
    assert (await expire(what(hot)))[0] == 1
    assert not await TriggerEvent.objects.filter(pk=original.event_id).aexists()


async def test_a_called_run_goes_after_its_caller(hot: World) -> None:
    caller, called = await old(hot, {"state": "dead"}, {})
    await Call.objects.acreate(
        caller=caller, node="n", path="", waits=True, open=False, at=timezone.now(),
        event=called.event, called=called,
    )  # fmt: skip
    assert (await expire(what(hot)))[0] == 0
    await Run.objects.filter(pk=caller.id).aupdate(resolved_at=timezone.now() - AGO)
    assert (await expire(what(hot)))[0] == 1
    assert (await expire(what(hot)))[0] == 1
    assert await left() == set()


async def test_news_that_another_run_waited_for_and_the_last_tick_stay(hot: World) -> None:
    waited, first, last = await old(hot, {}, {}, {})
    [waiting] = await old(hot, {"state": "waiting", "ended_at": None, "lane_key": "w"})
    now = timezone.now()
    await Wait.objects.acreate(
        run=waiting, node="n", kind="event", topic="t", key="k", event=waited.event, until=now,
        registered_at=now,
    )  # fmt: skip
    for run, tick in ((first, "2026-01-01T00:00:00Z"), (last, "2026-01-02T00:00:00Z")):
        await TriggerEvent.objects.filter(pk=run.event_id).aupdate(
            source="schedule", type="schedule@1", entity="schedule", entity_id="f.n", version=tick
        )
    assert (await expire(what(hot)))[0] == 3
    assert {row.id async for row in TriggerEvent.objects.all()} == {
        last.event_id,
        waited.event_id,
        waiting.event_id,
    }


async def test_approvals_and_sums(hot: World) -> None:
    [run] = await old(hot, {})
    await Approval.objects.acreate(
        workspace=hot.workspace, environment=hot.environment, run=run, node="n", path="",
        title="May we?", asked_at=timezone.now() - AGO, until=timezone.now() - AGO,
    )  # fmt: skip
    await FlowRollup.objects.acreate(
        flow_id=run.flow_id, environment=hot.environment, hour=timezone.now() - AGO, succeeded=1
    )
    assert (await expire(what(hot)))[0] == 1
    assert await Approval.objects.acount() == 0
    assert (await FlowRollup.objects.aget()).succeeded == 1


async def test_many_go_in_portions_past_what_stays(hot: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(expiry, "MOST", 3)
    runs = await old(hot, *[{"state": "dead" if n % 4 == 0 else "succeeded"} for n in range(12)])
    total, after = 0, None
    for _ in range(20):
        gone, after = await expire(what(hot), after=after)
        total += gone
        assert gone <= 3
        if after is None:
            break
    assert total == 9
    assert await left() == {run.id for n, run in enumerate(runs) if n % 4 == 0}


async def test_other_flows_keep_theirs(hot: World) -> None:
    [run] = await old(hot, {})
    other = Expiring(
        flow_id=UUID(int=1),
        environment_id=hot.environment.id,
        before=timezone.now(),
        dropped=timezone.now(),
    )
    assert await expire(other) == (0, None)
    assert await left() == {run.id}
    assert floor_of(timezone.now()) > run.id
