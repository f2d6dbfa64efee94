"""Two processes on one connection through a real Redis, emptied and taken away."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from flows.dispatch.table_board import TableBoard
from flows.models import SharedLimit
from flows.protection import reading
from flows.protection.board import PREFIX, Board
from flows.protection.circuit import STREAK, Outcome, Phase, Seen
from flows.protection.guard import Guard, HeldError
from flows.protection.policy import Policy
from flows.protection.shared import Protection
from tests.flows.world import World

HERE = "a-connection"


class Process:
    """What one worker process has: its own client, its own guard."""

    def __init__(
        self, policy: Policy, url: str | None = None, *, instead: Board | None = None
    ) -> None:
        # A machine that is busy with other tests must not look like a Redis that is away: then
        # each goes on alone, and rightly so.
        self.protection = Protection(
            url or settings.CAUSEWAY.redis_url, processes=2, patience=5.0, instead=instead
        )
        self.guard: Guard = self.protection.guard(HERE, policy)

    async def call(self, key: str, outcome: Outcome = Outcome.ANSWERED, took: float = 0.0) -> None:
        started = await self.protection.enter(self.guard, key=key, cost=1.0)
        await asyncio.sleep(took)
        self.guard.leave(
            Seen(at=time.time(), started=started, outcome=outcome, key=key, type="example.get@1")
        )

    async def break_it(self) -> None:
        for count in range(STREAK):
            await self.call(f"step {count}", Outcome.FAILED)

    async def hold(self, key: str) -> Any:
        return await self.protection.hold(self.guard, key)


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    for _ in range(200):
        found = await look()
        if found:
            return found
        await asyncio.sleep(0.03)
    raise AssertionError("still not after six seconds")


@pytest.fixture
def server() -> redis.Redis:
    client = redis.Redis.from_url(settings.CAUSEWAY.redis_url)
    client.delete(PREFIX + HERE)
    return client


@pytest.fixture
async def pair(server: redis.Redis) -> AsyncIterator[tuple[Process, Process]]:
    policy = Policy(cap=3)
    both = Process(policy), Process(policy)
    yield both
    for one in both:
        await one.protection.aclose()


async def test_two_processes_share_one_limit(pair: tuple[Process, Process]) -> None:
    under_way = most = 0

    async def call(process: Process, key: str) -> None:
        nonlocal under_way, most
        started = await process.protection.enter(process.guard, key=key, cost=1.0)
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        process.guard.leave(
            Seen(at=time.time(), started=started, outcome=Outcome.ANSWERED, key=key)
        )

    async with asyncio.timeout(20):
        await asyncio.gather(*(call(pair[n % 2], str(n)) for n in range(60)))
    assert most == 3


async def test_what_one_finds_out_stops_the_other_and_one_probe_ends_it(
    pair: tuple[Process, Process],
) -> None:
    mine, yours = pair
    assert await yours.hold("anything") is None
    await mine.break_it()
    held = await mine.hold("six")
    assert held is not None
    assert held.reason == "circuit"
    with pytest.raises(HeldError):
        await mine.call("six")

    await eventually(lambda: yours.hold("six"))

    async def let_through() -> list[str]:
        both = (("mine", mine), ("yours", yours))
        return [name for name, one in both if await one.hold(name) is None]

    [prober] = await eventually(let_through)
    await (mine if prober == "mine" else yours).call(prober)

    async def closed() -> bool:
        return await mine.hold("x") is None and await yours.hold("y") is None

    await eventually(closed)


async def test_a_redis_that_was_emptied_is_told_again(
    pair: tuple[Process, Process], server: redis.Redis
) -> None:
    mine, yours = pair
    await mine.protection.hold(mine.guard, "x")
    await mine.break_it()
    server.flushall()
    assert await mine.hold("six") is not None

    await eventually(lambda: yours.hold("six"))
    assert yours.guard.record.circuit.phase is Phase.OPEN


async def test_without_redis_each_goes_on_with_its_share() -> None:
    alone = Process(Policy(cap=4), "redis://127.0.0.1:1/0")
    try:
        async with asyncio.timeout(5):
            await asyncio.gather(*(alone.call(str(n), took=0.001) for n in range(40)))
            assert alone.guard.record.permits(Policy(cap=4).share(2)) == 2
            await alone.break_it()
        assert await alone.hold("six") is not None
    finally:
        await alone.protection.aclose()


NOWHERE = "redis://127.0.0.1:1/0"


async def test_without_redis_they_agree_over_the_database(hot: World) -> None:
    policy = Policy(cap=3)
    mine, yours = (Process(policy, NOWHERE, instead=TableBoard()) for _ in range(2))
    try:
        most = now = 0

        async def call(process: Process, key: str) -> None:
            nonlocal most, now
            started = await process.protection.enter(process.guard, key=key, cost=1.0)
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1
            process.guard.leave(
                Seen(at=time.time(), started=started, outcome=Outcome.ANSWERED, key=key, type="x")
            )

        async with asyncio.timeout(30):
            await asyncio.gather(*(call(one, str(n)) for one in (mine, yours) for n in range(30)))
        assert 1 <= most <= 3
        await mine.break_it()
        await eventually(lambda: yours.hold("six"))
        assert yours.guard.record.circuit.phase is Phase.OPEN
    finally:
        for one in (mine, yours):
            await one.protection.aclose()


async def test_what_stands_there_from_an_earlier_outage_says_nothing(hot: World) -> None:
    first = Process(Policy(cap=4), NOWHERE, instead=TableBoard())
    await first.hold("x")
    await first.break_it()
    assert await first.hold("six") is not None
    await first.protection.aclose()
    await SharedLimit.objects.aupdate(at=timezone.now() - timedelta(seconds=11))
    later = Process(Policy(cap=4), NOWHERE, instead=TableBoard())
    try:
        assert await later.hold("six") is None
    finally:
        await later.protection.aclose()


async def test_the_rate_is_shared(server: redis.Redis) -> None:
    policy = Policy(cap=16, rate=20.0)
    both = Process(policy), Process(policy)
    started = time.monotonic()
    try:
        async with asyncio.timeout(10):
            await asyncio.gather(*(both[n % 2].call(str(n)) for n in range(40)))
    finally:
        for one in both:
            await one.protection.aclose()
    # One second's worth had gathered; the other twenty came at twenty a second.
    assert time.monotonic() - started > 0.85


async def test_who_gives_up_waiting_leaves_nothing_behind(pair: tuple[Process, Process]) -> None:
    mine, _ = pair
    slow = [asyncio.create_task(mine.call(str(n), took=0.3)) for n in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await mine.call("impatient")
    await asyncio.gather(*slow)
    assert mine.guard.in_flight == 0
    async with asyncio.timeout(5):
        await mine.call("next")


async def test_pages_are_told_in_one_round_trip(pair: tuple[Process, Process]) -> None:
    mine, _ = pair
    await mine.call("one")
    await mine.break_it()
    await mine.hold("x")

    async def told() -> Any:
        both = {HERE: {"max_concurrency": 3}, "another": {}}
        found = await asyncio.to_thread(reading.circuits, both)
        return found if found[HERE]["state"] != "closed" else None

    found = await eventually(told)
    assert found[HERE]["state"] == "open"
    assert found[HERE]["cause"] == "failures"
    assert found[HERE]["next_try_at"] > found[HERE]["since"]
    assert found[HERE]["limit"] == 1
    assert found[HERE]["cap"] == 3
    assert isinstance(found[HERE]["p95_ms"], int)
    assert found["another"] == {
        "state": "closed",
        "cause": "",
        "since": None,
        "next_try_at": None,
        "limit": 16,
        "cap": 16,
        "in_flight": 0,
        "p95_ms": None,
    }
