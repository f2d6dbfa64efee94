"""How much room the lanes of a batch have."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from psycopg import AsyncConnection

from flows.store.accepting import NewEvent, NewRun, Parcel
from flows.store.backlogs import FullLane, LaneRoom, lane_room
from flows.store.pool import pool
from tests.flows.example import NEWS
from tests.flows.world import DAY, World, make_runs


def news(hot: World, *versions: str, key: str = "a", caps: Sequence[int | None] = (2,)) -> Parcel:
    """News of one record; one flow with a lane for each of `caps`."""
    runs = [
        NewRun(
            workspace_id=hot.workspace.id,
            flow_id=hot.deployment.flow_id,
            version_id=hot.deployment.version_id,
            deployment_id=hot.deployment.id,
            trigger_node="news",
            lane="thing",
            lane_key=key,
            lane_cap=cap,
        )
        for cap in caps
    ]
    event = NewEvent(
        environment_id=hot.environment.id,
        connection_id=hot.connection.id,
        source="hook",
        type=NEWS,
        change="updated",
        system=hot.connection.system,
        entity="thing",
        entity_id=key,
        version="",
        business_key=key,
        data="{}",
        source_time=DAY,
        source_sequence=0,
        runs=runs,
    )
    return Parcel(
        connection_id=hot.connection.id,
        delivery_id=None,
        events=[replace(event, version=version) for version in versions],
    )


async def room(*parcels: Parcel) -> LaneRoom:
    async with (await pool()).connection() as connection:
        return await lane_room(connection, parcels)


async def stand(hot: World, *rows: dict[str, Any]) -> None:
    await sync_to_async(make_runs)(hot, rows)


async def test_a_batch_fills_a_lane_no_further_than_its_cap(hot: World) -> None:
    await stand(hot, {"lane_key": "a"}, {"lane_key": "a", "state": "succeeded"})
    parcels = [news(hot, "1"), news(hot, "2"), news(hot, "3", key="b")]
    found = await room(*parcels)
    full = FullLane(name="thing", key="a", cap=2)
    assert [found.take(one) for one in parcels] == [None, full, None]


async def test_the_same_news_twice_takes_one_place(hot: World) -> None:
    parcels = [news(hot, "1"), news(hot, "1"), news(hot, "2"), news(hot, "3")]
    found = await room(*parcels)
    assert [found.take(one) is None for one in parcels] == [True, True, True, False]


async def test_a_parcel_larger_than_the_cap_goes_in_where_there_is_room(hot: World) -> None:
    large = news(hot, "1", "2", "3")
    found = await room(large)
    assert found.take(large) is None
    assert found.take(news(hot, "4")) is not None


async def test_of_flows_that_share_a_lane_each_has_its_own_cap(hot: World) -> None:
    await stand(hot, {"lane_key": "a"}, {"lane_key": "a"})
    found = await room(news(hot, "1", caps=(None, 4)))
    assert found.take(news(hot, "1", caps=(None, 4))) is None
    full = FullLane(name="thing", key="a", cap=4)
    assert found.take(news(hot, "2", caps=(None, 4))) == full


async def test_all_lanes_of_a_batch_are_looked_at_at_once_and_none_without_a_cap(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = AsyncConnection.execute

    async def counting(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        if not str(query).startswith("SET "):  # that is what a new connection is told first
            asked.append(query)
        return await execute(self, query, *args, **more)

    async with (await pool()).connection() as connection:
        monkeypatch.setattr(AsyncConnection, "execute", counting)
        await lane_room(connection, [news(hot, str(n), caps=(None,)) for n in range(9)])
        assert asked == []
        await lane_room(connection, [news(hot, "1", key=str(n)) for n in range(50)])
        assert len(asked) == 1


async def test_a_look_ends_at_the_cap(hot: World) -> None:
    await stand(hot, *[{"lane_key": "a"}] * 30)
    lane: tuple[UUID, str, str] = (hot.environment.id, "thing", "a")
    assert (await room(news(hot, "1", caps=(5,))))._standing == {lane: 5}
