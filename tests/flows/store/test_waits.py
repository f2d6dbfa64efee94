"""No answer is lost between a step that comes to its wait and news that comes in meanwhile."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.models import Run, TriggerEvent, Wait
from flows.store.pool import Connection, pool
from flows.store.sweep import sweep
from flows.store.waits import News, WaitRow, hear, register, topic_of
from tests.flows.world import World, make_runs

TOPIC = "t" * 32


def wait(key: str = "K", node: str = "wait", topic: str = TOPIC) -> WaitRow:
    until = timezone.now() + timedelta(days=1)
    return WaitRow(node=node, path="", kind="event", topic=topic, key=key, until=until)


async def register_in(connection: Connection, run: Run, *waits: WaitRow) -> None:
    """As the journal's writer does: the run's row is waiting before its waits are noted."""
    await connection.execute(
        "UPDATE flows_run SET state = 'waiting', due_at = now() + interval '1 day' WHERE id = %s",
        [run.id],
    )
    await register(connection, {run.id: waits}, [])


async def register_all(run: Run, *waits: WaitRow) -> None:
    async with (await pool()).connection() as connection, connection.transaction():
        await register_in(connection, run, *waits)


async def hear_all(event: UUID, *keys: str) -> list[tuple[UUID, UUID]]:
    async with (await pool()).connection() as connection, connection.transaction():
        return await hear(connection, [News(topic=TOPIC, key=key, event_id=event) for key in keys])


@pytest.fixture
async def run(hot: World) -> Run:
    [run] = await sync_to_async(make_runs)(hot, [{"state": "running"}])
    return run


@pytest.fixture
async def news(hot: World, run: Run) -> UUID:
    """An event that is newer than the run's."""
    [other] = await sync_to_async(make_runs)(hot, [{"state": "succeeded"}])
    await TriggerEvent.objects.filter(pk=other.event_id).aupdate(accepted_at=timezone.now())
    return other.event_id


async def is_due(run: Run) -> bool:
    await run.arefresh_from_db()
    return run.state == "waiting" and run.due_at <= timezone.now()


async def test_news_that_is_being_written_is_waited_for(run: Run, news: UUID) -> None:
    async with (await pool()).connection() as connection:
        async with connection.transaction():
            assert await hear(connection, [News(topic=TOPIC, key="K", event_id=news)]) == []
            meanwhile = asyncio.create_task(register_all(run, wait()))
            done, _ = await asyncio.wait([meanwhile], timeout=0.2)
            assert not done
        await meanwhile
    assert await is_due(run)


async def test_a_wait_that_is_being_written_is_waited_for(run: Run, news: UUID) -> None:
    async with (await pool()).connection() as connection:
        async with connection.transaction():
            await register_in(connection, run, wait())
            meanwhile = asyncio.create_task(hear_all(news, "K"))
            done, _ = await asyncio.wait([meanwhile], timeout=0.2)
            assert not done
        assert await meanwhile == [(run.environment_id, run.id)]
    assert await is_due(run)


async def test_an_answer_for_a_run_that_was_just_claimed_is_found_at_its_next_wait(
    run: Run, news: UUID
) -> None:
    await register_all(run, wait("K"), wait("L", "other"))
    async with (await pool()).connection() as claiming, claiming.transaction():
        await claiming.execute("UPDATE flows_run SET state = 'running' WHERE id = %s", [run.id])
        assert await hear_all(news, "K") == []  # and does not wait for the claim
    await register_all(run, wait("K"), wait("L", "other"))
    assert await is_due(run)


async def test_the_sweep_finds_an_answer_that_nobody_told_the_run_of(run: Run, news: UUID) -> None:
    await register_all(run, wait("K"))
    async with (await pool()).connection() as holding, holding.transaction():
        await holding.execute("SELECT FROM flows_run WHERE id = %s FOR UPDATE", [run.id])
        assert await hear_all(news, "K") == []
    assert not await is_due(run)
    assert (run.environment_id, run.id) in (await sweep()).changed
    assert await is_due(run)
    assert (await sweep()).changed == ()


async def test_the_first_answer_counts(run: Run, news: UUID, hot: World) -> None:
    await register_all(run, wait())
    [other] = await sync_to_async(make_runs)(hot, [{"state": "succeeded"}])
    assert await hear_all(news, "K") != []
    assert await hear_all(other.event_id, "K") == []
    assert (await Wait.objects.aget()).event_id == news


async def test_what_is_no_longer_waited_for_goes_and_what_was_taken_stays(
    run: Run, news: UUID
) -> None:
    await register_all(run, wait("K", "a"), wait("L", "b"))
    await hear_all(news, "K")
    await register_all(run, wait("M", "c"))
    rows = {one.node: one.taken async for one in Wait.objects.all()}
    assert rows == {"a": True, "c": False}
    assert not await is_due(run)
    async with (await pool()).connection() as connection, connection.transaction():
        await register(connection, {}, [run.id])
    assert not await Wait.objects.aexists()


async def test_a_wait_without_a_topic_is_no_news_matter(run: Run, news: UUID) -> None:
    await register_all(run, wait("K", topic=""))
    await hear_all(news, "K")
    assert not await is_due(run)


def test_a_topic_depends_on_what_is_waited_for_and_not_on_the_order_of_params() -> None:
    one = topic_of("c", "t", "business_key", {"a": [1, {"x": 1, "y": 2}], "b": 2})
    assert one == topic_of("c", "t", "business_key", {"b": 2, "a": [1, {"y": 2, "x": 1}]})
    others = {
        topic_of("d", "t", "business_key", {}),
        topic_of("c", "u", "business_key", {}),
        topic_of("c", "t", "entity_id", {}),
        topic_of("c", "t", "business_key", {"a": [1]}),
        one,
    }
    assert len(others) == 5
    assert len(one) == 32
