"""Parallel branches and joins: side by side, first come, crashes, and what is refused."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk.errors import RejectedError, UnavailableError, UncertainError
from connectors.sdk.operation import OperationResult
from flows.engine.compile import check_flow
from flows.engine.driver import drive
from flows.engine.events import EventType, RunEvent
from flows.engine.inline import VirtualClock
from flows.engine.journal import MemoryJournal
from flows.engine.operations import OperationCall
from flows.engine.plan import Plan
from flows.engine.run import EndState, RunEnd
from tests.flows.engine.support import (
    CATALOG,
    START,
    FarSide,
    flow,
    go,
    header,
    node,
    output,
    plan,
    ran,
)

FAN = node("fan", "flow.parallel@1", params={"branches": ["a", "b"]})
WAYS = ["start > fan", "fan.a > a1", "a1 > a2", "fan.b > b1", "b1 > b2", "a2 > meet", "b2 > meet"]
STEPS = [node(one, "far.write@1") for one in ("a1", "a2", "b1", "b2")]


def fan_plan(wait_for: str, *, steps: list[dict[str, Any]] | None = None) -> Plan:
    return plan(
        [
            FAN,
            *(steps or STEPS),
            node("meet", "flow.join@1", params={"wait_for": wait_for}),
            node("last", "far.write@1", params={"data": "{{ meet }}"}),
        ],
        [*WAYS, "meet > last"],
    )


def of(events: Any, type_: EventType) -> list[str]:
    return [event.node for event in events if event.type is type_]


class Rendezvous(FarSide):
    """Answers the calls of `nodes` only when all of them are under way."""

    def __init__(self, *nodes: str) -> None:
        super().__init__()
        self.missing = set(nodes)
        self.all_there = asyncio.Event()

    async def run(self, call: OperationCall) -> OperationResult:
        if call.node in self.missing:
            self.missing.discard(call.node)
            if not self.missing:
                self.all_there.set()
            await asyncio.wait_for(self.all_there.wait(), 5)
        return await super().run(call)


async def test_branches_go_side_by_side_and_a_join_waits_for_all() -> None:
    result = await go(fan_plan("all"), Rendezvous("a1", "b1"))
    assert result.end.state is EndState.SUCCEEDED
    assert ran(result)[-2:] == ["meet", "last"]
    assert output(result, "fan") == {"branches": ["a", "b"]}
    assert output(result, "meet") == {
        "a": {"node": "a2", "path": ""},
        "b": {"node": "b2", "path": ""},
    }


async def test_a_branch_that_waits_holds_up_no_other() -> None:
    steps = [node("a1", "flow.delay@1", params={"for": "PT1H"}), *STEPS[1:]]
    result = await go(fan_plan("all", steps=steps), FarSide())
    assert ran(result) == ["start", "fan", "b1", "b2", "a1", "a2", "meet", "last"]


async def test_a_dead_branch_does_not_hold_up_a_join() -> None:
    steps = [node("a1", "flow.filter@1", params={"condition": "{{ false }}"}), *STEPS[1:]]
    result = await go(fan_plan("all", steps=steps), FarSide())
    assert output(result, "meet") == {"a": None, "b": {"node": "b2", "path": ""}}
    assert of(result.events, EventType.STEP_SKIPPED) == ["a2"]


async def test_the_first_branch_goes_on_and_the_other_is_cancelled() -> None:
    steps = [node("a1", "flow.delay@1", params={"for": "PT1H"}), *STEPS[1:]]
    result = await go(fan_plan("any", steps=steps), FarSide())
    assert result.end.state is EndState.SUCCEEDED
    assert output(result, "meet") == {"a": None, "b": {"node": "b2", "path": ""}}
    assert of(result.events, EventType.STEP_SKIPPED) == ["a1", "a2"]
    assert not any(event.type is EventType.RUN_WAITING for event in result.events)


async def test_a_step_that_only_waits_to_be_tried_again_is_cancelled() -> None:
    far = FarSide(script={"a1": [UnavailableError("down")] * 12})
    result = await go(fan_plan("any"), far)
    assert result.end.state is EndState.SUCCEEDED
    assert of(result.events, EventType.STEP_SKIPPED) == ["a1", "a2"]
    assert [one for one, _ in far.calls] == ["a1", "b1", "b2", "last"]


class Late(FarSide):
    """Answers `a1` only when `last` is through; then with what the script says."""

    def __init__(self, script: dict[str, list[Any]] | None = None) -> None:
        super().__init__(script=script)
        self.through = asyncio.Event()

    async def run(self, call: OperationCall) -> OperationResult:
        if call.node == "a1":
            await asyncio.wait_for(self.through.wait(), 5)
        if call.node == "last":
            self.through.set()
        return await super().run(call)


async def test_an_effect_in_flight_is_let_finish_and_leads_nowhere() -> None:
    far = Late()
    result = await go(fan_plan("any"), far)
    assert result.end.state is EndState.SUCCEEDED
    assert "a1" in ran(result)
    assert output(result, "meet") == {"a": None, "b": {"node": "b2", "path": ""}}
    assert of(result.events, EventType.STEP_SKIPPED) == ["a2"]
    assert of(result.events, EventType.STEP_SUCCEEDED).count("meet") == 1
    assert sorted(far.effects.values()) == [1, 1, 1, 1]


@pytest.mark.parametrize("error", [RejectedError("no"), UnavailableError("down")])
async def test_what_was_overtaken_may_fail_without_harm(error: Exception) -> None:
    result = await go(fan_plan("any"), Late(script={"a1": [error]}))
    assert result.end.state is EndState.SUCCEEDED
    assert of(result.events, EventType.STEP_FAILED) == ["a1"]


async def test_an_uncertain_effect_that_was_overtaken_is_still_looked_for() -> None:
    far = Late(script={"a1": [("lost", UncertainError("no answer"))]})
    result = await go(fan_plan("any"), far)
    assert result.end.state is EndState.SUCCEEDED
    assert [one for one, _ in far.probes] == ["a1"]
    assert "a1" in ran(result)


async def test_what_nobody_knows_goes_to_a_person_though_it_was_overtaken() -> None:
    steps = [node("a1", "far.shoot@1"), *STEPS[1:]]
    far = Late(script={"a1": [("lost", UncertainError("no answer"))]})
    result = await go(fan_plan("any", steps=steps), far)
    assert result.end.state is EndState.DEAD
    assert result.end.error is not None
    assert (result.end.error["node"], result.end.error["code"]) == ("a1", "unresolved")


async def test_branches_in_a_loop_item_and_in_a_branch() -> None:
    made = plan(
        [
            node("each", "flow.for_each@1", params={"items": ["x", "y"], "concurrency": 2}),
            FAN,
            node("a1", "far.write@1", params={"id": "{{ item }}"}),
            node("inner", "flow.parallel@1", params={"branches": ["c", "d"]}),
            node("c1", "far.write@1"),
            node("d1", "far.write@1"),
            node("inner_meet", "flow.join@1", params={"wait_for": "any"}),
            node("meet", "flow.join@1"),
        ],
        [
            "start > each",
            "each.item > fan",
            "fan.a > a1",
            "fan.b > inner",
            "inner.c > c1",
            "inner.d > d1",
            "c1 > inner_meet",
            "d1 > inner_meet",
            "inner_meet > meet",
            "a1 > meet",
        ],
    )
    result = await go(made, FarSide())
    assert result.end.state is EndState.SUCCEEDED
    items = output(result, "each")["items"]
    assert [one["a"]["path"] for one in items] == ["each/0", "each/1"]
    assert all(set(one["b"]) == {"c", "d"} for one in items)


class _Dies(MemoryJournal):
    """Dies after `left` events; what it holds by then is all that a resume sees."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    async def append(self, run_id: str, events: Any, *, durable: bool) -> None:
        for event in events:
            if self.left == 0:
                raise ConnectionError
            self.left -= 1
            await super().append(run_id, [event], durable=durable)

    async def finish(self, run_id: str, events: Any, end: RunEnd) -> None:
        await self.append(run_id, events, durable=True)
        await super().finish(run_id, [], end)


