"""A twin with a clock of its own, over ASGI or over a socket, and connections to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from connectors.notes import CONNECTOR
from connectors.notes.twin.app import create_app
from connectors.notes.twin.server import Twin
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext

WORLD = Path(__file__).resolve().parents[3] / "fixtures/worlds/meadow/notes.json"
START = datetime(2026, 11, 23, 10, 21, 30, tzinfo=UTC)
REPLICA = "802579AB00112233"
USER = ("svc-causeway", "meadow-service-1")
SCOPE = "fulfil"
ENDPOINT_SECRET = "meadow-endpoint-1"
WAYS = ("dds", "drapi", "agent")
FORMS: dict[str, Any] = {
    "Order Record": {
        "multi": ["ShipTo", "Item_SKU", "Item_Desc", "Item_Qty", "Item_Price", "History"],
        "dates": ["OrderDate", "StatusChanged"],
        "numbers": ["Total", "Item_Qty", "Item_Price"],
        "key_item": "OrderNo",
    },
    "Product Catalog Item": {
        "multi": ["Category"],
        "numbers": ["Stock", "PriceNum"],
        "key_item": "ProductID",
    },
}
ORDER: dict[str, Any] = {
    "OrderNo": "XPYEWWWWK",
    "OrderStatus": "Awaiting Approval",
    "OrderDate": "2026-11-23T10:21:30Z",
    "CustomerName": "Zoë Doe",
    "EMail": "jane.doe@buyer.example",
    "Item_SKU": ["demo_1"],
    "Item_Qty": [2],
    "Item_Price": [23],
    "Total": 46,
    "TrackingNo": "",
}


@dataclass
class Clock:
    """Time that moves only when told to."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def wait(self, seconds: float) -> None:
        """Time passes at once, for whoever waits."""
        self.move(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., Path]:
    """A world file, changed: `world(server={...}, database={...}, views={name: {...}})`."""

    def write(
        *,
        server: Mapping[str, Any] | None = None,
        database: Mapping[str, Any] | None = None,
        views: Mapping[str, Mapping[str, Any]] | None = None,
        folders: Sequence[str] = (),
        rest: Mapping[str, Any] | None = None,
    ) -> Path:
        raw = deepcopy(json.loads(WORLD.read_text()))
        raw["rest"] = rest
        raw["server"].update(server or {})
        raw["databases"][0].update(database or {})
        for one in raw["databases"][0]["views"]:
            one.update((views or {}).get(one["name"], {}))
        raw["databases"][0]["views"] += [
            {
                "name": name,
                "unid": f"{number:032X}",
                "folder": True,
                "columns": [{"name": "ProductID", "title": "No", "item": "ProductID"}],
            }
            for number, name in enumerate(folders, 1)
        ]
        path = tmp_path / "world.json"
        path.write_text(json.dumps(raw))
        return path

    return write


def inside(app: Starlette, *, auth: tuple[str, str] | None = USER) -> httpx.AsyncClient:
    """A client that calls the app without a socket, with Basic authentication."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://notes", auth=auth
    )


@pytest.fixture
def twin_app(clock: Clock) -> Iterator[Starlette]:
    app = create_app(world=WORLD, clock=clock)
    yield app
    app.state.twin.disk.close()


@pytest.fixture
async def dds(twin_app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """The data service, asked by the service user."""
    async with inside(twin_app) as client:
        yield client


def fits(name: str, output: Any) -> Any:
    """The output, when it is as the manifest promises."""
    [spec] = [one for one in CONNECTOR.manifest["operations"] if one["name"] == name]
    Draft202012Validator(spec["output"]).validate(output)
    return output


@dataclass
class Served:
    """A twin that listens on a socket."""

    url: str
    twin: Twin
    http: httpx.AsyncClient
    control: httpx.AsyncClient
    clock: Clock
    transport: str = "dds"
    sessions: dict[str, Any] = field(default_factory=dict)

    def connection(self, **settings: Any) -> ConnectionConfig:
        secrets = {
            "password": settings.pop("password", USER[1]),
            "webhook_secret": settings.pop("webhook_secret", ENDPOINT_SECRET),
        }
        return ConnectionConfig(
            id="1",
            slug="notes",
            connector="notes",
            system=REPLICA,
            settings={
                "base_url": self.url,
                "database": "fulfil.nsf",
                "replica_id": REPLICA,
                "username": USER[0],
                "auth": "session",
                "transport": self.transport,
                **({"scope": SCOPE} if self.transport == "drapi" else {}),
                "forms": FORMS,
                **settings,
            },
            secrets=secrets,
            is_twin=True,
        )

    def ctx(
        self, effect: str = "effect-1", *, dry_run: bool = False, **settings: Any
    ) -> OperationContext:
        return OperationContext(
            connection=self.connection(**settings),
            http=self.http,
            effect_key=effect,
            now=self.clock,
            dry_run=dry_run,
            session=self.sessions,
            wait=self.clock.wait,
        )

    async def fault(self, **faults: Any) -> None:
        (await self.control.post("/_twin/faults", json=faults)).raise_for_status()

    async def save(self, unid: str, **items: Any) -> dict[str, Any]:
        answer = await self.control.post(f"/_twin/documents/{unid}", json={"items": items})
        return dict(answer.raise_for_status().json())

    async def documents(self, form: str = "Order Record") -> list[dict[str, Any]]:
        answer = await self.control.get("/_twin/state", params={"form": form})
        return list(answer.raise_for_status().json()["documents"])

    async def requests(self) -> list[tuple[str, str, int]]:
        answer = await self.control.get("/_twin/requests")
        return [(r["method"], r["path"], r["status"]) for r in answer.json()["requests"]]


async def serve(app: Starlette, clock: Clock) -> AsyncIterator[Served]:
    """Serve `app` on a free port of this machine while the iterator is open."""
    # With the protocol named, asyncio switches Nagle's delay off for its connections.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", ws="none", server_header=False, date_header=False)
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    http = build_client(allow=[host], max_connections=400)
    try:
        async with http, httpx.AsyncClient(base_url=f"http://{host}", timeout=30) as control:
            yield Served(f"http://{host}", app.state.twin, http, control, clock)
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def served(clock: Clock) -> AsyncIterator[Served]:
    """The meadow's twin on a socket; its agent never runs by itself."""
    app = create_app(world=WORLD, clock=clock, agent_delay=3600)
    async for one in serve(app, clock):
        yield one


@pytest.fixture(params=WAYS)
async def over(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Served]:
    """The meadow's twin on a socket, and connections over each way into its database."""
    app = create_app(world=WORLD, clock=clock, agent_delay=3600)
    async for one in serve(app, clock):
        one.transport = request.param
        yield one


@pytest.fixture
async def served_world(
    world: Callable[..., Path], clock: Clock
) -> AsyncIterator[Callable[..., Any]]:
    """`await served_world(server={...})`: a twin of a changed world on a socket."""
    open_: list[AsyncIterator[Served]] = []

    async def start(**changes: Any) -> Served:
        app = create_app(world=world(**changes), clock=clock, agent_delay=3600)
        iterator = serve(app, clock)
        open_.append(iterator)
        return await anext(iterator)

    yield start
    for iterator in open_:
        await anext(iterator, None)
