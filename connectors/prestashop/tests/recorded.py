"""A shop made of recordings: it answers what was recorded, and nothing else.

Requests are matched by method, path, query and, for writes, the XML that was recorded. What no
recording holds in the needed form is derived from one that does, by a function that stands in
the test; every served answer must be asked for.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from defusedxml.ElementTree import fromstring

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.operation import OperationContext

RECORDINGS = Path(__file__).with_name("recordings")
VERSIONS = ("9.1", "8.2")
KEY = "WSKEYALLRESOURCESALLMETHODS00001"
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
# They describe the recorded transfer, not the one to the test.
_HOP_HEADERS = {"content-length", "transfer-encoding", "connection", "content-encoding"}

Request = tuple[str, str, tuple[tuple[str, str], ...]]
Edit = Callable[[Any], Any]


def request_key(method: str, target: str) -> Request:
    """Method, path and sorted, decoded query."""
    parts = urlsplit(target)
    query = parse_qsl(parts.query, keep_blank_values=True)
    return method, parts.path, tuple(sorted(query))


def xml_fields(body: str | bytes) -> list[tuple[str, str]]:
    """The elements that hold text, sorted: how two XML bodies are compared."""
    return sorted(
        (element.tag, (element.text or "").strip())
        for element in fromstring(body).iter()
        if len(element) == 0
    )


@dataclass
class Served:
    response: httpx.Response
    fields: list[tuple[str, str]] | None = None
    asked: int = 0


@dataclass
class RecordedShop:
    """`queue` holds, per request, answers in order; the last one stays."""

    version: str
    queue: dict[Request, list[Served]] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    key: str = KEY

    def recording(self, name: str) -> dict[str, Any]:
        """One recorded exchange, by the number it starts with."""
        (path,) = (RECORDINGS / self.version).glob(f"{name}-*.json")
        recording: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return recording

    def body(self, name: str) -> Any:
        """The recorded JSON body."""
        return json.loads(self.recording(name)["response"]["body"])

    def response(self, name: str, edit: Edit | None = None) -> httpx.Response:
        """A recorded answer, its JSON body changed by `edit`."""
        recorded = self.recording(name)["response"]
        body = recorded["body"] or ""
        if edit is not None:
            body = json.dumps(edit(json.loads(body)))
        headers = {
            name: value
            for name, value in recorded["headers"].items()
            if name.lower() not in _HOP_HEADERS
        }
        return httpx.Response(recorded["status"], headers=headers, content=body.encode())

    def serve(self, name: str, *, edit: Edit | None = None) -> None:
        """Answer the recorded request as it was answered then."""
        request = self.recording(name)["request"]
        fields = xml_fields(request["body"]) if request["body"] else None
        self._add(request["method"], request["path"], Served(self.response(name, edit), fields))

    def derive(
        self, target: str, name: str, edit: Edit | None = None, *, method: str = "GET"
    ) -> None:
        """Answer another request with a recorded answer, changed where that is said."""
        self._add(method, target, Served(self.response(name, edit)))

    def stage(self, method: str, target: str, response: httpx.Response) -> None:
        """Answer with something that no shop recorded (a proxy, a firewall)."""
        self._add(method, target, Served(response))

    def _add(self, method: str, target: str, served: Served) -> None:
        self.queue.setdefault(request_key(method, target), []).append(served)

    def handle(self, request: httpx.Request) -> httpx.Response:
        key = request_key(request.method, str(request.url))
        self.log.append(key)
        waiting = self.queue.get(key)
        assert waiting, f"{key} was neither recorded nor derived"
        served = waiting[0] if len(waiting) == 1 else waiting.pop(0)
        served.asked += 1
        if served.fields is not None:
            assert xml_fields(request.content) == served.fields
        basic = base64.b64encode(f"{self.key}:".encode()).decode()
        assert request.headers["authorization"] == f"Basic {basic}"
        # A response object can be read once only.
        return httpx.Response(
            served.response.status_code,
            headers=served.response.headers,
            content=served.response.content,
        )

    def verify(self) -> None:
        """Every answer that was made ready has been asked for."""
        unasked = [
            key for key, waiting in self.queue.items() if any(not one.asked for one in waiting)
        ]
        assert not unasked, f"never asked: {unasked}"

    def writes(self) -> list[Request]:
        return [one for one in self.log if one[0] not in ("GET", "HEAD")]


def context(shop: RecordedShop, **changes: Any) -> OperationContext:
    """What the platform gives to an operation; `changes` replace parts of it."""
    connection = ConnectionConfig(
        id="c1",
        slug="shop",
        connector="prestashop",
        system="shop.example",
        settings={"base_url": "http://shop.example"},
        secrets={"api_key": KEY},
    )
    values: dict[str, Any] = {
        "connection": connection,
        "http": httpx.AsyncClient(transport=httpx.MockTransport(shop.handle)),
        "effect_key": "0" * 32,
        "now": lambda: NOW,
    }
    return OperationContext(**{**values, **changes})


def only(resource: str, id_: int, **changes: Any) -> Edit:
    """An edit that keeps one row of a list: what `GET /resource/id?display=full` answers is a
    list with that row (recording 026)."""

    def edit(document: Any) -> Any:
        rows = [row for row in document[resource] if int(row["id"]) == id_]
        assert rows, f"the recording has no {resource} {id_}"
        return {resource: [{**rows[0], **changes}]}

    return edit