async def _resumed(made: Plan, far: FarSide, left: int, seed: int) -> list[RunEvent]:
    journal = _Dies(left)
    clock = VirtualClock(START)
    with suppress(ConnectionError):
        await drive(
            plan=made,
            header=header(),
            history=[],
            journal=journal,
            operations=far,
            crosswalks={},
            clock=clock,
            rng=random.Random(seed),
            sleep=clock.sleep,
        )
    kept = list(journal.events["run-1"])
    result = await go(made, far, history=kept, clock=clock, seed=seed)
    assert result.end.state is EndState.SUCCEEDED
    return list(result.events)


@given(
    left=st.integers(0, 40),
    wait_for=st.sampled_from(["all", "any"]),
    troubles=st.dictionaries(
        st.sampled_from(["a1", "a2", "b1", "b2"]),
        st.sampled_from(
            [UnavailableError("down"), UncertainError("lost"), ("lost", UncertainError("lost"))]
        ),
    ),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
async def test_a_crash_anywhere_repeats_no_effect_and_loses_no_branch(
    left: int, wait_for: str, troubles: dict[str, Any], seed: int
) -> None:
    far = FarSide(script={name: [trouble, None, None] for name, trouble in troubles.items()})
    events = await _resumed(fan_plan(wait_for), far, left, seed)
    assert all(times == 1 for times in far.effects.values())
    done = of(events, EventType.STEP_SUCCEEDED)
    assert done.count("meet") == done.count("last") == 1
    if wait_for == "all":
        assert len(far.effects) == 5
    settled = [
        event.node
        for event in events
        if event.type in (EventType.STEP_SUCCEEDED, EventType.STEP_FAILED, EventType.STEP_SKIPPED)
    ]
    assert sorted(settled) == sorted(["start", "fan", "a1", "a2", "b1", "b2", "meet", "last"])


@pytest.mark.parametrize(
    ("nodes", "ways", "code"),
    [
        ([FAN, *STEPS], [*WAYS[:5], "a1 > b2"], "branches_meet"),
        ([FAN, *STEPS], [*WAYS[:5], "start > a2"], "branches_meet"),
        ([*STEPS[:1], node("meet", "flow.join@1")], ["start > a1", "a1 > meet"], "join_strange"),
        (
            [FAN, *STEPS, node("meet", "flow.join@1")],
            [*WAYS, "start > meet"],
            "join_strange",
        ),
        (
            [node("fan", "flow.parallel@1", params={"branches": ["a", "a"]}), STEPS[0]],
            ["start > fan", "fan.a > a1"],
            "params",
        ),
        (
            [FAN, STEPS[0]],
            ["start > fan", "fan.c > a1"],
            "edge_unknown_port",
        ),
    ],
)
def test_what_is_no_parallel_is_refused(
    nodes: list[dict[str, Any]], ways: list[str], code: str
) -> None:
    assert code in {one.code for one in check_flow(flow(nodes, ways), CATALOG)}
