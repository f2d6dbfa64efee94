"""Large values cross a run like small ones, and lie beside the rows that name them."""

from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection as django_connection
from django.utils import timezone

from flows.dispatch import worker
from flows.dispatch.accepting import Arrival, accept
from flows.dispatch.keeping import keep_house
from flows.models import Payload, Run, RunEvent, TriggerEvent
from flows.models.packing import LARGE
from flows.store.history import load_events
from tests.flows.dispatch.test_replays import again, known, refuse  # noqa: F401 - a fixture
from tests.flows.example import FarSide, document, event, waiting_document
from tests.flows.store.test_day_tables import days  # noqa: F401 - a fixture
from tests.flows.world import DAY, World, deploy

BIG = "Übergröße " * LARGE


@sync_to_async
def stored(table: str) -> list[str]:
    """The data column as it lies there."""
    with django_connection.cursor() as cursor:
        cursor.execute(f"SELECT data::text FROM {table}")
        return [row[0] for row in cursor.fetchall()]


def carrying(slug: str = "carries") -> dict[str, Any]:
    """Both steps take the news's note for an id."""
    made = document(slug)
    for node in made["nodes"][1:]:
        node["params"] = {"id": "{{ trigger.data.note }}"}
    return made


async def bring(hot: World, id_: str, version: str = "1", **data: Any) -> None:
    await accept(
        Arrival(
            environment_id=hot.environment.id,
            connection_id=hot.connection.id,
            source="hook",
            system=hot.connection.system,
            events=[event(id_, at=DAY, version=version, **data)],
        )
    )


async def replace_flow(hot: World, made: dict[str, Any]) -> None:
    await hot.deployment.listeners.all().adelete()
    await sync_to_async(deploy)(hot.environment, hot.connection, made)


async def test_a_large_value_crosses_a_run(days: World, far_side: FarSide) -> None:  # noqa: F811
    await replace_flow(days, carrying())
    await bring(days, "6", note=BIG)
    assert await worker.drain() == 1
    run = await Run.objects.aget()
    assert run.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == [BIG]
    # The rows are small; who reads them sees everything.
    for table in ("flows_triggerevent", "flows_runevent"):
        assert max(map(len, await stored(table))) < LARGE
    trigger = await TriggerEvent.objects.aget()
    assert trigger.data == {"id": "6", "note": BIG}
    outputs = [
        one.data["output"]["id"]
        async for one in RunEvent.objects.filter(run=run)
        if isinstance(one.data.get("output"), dict) and "id" in one.data["output"]
    ]
    assert BIG in outputs
    loaded = await load_events(run.id)
    assert [one.data async for one in RunEvent.objects.order_by("seq")] == [
        one.data for one in loaded
    ]


async def test_it_is_stored_once_and_small(days: World, far_side: FarSide) -> None:  # noqa: F811
    await replace_flow(days, carrying())
    for version in ("1", "2", "3"):
        await bring(days, "6", version=version, note=BIG)
    await bring(days, "6", version="3", note=BIG)  # known already
    assert await worker.drain() == 3
    sizes = [(one.size, len(one.data)) async for one in Payload.objects.all()]
    # What the news carries, what is sent, put out and read back: three runs have each in common.
    assert 1 <= len(sizes) <= 4
    assert all(packed * 50 < size for size, packed in sizes), sizes


async def test_a_run_that_failed_goes_on_with_it(days: World, far_side: FarSide) -> None:  # noqa: F811
    await replace_flow(days, carrying())
    await bring(days, "6", note=BIG)
    refuse(far_side)
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "dead"
    far_side.behave = None
    replay = await again(run)
    await worker.drain()
    await replay.arefresh_from_db()
    assert replay.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == [BIG]


async def test_news_that_a_step_waited_for_may_be_large(
    days: World,  # noqa: F811
    far_side: FarSide,
) -> None:
    made = waiting_document()
    made["nodes"][2]["params"] = {"id": "{{ wait.data.note }}"}
    await replace_flow(days, made)
    await bring(days, "6")
    await worker.drain()
    await bring(days, "6x", note=BIG)
    await worker.drain()
    assert [id_ for id_, _ in far_side.touched] == [BIG]


async def test_data_that_looks_like_a_name_is_data(days: World, far_side: FarSide) -> None:  # noqa: F811
    made = carrying()
    for node in made["nodes"][1:]:
        node["params"] = {"id": "{{ trigger.data.note['$payload'] }}"}
    await replace_flow(days, made)
    note = {"$payload": "20260101-" + "0" * 32}
    await bring(days, "6", note=note)
    await worker.drain()
    assert [id_ for id_, _ in far_side.touched] == [note["$payload"]]
    assert (await TriggerEvent.objects.aget()).data["note"] == note


async def test_a_payload_that_is_gone_is_a_dead_letter_and_stops_nobody(
    days: World,  # noqa: F811
    far_side: FarSide,
) -> None:
    await replace_flow(days, carrying())
    await bring(days, "6", note=BIG)
    await bring(days, "7", note="small")
    await Payload.objects.all().adelete()
    await worker.drain()
    lost, other = [one async for one in Run.objects.order_by("lane_key")]
    assert (lost.state, lost.error["code"]) == ("dead", "payload_lost")
    assert other.state == "succeeded"


async def test_payloads_go_with_their_day_but_for_what_is_needed(
    days: World,  # noqa: F811
    far_side: FarSide,
) -> None:
    await replace_flow(days, carrying())
    await keep_house(timezone.now(), keep_days=30)
    await bring(days, "6", note=BIG)
    await worker.drain()
    refuse(far_side)
    await bring(days, "7", note=BIG + "!")
    await worker.drain()
    dead = await Run.objects.aget(state="dead")
    later = timezone.now() + timedelta(days=40)
    kept = await keep_house(later, keep_days=30)
    assert kept.runs == 1
    assert f"flows_payload_{timezone.now():%Y%m%d}" in kept.days
    assert {run.id async for run in Run.objects.all()} == {dead.id}
    assert (await TriggerEvent.objects.aget()).data["note"] == BIG + "!"
    assert [one.data for one in await load_events(dead.id)]
    assert await Payload.objects.filter(size__lt=len(BIG.encode())).acount() == 0
    # Nobody needs the rest when it is solved.
    await Run.objects.filter(pk=dead.pk).aupdate(resolved_at=timezone.now())
    await keep_house(later, keep_days=30)
    assert await Payload.objects.acount() == 0
