"""The measured processes: the platform's own commands, and the far side.

python -m tests.bench.processes web | worker NAME | stub FD
"""

import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from tests.bench.flows import RECORDS

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def web() -> None:
    """`causeway.server`."""
    from causeway import server

    server.main()


def worker(name: str) -> None:
    """The worker that `causeway up` starts for runs."""
    from causeway.celery import app

    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    app.worker_main(["--quiet", "worker", "-n", f"{name}@%h", "-Q", "runs", "--pool=solo", *quiet])


def _records() -> bytes:
    return json.dumps(
        [
            {
                "id": str(number),
                "sku": f" meadow-{number:04} ",
                "name": f"Hand-printed linen cushion with wild flowers, model {number}",
                "quantity": number % 50,
                "price": 20.0 + number % 7,
                "place": {"warehouse": "Guilherand", "bin": f"B{number % 99:02}"},
            }
            for number in range(RECORDS)
        ]
    ).encode()


_RECORDS: Final = _records()


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Any request: read it, say so; a GET gets a thousand records."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    body = _RECORDS if scope["path"] == "/records" else b'{"ok":true}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def stub(listening: int) -> None:
    """A far side that takes everything at once; also the bare ASGI app that we compare with."""
    import uvicorn

    uvicorn.run(
        _answer, fd=listening, loop="uvloop", http="httptools", log_level="error", lifespan="off"
    )


def main() -> None:
    match sys.argv[1:]:
        case ["web"]:
            web()
        case ["worker", name]:
            worker(name)
        case ["stub", listening]:
            stub(int(listening))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
