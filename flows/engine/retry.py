"""When to try again: exponential backoff with full jitter, within a horizon.

Full jitter spreads the runs that failed together over the whole interval, so that a far side
that comes back is not hit by all of them in the same second.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST_DELAY: Final = timedelta(seconds=1)
LONGEST_DELAY: Final = timedelta(minutes=5)
CONNECTION_FIRST: Final = timedelta(seconds=30)
CONNECTION_LONGEST: Final = timedelta(minutes=10)
LOOK_AFTER: Final = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """At most `max_attempts` attempts in all, none starting later than `horizon` after the
    first one."""

    max_attempts: int = 12
    horizon: timedelta = timedelta(hours=6)

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.horizon < timedelta(0):
            raise ValueError("A retry policy has at least one attempt and a horizon.")


def backoff(
    failures: int,
    rng: random.Random,
    *,
    first: timedelta = FIRST_DELAY,
    longest: timedelta = LONGEST_DELAY,
) -> timedelta:
    """A random delay between nothing and `first` doubled after every failure but the first."""
    ceiling: timedelta = min(longest, first * int(2 ** min(failures - 1, 30)))
    return ceiling * rng.random()


def retry_at(
    *,
    policy: RetryPolicy,
    attempt: int,
    first_at: datetime,
    now: datetime,
    rng: random.Random,
    retry_after: timedelta | None = None,
) -> datetime | None:
    """When the attempt after `attempt` starts, None when there is none any more.

    The far side's Retry-After is a floor: never earlier, also when that means giving up.
    """
    if attempt >= policy.max_attempts:
        return None
    due = now + max(backoff(attempt, rng), retry_after or timedelta(0))
    return due if due <= first_at + policy.horizon else None


def connection_retry_at(
    *, policy: RetryPolicy, attempt: int, first_at: datetime, now: datetime, rng: random.Random
) -> datetime | None:
    """When to ask a far side again that did not accept the credentials: a person has to repair
    them, so attempts are not counted and only the horizon ends the waiting."""
    delay = backoff(attempt, rng, first=CONNECTION_FIRST, longest=CONNECTION_LONGEST)
    due = now + max(delay, FIRST_DELAY)
    return due if due <= first_at + policy.horizon else None


def look_at(
    *, policy: RetryPolicy, looks: int, first_at: datetime, now: datetime, rng: random.Random
) -> datetime | None:
    """When to look whether an uncertain effect took place. Not at once: the request may still be
    on its way over there."""
    due = now + LOOK_AFTER + backoff(looks + 1, rng)
    return due if due <= first_at + policy.horizon else None
