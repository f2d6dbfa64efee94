"""The first load of a database and the changes after it, over one way; in a process of its own, so
that the memory is that of the connector alone."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.notes import CONNECTOR
from connectors.notes.transport import connect
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext
from tests.bench.notes.world import FORM, VIEW

WINDOW = 1000  # entries that a flow reads at a time
_REST = 2.5  # seconds until a save is at rest over the data service
_SECRET = "meadow-endpoint-1"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`peak` are the most megabytes that the process had in memory so far."""

    rows: int
    requests: int
    seconds: float
    peak: float


def measure(way: str, address: str, documents: int, delta: int, whole: bool) -> dict[str, Any]:
    """{initial, documents?, delta} as figures; `whole` reads every document too."""
    return asyncio.run(_measure(way, address, documents, delta, whole=whole))


async def _measure(
    way: str, address: str, documents: int, delta: int, *, whole: bool
) -> dict[str, Any]:
    async with build_client(allow=[urlsplit(address).netloc]) as http:
        side = _Side(way, address, http)
        await side.run("notes.view.read", {"view": VIEW, "count": 1})  # login, choice, imports
        figures = {"initial": await side.figure(_entries(side))}
        if whole:
            figures["documents"] = await side.figure(_documents(side))
        cursor = (await side.poll(None)).cursor
        await side.edit(range(delta))
        await asyncio.sleep(_REST)
        figures["delta"] = await side.figure(_news(side, cursor))
    for name, expected in (("initial", documents), ("documents", documents), ("delta", delta)):
        if name in figures and figures[name].rows != expected:
            raise RuntimeError(f"{way}: {name} found {figures[name].rows} of {expected}")
    return {name: asdict(one) for name, one in figures.items()}


class _Side:
    """One connection and what is asked through it."""

    def __init__(self, way: str, address: str, http: httpx.AsyncClient) -> None:
        self.address = address
        self.http = http
        self._session: dict[str, Any] = {}
        self._connection = ConnectionConfig(
            id="1",
            slug="notes",
            connector="notes",
            system="802579AB00112233",
            settings={
                "base_url": address,
                "database": "fulfil.nsf",
                "replica_id": "802579AB00112233",
                "username": "svc-causeway",
                "transport": way,
                "scope": "fulfil",
                "forms": {FORM: {"multi": ["Category"], "numbers": ["Stock", "PriceNum"]}},
            },
            secrets={"password": "meadow-service-1", "webhook_secret": _SECRET},
            is_twin=True,
        )
        self._operations = {one.name: one for one in CONNECTOR.operations}
        [self._news] = [one for one in CONNECTOR.triggers if one.name == "notes.document_event"]

    @property
    def ctx(self) -> OperationContext:
        return OperationContext(
            connection=self._connection,
            http=self.http,
            effect_key="bench",
            now=lambda: datetime.now(UTC),
            session=self._session,
        )

    async def run(self, name: str, params: Mapping[str, Any]) -> Any:
        return (await self._operations[name].run(self.ctx, params)).output

    async def poll(self, cursor: Mapping[str, Any] | None) -> Any:
        assert self._news.poll is not None
        return await self._news.poll(self.ctx, cursor)

    async def edit(self, numbers: Sequence[int]) -> None:
        """A person saves so many documents."""
        for number in numbers:
            path = f"{self.address}/_twin/documents/{number + 1:032X}"
            answer = await self.http.post(path, json={"items": {"Stock": 1000 + number}})
            answer.raise_for_status()

    async def requests(self) -> int:
        answer = await self.http.get(f"{self.address}/_twin/requests")
        rows = answer.json()["requests"]
        return int(rows[-1]["number"]) if rows else 0

    async def figure(self, work: Any) -> Figure:
        before = await self.requests()
        started = time.perf_counter()
        rows = await work
        return Figure(
            rows=rows,
            seconds=round(time.perf_counter() - started, 2),
            requests=await self.requests() - before,
            peak=round(_peak(), 1),
        )


def _peak() -> float:
    """Megabytes. What getrusage tells begins with the memory of the process that started us."""
    text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    [kilobytes] = [line.split()[1] for line in text.splitlines() if line.startswith("VmHWM:")]
    return int(kilobytes) / 1024


async def _entries(side: _Side) -> int:
    """Every entry of the view, window by window, none kept."""
    seen = 0
    while True:
        page = await side.run("notes.view.read", {"view": VIEW, "start": seen, "count": WINDOW})
        seen += len(page["entries"])
        if page["complete"] or not page["entries"]:
            return seen


async def _documents(side: _Side) -> int:
    """Every document with its items, window by window, none kept."""
    client, seen, read = await connect(side.ctx), 0, 0
    while True:
        page = await side.run("notes.view.read", {"view": VIEW, "start": seen, "count": WINDOW})
        seen += len(page["entries"])
        read += len(await client.read_all(one["unid"] for one in page["entries"]))
        if page["complete"] or not page["entries"]:
            return read


async def _news(side: _Side, cursor: Mapping[str, Any] | None) -> int:
    """What changed, poll by poll, each document once."""
    found: set[str] = set()
    while True:
        page = await side.poll(cursor)
        found.update(one.entity_id for one in page.events)
        cursor = page.cursor
        if not page.more:
            return len(found)
