"""What all processes together know of one connection, and how they divide it. Pure.

Each process applies what it saw (`apply`), says what it has under way and wants, and is allotted
permits and tokens (`allot`). The sum of all leases never exceeds the limit, except that a limit
which just sank is reached as calls end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from flows.protection.bucket import Bucket
from flows.protection.circuit import Circuit, Outcome, Phase, Seen
from flows.protection.concurrency import Concurrency
from flows.protection.pace import Pace
from flows.protection.policy import Policy

FORGOTTEN: Final = 3.0  # seconds after which a silent process's permits go back
TURN: Final = 0.5  # seconds; how long a scarce permit stays with one process


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody wants to probe."""

    at: float
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A person repaired or checked the connection."""

    at: float


News = Seen | Claim | Resume


@dataclass(slots=True, kw_only=True)
class Member:
    """One process: when it last spoke, its calls under way, and the permits it holds."""

    at: float
    in_flight: int = 0
    wants: int = 0
    lease: int = 0


@dataclass(slots=True, kw_only=True)
class Record:
    """Everything shared about one connection; `born` when it was first written down."""

    circuit: Circuit
    concurrency: Concurrency
    bucket: Bucket
    born: float = 0.0
    pace: Pace = field(default_factory=Pace)
    members: dict[str, Member] = field(default_factory=dict)

    @classmethod
    def new(cls, policy: Policy, now: float) -> "Record":
        """Of a connection that nobody called yet."""
        return cls(
            circuit=Circuit(since=now, phase_at=now),
            concurrency=Concurrency(limit=float(policy.cap)),
            bucket=Bucket(tokens=policy.capacity, at=now),
            born=now,
        )

    def apply(self, news: News, cap: int) -> None:
        """Take in one thing that happened."""
        if isinstance(news, Claim):
            self.circuit.claim(news.who, news.at)
        elif isinstance(news, Resume):
            self.circuit.resume(news.at)
        else:
            self.concurrency.observe(news, cap)
            self.pace.observe(news)
            changed = self.circuit.observe(news)
            if changed and news.outcome is Outcome.ANSWERED:
                self.concurrency.restart(news.at, cap)

    def bounded(self, policy: Policy) -> Policy:
        """The policy, not faster than the pace that the far side was found to bear."""
        rate = self.pace.rate
        if rate is None or (policy.rate is not None and policy.rate <= rate):
            return policy
        return Policy(cap=policy.cap, rate=rate)

    def permits(self, policy: Policy) -> int:
        """How many calls may be under way together."""
        if self.circuit.phase is not Phase.CLOSED:
            return 1
        return max(1, min(int(self.concurrency.limit), policy.cap))

    def allot(
        self, me: str, *, in_flight: int, wants: int, tokens: float, policy: Policy, now: float
    ) -> float:
        """Say what this process has and wants (`wants` calls in all, `tokens` more to spend, or
        below zero: to give back); sets its lease and returns the tokens it gets."""
        self.circuit.settle(now)
        self.members = {
            name: one
            for name, one in self.members.items()
            if name == me or -FORGOTTEN < now - one.at < FORGOTTEN
        }
        mine = self.members.setdefault(me, Member(at=now))
        mine.at, mine.in_flight, mine.wants = now, in_flight, wants
        held = sum(
            max(one.lease, one.in_flight) for name, one in self.members.items() if name != me
        )
        free = max(0, self.permits(policy) - held)
        mine.lease = min(wants, free, self._fair(me, policy, now))
        if not in_flight and not wants:
            del self.members[me]
        if policy.rate is None:
            return 0.0
        self.bucket.fill(now, rate=policy.rate, capacity=policy.capacity)
        if tokens < 0:
            self.bucket.tokens = min(policy.capacity, self.bucket.tokens - tokens)
            return tokens
        return self.bucket.take(tokens)

    def _fair(self, me: str, policy: Policy, now: float) -> int:
        """This process's part: an equal one, plus what the others leave; by turns when there are
        fewer permits than processes."""
        permits = self.permits(policy)
        wanting = sorted(name for name, one in self.members.items() if one.wants or name == me)
        if permits < len(wanting):
            turn = int(now / TURN)
            return int((wanting.index(me) + turn) % len(wanting) < permits)
        equal = permits // len(wanting)
        left = sum(max(0, equal - self.members[name].wants) for name in wanting if name != me)
        return equal + left + (permits % len(wanting) if wanting[0] == me else 0)

    def in_flight(self, now: float) -> int:
        """Calls under way, as far as living processes said."""
        return sum(one.in_flight for one in self.members.values() if now - one.at < FORGOTTEN)


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Record)


def to_bytes(record: Record) -> bytes:
    """The form in which it is shared."""
    return _encoder.encode(record)


def from_bytes(raw: bytes) -> Record | None:
    """None when it is not one: what another release left there counts as nothing."""
    try:
        return _decoder.decode(raw)
    except msgspec.DecodeError:
        return None


def apply_all(record: Record, news: Sequence[News], cap: int) -> None:
    """In the order in which it happened here."""
    for one in news:
        record.apply(one, cap)
