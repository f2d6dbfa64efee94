"""The twin as an ASGI app: the webservice under /api, its control plane under /_twin."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from .control import Control, ControlError, refused
from .delivery import Post, Sender
from .faults import Faults
from .gate import Gate, with_transport
from .hooks import Hooks
from .post import post
from .request_log import RequestLog
from .shop import Shop
from .store import Store
from .told import EVENTS
from .webservice import Webservice
from .world import World


def now() -> datetime:
    return datetime.now(UTC)


class Twin(Starlette):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = with_transport(scope, send)
        await super().__call__(scope, receive, send)


def create_app(
    *,
    world: Path,
    data: Path | None,
    clock: Callable[[], datetime] = now,
    version: str | None = None,
    hook: tuple[str, str] | None = None,
    send: Post = post,
) -> Starlette:
    """A shop that starts as `world` says and keeps its state in the file `data`, if given.

    `version` stands in for the world's, such as 8.2.1; `hook` is an address and its secret to
    register at the start; `send` carries deliveries. Raises `ValueError` for an unknown world.
    """
    start = World.read(world, version=version)
    store = Store(data)
    if store.is_new:
        start.fill(store)
    hooks = Hooks(store, clock)
    shop = Shop(store, start, hooks, clock)
    faults = Faults(store)
    log = RequestLog(clock)
    sender = Sender(store, hooks, clock, send)
    if hook is not None:
        hooks.register(hook[0], hook[1], list(EVENTS))
        store.commit()
    gate = Gate(Webservice(shop), faults, hooks, log)
    control = Control(shop=shop, hooks=hooks, faults=faults, sender=sender, log=log)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sending = asyncio.create_task(sender.run())
        try:
            yield
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            store.close()

    return Twin(
        routes=[*control.routes(), Mount("/api", app=gate)],
        lifespan=lifespan,
        exception_handlers={ControlError: refused},
    )
