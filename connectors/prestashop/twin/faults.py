"""Breaking the shop on purpose: what is switched on, for which requests, how many times."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .store import Row, Store

SAFE = {"GET", "HEAD", "OPTIONS"}

# What each fault does, and what a bare number after its name means.
KINDS = {
    "down": "refuses: 503, or drops the connection with mode=close; number: how many requests",
    "slow": "waits before it works; number: seconds",
    "access_denied": "every key is withdrawn: 401; number: how many requests",
    "webservice_off": "the webservice is switched off in the back office: 503 code 22",
    "http_500": "PHP dies before anything happened: 500, empty; number: how many requests",
    "html_answer": "200 with a web page, as a firewall or a login page does",
    "truncated": "half of the answer's body",
    "lost_answer": "works, then drops the connection (mode=hang: stays silent); writes only",
    "forbidden": "403 and a web page, as a firewall answers; number: how many requests",
    "not_found": "404 and a web page, as a server without friendly URLs answers",
    "hang": "stays silent for `seconds`, then drops the connection; nothing happened",
    "read_only": "maintenance: writes get 503 and a web page, reads go on",
    "stock_ignored": "a stock write is answered well and changes nothing",
    "price_rounded": "prices are kept with two decimals, whatever the answer says",
    "edited_after_read": "somebody sets `field` of the record to `value` right after it was read",
    "rate_limited": "429 with Retry-After of `seconds`",
    "limited": "takes `count` requests in every `seconds`, then 429 until these are over; "
    "mode=untold says no Retry-After",
    "bad_data": "the next orders carry `value` in `field` of their address; number: how many",
}
DEFAULTS: dict[str, Row] = {
    "slow": {"seconds": 2.0},
    "rate_limited": {"seconds": 1.0},
    "limited": {"count": 100, "seconds": 60.0},
    "lost_answer": {"seconds": 60.0},
    "hang": {"seconds": 60.0},
    "edited_after_read": {"count": 1},
    "bad_data": {"field": "postcode", "value": "28013-BAJO-IZQUIERDA"},
}
# Faults of writes, and of which resources.
WRITES_OF = {
    "read_only": ("/api/",),
    "stock_ignored": ("/api/stock_availables",),
    "price_rounded": ("/api/products", "/api/combinations"),
}
# Slashes in /api/products/1; with a path of its own a list counts too.
ONE_RECORD = 3
PARTS = {"count", "share", "seconds", "method", "path", "mode", "field", "value"}
MODES = {
    "down": {"503", "close"},
    "lost_answer": {"close", "hang"},
    "limited": {"untold"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    kind: str
    seconds: float = 0.0
    mode: str = ""
    field: str = ""
    value: str = ""


class Faults:
    """Kept in the store, so that a restarted shop is as broken as before."""

    def __init__(self, store: Store, seconds: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is the clock of the limit's windows."""
        self.store = store
        self._seconds = seconds
        self._window = (0.0, 0)  # when the window of the limit began, and what it took
        self._owed: dict[str, float] = {}  # of the faults that hit a share of the requests

    @property
    def active(self) -> dict[str, Row]:
        found: dict[str, Row] = self.store.meta.get("faults", {})
        return found

    def change(self, wanted: dict[str, Any]) -> None:
        """Switch faults on and off: `{"slow": 2.5, "http_500": {"count": 3}, "down": false}`.

        `{"clear": true}` switches all off first. Raises `ValueError` for what is not known.
        """
        active = dict(self.active)
        if wanted.pop("clear", False):
            active = {}
        for kind, value in wanted.items():
            if kind not in KINDS:
                raise ValueError(f"There is no fault {kind!r}; known are {', '.join(KINDS)}.")
            if value is None or value is False or value == 0:
                active.pop(kind, None)
            else:
                active[kind] = _settings(kind, value)
        self._keep(active)

    def take(self, method: str, path: str, kinds: set[str] | None = None) -> list[Fault]:
        """The faults that hit this request; those with a count lose one."""
        hit: list[Fault] = []
        active = dict(self.active)
        for kind, one in self.active.items():
            if kinds is not None and kind not in kinds:
                continue
            if kinds is None and kind == "bad_data":
                continue
            if not _concerns(kind, one, method, path) or self._spared(kind, one):
                continue
            if kind == "limited":
                hit += self._over(one)
                continue
            known = {
                name: one[name] for name in ("seconds", "mode", "field", "value") if name in one
            }
            hit.append(Fault(kind=kind, **known))
            if one.get("count") is not None:
                left = one["count"] - 1
                if left > 0:
                    active[kind] = {**one, "count": left}
                else:
                    del active[kind]
        if active != self.active:
            self._keep(active)
        return hit

    def _over(self, one: Row) -> list[Fault]:
        """The refusal of a request beyond the limit. Windows follow each other without a gap, as
        those of a server that counts by the minute; a refused request is not counted."""
        now, length = self._seconds(), float(one["seconds"])
        begun, taken = self._window
        if not begun <= now < begun + length:
            begun, taken = now, 0
        self._window = (begun, min(taken + 1, int(one["count"])))
        if taken < one["count"]:
            return []
        return [Fault(kind="limited", seconds=begun + length - now, mode=one.get("mode", ""))]

    def _spared(self, kind: str, one: Row) -> bool:
        """Whether a fault with a `share` (0.3: three of ten requests, evenly) lets this one be."""
        if "share" not in one:
            return False
        owed = self._owed.get(kind, 0.0) + one["share"]
        self._owed[kind] = owed - 1 if owed >= 1 else owed
        return bool(owed < 1)

    def _keep(self, active: dict[str, Row]) -> None:
        self.store.set_meta("faults", json.loads(json.dumps(active)))


def _settings(kind: str, value: Any) -> Row:
    if value is True:
        return dict(DEFAULTS.get(kind, {}))
    if isinstance(value, int | float):
        name = "seconds" if kind in {"slow", "hang"} else "count"
        return {**DEFAULTS.get(kind, {}), name: value if name == "seconds" else int(value)}
    if not isinstance(value, dict) or not set(value) <= PARTS:
        raise ValueError(f"{kind}: true, a number, or an object with {', '.join(sorted(PARTS))}.")
    found = {**DEFAULTS.get(kind, {}), **{k: v for k, v in value.items() if v is not None}}
    if "mode" in found and found["mode"] not in MODES.get(kind, set()):
        raise ValueError(f"{kind} has no mode {found['mode']!r}.")
    if "count" in found and (not isinstance(found["count"], int) or found["count"] < 1):
        raise ValueError(f"{kind}: count is a whole number above 0.")
    if "share" in found and not (
        isinstance(found["share"], int | float) and 0 < found["share"] <= 1
    ):
        raise ValueError(f"{kind}: share is a number above 0, at most 1.")
    if "seconds" in found and not isinstance(found["seconds"], int | float):
        raise ValueError(f"{kind}: seconds is a number.")
    return found


def _concerns(kind: str, one: Row, method: str, path: str) -> bool:
    if one.get("method") and one["method"].upper() != method:
        return False
    if one.get("path") and not path.startswith(one["path"]):
        return False
    if kind == "lost_answer":
        return method not in SAFE or bool(one.get("method"))
    if kind == "edited_after_read":
        return method == "GET" and path.count("/") >= ONE_RECORD - bool(one.get("path"))
    if kind in WRITES_OF:
        return method not in SAFE and path.startswith(WRITES_OF[kind])
    return True
