"""Misbehaviour on demand, each for good or for a number of requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAMES = (
    "down",
    "slow",
    "login_page",
    "access_denied",
    "http_500",
    "html_answer",
    "truncated",
    "lost_answer",
    "lost_save",
    "late_save",
    "expired_tokens",
    "agent_page",
    "anonymous",
)
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "slow": {"seconds": 3.0},
    "access_denied": {"status": 403},
    "html_answer": {"status": 503},
    "late_save": {"seconds": 0.05},
    "agent_page": {"status": 200},
}
OPTIONS = {"count", "share", "seconds", "status", "path", "method"}


class FaultError(ValueError):
    """What was asked for is no fault this twin knows."""


@dataclass(slots=True)
class Fault:
    """`left` counts requests still to be hit, None: until repaired. `path` is a part of the
    address, `method` the method after override; empty: any."""

    name: str
    left: int | None = None
    options: dict[str, Any] = field(default_factory=dict)
    hits: int = 0
    owed: float = 0.0

    def spares(self) -> bool:
        """Whether a fault with a `share` (0.3: three of ten requests, evenly) lets one be."""
        if "share" not in self.options:
            return False
        self.owed += float(self.options["share"])
        if self.owed < 1:
            return True
        self.owed -= 1
        return False

    def applies(self, method: str, path: str) -> bool:
        wanted = str(self.options.get("method", "")).upper()
        return (not wanted or wanted == method) and str(self.options.get("path", "")) in path

    def to_json(self) -> dict[str, Any]:
        return {**self.options, "count": self.left, "hits": self.hits}


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._active: dict[str, Fault] = {}

    def configure(self, wanted: Mapping[str, Any]) -> None:
        """`{name: true | count | {count, share, seconds, status, path, method} | false}`; a bare
        number after `slow` means seconds; `{"clear": true}` repairs all first. Raises
        `FaultError` and changes nothing then."""
        fresh: dict[str, Fault | None] = {}
        for name, setting in wanted.items():
            if name == "clear":
                continue
            if name not in NAMES:
                raise FaultError(f"no such fault: {name}; there are {', '.join(NAMES)}")
            fresh[name] = _fault(name, setting)
        if wanted.get("clear"):
            self._active.clear()
        for name, fault in fresh.items():
            if fault is None:
                self._active.pop(name, None)
            else:
                self._active[name] = fault

    def clear(self) -> None:
        self._active.clear()

    def take(self, name: str, method: str, path: str) -> Fault | None:
        """The fault, counted, when it is on and meant for this request."""
        fault = self._active.get(name)
        if fault is None or not fault.applies(method, path) or fault.spares():
            return None
        fault.hits += 1
        if fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                del self._active[name]
        return fault

    def to_json(self) -> dict[str, Any]:
        return {name: one.to_json() for name, one in self._active.items()}


def _fault(name: str, setting: Any) -> Fault | None:
    defaults = dict(DEFAULTS.get(name, {}))
    if setting is None or setting is False or setting == 0:
        return None
    if setting is True:
        return Fault(name, None, defaults)
    if name == "slow" and isinstance(setting, int | float):
        return Fault(name, None, {"seconds": float(setting)})
    if isinstance(setting, int):
        return Fault(name, setting, defaults)
    if isinstance(setting, Mapping):
        if unknown := set(setting) - OPTIONS:
            raise FaultError(f"{name}: unknown {', '.join(sorted(unknown))}")
        count = setting.get("count")
        if count is not None and (not isinstance(count, int) or count < 1):
            raise FaultError(f"{name}: count is a whole number above 0")
        share = setting.get("share", 1)
        if not isinstance(share, int | float) or not 0 < share <= 1:
            raise FaultError(f"{name}: share is a number above 0, at most 1")
        options = {key: value for key, value in setting.items() if key != "count"}
        return Fault(name, count, {**defaults, **options})
    raise FaultError(f"{name}: true, false, a count or an object")
