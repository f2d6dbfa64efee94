"""A worker as far as the store sees one: an event loop of its own with connections of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from flows.engine.journal import LeaseLostError
from flows.store import pool
from flows.store.writer import EndRow, Entry, EventRow, Writer

T = TypeVar("T")
_PATIENCE = 30.0  # seconds


class StoreWorker:
    """Calls of the store from a thread; `begin` returns at once, so that two can be at it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._writer = Writer(lambda _: None)

    def begin(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return self.begin(work).result(_PATIENCE)

    async def write(
        self, run: UUID, token: UUID, seq: int, *, state: str | None = None, due_at: Any = None
    ) -> bool:
        """One event, and the end of the drive in `state`; whether the token still held."""
        row = EventRow(
            seq=seq, type="step_succeeded", node="n", path="", at=timezone.now(), data="{}"
        )
        end = EndRow(state=state, due_at=due_at, outcome="", error=None) if state else None
        try:
            await self._writer.write(Entry(run_id=run, token=token, events=[row], end=end))
        except LeaseLostError:
            return False
        return True

    def close(self) -> None:
        self.call(pool.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
