"""The calls of a run that were sent and are not answered."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.sdk.errors import FarSideError, UnavailableError, UncertainError
from connectors.sdk.operation import OperationResult, ProbeResult
from flows.engine import execute
from flows.engine.decide import NOBODY, Busy
from flows.engine.operations import OperationCall, Operations
from flows.engine.plan import PlanNode
from flows.engine.scopes import Scope
from flows.engine.states import IllegalTransitionError

Sleep = Callable[[float], Awaitable[None]]
Answer = OperationResult | ProbeResult | FarSideError


@dataclass(slots=True)
class Sent:
    """A call that was sent, or is about to be."""

    scope: Scope
    node: PlanNode
    call: OperationCall
    probing: bool
    attempt: int

    @property
    def writes(self) -> bool:
        """Whether it may have an effect over there."""
        call = self.node.call
        return call is not None and call.effect_is_write and not self.probing


class Underway:
    """Calls that go side by side; `busy` are their steps."""

    def __init__(self, operations: Operations, sleep: Sleep) -> None:
        self._operations = operations
        self._sleep = sleep
        self._tasks: dict[asyncio.Task[Answer], Sent] = {}
        self.busy: Busy = NOBODY

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def send(self, calls: Sequence[Sent]) -> None:
        """Send them; `ended` tells what came of them."""
        for one in calls:
            self._tasks[asyncio.create_task(self.answer(one))] = one
        self._note_busy()

    async def answer(self, one: Sent) -> Answer:
        """Run or probe within the step's timeout; what failed is told as a `FarSideError`."""
        run = self._operations.probe if one.probing else self._operations.run
        try:
            async with asyncio.timeout(one.call.timeout.total_seconds()):
                return await run(one.call)
        except FarSideError as error:
            return error
        except TimeoutError:
            return _timed_out(one)
        except Exception as error:
            return execute.as_far_side(error)

    async def ended(self, longest: timedelta | None) -> list[tuple[Sent, Answer]]:
        """Wait until a call has ended, or `longest` is over; what ended, in the order of their
        start, so that the journal does not depend on a set's order."""
        if not self._tasks:
            raise IllegalTransitionError("The run has nothing to do and nothing to wait for.")
        waiting: set[asyncio.Task[Any]] = set(self._tasks)
        timer: asyncio.Task[None] | None = None
        if longest is not None:
            timer = asyncio.create_task(self._pause(longest))
            waiting.add(timer)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if timer is not None:
                timer.cancel()
        done = [task for task in self._tasks if task.done()]
        found = [(self._tasks.pop(task), task.result()) for task in done]
        self._note_busy()
        return found

    async def cancel(self) -> None:
        """Leave no call behind: whoever is no longer driving may not go on writing."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task

    async def _pause(self, length: timedelta) -> None:
        await self._sleep(length.total_seconds())

    def _note_busy(self) -> None:
        self.busy = frozenset((one.call.path, one.call.node) for one in self._tasks.values())


def _timed_out(one: Sent) -> FarSideError:
    message = f"No answer within {one.call.timeout}."
    if one.writes and not one.call.dry_run:
        return UncertainError(message, code="timeout", fix="The far side will be asked.")
    return UnavailableError(message, code="timeout", fix="It is tried again.")
