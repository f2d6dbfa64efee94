"""A large database for the twin, and the twin as a process of its own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[3]
MEADOW = ROOT / "fixtures/worlds/meadow/notes.json"
VIEW = "(StockByKey)"
FORM = "Product Catalog Item"
_SEEDING = 300.0  # seconds


def write_world(path: Path, documents: int) -> None:
    """The meadow with so many catalog items, in the order of the view's key."""
    world = json.loads(MEADOW.read_text())
    database = world["databases"][0]
    database["documents"] = [_item(number) for number in range(documents)]
    path.write_text(json.dumps(world))


def _item(number: int) -> dict[str, Any]:
    return {
        "unid": f"{number + 1:032X}",
        "form": FORM,
        "created": "2026-10-02T10:00:00+00:00",
        "author": "CN=Ann Editor/O=Meadow",
        "items": {
            "ProductID": f"item_{number}",
            "ProductName": f"Größe {number % 40}, Modell {number}",
            "Category": ["Clothes\\Men", "Sale"],
            "Size": "SML"[number % 3],
            "Color": "White",
            "PriceNum": 20 + number % 100 / 4,
            "Stock": number % 300,
            "Active": "Yes",
            "ShopKey": f"{number:07d}/1",
        },
    }


@contextmanager
def twin(world: Path) -> Iterator[str]:
    """The address of a twin of this world, up while the context is open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "connectors.notes.twin"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--world", str(world), "--agent-delay", "86400"], cwd=ROOT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    until = time.monotonic() + _SEEDING
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the twin ended with {process.returncode}")
        try:
            httpx.get(f"{address}/_twin/health", timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the twin did not come up")
