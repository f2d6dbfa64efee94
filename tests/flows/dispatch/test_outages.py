"""The database goes away around a call; a worker sleeps through its lease."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.permit import may_write
from flows.dispatch import drain as draining
from flows.dispatch import reach, worker
from flows.dispatch.accepting import Arrival, accept
from flows.models import Run, RunEvent
from flows.store import claims
from tests.flows.example import FarSide, event
from tests.flows.world import DAY, World


async def bring(hot: World, id_: str) -> None:
    await accept(
        Arrival(
            environment_id=hot.environment.id,
            connection_id=hot.connection.id,
            source="hook",
            system=hot.connection.system,
            events=[event(id_, at=DAY)],
        )
    )


async def test_a_database_that_is_away_before_a_call_makes_no_dead_letter(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is loaded for each call; that the database is away says nothing about it."""
    load = reach._load

    def away(connection_id: UUID) -> ConnectionConfig:
        monkeypatch.setattr(reach, "_load", load)
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(reach, "_load", away)
    await bring(hot, "6")
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state != "dead"
    await Run.objects.filter(state="waiting").aupdate(due_at=DAY)
    await worker.drain()
    assert (await Run.objects.aget()).state == "succeeded"
    assert len(far_side.touched) == 1


async def test_a_database_that_goes_away_after_a_write_leaves_it_to_the_probe(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = reach.Reach.answered

    async def away(self: reach.Reach, connection_id: UUID) -> None:
        if far_side.touched:
            monkeypatch.setattr(reach.Reach, "answered", answered)
            raise OperationalError("the connection is closed")

    monkeypatch.setattr(reach.Reach, "answered", away)
    await bring(hot, "6")
    await worker.drain()
    await Run.objects.filter(state="waiting").aupdate(due_at=DAY)
    await worker.drain()
    run = await Run.objects.aget()
    assert run.state == "succeeded"
    assert len(far_side.touched) == 1
    assert "attempt_uncertain" in [one.type async for one in RunEvent.objects.filter(run=run)]


async def test_a_worker_that_wakes_up_after_its_lease_writes_nothing_until_it_has_it_again(
    hot: World, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    beaten = asyncio.Event()
    extend = claims.extend

    async def beat(held: Mapping[UUID, UUID]) -> set[UUID]:
        slept = asleep > 0  # one that was under way meanwhile says nothing
        lost = await extend(held)
        if slept:
            asyncio.get_running_loop().call_soon(beaten.set)
        return lost

    asleep = 0.0
    clock = claims.clock
    monkeypatch.setattr(claims, "clock", lambda: clock() + asleep)
    monkeypatch.setattr(claims, "extend", beat)
    monkeypatch.setattr(draining, "_HEARTBEAT", 0.05)

    async def freeze(_: Mapping[str, Any]) -> None:
        nonlocal asleep
        seen.append(may_write())
        asleep = claims.LEASE.total_seconds()
        seen.append(may_write())
        async with asyncio.timeout(10):
            await beaten.wait()
        seen.append(may_write())

    far_side.behave = freeze
    await bring(hot, "6")
    assert await worker.drain() == 1
    assert seen == [True, False, True]
    assert may_write()
