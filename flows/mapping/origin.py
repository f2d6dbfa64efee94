"""Which source value and which functions made a target's value."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """What a function, or the default, made of a value."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a target's value comes from: its sources, what was read there, what was done with it.

    `written` is false where the condition did not hold; `error` says why there is no value.
    """

    target: str
    sources: tuple[str, ...]
    read: Any = None
    steps: tuple[Step, ...] = ()
    value: Any = None
    written: bool = True
    error: str = ""
