"""How many calls a far side bears at once: additive increase, multiplicative decrease. Pure."""

from dataclasses import dataclass, field
from typing import Final

from flows.protection.circuit import Outcome, Seen

STEP: Final = 0.5  # seconds between two increases
REST: Final = 1.0  # seconds between two decreases: what is under way was sent under the old limit
GENTLER: Final = 0.7  # answers became slow
MUCH_GENTLER: Final = 0.5  # failures and 429
FEW: Final = 4  # failures alone go no lower: a far side that just fails often is not helped by it
RESTART: Final = 4  # calls at once after an outage, and then upwards
SLOW_FACTOR: Final = 3.0  # times what the operation usually takes,
SLOW_MS: Final = 200.0  # and at least that much more
_ENOUGH: Final = 4
_REMEMBERED: Final = 64
_MOST_TYPES: Final = 32


@dataclass(slots=True, kw_only=True)
class Concurrency:
    """`usual` is what each operation takes when all is well (ms), `recent` the last answers' ms."""

    limit: float
    changed_at: float = 0.0
    calls: int = 0
    slow: int = 0
    usual: dict[str, float] = field(default_factory=dict)
    recent: list[int] = field(default_factory=list)

    def observe(self, seen: Seen, cap: int) -> None:
        """Take in how a call ended."""
        self.limit = min(max(self.limit, 1.0), float(cap))
        self.changed_at = min(self.changed_at, seen.at)
        if seen.outcome is Outcome.FAILED:
            self._decrease(MUCH_GENTLER, seen, least=min(float(FEW), self.limit))
        elif seen.outcome is Outcome.THROTTLED:
            self._decrease(MUCH_GENTLER, seen)
        elif seen.outcome is Outcome.ANSWERED:
            self._answered(seen, cap)

    def restart(self, now: float, cap: int) -> None:
        """After an outage: a far side that just came back is not met with everything at once."""
        self.limit = min(self.limit, float(RESTART), float(cap))
        self._changed(now)

    def p95_ms(self) -> int | None:
        """Of the last answers; None before the first."""
        if not self.recent:
            return None
        ordered = sorted(self.recent)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]

    def _answered(self, seen: Seen, cap: int) -> None:
        self.recent.append(round(seen.ms))
        del self.recent[:-_REMEMBERED]
        self.calls += 1
        self.slow += self._is_slow(seen)
        if self.calls >= _ENOUGH and self.slow * 2 > self.calls:
            self._decrease(GENTLER, seen)
        elif seen.at - self.changed_at >= STEP and self.slow * 2 <= self.calls:
            self.limit = min(float(cap), self.limit + 1.0)
            self._changed(seen.at)

    def _is_slow(self, seen: Seen) -> bool:
        usual = self.usual.get(seen.type)
        if usual is None:
            if len(self.usual) < _MOST_TYPES:
                self.usual[seen.type] = seen.ms
            return False
        # Down fast, up slowly: growth under load is a symptom before it is the new usual.
        pull = 0.3 if seen.ms < usual else 0.01
        self.usual[seen.type] = usual + pull * (min(seen.ms, usual * SLOW_FACTOR) - usual)
        return seen.ms > usual * SLOW_FACTOR and seen.ms > usual + SLOW_MS

    def _decrease(self, factor: float, seen: Seen, *, least: float = 1.0) -> None:
        if seen.at - self.changed_at < REST and self.changed_at > 0:
            return
        self.limit = max(least, self.limit * factor)
        self._changed(seen.at)

    def _changed(self, now: float) -> None:
        self.changed_at = now
        self.calls = self.slow = 0
