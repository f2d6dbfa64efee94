"""The circuit of one connection: whether calls may leave, and who tries first when they may again.

Pure: times are seconds since the epoch, passed in.

One record that its far side cannot digest must not cut off all others: a streak of failures
opens the circuit only when it comes from several steps (`key`).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

STREAK: Final = 5  # failures in a row,
STREAK_SHARE: Final = 0.02  # and that share of the window: among thousands some stand together
DISTINCT: Final = 3  # from that many steps
WINDOW: Final = 10.0  # seconds over which the share of failures counts
ENOUGH: Final = 20  # calls in the window before the share says anything
SHARE: Final = 0.5
FIRST_TRY: Final = 1.0  # seconds until the first probe; doubled after each that failed
LONGEST_TRY: Final = 8.0
CREDENTIALS_TRY: Final = 30.0  # seconds between probes with credentials that were refused
THROTTLED_PAUSE: Final = 1.0  # seconds after a 429 without Retry-After
LONGEST_GUESS: Final = 30.0  # doubled up to this while probes get 429 again
LONGEST_PAUSE: Final = 3600.0
PROBE_LEASE: Final = 10.0  # seconds until somebody else may probe instead
LOOK_AGAIN: Final = 0.5  # seconds; how long the others wait while one probes


class Phase(StrEnum):
    """What the circuit lets through: all, nothing, one probe, nothing for a known reason."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    PAUSED = "paused"


class Cause(StrEnum):
    """Why it is not closed."""

    NONE = ""
    FAILURES = "failures"
    CREDENTIALS = "credentials"
    RETRY_AFTER = "retry_after"


