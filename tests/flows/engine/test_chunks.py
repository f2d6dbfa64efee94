"""Cutting a for-each into chunks: what the plan becomes, and what a chunk's run does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.chunks import Chunk, as_written, chunk_of, opening, spread, waiting_node
from flows.engine.compile import check_flow
from flows.engine.execute import effect_key
from flows.engine.journal import MemoryJournal
from flows.engine.plan import Plan
from flows.engine.run import EndState, RunHeader
from flows.engine.waiting import OpenWait, Signal
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


def each(id_: str = "each", **params: Any) -> dict[str, Any]:
    return node(id_, "flow.for_each@1", params={"items": "{{ trigger.data.items }}", **params})


def problems(*nodes: dict[str, Any], ways: list[str]) -> list[tuple[str, str]]:
    return [(one.code, one.node) for one in check_flow(flow(nodes, ways), CATALOG)]


@pytest.mark.parametrize("type_", ["flow.stop@1", "flow.respond@1"])
def test_what_speaks_for_the_whole_run_cannot_stand_in_a_chunk(type_: str) -> None:
    found = problems(
        each(chunk_size=10), node("end", type_), ways=["start > each", "each.item > end"]
    )
    assert ("chunk_body", "each") in found


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"chunk_size": 10}, "chunk_nested"),
        ({"on_item_error": "dead_letter"}, "dead_letter_nested"),
    ],
)
def test_a_loop_within_a_loop_is_no_run_of_its_own(params: dict[str, Any], code: str) -> None:
    found = problems(
        each(),
        each("inner", **params),
        node("put", "far.write@1"),
        ways=["start > each", "each.item > inner", "inner.item > put"],
    )
    assert found == [(code, "inner")]


def test_a_plan_without_chunks_stays_what_it_is() -> None:
    made = plan([each(), node("put", "far.write@1")], ["start > each", "each.item > put"])
    assert spread(made) is made


def test_a_run_that_may_have_chunks_keeps_its_lane() -> None:
    lane = {"lane": {"name": "a", "key": "{{ trigger.entity_id }}"}}
    nodes = [each(chunk_size=5), node("put", "far.write@1")]
    ways = ["start > each", "each.item > put"]
    assert plan(nodes, ways, settings=lane).lane_hold
    assert not plan([each(), nodes[1]], ways, settings=lane).lane_hold
    assert not plan(nodes, ways).lane_hold


async def test_without_other_runs_the_items_are_done_in_place() -> None:
    made = plan(
        [each(chunk_size=3), node("put", "far.write@1")], ["start > each", "each.item > put"]
    )
    result = await go(made, FarSide(), run=header(items=list("ABCDE")), dry_run=True)
    assert ran(result)[:2] == ["start", "each/0/put"]
    assert output(result, "each")["count"] == 5


def test_a_chunks_run_is_given_only_what_its_body_reads() -> None:
    made = plan(
        [
            node("used", "far.read@1"),
            node("idle", "far.read@1"),
            each(chunk_size=3),
            node("put", "far.write@1", params={"data": "{{ used.node }}"}),
        ],
        ["start > used", "used > idle", "idle > each", "each.item > put"],
    )
    loop = made.by_id["each"].loop
    assert loop is not None
    assert loop.reads == ("used",)


@given(
    count=st.integers(0, 13),
    size=st.integers(2, 5),
    concurrency=st.integers(1, 3),
    failing=st.sets(st.integers(0, 12)),
)
async def test_however_it_is_cut_it_gives_what_it_gives_whole(
    count: int, size: int, concurrency: int, failing: set[int]
) -> None:
    nodes = [
        each(chunk_size=size, concurrency=concurrency, on_item_error="collect"),
        node(
            "bad",
            "data.validate@1",
            params={
                "value": "{{ item }}",
                "schema": {"enum": [n for n in range(13) if n not in failing]},
            },
        ),
        node("put", "far.write@1", params={"id": "{{ item }}", "data": "{{ index }}"}),
    ]
    made = plan(nodes, ["start > each", "each.item > bad", "bad > put"])
    run = header(items=list(range(count)))
    whole, far = FarSide(), FarSide()
    expected = output(await go(made, whole, run=run), "each")
    given_: dict[str, Any] = {}
    while True:
        asked, last = await _spread_with(spread(made), far, run, given_)
        open_ = [one for one in asked if one.path not in given_]
        if not open_:
            break
        for wait in open_:
            given_[wait.path] = await _do(made, far, run, Chunk.of(wait.about))
    assert last == expected
    assert far.effects == whole.effects
    assert set(far.effects) == {
        effect_key("event-1", "put", f"each/{n}") for n in range(count) if n not in failing
    }


async def _do(made: Plan, far: FarSide, run: RunHeader, chunk: Chunk) -> Any:
    """What a chunk's run gives."""
    events = opening(chunk, run, of="run-1", revision=0, effects={}, at=START)
    assert as_written(events[0].data)
    found = chunk_of(events)
    assert found is not None
    assert found.same(chunk)
    done = await go(made, far, run=run, history=events, journal=MemoryJournal())
    assert done.end.state is EndState.SUCCEEDED
    return done.end.output


async def _spread_with(
    parts: Plan, far: FarSide, run: RunHeader, given_: dict[str, Any]
) -> tuple[list[OpenWait], Any]:
    """Run it with these answers of chunks by path; the chunks that it asked for, and what the
    loop gave."""
    asked: list[OpenWait] = []

    def outside(wait: OpenWait) -> Signal | None:
        assert wait.node == waiting_node("each")
        if wait not in asked:
            asked.append(wait)
        if wait.path in given_:
            return Signal(port="out", output=given_[wait.path])
        return None

    result = await go(parts, far, run=run, journal=MemoryJournal(), outside=outside)
    return asked, output(result, "each")
