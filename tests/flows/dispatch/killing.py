"""A worker that dies at a commit, and those who take its runs up."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from flows.dispatch import worker
from flows.dispatch.sweeping import sweep_once
from flows.models import Run
from flows.store import writer


async def die_at(monkeypatch: pytest.MonkeyPatch, place: int, *, after: bool, sure: int) -> None:
    """Carry what is due until the process dies at its commit number `place`, counted from 0:
    before it, or right `after` it. Nothing is written from then on. There are `sure`ly so many
    commits; runs at work side by side may share one or not."""
    commit, count = writer.commit, 0

    async def dying(entries: Any) -> Any:
        nonlocal count
        count += 1
        if count <= place:
            return await commit(entries)
        if after and count == place + 1:
            await commit(entries)
        raise RuntimeError("killed")

    monkeypatch.setattr(writer, "commit", dying)
    await worker.drain()
    monkeypatch.setattr(writer, "commit", commit)
    await worker.close_kit()
    assert count > place or place >= sure, "nothing died: there were fewer commits"


async def taken_up(carry: Callable[[], Awaitable[Any]], *, rounds: int) -> None:
    """So many times: leases end, a sweep finds the runs, the dead worker is back, and `carry`
    carries what is due."""
    for _ in range(rounds):
        past = timezone.now() - timedelta(seconds=1)
        await Run.objects.filter(state="running").aupdate(lease_until=past)
        await sweep_once()
        await Run.objects.filter(state="pending", alone=True).aupdate(due_at=past)
        await carry()
