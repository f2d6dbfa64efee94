"""What a connection's settings say about its protection."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.sdk.common import DEFAULT_CONCURRENCY

_RATE: Final = re.compile(r"([1-9][0-9]{0,5})/(s|m)")
_SECONDS: Final = {"s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`cap` calls at the same time over all processes; `rate` in cost units a second, None
    without a limit."""

    cap: int = DEFAULT_CONCURRENCY
    rate: float | None = None

    @property
    def capacity(self) -> float:
        """What may gather while nobody calls: one second's worth, at least one call."""
        return max(1.0, self.rate or 0.0)

    def share(self, processes: int) -> "Policy":
        """What one process may do when it cannot ask the others."""
        count = max(1, processes)
        return Policy(
            cap=max(1, self.cap // count), rate=None if self.rate is None else self.rate / count
        )


def policy_of(settings: Mapping[str, Any]) -> Policy:
    """The policy in a connection's settings (`connectors.sdk.common`); what is misshapen counts
    as not set, since a connection stored before the setting existed must go on working."""
    cap = settings.get("max_concurrency")
    found = _RATE.fullmatch(str(settings.get("rate_limit", "")))
    return Policy(
        cap=int(cap) if isinstance(cap, int) and cap >= 1 else DEFAULT_CONCURRENCY,
        rate=int(found[1]) / _SECONDS[found[2]] if found else None,
    )
