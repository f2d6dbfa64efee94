"""Customers of the meadow on both sides: twins in this process, and an event for every write."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from connectors.connections.models import Connection
from connectors.notes.twin.app import create_app as create_notes
from connectors.prestashop.twin.app import create_app as create_shop
from connectors.sdk.trigger import SourceEvent
from flows.dispatch import worker
from flows.dispatch.accepting import Arrival, accept

ROOT = Path(__file__).resolve().parents[3]
WORLDS = ROOT / "fixtures/worlds/meadow"
TEMPLATE = ROOT / "fixtures/templates/customers-two-way.json"
SHOP_KEY = "WSKEYALLRESOURCESALLMETHODS00001"
REPLICA = "802579AB00112233"
PROFILE = {
    "Customer Record": {
        "multi": ["FullName", "Phone"],
        "dates": ["LastOrder"],
        "numbers": ["CreditLimit"],
        "key_item": "CustomerNo",
    }
}
SETTINGS: dict[str, dict[str, Any]] = {
    "shop": {"base_url": "http://shop.example"},
    "notes": {
        "base_url": "http://notes.example",
        "database": "fulfil.nsf",
        "replica_id": REPLICA,
        "username": "svc-causeway",
        "auth": "basic",
        "method_override": True,
        "forms": PROFILE,
    },
}
SECRETS = {
    "shop": {"api_key": SHOP_KEY},
    "notes": {"password": "meadow-service-1"},
}


@dataclass
class Clock:
    """The clock of both far sides."""

    now: datetime = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class Meadow:
    """Both twins. `news` tells of each write, whoever made it, once."""

    clock: Clock
    http: httpx.AsyncClient
    connections: dict[str, Connection] = field(default_factory=dict)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: int = 0
    _count: Any = field(default_factory=lambda: itertools.count(1))

    async def customers(self) -> dict[str, dict[str, Any]]:
        """Those of the shop, by id."""
        answer = await self.http.get(
            "http://shop.example/api/customers",
            params={"display": "full", "output_format": "JSON"},
            auth=(SHOP_KEY, ""),
        )
        return {str(one["id"]): one for one in answer.raise_for_status().json()["customers"]}

    async def records(self) -> dict[str, dict[str, Any]]:
        """Customer Records, by universal id."""
        answer = await self.http.get(
            "http://notes.example/_twin/state", params={"form": "Customer Record"}
        )
        return {one["unid"]: one for one in answer.raise_for_status().json()["documents"]}

    async def edit_customer(self, id_: str, **fields: str) -> None:
        """What somebody does in the shop's back office."""
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        answer = await self.http.patch(
            f"http://shop.example/api/customers/{id_}",
            content=f"<prestashop><customer><id>{id_}</id>{inner}</customer></prestashop>",
            auth=(SHOP_KEY, ""),
        )
        answer.raise_for_status()

    async def edit_record(self, unid: str, **items: Any) -> None:
        """What somebody does in the Notes client."""
        answer = await self.http.post(
            f"http://notes.example/_twin/documents/{unid}", json={"items": items}
        )
        answer.raise_for_status()

    async def news(self) -> list[tuple[str, str]]:
        """(side, id) of every record that was written since the last time."""
        found = []
        for side, now in (("shop", await self.customers()), ("notes", await self.records())):
            before = self.seen.get(side)
            if before is not None:
                found += [(side, id_) for id_, one in now.items() if before.get(id_) != one]
            self.seen[side] = now
        return found

    async def tell(self, side: str, id_: str) -> None:
        """One side says that a record was written, and workers hear it."""
        shop = side == "shop"
        entity = "customer" if shop else "document"
        connection = self.connections[side]
        event = SourceEvent(
            type="prestashop.customer_event@1" if shop else "notes.document_event@1",
            change="updated",
            entity=entity,
            entity_id=id_,
            version=str(next(self._count)),
            occurred_at=self.clock.now,
            business_key=id_,
            data={"form": "Customer Record", f"{entity}_id": id_},
        )
        await accept(
            Arrival(
                environment_id=connection.environment_id,
                connection_id=connection.id,
                source="hook",
                system=connection.system,
                events=[event],
            )
        )
        await worker.drain()

    async def settle(self, *, most: int = 20) -> int:
        """Tell all news, and the news of what that wrote, until there is none; how often."""
        told = 0
        for _ in range(most):
            news = await self.news()
            if not news:
                return told
            for side, id_ in news:
                told += 1
                await self.tell(side, id_)
        raise AssertionError(f"still news after {most} rounds: ping-pong")


@asynccontextmanager
async def meadow() -> AsyncIterator[Meadow]:
    """Both twins with a clock that stands still."""
    clock = Clock()
    shop = create_shop(world=WORLDS / "shop.json", data=None, version="9.1", clock=clock)
    notes = create_notes(world=WORLDS / "notes.json", clock=clock, agent_delay=3600)
    mounts = {
        "http://shop.example": httpx.ASGITransport(app=shop),
        "http://notes.example": httpx.ASGITransport(app=notes),
    }
    async with shop.router.lifespan_context(shop), httpx.AsyncClient(mounts=mounts) as http:
        yield Meadow(clock=clock, http=http)
    notes.state.twin.disk.close()


def template() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(TEMPLATE.read_text())
    return made
