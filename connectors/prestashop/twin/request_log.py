"""The last requests to the webservice, numbered; nothing secret in them."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

KEPT = 5000


class RequestLog:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.number = 0
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(self, *, method: str, path: str, query: str, status: int, ms: float) -> None:
        """`status` is 0 where the connection was dropped without an answer."""
        self.number += 1
        parts = [one for one in parse_qsl(query, keep_blank_values=True) if one[0] != "ws_key"]
        shown = urlencode(parts, safe="[]|,%<>!:@/ ")
        self._kept.append(
            {
                "number": self.number,
                "at": self.clock().astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "method": method,
                "path": f"{path}?{shown}" if shown else path,
                "status": status,
                "ms": round(ms, 1),
            }
        )

    def since(self, number: int) -> list[dict[str, Any]]:
        return [one for one in self._kept if one["number"] > number]
