"""No run takes more than it may: values, memory, and what a loop lets go of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import codec
from flows.engine import driver
from flows.engine.events import EventType
from flows.engine.journal import MemoryJournal
from flows.engine.limits import MEMORY_PER_BYTE, Limits
from flows.engine.replay import ReplayOrder, seed
from flows.engine.run import EndState
from flows.engine.state import RunState, fold
from tests.flows.engine.support import START, FarSide, go, header, node, output, plan, ran

SMALL = Limits(payload=2_000, memory=10**9)
BIG = {"text": "x" * 3_000}
EACH = node("each", "flow.for_each@1", params={"items": "{{ trigger.data.items }}"})


def memory(kilobytes: int) -> Limits:
    """So much JSON may be held."""
    return Limits(memory=kilobytes * 1000 * MEMORY_PER_BYTE)


@pytest.mark.parametrize("type_", ["far.read@1", "far.write@1"])
async def test_an_answer_that_is_too_large_fails_the_step_for_good(type_: str) -> None:
    far = FarSide(outputs={"get": BIG})
    made = plan([node("get", type_), node("on", "far.read@1")], ["start > get", "get > on"])
    result = await go(made, far, limits=SMALL)
    error = result.end.error
    assert result.end.state is EndState.DEAD
    assert error is not None
    assert (error["code"], error["node"]) == ("payload_too_large", "get")
    assert error["detail"]["bytes"] > error["detail"]["most"] == 2_000
    assert "CAUSEWAY_PAYLOAD_MAX_BYTES" in error["fix"]
    assert far.calls == [("get", "")], "nothing is tried again"
    assert max(len(codec.dumps(one.data)) for one in result.events) < 2_000


async def test_its_error_route_fires() -> None:
    made = plan(
        [
            node("get", "far.read@1", policy={"on_error": "route"}),
            node("note", "far.write@1", params={"data": "{{ get.error.code }}"}),
        ],
        ["start > get", "get.error > note"],
    )
    result = await go(made, FarSide(outputs={"get": BIG}), limits=SMALL)
    assert result.end.state is EndState.SUCCEEDED
    assert ran(result) == ["start", "note"]


async def test_a_mapped_value_is_measured_too() -> None:
    made = plan(
        [
            node(
                "twice",
                "data.map@1",
                params={
                    "fields": [
                        {"target": "a", "source": "trigger.data.text"},
                        {"target": "b", "source": "trigger.data.text"},
                    ]
                },
            )
        ],
        ["start > twice"],
    )
    result = await go(made, FarSide(), run=header(text="x" * 1_500), limits=SMALL)
    assert result.end.error is not None
    assert (result.end.error["code"], result.end.error["node"]) == ("payload_too_large", "twice")


async def test_what_a_loop_gives_is_one_value() -> None:
    far = FarSide(outputs={"touch": {"text": "x" * 500}})
    made = plan([EACH, node("touch", "far.write@1")], ["start > each", "each.item > touch"])
    result = await go(made, far, run=header(items=[1, 2, 3, 4, 5]), limits=SMALL)
    assert result.end.error is not None
    assert (result.end.error["code"], result.end.error["node"]) == ("payload_too_large", "each")
    assert len(far.effects) == 5


@pytest.mark.parametrize("type_", ["far.write@1", "far.put@1", "far.shoot@1"])
async def test_a_write_with_too_large_an_answer_is_not_sent_again_by_a_replay(type_: str) -> None:
    far = FarSide(outputs={"get": BIG})
    made = plan([node("get", type_), node("on", "far.read@1")], ["start > get", "get > on"])
    first = await go(made, far, limits=SMALL)
    order = ReplayOrder(of="run-1", number=1)
    history = seed(made, header(), first.events, order, at=START)
    again = await go(made, far, history=history, journal=MemoryJournal())
    assert again.end.state is EndState.SUCCEEDED
    sent = [one for one in far.calls if one == ("get", "")]
    # An idempotent operation without a probe is asked by doing it again, under the same key.
    assert len(sent) == (2 if type_ == "far.put@1" else 1)
    assert len(far.effects) == 1


async def test_held_values_have_a_budget() -> None:
    nodes = [node(f"get{n}", "far.read@1") for n in range(5)]
    ways = ["start > get0", *(f"get{n} > get{n + 1}" for n in range(4))]
    far = FarSide(outputs={f"get{n}": {"text": "x" * 10_000} for n in range(5)})
    made = plan(nodes, ways)
    assert (await go(made, far, limits=memory(60))).end.state is EndState.SUCCEEDED
    result = await go(made, far, limits=memory(35))
    assert result.end.error is not None
    assert (result.end.error["code"], result.end.error["node"]) == ("memory_budget", "get3")
    assert result.end.error["detail"]["bytes"] > result.end.error["detail"]["most"]
    assert "CAUSEWAY_RUN_MEMORY_MAX_BYTES" in result.end.error["fix"]


async def test_a_loop_lets_go_of_what_its_items_held() -> None:
    """Two hundred items hold 10 KB each while they are at work, and 30 KB are enough for them."""
    far = FarSide(outputs={"get": {"text": "x" * 10_000}, "touch": {"id": 1}})
    made = plan(
        [EACH, node("get", "far.read@1"), node("touch", "far.write@1")],
        ["start > each", "each.item > get", "get > touch"],
    )
    items = list(range(200))
    result = await go(made, far, run=header(items=items), limits=memory(30))
    assert result.end.state is EndState.SUCCEEDED
    assert output(result, "each")["count"] == 200
    without = plan([EACH, node("get", "far.read@1")], ["start > each", "each.item > get"])
    kept = await go(without, far, run=header(items=items), limits=memory(30))
    assert kept.end.error is not None
    assert kept.end.error["code"] == "memory_budget"


async def test_an_item_beyond_the_budget_fails_alone_where_failures_are_collected() -> None:
    far = FarSide(outputs={"get": BIG})
    each = {**EACH, "params": {**EACH["params"], "on_item_error": "collect"}}
    made = plan([each, node("get", "far.read@1")], ["start > each", "each.item > get"])
    result = await go(made, far, run=header(items=[1, 2]), limits=SMALL)
    failed = output(result, "each")["failed"]
    assert result.end.state is EndState.SUCCEEDED
    assert [one["error"]["code"] for one in failed] == ["payload_too_large"] * 2


@given(
    items=st.integers(0, 6),
    concurrency=st.integers(1, 4),
    failing=st.sets(st.integers(0, 5)),
    policy=st.sampled_from(["stop", "collect"]),
)
async def test_what_is_held_is_what_is_within_reach(
    items: int, concurrency: int, failing: set[int], policy: str
) -> None:
    """Counted one by one and counted anew from the open scopes it is the same after each event."""
    each = {
        **EACH,
        "params": {**EACH["params"], "concurrency": concurrency, "on_item_error": policy},
    }
    made = plan(
        [
            each,
            node("get", "far.read@1"),
            node(
                "bad",
                "data.validate@1",
                params={
                    "value": "{{ item }}",
                    "schema": {"enum": [n for n in range(6) if n not in failing]},
                },
            ),
        ],
        ["start > each", "each.item > get", "get > bad"],
    )
    result = await go(made, FarSide(), run=header(items=list(range(items))))
    state = RunState(made)
    for event in result.events:
        state.apply(event)
        reach = [step.size for scope in state.scopes.values() for step in scope.steps.values()]
        assert state.held == sum(reach)
        assert state.held == sum(scope.held for scope in state.scopes.values())
    assert fold(made, result.events).held == state.held


async def test_a_loop_without_effects_does_not_gather_its_whole_journal_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "_FLUSH_EVENTS", 50)
    longest = 0

    class Journal(MemoryJournal):
        async def append(self, run_id: str, events: Any, *, durable: bool) -> None:
            nonlocal longest
            longest = max(longest, len(events))
            await super().append(run_id, events, durable=durable)

    made = plan(
        [EACH, node("same", "data.map@1", params={"fields": [{"target": "a", "source": "item"}]})],
        ["start > each", "each.item > same"],
    )
    result = await go(made, FarSide(), run=header(items=list(range(300))), journal=Journal())
    assert result.end.state is EndState.SUCCEEDED
    assert 50 <= longest < 60
    assert [one.seq for one in result.events] == list(range(1, len(result.events) + 1))
    assert result.events[-1].type is EventType.RUN_SUCCEEDED
