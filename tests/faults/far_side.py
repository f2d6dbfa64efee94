"""A far side that knows each effect by its key, and misbehaves in shares of its requests.

    python -m tests.faults.far_side FD SEED

POST /orders takes an order ({"id", "version"}) under its `Idempotency-Key`; a key that it knows
changes nothing. PUT /faults sets the shares: `refuse` (500 before anything is done), `later` (429),
`lose` (done, then the connection is cut), `hang` (done, answered after `hang_seconds`). An order
whose id begins with "poison" is held for 4 s, and done only then.
GET /effects tells what happened: how many, which orders were done under more than one key, which
orders saw their versions in the wrong order.
"""

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class FarSide:
    """The effects in the order in which they took place."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.faults: dict[str, float] = {}
        self.keys: dict[str, tuple[str, str]] = {}  # effect key to order and version
        self.asked = 0
        self.misbehaved: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if scope["path"] == "/faults":
            self.faults = json.loads(body)
            await _answer(send, 204)
        elif scope["path"] == "/effects":
            await _answer(send, 200, self.told())
        else:
            await self.order(scope, body, send)

    async def order(self, scope: Scope, body: bytes, send: Send) -> None:
        self.asked += 1
        fault = self.drawn()
        if fault in ("refuse", "later"):
            headers = [(b"retry-after", b"1")] if fault == "later" else []
            await _answer(send, 500 if fault == "refuse" else 429, headers=headers)
            return
        key = next(value for name, value in scope["headers"] if name == b"idempotency-key").decode()
        order = json.loads(body)
        if str(order["id"]).startswith("poison"):
            await asyncio.sleep(4.0)
        known = key in self.keys
        self.keys.setdefault(key, (str(order["id"]), str(order["version"])))
        if fault == "lose":
            # A promise of ten bytes that never come: the server closes the connection.
            short = [(b"content-length", b"10")]
            await send({"type": "http.response.start", "status": 201, "headers": short})
            return
        if fault == "hang":
            await asyncio.sleep(self.faults.get("hang_seconds", 1.0))
        await _answer(send, 200 if known else 201, {"id": order["id"]})

    def drawn(self) -> str:
        at = self.chance.random()
        for name in ("refuse", "later", "lose", "hang"):
            at -= self.faults.get(name, 0.0)
            if at < 0:
                self.misbehaved[name] = self.misbehaved.get(name, 0) + 1
                return name
        return ""

    def told(self) -> dict[str, Any]:
        by_order: dict[tuple[str, str], int] = {}
        last: dict[str, int] = {}
        inverted = []
        for order, version in self.keys.values():
            by_order[order, version] = by_order.get((order, version), 0) + 1
            if int(version) < last.get(order, 0):
                inverted.append(order)
            last[order] = max(int(version), last.get(order, 0))
        return {
            "asked": self.asked,
            "misbehaved": self.misbehaved,
            "effects": len(self.keys),
            "orders": len(by_order),
            "twice": [key for key, times in by_order.items() if times > 1][:20],
            "inverted": inverted[:20],
        }


async def _body(receive: Receive) -> bytes:
    found = bytearray()
    while True:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(found)


async def _answer(
    send: Send, status: int, body: Any = None, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    fixed = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*fixed, *(headers or [])]}
    )
    await send({"type": "http.response.body", "body": content})


def main() -> None:
    import uvicorn

    listening, seed = map(int, sys.argv[1:])
    uvicorn.run(
        FarSide(seed), fd=listening, loop="uvloop", http="httptools", log_level="critical",
        lifespan="off",
    )  # fmt: skip


if __name__ == "__main__":
    main()
