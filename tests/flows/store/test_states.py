"""Records without dates: a state that hook and sweep both tell is news once, its return again."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sdk.trigger import SourceEvent
from flows.dispatch.accepting import Arrival, accept
from flows.models import Run, TriggerEvent
from flows.store.accepting import Accepted
from tests.flows.example import NEWS
from tests.flows.world import World

_deliveries = itertools.count()
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def stock(state: str, *, since: datetime | None = LONG_AGO, id_: str = "20") -> SourceEvent:
    return SourceEvent(
        type=NEWS,
        change="updated",
        entity="stock",
        entity_id=id_,
        version=state,
        occurred_at=timezone.now(),
        data={"quantity": state},
        state=state,
        since=since,
    )


async def told(world: World, *events: SourceEvent, source: str = "hook") -> Accepted:
    delivery = f"d{next(_deliveries)}" if source == "hook" else None
    return await accept(
        Arrival(
            environment_id=world.environment.id,
            connection_id=world.connection.id,
            source=source,
            system=world.connection.system,
            events=events,
            delivery_id=delivery,
        )
    )


async def quantities() -> list[str]:
    rows = TriggerEvent.objects.order_by("accepted_at", "id")
    return [one.data["quantity"] async for one in rows]


@pytest.mark.parametrize("sources", [("hook", "poll"), ("poll", "hook")])
async def test_hook_and_sweep_are_one_piece_of_news_in_either_order(
    hot: World, sources: tuple[str, str]
) -> None:
    before = timezone.now()
    first = await told(hot, stock("7", since=before), source=sources[0])
    second = await told(hot, stock("7", since=before), source=sources[1])
    assert (first.fresh, second.fresh) == (True, False)
    assert first.run_ids == second.run_ids
    assert await Run.objects.acount() == 1


async def test_a_quantity_that_comes_back_is_news_again(hot: World) -> None:
    for state in ("10", "9", "10", "9", "9", "gone", "9"):
        await told(hot, stock(state))
    assert await quantities() == ["10", "9", "10", "9", "gone", "9"]


async def test_a_state_told_before_it_was_last_seen_otherwise_is_news(hot: World) -> None:
    """Nobody listened to what lay between: it was not kept, and 4 is new again."""
    await told(hot, stock("4"))
    await told(hot, stock("4", since=timezone.now() + timedelta(seconds=1)))
    assert await quantities() == ["4", "4"]
    await told(hot, stock("4"))
    assert await quantities() == ["4", "4"]


async def test_within_one_delivery_too(hot: World) -> None:
    found = await told(hot, stock("8"), stock("8"), stock("7"), stock("8"), stock("3", id_="21"))
    assert found.fresh
    assert sorted(await quantities()) == ["3", "7", "8", "8"]


async def test_the_same_change_at_the_same_moment_from_many_sides_is_one(hot: World) -> None:
    await told(hot, stock("10"))
    await asyncio.gather(*(told(hot, stock("9")) for _ in range(20)))
    assert await quantities() == ["10", "9"]


async def test_records_of_their_own_do_not_mix(hot: World) -> None:
    await told(hot, stock("7"))
    await told(hot, stock("7", id_="21"))
    assert await quantities() == ["7", "7"]


@given(st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=12), st.data())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whoever_follows_the_news_knows_the_state(
    hot: World, history: list[str], data: Any
) -> None:
    """However often each state is told: what is kept is the history without repetitions."""
    id_ = f"s{next(_deliveries)}"
    for state in history:
        for source in data.draw(
            st.lists(st.sampled_from(["hook", "poll"]), min_size=1, max_size=3)
        ):
            await told(hot, stock(state, id_=id_), source=source)
    rows = TriggerEvent.objects.filter(entity_id=id_).order_by("accepted_at", "id")
    kept = [one.data["quantity"] async for one in rows]
    assert kept == [state for state, _ in itertools.groupby(history)]
