"""The twin as an ASGI app."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from connectors.notes.twin.control import routes
from connectors.notes.twin.server import Twin


def create_app(
    *,
    world: Path,
    data: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    agent_delay: float = 0.3,
    hook_url: str = "",
    hook_secret: str = "",
) -> Starlette:
    """A Domino server with the databases of `world`, seeded once and then kept in `data`.

    `agent_delay` is the time in seconds between a save and the agent that reports it. The
    agent manager runs while the app's lifespan does. `hook_url` replaces the address that
    `data` remembers. The `Twin` itself is at `app.state.twin`.
    """
    twin = Twin(world=world, data=data, clock=clock, agent_delay=agent_delay)
    if hook_url:
        twin.agents.set_hook(hook_url, hook_secret)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await twin.agents.start()
        yield
        await twin.agents.stop()
        twin.disk.close()

    app = Starlette(routes=[*routes(twin), Mount("/", app=twin)], lifespan=lifespan)
    app.state.twin = twin
    return app
