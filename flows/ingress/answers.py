"""Waiting for what a flow's respond node answers, for senders that wait for it.

Workers say at once which runs answered; that is only a nudge, so who waits also looks by itself.
All that wait share one query.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from channels.layers import get_channel_layer

from flows.dispatch.announce import ANSWERS
from flows.store.answers import Answer, read_answers
from flows.store.pool import AWAY

log = structlog.get_logger(__name__)

LOOK_AGAIN: Final = 0.25  # seconds, where no nudge comes
_LINGER: Final = 30.0  # seconds that nudges are still listened to after the last sender


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiter:
    nodes: Sequence[str]
    future: asyncio.Future[Answer]


class Answers:
    """Those who wait in this process; one for each event loop."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, list[_Waiter]] = {}
        self._told = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    async def wait(
        self, run_ids: Iterable[UUID], nodes: Sequence[str], *, within: float
    ) -> Answer | None:
        """The first answer of these runs' respond `nodes`, or how the last of them ended without
        one; None when `within` seconds are over."""
        loop = asyncio.get_running_loop()
        open_ = {run: _Waiter(nodes=nodes, future=loop.create_future()) for run in run_ids}
        for run, waiter in open_.items():
            self._waiting.setdefault(run, []).append(waiter)
        self._told.set()
        self._begin()
        end = time.monotonic() + within
        without: Answer | None = None
        left = {waiter.future for waiter in open_.values()}
        try:
            while left:
                done, left = await asyncio.wait(
                    left, timeout=end - time.monotonic(), return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    return None
                for future in done:
                    answer = future.result()
                    if answer.output is not None:
                        return answer
                    without = answer
            return without
        finally:
            for run, waiter in open_.items():
                self._forget(run, waiter)

    async def close(self) -> None:
        """Listen no more; who still waits is left to its own time."""
        for task in (self._looking, self._listening):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def _forget(self, run: UUID, waiter: _Waiter) -> None:
        some = self._waiting.get(run, [])
        if waiter in some:
            some.remove(waiter)
        if not some:
            self._waiting.pop(run, None)

    def _begin(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())

    async def _look(self) -> None:
        """While somebody waits: ask the database whenever a worker says so, and now and then."""
        while self._waiting:
            self._told.clear()
            wanted = {
                run: {node for waiter in some for node in waiter.nodes}
                for run, some in self._waiting.items()
            }
            try:
                self._hand_out(await read_answers(wanted))
            except AWAY as error:
                log.warning("answers not read", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):
                    await self._told.wait()

    def _hand_out(self, answers: Mapping[UUID, Answer]) -> None:
        for run, answer in answers.items():
            for waiter in self._waiting.pop(run, ()):
                if not waiter.future.done():
                    waiter.future.set_result(answer)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        try:
            channel = await layer.new_channel()
            await layer.group_add(ANSWERS, channel)
            try:
                idle_since = time.monotonic()
                while self._waiting or time.monotonic() - idle_since < _LINGER:
                    message = await self._hear(layer, channel)
                    if self._waiting:
                        idle_since = time.monotonic()
                    if message is not None and any(
                        UUID(run) in self._waiting for run in message["runs"]
                    ):
                        self._told.set()
            finally:
                await layer.group_discard(ANSWERS, channel)
        except Exception as error:
            # Without Redis nobody is told; looking now and then finds the answers too.
            log.warning("nobody tells of answers", error=type(error).__name__)

    async def _hear(self, layer: Any, channel: str) -> Mapping[str, Any] | None:
        try:
            async with asyncio.timeout(_LINGER / 10):
                message: Mapping[str, Any] = await layer.receive(channel)
                return message
        except TimeoutError:
            return None
