"""Ten thousand orders at once through a flow of its own, and the senders that bring them."""

import asyncio
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.sdk import codec
from tests.bench.load import message
from tests.stack.harness import ROOT, Stack
from tests.stack.test_bad_input import signed

SECRET = "the-secret-of-many-senders"
_PATHS = {"id_path": "id", "version_path": "version", "key_path": "id", "time_path": "at"}
_SENDERS = 64
_ANSWER_WITHIN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """The far side of `tests.faults.far_side`, and its process."""

    url: str
    http: httpx.Client

    def misbehave(self, **shares: float) -> None:
        self.http.put(f"{self.url}/faults", json=shares).raise_for_status()

    def effects(self) -> dict[str, Any]:
        return dict(self.http.get(f"{self.url}/effects").raise_for_status().json())


def port_of_far_side() -> socket.socket:
    """Listens already, so that the address is known before anything starts."""
    return socket.create_server(("127.0.0.1", 0), backlog=1024)


@contextmanager
def far_side(listening: socket.socket, seed: int) -> Iterator[Far]:
    """Runs until the block is left."""
    port = listening.getsockname()[1]
    listening.set_inheritable(True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.far_side", str(listening.fileno()), str(seed)],
        cwd=ROOT,
        pass_fds=[listening.fileno()],
    )
    try:
        with httpx.Client(timeout=30, limits=httpx.Limits(keepalive_expiry=2)) as http:
            yield Far(url=f"http://127.0.0.1:{port}", http=http)
    finally:
        process.terminate()
        process.wait()


def document(slug: str, *, note: str = "") -> dict[str, Any]:
    """Delivery -> map -> POST, in the order of each order's versions."""
    nodes: list[dict[str, Any]] = [
        {
            "id": "sent",
            "type": "http.received@1",
            "name": "Sent",
            "connection": "senders",
            "params": {},
        },
        {
            "id": "to",
            "type": "data.map@1",
            "name": "Map",
            "params": {
                "fields": [
                    {"target": "id", "source": "trigger.data.id"},
                    {"target": "version", "source": "trigger.data.version"},
                    {"target": "note", "value": note},
                    {"target": "total", "expression": "{{ trigger.data.price * 3 }}"},
                ]
            },
        },
        {
            "id": "post",
            "type": "http.request@1",
            "name": "Post",
            "connection": "far",
            "params": {
                "method": "POST",
                "path": "/orders",
                "body": "{{ to }}",
                "repeat_safe": True,
            },
            "policy": {"timeout": "PT5S", "retry": {"max_attempts": 100, "horizon": "PT6H"}},
        },
    ]
    return {
        "format": 1,
        "slug": slug,
        "name": slug,
        "description": "",
        "connections": {
            "senders": {"connector": "http", "label": "Senders"},
            "far": {"connector": "http", "label": "Far side"},
        },
        "settings": {"lane": {"name": slug, "key": "{{ trigger.entity_id }}", "hold": True}},
        "nodes": nodes,
        "edges": [
            {"from": "sent", "port": "out", "to": "to"},
            {"from": "to", "port": "out", "to": "post"},
        ],
    }


def install(stack: Stack, far: Far, slug: str) -> str:
    """Two connections and the deployed flow; the path of the hook."""
    api = stack.api("admin")
    hook = ""
    for name, settings, secrets in (
        (f"{slug}-senders", {"base_url": far.url, **_PATHS}, {"webhook_secret": SECRET}),
        (f"{slug}-far", {"base_url": far.url, "max_concurrency": 128}, {}),
    ):
        answer = api.post(
            "connections",
            json={
                "environment": "demo",
                "slug": name,
                "name": name,
                "connector": "http",
                "settings": settings,
                "secrets": secrets,
            },
        )
        assert answer.status_code == 201, answer.text
        hook = hook or answer.json()["hook_path"]
    answer = api.post("flows", json={"document": document(slug)})
    assert answer.status_code == 201, answer.text
    deploy(stack, slug, 1)
    return str(hook)


def deploy(stack: Stack, slug: str, version: int) -> None:
    answer = stack.api("admin").post(
        "deployments",
        json={
            "flow": slug,
            "version": version,
            "environment": "demo",
            "bindings": {"senders": f"{slug}-senders", "far": f"{slug}-far"},
        },
    )
    assert answer.status_code == 201, answer.text


def replace(stack: Stack, slug: str, number: int) -> None:
    """Another version of the flow in its place; what has begun stays on its own."""
    answer = stack.api("admin").post(
        f"flows/{slug}/versions", json={"document": document(slug, note=f"version {number}")}
    )
    assert answer.status_code == 201, answer.text
    deploy(stack, slug, number)


def orders(count: int, tag: str, seed: int) -> list[dict[str, Any]]:
    """`count` deliveries, ids beginning with `tag`: a fifth of the orders has a second version,
    which is sent right behind the first one."""
    chance = random.Random(seed)
    found: list[dict[str, Any]] = []
    number = 0
    while len(found) < count:
        number += 1
        for version in (1, 2) if chance.random() < 0.2 else (1,):
            second = f"{version:02}"
            found.append(
                {
                    "id": f"{tag}-{number}",
                    "version": str(version),
                    "at": f"2026-11-23T10:21:{second}+00:00",
                    "price": 19.9,
                }
            )
    return found[:count]


def bring(stack: Stack, hook: str, deliveries: list[dict[str, Any]]) -> dict[int, int]:
    """Send them all, again and again until each is accepted; how often each status came
    (0: no answer). The versions of an order keep their order."""
    by_order: dict[str, list[dict[str, Any]]] = {}
    for one in deliveries:
        by_order.setdefault(one["id"], []).append(one)
    return asyncio.run(_bring(stack, hook, list(by_order.values())))


async def _bring(stack: Stack, hook: str, queue: list[list[dict[str, Any]]]) -> dict[int, int]:
    host, port = stack.web.removeprefix("http://").split(":")
    statuses: dict[int, int] = {}
    left = iter(queue)

    async def one() -> None:
        ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for versions in left:
            for order in versions:
                status = -1
                while status not in (200, 202):
                    try:
                        if ends is None:
                            ends = await asyncio.open_connection(host, int(port))
                        async with asyncio.timeout(_ANSWER_WITHIN):
                            status, head = await _exchange(*ends, _wire(hook, order))
                        if status in (429, 503):
                            assert b"retry-after:" in head.lower(), head
                    except (OSError, EOFError, TimeoutError):
                        status = 0
                    statuses[status] = statuses.get(status, 0) + 1
                    if status not in (200, 202):
                        if ends is not None:
                            ends[1].close()
                            ends = None
                        await asyncio.sleep(0.2)
        if ends is not None:
            ends[1].close()

    await asyncio.gather(*(one() for _ in range(_SENDERS)))
    return statuses


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: bytes
) -> tuple[int, bytes]:
    """Status and head of the answer."""
    writer.write(wire)
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().index(b"content-length:") + 15
    await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
    return int(head[9:12]), head


def _wire(hook: str, order: Mapping[str, Any]) -> bytes:
    body = codec.dumps(order)
    headers = signed(body, SECRET, when=int(time.time()), id_=f"{order['id']}-{order['version']}")
    return message(hook, body, headers)
