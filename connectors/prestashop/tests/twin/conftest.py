"""Twins to test: one as the recordings found the shop, one as the demo starts with it."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.prestashop.twin.app import create_app
from fixtures.worlds import build_shop

ROOT = Path(__file__).resolve().parents[4]
MEADOW = ROOT / "fixtures/worlds/meadow/shop.json"
RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
ALL = "WSKEYALLRESOURCESALLMETHODS00001"


@dataclass
class Clock:
    """Stands still unless it is set."""

    now: datetime = datetime(2026, 11, 23, 10, 21, 26, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Running:
    """A twin without a network: its app, its clock, what it delivered, a client."""

    app: Starlette
    clock: Clock
    client: httpx.AsyncClient
    sent: list[Any] = field(default_factory=list)

    async def api(
        self, method: str, path: str, body: str = "", key: str = ALL, **headers: str
    ) -> httpx.Response:
        return await self.client.request(
            method, path, content=body, headers={"Authorization": basic(key), **headers}
        )

    async def order(self, id_: int | str) -> dict[str, Any]:
        answer = await self.api("GET", f"/api/orders/{id_}?display=full&output_format=JSON")
        [order] = answer.json()["orders"]
        return dict(order)

    async def quantity(self, stock_id: int) -> int:
        path = f"/api/stock_availables/{stock_id}?display=[quantity]&output_format=JSON"
        [row] = (await self.api("GET", path)).json()["stock_availables"]
        return int(row["quantity"])

    async def twin(self, path: str, body: Any = None) -> httpx.Response:
        return await self.client.post(f"/_twin/{path}", json=body or {})

    async def state(self) -> dict[str, Any]:
        return dict((await self.client.get("/_twin/state")).json())


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


@asynccontextmanager
async def running(
    *, world: Path = MEADOW, data: Path | None = None, **options: Any
) -> AsyncIterator[Running]:
    clock = Clock()
    app = create_app(world=world, data=data, clock=clock, **options)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client,
    ):
        yield Running(app=app, clock=clock, client=client)


@pytest.fixture
async def twin() -> AsyncIterator[Running]:
    async with running() as one:
        yield one


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The world file of the shop before the first recorded write."""
    path = tmp_path / "installed.json"
    path.write_text(json.dumps(build_shop.build("installed")), encoding="utf-8")
    return path


def recordings(version: str = "9.1") -> list[dict[str, Any]]:
    folder = RECORDINGS / version
    names = [one["file"] for one in json.loads((folder / "index.json").read_text("utf-8"))]
    return [json.loads((folder / name).read_text("utf-8")) for name in names]
