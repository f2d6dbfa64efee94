"""The twin as a shop that operations are run against, and the count of what it was asked."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from connectors.prestashop.tests.recorded import NOW, RecordedShop, context
from connectors.prestashop.tests.test_contract import WORLD
from connectors.prestashop.twin.app import create_app
from connectors.sdk.operation import OperationContext


@asynccontextmanager
async def imitated(
    version: str, *, clock: Callable[[], datetime] = lambda: NOW
) -> AsyncIterator[OperationContext]:
    """The context of an operation whose shop is a new twin of this PrestaShop version."""
    app = create_app(world=WORLD, data=None, version=version, clock=clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http,
    ):
        yield context(RecordedShop(version="9.1"), http=http, now=clock)


async def asked(ctx: OperationContext) -> int:
    """How many requests the twin got so far."""
    log = (await ctx.http.get("http://shop.example/_twin/requests?since=0")).json()
    return len(log["requests"] if isinstance(log, dict) else log)
