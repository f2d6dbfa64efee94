"""What reading a large Notes database costs it, and what a day's changes cost after that.

    python -m tests.bench.domino [--documents 100000] [--changes 1000] [--json FILE]

Starts the imitated Domino server in a process of its own, filled with so many orders. The connector
reads them all through a view that is sorted by their key, in pages of the server's size; then a
person saves some of them, and the poll brings those. Nothing else is on the way: no flow, no
database. The requests are those that the server counted.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from connectors.notes import CONNECTOR
from connectors.notes.triggers import DOCUMENT_EVENT
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext

ROOT: Final = Path(__file__).resolve().parents[2]
WORLD: Final = ROOT / "fixtures" / "worlds" / "meadow" / "notes.json"
FORM: Final = "Order Record"
VIEW: Final = "(OrdersByExternalKey)"
AT_ONCE: Final = 5000  # entries of one call of the operation
SENDERS: Final = 16  # people who save at once
Result = dict[str, Any]


def filled(documents: int) -> dict[str, Any]:
    """The world `meadow` with so many orders more."""
    world: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    database = world["databases"][0]
    author = database["documents"][0]["author"]
    database["documents"] += [
        {
            "unid": unid(number),
            "form": FORM,
            "created": f"2026-{1 + number % 9:02}-{1 + number % 28:02}T08:00:00+00:00",
            "author": author,
            "items": {
                "ExternalKey": f"bench/{number:07}",
                "OrderNo": str(number),
                "OrderRef": f"B{number:08}",
                "CustomerName": f"Customer {number % 997}",
                "EMail": f"customer{number}@example.com",
                "OrderStatus": "In Fulfilment",
                "Item_SKU": [f"SKU-{number % 313}", f"SKU-{number % 211}"],
                "Item_Desc": ["Hummingbird printed t-shirt", "The best is yet to come"],
                "Item_Qty": [1, 2],
                "Item_Price": [19.9, 12.5],
                "Total": 44.9,
                "ShipTo": ["Ann Buyer", "Long Lane 5", "75001 Paris", "France"],
            },
        }
        for number in range(documents)
    ]
    return world


def unid(number: int) -> str:
    """Of an order that was added."""
    return f"BE9C{number:028X}"


def _write(path: Path, documents: int) -> None:
    path.write_text(json.dumps(filled(documents)), encoding="utf-8")


@asynccontextmanager
async def domino(documents: int) -> AsyncIterator[str]:
    """The address of a filled server in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "notes.json"
        # In a process of its own: what this one takes is to be what reading takes.
        writing = multiprocessing.get_context("spawn").Process(
            target=_write, args=(world, documents)
        )
        writing.start()
        writing.join()
        argv = ["-m", "connectors.notes.twin", "--port", str(port), "--world", str(world)]
        child = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, *argv, "--agent-delay", "86400"], cwd=ROOT
        )
        try:
            await _until_answers(f"{base}/_twin/health")
            yield base
        finally:
            child.terminate()
            child.wait(timeout=30)


async def _until_answers(url: str) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(1200):
            try:
                if (await http.get(url)).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit(f"nothing answers at {url}")


def context(base: str, http: httpx.AsyncClient) -> OperationContext:
    world = json.loads(WORLD.read_text(encoding="utf-8"))
    user, database = world["users"][0], world["databases"][0]
    return OperationContext(
        connection=ConnectionConfig(
            id="1",
            slug="notes",
            connector="notes",
            system=database["replica_id"],
            settings={
                "base_url": base,
                "database": database["path"],
                "replica_id": database["replica_id"],
                "username": user["username"],
                "auth": "session",
            },
            secrets={"password": user["password"]},
        ),
        http=http,
        effect_key="bench",
        now=lambda: datetime.now(UTC),
    )


async def load(ctx: OperationContext) -> int:
    """Read the whole view, call by call as a flow does; how many orders of ours it shows."""
    read = CONNECTOR.operation("notes.view.read@1")
    assert read is not None
    found, page, complete = set(), 0, False
    while not complete:
        params = {"view": VIEW, "count": AT_ONCE, "page": page}
        output: Mapping[str, Any] = (await read.run(ctx, params)).output
        found |= {one["unid"] for one in output["entries"] if one["unid"].startswith("BE9C")}
        assert not output["moved"]
        page, complete = page + 1, output["complete"]
    return len(found)


async def save(base: str, changes: int, documents: int) -> None:
    """A person saves every so many-th order."""
    step = max(1, documents // changes)
    numbers = iter(range(0, step * changes, step))

    async def one_after_the_other(http: httpx.AsyncClient) -> None:
        for number in numbers:
            body = {"items": {"OrderStatus": "Shipped", "TrackingNo": f"T{number}"}}
            answer = await http.post(f"{base}/_twin/documents/{unid(number)}", json=body)
            answer.raise_for_status()

    async with httpx.AsyncClient(timeout=60) as http:
        await asyncio.gather(*(one_after_the_other(http) for _ in range(SENDERS)))


async def delta(ctx: OperationContext, cursor: Mapping[str, Any]) -> int:
    """Poll until nothing is left; how many orders of ours it brought."""
    poll = DOCUMENT_EVENT.poll
    assert poll is not None
    found, more = set(), True
    while more:
        page = await poll(ctx, cursor)
        found |= {one.entity_id for one in page.events if one.entity_id.startswith("BE9C")}
        cursor, more = page.cursor, page.more
    return len(found)


async def _asked(base: str) -> int:
    """How many requests the server has had, by the number of the last."""
    async with httpx.AsyncClient(timeout=60) as http:
        log = (await http.get(f"{base}/_twin/requests")).json()["requests"]
    return int(log[-1]["number"]) if log else 0


def _memory() -> float:
    """Megabytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(documents: int, changes: int) -> Result:
    """Both parts: {documents, seconds, requests, memory_mb}, the memory being what came on top."""
    result: Result = {}
    async with domino(documents) as base, build_client(allow=[base.split("//")[1]]) as http:
        ctx = context(base, http)
        poll = DOCUMENT_EVENT.poll
        assert poll is not None
        cursor = (await poll(ctx, None)).cursor
        for name, wanted in (("initial_load", documents), ("delta", changes)):
            if name == "delta":
                await save(base, changes, documents)
            asked, memory, began = await _asked(base), _memory(), time.monotonic()
            found = await (load(ctx) if name == "initial_load" else delta(ctx, cursor))
            took = time.monotonic() - began
            assert found == wanted, f"{found} of {wanted}"
            result[name] = {
                "documents": found,
                "seconds": round(took, 1),
                "documents_per_second": round(found / took),
                "requests": await _asked(base) - asked,
                "memory_mb": round(_memory() - memory, 1),
            }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    given = parser.parse_args()
    result = asyncio.run(measure(given.documents, given.changes))
    text = json.dumps(result, indent=2)
    print(text)  # noqa: T201
    if given.json:
        given.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
