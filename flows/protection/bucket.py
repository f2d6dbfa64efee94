"""A token bucket: cost units that may be spent, filled at a steady rate. Pure."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Bucket:
    """`tokens` may be below zero: a call dearer than the capacity is paid for afterwards."""

    tokens: float
    at: float = 0.0

    def fill(self, now: float, *, rate: float, capacity: float) -> None:
        """What gathered since the last time. A clock that went back gathers nothing."""
        gathered = max(0.0, now - self.at) * rate
        self.tokens = min(capacity, self.tokens + gathered)
        self.at = now

    def take(self, wanted: float) -> float:
        """As much of `wanted` as there is."""
        given = max(0.0, min(wanted, self.tokens))
        self.tokens -= given
        return given
