"""What one process knows of one connection: its permits, who waits for one, what it saw.

Nothing here waits for Redis. As long as the last agreement is fresh and permits are left, a call
enters and leaves by counting up and down.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flows.protection.circuit import Cause, Outcome, Phase, Seen
from flows.protection.policy import Policy
from flows.protection.record import Claim, News, Record, Resume, apply_all, to_bytes

FRESH: Final = 1.0  # seconds that an agreement holds
LATELY: Final = 0.5  # seconds after its last call that a process holds permits
LINGER: Final = 5.0  # seconds that an idle process goes on agreeing
_MOST_NEWS: Final = 1000  # answers that nobody could be told of; older ones are dropped


class HeldError(Exception):
    """The circuit does not let this call leave."""


@dataclass(slots=True)
class _Waiter:
    turn: asyncio.Future[None]
    key: str
    cost: float


class Guard:
    """`who` names this process among the members; `kick` asks for an exchange soon."""

    def __init__(self, who: str, policy: Policy, now: float, kick: Callable[[], None]) -> None:
        self.who = who
        self.policy = policy
        self.record = Record.new(policy, now)
        self.version = ""
        self.agreed_at = 0.0
        self.used_at = now
        self.in_flight = 0
        self.exchanging = asyncio.Lock()
        self._lease = 0
        self._tokens = 0.0
        self._grant = 0.0
        self._kick = kick
        self._news: list[News] = []
        self._waiters: deque[_Waiter] = deque()

    def fresh(self, now: float) -> bool:
        """Whether the last agreement still holds."""
        return 0 <= now - self.agreed_at < FRESH

    @property
    def bounds(self) -> Policy:
        """What the settings allow, and not more than the far side was found to bear."""
        return self.record.bounded(self.policy)

    def idle(self, now: float) -> bool:
        """Nothing under way, nothing wanted, for a while."""
        return not (self.in_flight or self._waiters) and not 0 <= now - self.used_at < LINGER

    # -- calls ----------------------------------------------------------------------------------

    async def enter(self, *, key: str, cost: float, now: float) -> None:
        """Wait for this call's turn. Raises `HeldError` when the circuit opens meanwhile.

        Whoever entered leaves with `leave`.
        """
        self.used_at = now
        if not self._admits(key, now):
            raise HeldError
        if self._probes(key, now) or (not self._waiters and self._free(cost)):
            self._take(cost)
            return
        waiter = _Waiter(asyncio.get_running_loop().create_future(), key, cost)
        self._waiters.append(waiter)
        self._kick()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled() and not waiter.turn.exception():
                self.in_flight -= 1  # its turn came in the moment it gave up
                self._pump()
            elif waiter in self._waiters:
                self._waiters.remove(waiter)
            raise

    def leave(self, seen: Seen, *, paid: float | None = None) -> None:
        """A call that entered has ended like this. Of what it `paid` to enter, what its requests
        cost in truth stays spent."""
        self.in_flight -= 1
        if paid is not None and self.bounds.rate is not None:
            self._tokens += paid - seen.requests
        self.used_at = seen.at
        self._note(seen)
        if seen.outcome is not Outcome.ANSWERED or self.record.circuit.phase is not Phase.CLOSED:
            self._kick()
        self._pump()

    def claim(self, key: str, now: float) -> bool:
        """Try to become the one that probes; true when it may, as far as this process knows."""
        self.used_at = now
        self._note(Claim(at=now, who=self._named(key)))
        return self._admits(key, now)

    def admits(self, key: str, now: float) -> bool:
        """Whether the circuit lets a call of this step leave."""
        return self._admits(key, now)

    def saw(self, seen: Seen) -> None:
        """Something learnt outside of `enter` and `leave`."""
        self._note(seen)
        self._kick()

    def repaired(self, now: float) -> None:
        """The connection was changed: what was refused may be accepted now."""
        if self.record.circuit.cause is Cause.CREDENTIALS:
            self._note(Resume(at=now))
            self._kick()

    # -- agreeing -------------------------------------------------------------------------------

    def proposal(self, now: float) -> tuple[bytes, int]:
        """The record as this process wants it, and how much of the news it tells."""
        self._grant = self._allot(self.bounds, now)
        return to_bytes(self.record), len(self._news)

    def agreed(self, version: str, told: int, now: float) -> None:
        """The others have it now."""
        self.version = version
        self._tokens += self._grant  # only now: of a beaten proposal nothing is spent
        del self._news[:told]
        self._settle(now)

    def adopt(self, version: str, record: Record) -> None:
        """Others were faster: theirs, and on it what only this process knows."""
        if self.version and record.born > self.record.born:
            # Redis was emptied, and somebody who knew less began anew: what we knew stays.
            mine = self.record
            record.circuit, record.concurrency = mine.circuit, mine.concurrency
            record.pace = mine.pace
            record.born = mine.born
            self.version, self.record = version, record
            return
        self.version = version
        self.record = record
        apply_all(record, self._news, self.policy.cap)

    def alone(self, policy: Policy, now: float) -> None:
        """Nobody can be asked: this process's share of everything."""
        self.record.members = {}
        # What was seen stays in the news, so that the others hear of it later.
        del self._news[:-_MOST_NEWS]
        self._tokens += self._allot(policy, now)
        self._settle(now)

    def _allot(self, policy: Policy, now: float) -> float:
        wants = self.in_flight + len(self._waiters)
        recent = wants > 0 or 0 <= now - self.used_at < LATELY
        if recent:
            wants = 2 * wants + 2  # room for the next moment, so that few calls have to ask
        needed = sum(min(one.cost, policy.capacity) for one in self._waiters) - self._tokens
        if policy.rate is not None and recent:
            needed += policy.rate * 0.1
        return self.record.allot(
            self.who,
            in_flight=self.in_flight,
            wants=wants,
            tokens=needed,
            policy=policy,
            now=now,
        )

    def _settle(self, now: float) -> None:
        mine = self.record.members.get(self.who)
        self._lease = mine.lease if mine else 0
        self.agreed_at = now
        self._pump()

    # -- the queue ------------------------------------------------------------------------------

    def _pump(self) -> None:
        closed = self.record.circuit.phase is Phase.CLOSED
        while self._waiters:
            first = self._waiters[0]
            if first.turn.done():
                self._waiters.popleft()
            elif not closed and self.record.circuit.probe != self._named(first.key):
                self._waiters.popleft()
                first.turn.set_exception(HeldError())
            elif self._free(first.cost):
                self._waiters.popleft()
                self._take(first.cost)
                first.turn.set_result(None)
            else:
                return

    def _free(self, cost: float) -> bool:
        if self.in_flight >= self._lease:
            return False
        bounds = self.bounds
        return bounds.rate is None or self._tokens >= min(cost, bounds.capacity)

    def _take(self, cost: float) -> None:
        self.in_flight += 1
        if self.bounds.rate is not None:
            self._tokens -= cost

    def _admits(self, key: str, now: float) -> bool:
        return self.record.circuit.admits(self._named(key), now)

    def _probes(self, key: str, now: float) -> bool:
        """The one probe needs no permit: those of calls that hang are still out."""
        return self.record.circuit.phase is Phase.HALF_OPEN and self._admits(key, now)

    def _named(self, key: str) -> str:
        return f"{self.who}/{key}"

    def _note(self, news: News) -> None:
        before = self.record.circuit.phase
        self._news.append(news)
        self.record.apply(news, self.policy.cap)
        if self.record.circuit.phase is not before:
            self._pump()
