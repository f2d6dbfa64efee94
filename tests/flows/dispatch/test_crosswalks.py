"""Crosswalks in the worker: fresh for every run, one query for those that ask together."""

import asyncio
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from psycopg import AsyncConnection

from causeway.base.models import Workspace
from flows.dispatch.crosswalks import Crosswalks
from flows.models import Crosswalk, CrosswalkEntry
from flows.store import pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspaces() -> list[Workspace]:
    """Two of them, each with a table `states` of its own."""
    made = []
    for slug, right in (("one", "3"), ("two", "4")):
        workspace = Workspace.objects.create(slug=slug, name=slug)
        table = Crosswalk.objects.create(workspace=workspace, slug="states", name="States")
        CrosswalkEntry.objects.create(crosswalk=table, left="Shipped", right=right)
        made.append(workspace)
    return made


async def _rights(crosswalks: Crosswalks, workspace: Workspace) -> dict[str, Any]:
    found = await crosswalks.get(workspace.id, ["states", "nowhere"])
    return {slug: dict(one.left) for slug, one in found.items()}


def test_tables_of_other_workspaces_stay_theirs(workspaces: list[Workspace]) -> None:
    async def ask() -> list[dict[str, Any]]:
        crosswalks = Crosswalks()
        try:
            return await asyncio.gather(*(_rights(crosswalks, one) for one in workspaces))
        finally:
            await pool.close()

    assert asyncio.run(ask()) == [{"states": {"Shipped": "3"}}, {"states": {"Shipped": "4"}}]


def test_a_corrected_table_counts_from_the_next_call_on(workspaces: list[Workspace]) -> None:
    def correct() -> None:
        CrosswalkEntry.objects.filter(crosswalk__workspace=workspaces[0]).update(right="5")
        Crosswalk.objects.filter(workspace=workspaces[0]).update(changed_at=timezone.now())
        connections.close_all()  # of this thread

    async def ask() -> tuple[dict[str, Any], dict[str, Any]]:
        crosswalks = Crosswalks()
        try:
            before = await _rights(crosswalks, workspaces[0])
            await asyncio.to_thread(correct)
            return before, await _rights(crosswalks, workspaces[0])
        finally:
            await pool.close()

    before, after = asyncio.run(ask())
    assert (before["states"], after["states"]) == ({"Shipped": "3"}, {"Shipped": "5"})


def test_runs_that_ask_together_cost_one_query(
    workspaces: list[Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    execute = AsyncConnection.execute

    async def counting(self: Any, *args: Any, **more: Any) -> Any:
        nonlocal asked
        asked += "flows_crosswalk" in str(args[0])  # not what a new connection is told first
        return await execute(self, *args, **more)

    async def ask() -> None:
        nonlocal asked
        crosswalks = Crosswalks()
        try:
            await _rights(crosswalks, workspaces[0])
            monkeypatch.setattr(AsyncConnection, "execute", counting)
            await asyncio.gather(*(_rights(crosswalks, workspaces[0]) for _ in range(50)))
        finally:
            await pool.close()

    asyncio.run(ask())
    assert asked == 1


def test_no_table_needs_no_query(workspaces: list[Workspace]) -> None:
    assert asyncio.run(Crosswalks().get(workspaces[0].id, [])) == {}
