"""Group commit: what many tasks want written at the same time goes in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Flush = Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]


class TooBusyError(Exception):
    """More waits to be written than may wait."""


class GroupCommit(Generic[Item, Answer]):
    """Collects items and hands them to `flush`, one batch at a time.

    While a batch is being written the next one gathers, so that batches grow with the load and
    a lone item waits only `gather` seconds. `flush` answers every item, in order, with a value
    or an exception. Belongs to one event loop; has a task only while there is something to do.
    """

    def __init__(
        self,
        flush: "Flush[Item, Answer]",
        *,
        gather: float = 0.003,
        patience: float = 0.05,
        most: int = 500,
        queue: int = 20_000,
    ) -> None:
        """`patience` is how long `put` items may wait for company, `queue` how many may wait."""
        self._flush = flush
        self._gather = gather
        self._patience = patience
        self._most = most
        self._queue = queue
        self._items: list[tuple[Item, asyncio.Future[Answer] | None]] = []
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def submit(self, item: Item) -> Answer:
        """Returns after the item's batch is committed. Raises what `flush` answered for it."""
        if len(self._items) >= self._queue:
            raise TooBusyError
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._items.append((item, future))
        self._start()
        return await future

    def put(self, item: Item) -> None:
        """Write it with the next batch; nobody waits for the answer."""
        self._items.append((item, None))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._patience, self._start)

    async def idle(self) -> None:
        """Returns when nothing waits any more."""
        self._start()
        while self._task is not None:
            await asyncio.shield(self._task)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is None and self._items:
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._items:
                if self._gather:
                    await asyncio.sleep(self._gather)
                batch, self._items = self._items[: self._most], self._items[self._most :]
                await self._write(batch)
        finally:
            self._task = None

    async def _write(self, batch: list[tuple[Item, asyncio.Future[Answer] | None]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._flush([item for item, _ in batch])
        except Exception as error:
            answers = [error] * len(batch)
        except BaseException:
            for _, future in batch:
                if future is not None:
                    future.cancel()
            raise
        for (_, future), answer in zip(batch, answers, strict=True):
            if future is None or future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
