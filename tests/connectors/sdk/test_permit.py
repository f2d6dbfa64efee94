"""Writes under a lease, and what still leaves when it is over."""

import asyncio

import pytest

from connectors.sdk import permit
from connectors.sdk.permit import cleared, may_write, taking_back, writes_while


def test_without_a_lease_only_what_takes_back_may_leave() -> None:
    with writes_while(lambda: False):
        assert not may_write()
        with taking_back():
            assert may_write()
        assert not may_write()
    assert may_write()


async def test_a_cancellation_waits_until_what_was_made_is_looked_at() -> None:
    sent, done = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        sent.set()
        await asyncio.sleep(0.05)
        done.set()
        return "looked"

    task = asyncio.create_task(cleared(work()))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.is_set()
    assert await cleared(work()) == "looked"


async def test_a_cancellation_waits_no_longer_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(permit, "CLEARED_WITHIN", 0.05)
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    task = asyncio.create_task(cleared(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(1):
        await ended.wait()


async def test_what_fails_behind_a_cancellation_is_not_left_unread() -> None:
    """An exception that nobody asks for would be reported by the event loop."""

    async def work() -> None:
        await asyncio.sleep(0.01)
        raise ValueError("what it came to")

    task = asyncio.create_task(cleared(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ValueError, match="came to"):
        await cleared(work())
