"""Far sides that do not keep what they are given: no ping-pong, and always told."""

import random
from datetime import timedelta
from typing import Any

import pytest

from flows.sync.conflict import ConflictKind
from flows.sync.decide import Outcome
from flows.sync.entity import Entity, Field, Side
from flows.sync.link import LinkState
from flows.sync.normalise import Normaliser
from tests.flows.sync.histories import START, Row, World, settle


class OddWorld(World):
    """`keeps` says what a side makes of a value as it saves it, `agent` what it makes of it some
    seconds later, by itself."""

    keeps = staticmethod(lambda side, value: value)
    agent = staticmethod(lambda side, value: value)

    def row(self, side: Side) -> Row:
        row = self.rows[side]
        assert row is not None
        return row

    def _wrote(self, side: Side) -> Any:
        super()._wrote(side)
        row = self.row(side)
        row.values["name"] = self.keeps(side, row.values["name"])

    def wakes(self, side: Side) -> Any:
        row = self.row(side)
        made = self.agent(side, row.values["name"])
        if made != row.values["name"]:
            row.values["name"] = made
            row.at = self.clock
            self.events.append(side)

    def says(self, side: Side, name: str) -> Any:
        self.row(side).values["name"] = name
        self.row(side).at = self.clock
        self.events.append(side)


def a_world(*, normalisers: Any = ()) -> OddWorld:
    entity = Entity(name="customer", fields=(Field(name="name", normalisers=normalisers),))
    rows: dict[Side, Row | None] = {side: Row({"name": "Ann"}, START) for side in Side}
    world = OddWorld(entity=entity, rng=random.Random(1), rows=rows)
    world.carry(Side.LEFT)
    return world


def let_agents_answer(world: OddWorld) -> Any:
    """Each write wakes the agent of the side that was written, three seconds later."""
    for _ in range(30):
        world.clock += timedelta(seconds=3)
        if world.events:
            side = world.events.pop(0)
            if world.carry(side) is Outcome.WRITTEN:
                world.clock += timedelta(seconds=3)
                world.wakes(side.other)


def kinds(world: World) -> Any:
    return [draft.kind for draft in world.inbox]


@pytest.mark.parametrize("side", list(Side))
def test_news_of_our_own_writes_writes_nothing(side: Side) -> None:
    world = a_world()
    for number in range(20):
        world.pass_time()
        world.says(side, f"Ann {number}")
        assert world.carry(side) is Outcome.WRITTEN
        assert world.carry(side.other) is Outcome.ECHO
    settle(world)
    assert world.writes == 20


def test_a_side_that_cuts_off_is_told_once_and_nothing_bounces() -> None:
    world = a_world()
    world.keeps = lambda side, value: value[:5] if side is Side.RIGHT else value
    world.says(Side.LEFT, "Annabel")
    settle(world)
    assert world.writes == 1
    assert kinds(world) == [ConflictKind.DIVERGED]
    [told] = world.inbox[0].fields
    assert (told.left, told.right) == ("Annabel", "Annab")
    assert world.row(Side.LEFT).values["name"] == "Annabel"


def test_what_a_normaliser_passes_over_is_not_told() -> None:
    world = a_world(normalisers=(Normaliser.CASE,))
    world.keeps = lambda side, value: value.upper() if side is Side.RIGHT else value
    world.says(Side.LEFT, "Annabel")
    settle(world)
    assert (world.writes, kinds(world)) == (1, [])


def test_agents_that_contradict_each_other_are_stopped_within_three_hops() -> None:
    world = a_world()
    world.agent = lambda side, value: value.upper() if side is Side.RIGHT else value.lower()
    world.says(Side.LEFT, "Bea")
    let_agents_answer(world)
    assert world.writes <= world.entity.max_hops
    assert ConflictKind.LOOP in kinds(world)
    assert world.saved.state is LinkState.PARKED


def test_an_agent_that_adds_something_each_time_is_stopped_too() -> None:
    world = a_world()
    world.agent = lambda side, value: f"Re: {value}"
    world.says(Side.LEFT, "Bea")
    let_agents_answer(world)
    assert world.writes <= world.entity.max_hops
    assert kinds(world)[-1] is ConflictKind.LOOP
