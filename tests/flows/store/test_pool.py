"""The pool of the hot path, when the server ends its sessions."""

import asyncio
from contextlib import AsyncExitStack

import psycopg
import pytest

from flows.store.pool import AWAY, pool
from tests.flows.world import World


async def test_sessions_that_were_ended_together_cost_one_failed_attempt(hot: World) -> None:
    there = await pool()
    async with AsyncExitStack() as stack:
        for _ in range(6):
            await stack.enter_async_context(there.connection())
    async with there.connection() as one:
        await one.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'causeway-hot' AND pid <> pg_backend_pid()"
        )
    failed = 0
    for _ in range(8):
        try:
            async with there.connection() as one:
                await one.execute("SELECT 1")
        except psycopg.OperationalError:
            failed += 1
    assert failed <= 1


async def test_a_transaction_that_stood_still_for_too_long_counts_as_away(hot: World) -> None:
    """What a worker meets that was stopped between two statements."""
    async with (await pool()).connection() as one:
        await one.execute("SET idle_in_transaction_session_timeout = '50ms'")
        await one.execute("BEGIN")
        await asyncio.sleep(0.3)
        with pytest.raises(AWAY):
            await one.execute("SELECT 1")
