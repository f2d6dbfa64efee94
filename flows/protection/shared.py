"""How the processes agree: one document a connection on a board, written by compare and set.

The decisions are those of the pure `record`; the board only makes sure that nobody writes over
what he has not seen. An exchange belongs to all connections in use and is one round trip, several
times a second and not once a call. The board is Redis, and another one while that is away. With
neither each process goes on with its share of the limits and what it saw itself; a board that was
emptied is told again by the first who comes.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from flows.engine.operations import Hold
from flows.protection.board import Board, BoardAwayError, Proposal, RedisBoard
from flows.protection.circuit import Cause, Phase, Seen
from flows.protection.guard import Guard
from flows.protection.policy import Policy
from flows.protection.record import from_bytes

log = structlog.get_logger(__name__)

EVERY: Final = 0.2  # seconds between exchanges
SOONEST: Final = 0.005  # when somebody waits
_PATIENCE: Final = 0.25  # seconds that Redis may take
_AWAY: Final = 1.0  # seconds that a Redis that did not answer is left alone
_TRIES: Final = 6


class Protection:
    """The guards of one event loop. Nothing of it raises because of Redis, or waits for it
    longer than a moment. `instead` is the board for while Redis is away."""

    def __init__(
        self,
        redis_url: str,
        *,
        processes: int,
        clock: Callable[[], float] = time.time,
        patience: float = _PATIENCE,
        instead: Board | None = None,
    ) -> None:
        self._board = RedisBoard(redis_url, patience=patience)
        self._instead = instead
        self._patience = patience
        self._processes = processes
        self._clock = clock
        self._who = secrets.token_hex(6)
        self._guards: dict[str, Guard] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._away_until = 0.0

    def guard(self, connection: str, policy: Policy) -> Guard:
        """That of a connection, under the policy it has now."""
        found = self._guards.get(connection)
        if found is None:
            found = Guard(self._who, policy, self._clock(), self._wake.set)
            self._guards[connection] = found
        found.policy = policy
        return found

    def now(self) -> float:
        return self._clock()

    async def hold(self, guard: Guard, key: str) -> Hold | None:
        """None when a call of this step may leave; it may then be the one probe."""
        now = self._clock()
        guard.used_at = now
        self._keep_agreeing()
        closed = guard.record.circuit.phase is Phase.CLOSED
        if not guard.fresh(now) or (not closed and now - guard.agreed_at > EVERY):
            # While something is wrong, what others found out matters at once.
            await self._agree(guard, again=True)
            now = self._clock()
        circuit = guard.record.circuit
        if circuit.admits("", now) or guard.admits(key, now):
            return None
        if circuit.may_try(now) and guard.claim(key, now):
            await self._agree(guard, again=True)
            now = self._clock()
            if guard.admits(key, now):
                return None
        circuit = guard.record.circuit
        until = datetime.fromtimestamp(circuit.held_until(now), UTC)
        return Hold(
            until=until,
            reason="connection" if circuit.cause is Cause.CREDENTIALS else "circuit",
        )

    async def enter(self, guard: Guard, *, key: str, cost: float) -> float:
        """Wait for a turn; returns when it came. Raises `HeldError`."""
        if not guard.fresh(self._clock()):
            await self._agree(guard)
        self._keep_agreeing()
        await guard.enter(key=key, cost=cost, now=self._clock())
        return self._clock()

    def leave(self, guard: Guard, seen: Seen) -> None:
        """See `Guard.leave`."""
        guard.leave(seen)

    def _keep_agreeing(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def aclose(self) -> None:
        """Tell what is left to tell, give back the permits and the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for guard in self._guards.values():
            guard.used_at = 0.0
        with suppress(BoardAwayError, OSError):
            await self._exchange(self._board, list(self._guards.items()))
        await self._board.aclose()

    # -- exchanges ------------------------------------------------------------------------------

    async def _work(self) -> None:
        """Until nobody has called for a while."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._wake.wait()
            self._wake.clear()
            now = self._clock()
            busy = [(name, one) for name, one in self._guards.items() if one.agreed_at > 0]
            idle = [one for _, one in busy if one.idle(now)]
            try:
                await self._exchange_or_go_alone(busy)
            except Exception as error:
                # Protection must never be what stops the work.
                log.exception("exchange failed in our own code", error=type(error).__name__)
            for one in idle:
                if one.idle(self._clock()):
                    one.agreed_at = 0.0
            if len(idle) == len(busy) and all(one.agreed_at <= 0 for _, one in busy):
                return
            await asyncio.sleep(SOONEST)

    async def _agree(self, guard: Guard, *, again: bool = False) -> None:
        """An agreement for one that has none; whoever comes meanwhile waits for the same."""
        name = next(name for name, one in self._guards.items() if one is guard)
        async with guard.exchanging:
            if again or not guard.fresh(self._clock()):
                await self._exchange_or_go_alone([(name, guard)], locked=True)

    async def _exchange_or_go_alone(
        self, guards: Sequence[tuple[str, Guard]], *, locked: bool = False
    ) -> None:
        taken: list[asyncio.Lock] = []
        if not locked:
            guards = [(name, one) for name, one in guards if not one.exchanging.locked()]
            for _, guard in guards:
                await guard.exchanging.acquire()  # free: nothing was waited for since the look
                taken.append(guard.exchanging)
        try:
            await self._exchange_guarded(guards)
        finally:
            for lock in taken:
                lock.release()

    async def _exchange_guarded(self, guards: Sequence[tuple[str, Guard]]) -> None:
        now = self._clock()
        if not 0 <= self._away_until - now <= _AWAY:
            try:
                async with asyncio.timeout(2 * self._patience):
                    await self._exchange(self._board, guards)
                return
            except (BoardAwayError, TimeoutError) as error:
                log.warning("limits are not shared over Redis for now", error=str(error))
                self._away_until = now + _AWAY
        if self._instead is not None:
            try:
                async with asyncio.timeout(2 * self._patience):
                    await self._exchange(self._instead, guards)
                return
            except (BoardAwayError, TimeoutError) as error:
                log.warning("limits are not shared for now", error=str(error))
        for _, guard in guards:
            guard.alone(guard.bounds.share(self._processes), self._clock())

    async def _exchange(self, board: Board, guards: Sequence[tuple[str, Guard]]) -> None:
        left = list(guards)
        for _ in range(_TRIES):
            if not left:
                return
            now = self._clock()
            proposals, told = [], []
            for name, guard in left:
                record, count = guard.proposal(now)
                told.append(count)
                proposals.append(
                    Proposal(
                        name=name,
                        seen=guard.version,
                        version=secrets.token_hex(6),
                        record=record,
                    )
                )
            beaten = []
            for (name, guard), count, reply in zip(
                left, told, await board.swap(proposals), strict=True
            ):
                if reply.done:
                    guard.agreed(reply.version, count, now)
                    continue
                record_there = from_bytes(reply.record)
                if record_there is None:
                    guard.version = reply.version  # nothing we can read: ours replaces it
                else:
                    guard.adopt(reply.version, record_there)
                beaten.append((name, guard))
            left = beaten
