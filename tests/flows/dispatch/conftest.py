"""A pair of far sides for sync nodes."""

from collections.abc import AsyncIterator, Iterator

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.db import connections

from flows.dispatch import worker
from flows.dispatch.announce import announcer
from flows.dispatch.catalog import use_catalog
from flows.dispatch.plans import plans
from flows.store import pool
from tests.flows.sync.pair import Tables, document, make_catalog
from tests.flows.sync.paired import Pair, make_pair


@pytest.fixture
def tables() -> Iterator[Tables]:
    made = Tables()
    use_catalog(make_catalog(made))
    yield made
    use_catalog(None)


@pytest.fixture
async def pair(tables: Tables, transactional_db: None) -> AsyncIterator[Pair]:
    plans.clear()
    yield await sync_to_async(make_pair)(tables, document())
    await worker.close_kit()
    await announcer().idle()
    await channel_layers["default"].flush()
    await pool.close()
    await sync_to_async(connections.close_all)()
