"""A thousand edits of one Notes document inside the same second: none is lost without a word."""

from collections.abc import AsyncIterator

import pytest

from connectors.notes.tests.conftest import WORLD, Clock, Served, serve
from connectors.notes.tests.crowd import add_one_each
from connectors.notes.twin.app import create_app

pytestmark = pytest.mark.faults

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    clock = Clock()
    async for one in serve(create_app(world=WORLD, clock=clock, agent_delay=3600), clock):
        yield one


@pytest.mark.parametrize("late", [0.0, 0.05], ids=["quick saves", "slow saves"])
async def test_a_thousand_edits_of_one_second(served: Served, late: float) -> None:
    if late:
        await served.fault(late_save={"seconds": late, "method": "PATCH"})
    tally = await add_one_each(served, UNID, 1000, tries=3)
    assert tally.told["saved"] >= 3
    assert tally.told.total() >= 1000
    assert tally.unreported == 0