class Outcome(StrEnum):
    """How a call ended, as far as its connection is concerned."""

    ANSWERED = "answered"  # also: refused the data, found nothing
    FAILED = "failed"  # not reached, 5xx, no usable answer in time
    THROTTLED = "throttled"  # 429
    REFUSED = "refused"  # the credentials
    NOT_SENT = "not_sent"  # it never left


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call that ended. `key` names its step, `type` its operation, `requests` how many left
    for it."""

    at: float
    started: float
    outcome: Outcome
    key: str = ""
    type: str = ""
    retry_after: float | None = None
    requests: int = 1

    @property
    def ms(self) -> float:
        return max(0.0, self.at - self.started) * 1000


@dataclass(slots=True, kw_only=True)
class Circuit:
    """`since` is when it left (or came back to) closed, `phase_at` when the phase began, `tries`
    how many probes failed, `probe` who may probe until `probe_until`."""

    phase: Phase = Phase.CLOSED
    cause: Cause = Cause.NONE
    since: float = 0.0
    phase_at: float = 0.0
    next_try_at: float = 0.0
    tries: int = 0
    probe: str = ""
    probe_until: float = 0.0
    streak: int = 0
    keys: list[str] = field(default_factory=list)
    window: list[tuple[int, int, int]] = field(default_factory=list)  # second, calls, failures

    def admits(self, who: str, now: float) -> bool:
        """Whether a call of `who` may leave now."""
        if self.phase is Phase.CLOSED:
            return True
        return self.phase is Phase.HALF_OPEN and self.probe == who and now < self.probe_until

    def may_try(self, now: float) -> bool:
        """Whether somebody may claim the probe."""
        if self.phase is Phase.CLOSED:
            return False
        if self.phase is Phase.HALF_OPEN:
            return now >= self.probe_until
        return now >= self.next_try_at

    def claim(self, who: str, now: float) -> bool:
        """Become the one that probes."""
        if not self.may_try(now):
            return False
        self._enter(Phase.HALF_OPEN, now)
        self.probe, self.probe_until = who, now + PROBE_LEASE
        return True

    def held_until(self, now: float) -> float:
        """When a call that may not leave should ask again; later than `now`."""
        if self.phase is Phase.HALF_OPEN:
            return now + LOOK_AGAIN
        return max(self.next_try_at, now + LOOK_AGAIN / 5)

    def resume(self, now: float) -> None:
        """A person repaired or checked the connection: try at once."""
        if self.phase in (Phase.OPEN, Phase.PAUSED):
            self.next_try_at = now
            self.tries = 0

    def settle(self, now: float) -> None:
        """Heal what a clock that was set back left in the far future."""
        self.next_try_at = min(self.next_try_at, now + LONGEST_PAUSE)
        self.probe_until = min(self.probe_until, now + PROBE_LEASE)
        if self.cause is Cause.FAILURES:
            self.next_try_at = min(self.next_try_at, now + LONGEST_TRY)
        elif self.cause is Cause.CREDENTIALS:
            self.next_try_at = min(self.next_try_at, now + CREDENTIALS_TRY)
        self.since, self.phase_at = min(self.since, now), min(self.phase_at, now)

    def observe(self, seen: Seen) -> bool:
        """Take in how a call ended; true when the phase changed."""
        before = self.phase
        # Stragglers that left before the phase began say nothing about it.
        current = self.phase is Phase.CLOSED or seen.started >= self.phase_at
        if seen.outcome is Outcome.REFUSED:
            if current:
                self._cut(Phase.PAUSED, Cause.CREDENTIALS, seen.at, CREDENTIALS_TRY)
        elif seen.outcome is Outcome.THROTTLED:
            self._throttled(seen)
        elif seen.outcome is Outcome.FAILED:
            self._failed(seen, current)
        elif seen.outcome is Outcome.ANSWERED:
            self._answered(seen, current)
        elif self.phase is Phase.HALF_OPEN and current:
            # The probe never left; somebody else's turn.
            self._enter(Phase.OPEN, seen.at)
            self.next_try_at = seen.at
        return self.phase is not before

    def _throttled(self, seen: Seen) -> None:
        """Whatever else is wrong: a pause that the far side asks for is never cut short."""
        pause = seen.retry_after
        if pause is None:
            # It does not say when: the probes come less and less often.
            pause = min(THROTTLED_PAUSE * 2.0 ** min(self.tries, 16), LONGEST_GUESS)
            self.tries += self.phase is Phase.HALF_OPEN
        until = seen.at + min(max(pause, 0.0), LONGEST_PAUSE)
        if self.phase in (Phase.OPEN, Phase.PAUSED):
            self.next_try_at = max(self.next_try_at, until)
        elif until > seen.at:
            self._cut(Phase.PAUSED, Cause.RETRY_AFTER, seen.at, until - seen.at)

    def _failed(self, seen: Seen, current: bool) -> None:
        if self.phase is Phase.HALF_OPEN:
            if current:
                self.tries += 1
                self._open(seen.at)
            return
        if self.phase is not Phase.CLOSED:
            return
        self.streak += 1
        self._remember(seen.key)
        calls, failures = self._count(seen.at, failed=True)
        often = calls >= ENOUGH and failures >= SHARE * calls
        in_a_row = self.streak >= max(STREAK, STREAK_SHARE * calls)
        if len(self.keys) >= DISTINCT and (in_a_row or often):
            self._open(seen.at)

    def _answered(self, seen: Seen, current: bool) -> None:
        if self.phase is Phase.CLOSED:
            self.streak = 0
            _, failures = self._count(seen.at, failed=False)
            if not failures:
                self.keys.clear()
        elif self.phase is Phase.HALF_OPEN and current:
            self._enter(Phase.CLOSED, seen.at)
            self.cause, self.since, self.tries = Cause.NONE, seen.at, 0
            self._forget()

    def _open(self, now: float) -> None:
        delay = min(LONGEST_TRY, FIRST_TRY * 2.0 ** min(self.tries, 16))
        self._cut(Phase.OPEN, Cause.FAILURES, now, delay)

    def _cut(self, phase: Phase, cause: Cause, now: float, delay: float) -> None:
        if self.phase is Phase.CLOSED:
            self.since = now
        self._enter(phase, now)
        self.cause, self.next_try_at = cause, now + delay
        self._forget()

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase, self.phase_at = phase, now
        self.probe, self.probe_until = "", 0.0

    def _forget(self) -> None:
        self.streak = 0
        self.keys.clear()
        self.window.clear()

    def _remember(self, key: str) -> None:
        if len(self.keys) < DISTINCT and key not in self.keys:
            self.keys.append(key)

    def _count(self, now: float, *, failed: bool) -> tuple[int, int]:
        second = int(now)
        if self.window and self.window[-1][0] == second:
            _, calls, failures = self.window[-1]
            self.window[-1] = (second, calls + 1, failures + failed)
        else:
            self.window = [one for one in self.window if second - WINDOW < one[0] <= second]
            self.window.append((second, 1, int(failed)))
        return sum(one[1] for one in self.window), sum(one[2] for one in self.window)
