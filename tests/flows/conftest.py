"""The hot path in tests: a world in the database, and an event loop that gives all back."""

from collections.abc import AsyncIterator, Iterator

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.db import connections

from flows.dispatch import worker
from flows.dispatch.announce import announcer
from flows.dispatch.catalog import use_catalog
from flows.dispatch.plans import plans
from flows.ingress.asgi import hooks
from flows.store import pool
from tests.flows.example import FarSide, make_catalog
from tests.flows.world import World, make_world


@pytest.fixture
def far_side() -> Iterator[FarSide]:
    there = FarSide()
    use_catalog(make_catalog(there))
    yield there
    use_catalog(None)


@pytest.fixture
def world(transactional_db: None, far_side: FarSide) -> World:
    """Committed rows: the hot path has database connections of its own."""
    return make_world()


@pytest.fixture
async def hot(world: World) -> AsyncIterator[World]:
    """The world, for a test on an event loop."""
    plans.clear()
    hooks.forget()
    yield world
    await worker.close_kit()
    await announcer().idle()
    await channel_layers["default"].flush()
    await pool.close()
    await sync_to_async(connections.close_all)()
