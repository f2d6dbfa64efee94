"""How many requests a minute a far side bears, learnt from its refusals. Pure.

A 429 says that the last stretch was too much: what was answered in it, over its length and the
time until the far side answers again, is what it bears. Causeway goes below that, and upwards again
slowly, never back to where it was refused within the hour.
"""

from dataclasses import dataclass, field
from typing import Final

from flows.protection.circuit import LONGEST_PAUSE, THROTTLED_PAUSE, Outcome, Seen

WINDOW: Final = 60.0  # seconds; limits are told by the second or the minute
BELOW: Final = 0.9  # of what was found to be borne
AGAIN: Final = 0.8  # of a pace that was still too much
RAISE_EVERY: Final = 60.0  # seconds
RAISE: Final = 1.05
CEILING: Final = 0.95  # of what was refused,
REMEMBERED: Final = 3600.0  # for so many seconds
FORGOTTEN: Final = 6 * REMEMBERED  # without another refusal nothing is known any more
LEAST: Final = 1 / 60  # requests a second


@dataclass(slots=True, kw_only=True)
class Pace:
    """`rate` in requests a second, None while the far side never said that it was too much;
    `refused` is what it said that of, at `refused_at`. `sent` are counts by second.

    `over` while it has answered nothing since it refused: the `count` requests of the stretch that
    `begun` then were what it bears until it answers again.
    """

    rate: float | None = None
    refused: float = 0.0
    refused_at: float = 0.0
    raised_at: float = 0.0
    over: bool = False
    begun: float = 0.0
    count: int = 0
    before: float | None = None
    sent: list[tuple[int, int]] = field(default_factory=list)

    def observe(self, seen: Seen) -> None:
        """Take in how a call ended, with the requests that it made."""
        if seen.outcome is Outcome.THROTTLED:
            self._count(seen.at, seen.requests - 1)
            self._too_much(seen)
            return
        # What left before the refusal says nothing about what came after it.
        if self.over and seen.outcome is Outcome.ANSWERED and seen.started >= self.refused_at:
            self._found(seen.started)
        self._count(seen.at, seen.requests)
        if seen.outcome is Outcome.ANSWERED and self.rate is not None and not self.over:
            self._raise(seen.at)

    def _count(self, at: float, requests: int) -> None:
        if requests <= 0:
            return
        second = int(at)
        self.sent = [one for one in self.sent if second - WINDOW < one[0] <= second]
        if self.sent and self.sent[-1][0] == second:
            requests += self.sent.pop()[1]
        self.sent.append((second, requests))

    def _too_much(self, seen: Seen) -> None:
        if self.over:
            return
        self.over = True
        self.begun = min(float(self.sent[0][0]) if self.sent else seen.started, seen.started)
        self.count = sum(one[1] for one in self.sent)
        self.before = self.rate
        self.refused_at = seen.at
        pause = THROTTLED_PAUSE if seen.retry_after is None else seen.retry_after
        self._found(seen.at + min(max(pause, 0.0), LONGEST_PAUSE), last=False)

    def _found(self, until: float, *, last: bool = True) -> None:
        """The far side answers again, or says when: what it bears in that time is known."""
        found = max(LEAST, self.count / max(1.0, until - self.begun))
        before = self.before
        self.refused = found if before is None else min(found, before)
        slower = found * BELOW
        self.rate = max(LEAST, slower if before is None else min(slower, before * AGAIN))
        self.raised_at = self.refused_at
        if last:
            self.over = False
            self.sent.clear()

    def _raise(self, now: float) -> None:
        if self.rate is None or now - self.raised_at < RAISE_EVERY:
            return
        since = now - self.refused_at
        if since > FORGOTTEN:
            self.rate = None
            return
        self.raised_at = now
        higher = self.rate * RAISE
        if since < REMEMBERED:
            higher = max(self.rate, min(higher, self.refused * CEILING))
        self.rate = higher
