"""What reading and writing a large shop costs it, at a shop that refuses too many requests.

    python -m tests.bench.shop [--products 10000] [--writes 100] [--limit 100] [--within 60]
                               [--delay 0.25] [--json FILE]

Starts the imitated shop in a process of its own, filled with so many products, that takes `limit`
requests in `within` seconds (then 429) and answers each after `delay` seconds. The connector is not
told of the limit: it sweeps all stock, sets the stock of some products, and sweeps again, through
the worker's own throttle. Nothing else is on the way: no flow, no database. Printed is what the
shop counted.
"""

import argparse
import asyncio
import json
import logging
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import structlog

from connectors.prestashop import CONNECTOR
from connectors.prestashop.stock_sweep import STOCK_EVENT
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import RateLimitedError, UncertainError
from connectors.sdk.http import build_client
from connectors.sdk.meter import metered
from connectors.sdk.operation import OperationContext
from connectors.sdk.receipt import Verdict
from flows.protection.circuit import Outcome, Seen
from flows.protection.guard import HeldError
from flows.protection.outcome import outcome_of
from flows.protection.policy import Policy
from flows.protection.shared import Protection

ROOT: Final = Path(__file__).resolve().parents[2]
WORLD: Final = ROOT / "fixtures" / "worlds" / "meadow" / "shop.json"
FIRST: Final = 100_001  # id of the first product that is added
COMBINED: Final = 10  # one product of so many has two combinations
Result = dict[str, Any]


def filled(products: int) -> dict[str, Any]:
    """The world `meadow` with so many products more, each with its stock rows."""
    world: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    tables = world["tables"]
    product = next(one for one in tables["products"] if one["id"] == 6)
    combination, stock = tables["combinations"][0], tables["stock_availables"][0]
    next_combination = next_stock = FIRST
    for id_ in range(FIRST, FIRST + products):
        tables["products"].append({**deepcopy(product), "id": id_, "reference": f"bench_{id_}"})
        attributes = [0]
        if id_ % COMBINED == 0:
            attributes += [next_combination, next_combination + 1]
            next_combination += 2
        for attribute in attributes:
            if attribute:
                row = {"id": attribute, "id_product": id_, "reference": f"bench_{attribute}"}
                tables["combinations"].append({**deepcopy(combination), **row})
            row = {"id": next_stock, "id_product": id_, "id_product_attribute": attribute}
            tables["stock_availables"].append({**stock, **row, "quantity": 20 if attribute else 40})
            next_stock += 1
    return world


