"""What one run may take: the size of a value, what it holds in memory, the length of its journal.

Values are measured as the JSON in which the journal keeps them, so measuring costs next to
nothing. In memory they are larger: `MEMORY_PER_BYTE` was measured with orders and lists of them
(4.9 to 6.1 bytes for each byte of JSON; long texts take 1, lists of tiny objects up to 18).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.sdk.errors import RejectedError

MEMORY_PER_BYTE: Final = 6
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`payload` is the most that one value takes in the journal, in bytes of JSON; `memory` what
    all values that a run holds at a time take, in bytes of memory; `events` the most entries of
    its journal. The longest for-each (10,000 items) has room for ten entries an item.
    """

    payload: int = 10 * _MIB
    memory: int = 256 * _MIB
    events: int = 100_000

    def refuse(self, name: str, size: int, held: int) -> dict[str, Any] | None:
        """Why the step `name` may not hand on a value of `size` bytes of JSON, in the journal's
        form; None when it may. `held` is what the run would hold with it, in bytes of JSON."""
        if size > self.payload:
            return _error(
                f"{name!r} gave {size} bytes; one value takes at most {self.payload}.",
                code="payload_too_large",
                fix="Ask for less: a page or fewer fields, and let a loop's last step give only "
                "what is needed behind it. Or raise CAUSEWAY_PAYLOAD_MAX_BYTES.",
                detail={"bytes": size, "most": self.payload},
            )
        memory = held * MEMORY_PER_BYTE
        if memory > self.memory:
            return _error(
                f"With what {name!r} gave the run would hold {memory} bytes in memory; "
                f"{self.memory} are the most.",
                code="memory_budget",
                fix="Part the work: batches in a for-each let go of each item that is done. Or "
                "raise CAUSEWAY_RUN_MEMORY_MAX_BYTES.",
                detail={"bytes": memory, "most": self.memory, "value": size},
            )
        return None

    def history_error(self, events: int) -> dict[str, Any]:
        """What a run ends with that has recorded that many."""
        return _error(
            f"The run has recorded {events} events; {self.events} is the most.",
            code="history_too_long",
            fix="Part the work: a batch or a map with items instead of a step for each element.",
            detail={"events": events, "most": self.events},
        )


def _error(message: str, *, code: str, fix: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return RejectedError(message, code=code, fix=fix, detail=detail).to_dict()