@asynccontextmanager
async def shop(products: int) -> AsyncIterator[str]:
    """The address of a filled shop in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "shop.json"
        world.write_text(json.dumps(filled(products)), encoding="utf-8")
        argv = ["-m", "connectors.prestashop.twin", "--port", str(port), "--world", str(world)]
        child = subprocess.Popen([sys.executable, *argv], cwd=ROOT)  # noqa: ASYNC220
        try:
            await _until_answers(f"http://127.0.0.1:{port}/_twin/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()
            child.wait(timeout=15)


async def _until_answers(url: str) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(600):
            try:
                if (await http.get(url)).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit(f"nothing answers at {url}")


class Carrier:
    """Calls over one connection as a worker makes them: held back, paced, and tried again."""

    def __init__(self, protection: Protection, ctx: OperationContext) -> None:
        self.ctx = ctx
        self.protection = protection
        self.guard = protection.guard(ctx.connection.id, Policy())

    async def call(self, key: str, cost: float, work: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            hold = await self.protection.hold(self.guard, key)
            if hold is not None:
                await asyncio.sleep(max(0.01, (hold.until - datetime.now(UTC)).total_seconds()))
                continue
            try:
                started = await self.protection.enter(self.guard, key=key, cost=cost)
            except HeldError:
                continue
            answer, outcome, after = None, Outcome.ANSWERED, None
            with metered() as meter:
                try:
                    answer = await work()
                except (RateLimitedError, UncertainError) as error:
                    outcome, after = outcome_of(error)
                    if outcome is not Outcome.THROTTLED:
                        raise
            seen = Seen(
                at=self.protection.now(),
                started=started,
                outcome=outcome,
                key=key,
                type=key,
                retry_after=after,
                requests=meter.requests,
            )
            self.guard.leave(seen, paid=cost)
            if outcome is Outcome.ANSWERED:
                return answer

    async def run(self, name: str, /, **params: Any) -> Any:
        operation = CONNECTOR.operation(f"{name}@1")
        assert operation is not None
        specs = CONNECTOR.manifest["operations"]
        cost = float(next(one.get("cost", 1) for one in specs if one["name"] == name))
        return await self.call(name, cost, lambda: operation.run(self.ctx, params))

    async def sweep(self, cursor: Mapping[str, Any] | None) -> tuple[list[Any], Mapping[str, Any]]:
        """One sweep of all stock: its news, and the cursor behind it."""
        poll = STOCK_EVENT.poll
        assert poll is not None
        events: list[Any] = []
        at = {**cursor, "begun": ""} if cursor else None  # do not rest between two of them
        while True:
            page = await self.call("sweep", 1.0, lambda at=at: poll(self.ctx, at))  # type: ignore[misc]
            events += page.events
            at = dict(page.cursor)
            if not page.more:
                return events, at


async def _asked(base: str, since: int = 0) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as http:
        found: list[dict[str, Any]] = (
            await http.get(f"{base}/_twin/requests", params={"since": since})
        ).json()["requests"]
    return found


async def _break(base: str, **faults: Any) -> None:
    async with httpx.AsyncClient() as http:
        (await http.post(f"{base}/_twin/faults", json=faults)).raise_for_status()


def context(base: str, http: httpx.AsyncClient, name: str) -> OperationContext:
    key = json.loads(WORLD.read_text(encoding="utf-8"))["keys"][0]["key"]
    return OperationContext(
        connection=ConnectionConfig(
            id=name,
            slug="shop",
            connector="prestashop",
            system="bench",
            settings={"base_url": base},
            secrets={"api_key": key},
        ),
        http=http,
        effect_key="bench",
        now=lambda: datetime.now(UTC),
    )


async def _part(base: str, work: Awaitable[Any]) -> tuple[Any, Result]:
    """What `work` gives, and what it cost."""
    before, began = len(await _asked(base)), time.monotonic()
    answer = await work
    took = time.monotonic() - began
    log = (await _asked(base))[before:]
    return answer, {
        "seconds": round(took, 1),
        "requests": len(log),
        "refused_429": sum(one["status"] == 429 for one in log),
        "other_errors": sum(one["status"] >= 400 and one["status"] != 429 for one in log),
    }


async def per_hundred(base: str, ctx: OperationContext) -> Result:
    """Requests for 100 products and for 100 stock rows, at a session that knows nothing yet."""
    ids = [str(FIRST + number) for number in range(100)]
    found: Result = {}
    for name, operation, params in (
        ("products_by_id", "prestashop.product.search", {"ids": ids}),
        ("products_page", "prestashop.product.search", {"limit": 100}),
        ("stock_rows_by_id", "prestashop.stock.search", {"ids": ids}),
        ("stock_rows_page", "prestashop.stock.search", {"limit": 100}),
    ):
        ctx.session.clear()
        before = len(await _asked(base))
        run = CONNECTOR.operation(f"{operation}@1")
        assert run is not None
        answer = await run.run(ctx, params)
        assert len(answer.output["items"]) == 100
        found[name] = len(await _asked(base)) - before
    return found


async def measure(
    protection: Protection,
    *,
    products: int,
    writes: int,
    limit: int,
    within: float,
    delay: float,
    name: str = "bench",
) -> Result:
    """All figures; `name` is that of the connection. Raises `AssertionError` where a write is not
    confirmed or news is missed."""
    async with shop(products) as base:
        http = build_client(allow=[base.removeprefix("http://")])
        try:
            ctx = context(base, http, name)
            result: Result = {"per_100": await per_hundred(base, ctx)}
            carrier = Carrier(protection, ctx)
            slow = {"slow": delay} if delay else {}
            await _break(base, limited={"count": limit, "seconds": within}, **slow)
            (_, cursor), result["first_sweep"] = await _part(base, carrier.sweep(None))
            wanted = [FIRST + 1 + number * 7 for number in range(writes * 2)]
            wanted = [one for one in wanted if one % COMBINED][:writes]
            receipts, result["writes"] = await _part(base, _write(carrier, wanted))
            assert all(one.receipt.verdict is Verdict.CONFIRMED for one in receipts)
            (events, _), result["second_sweep"] = await _part(base, carrier.sweep(cursor))
            assert sorted(int(one.data["product_id"]) for one in events) == sorted(wanted)
            assert all(one.data["quantity"] == 77 for one in events)
            rate = carrier.guard.record.pace.rate
            result["learnt_per_minute"] = None if rate is None else round(rate * 60, 1)
            result["allowed_per_minute"] = round(limit * 60 / within, 1)
            return result
        finally:
            await http.aclose()


async def _write(carrier: Carrier, products: list[int]) -> list[Any]:
    """Eight at once, as a worker with much to do."""
    waiting = iter(products)
    done: list[Any] = []

    async def one_after_the_other() -> None:
        for product in waiting:
            params = {"product_id": str(product), "quantity": 77}
            done.append(await carrier.run("prestashop.stock.set", **params))

    await asyncio.gather(*(one_after_the_other() for _ in range(8)))
    return done


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--writes", type=int, default=100)
    parser.add_argument("--limit", type=int, default=100, help="requests that the shop takes")
    parser.add_argument("--within", type=float, default=60.0, help="in so many seconds")
    parser.add_argument("--delay", type=float, default=0.25, help="seconds until each answer")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    given = parser.parse_args()

    # One process, nobody to share with: that no Redis is there is no news.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    async def run() -> Result:
        protection = Protection("redis://127.0.0.1:1/0", processes=1)
        try:
            return await measure(
                protection,
                products=given.products,
                writes=given.writes,
                limit=given.limit,
                within=given.within,
                delay=given.delay,
            )
        finally:
            await protection.aclose()

    result = asyncio.run(run())
    for name, value in result.items():
        print(f"{name:20} {value}", flush=True)  # noqa: T201
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
