"""Loops of a drive: every item once, side by side up to the bound, failures by policy."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from connectors.sdk.errors import (
    NotFoundError,
    RateLimitedError,
)
from connectors.sdk.operation import OperationResult
from flows.engine.run import EndState
from tests.flows.engine.support import FarSide, go, header, node, output, plan, ran


def loop(ways: list[str] | None = None, **params: Any) -> Any:
    return plan(
        [
            node("each", "flow.for_each@1", params={"items": "{{ trigger.data.lines }}", **params}),
            node("look", "far.read@1", params={"id": "{{ item.id }}"}),
            node("push", "far.write@1", params={"id": "{{ item.id }}", "data": "{{ index }}"}),
            node("after", "far.read@1", params={"data": "{{ each }}"}),
        ],
        ways or ["start > each", "each.item > look", "look > push", "each.done > after"],
    )


LINES = [{"id": "A"}, {"id": "B"}, {"id": "C"}]


@pytest.mark.parametrize("concurrency", [1, 2, 5])
async def test_a_loop_does_its_body_once_per_item(concurrency: int) -> None:
    far = FarSide()
    result = await go(loop(concurrency=concurrency), far, run=header(lines=LINES))
    assert result.end.state is EndState.SUCCEEDED
    assert sorted(path for name, path in far.calls if name == "push") == [
        "each/0",
        "each/1",
        "each/2",
    ]
    done = output(result, "each")
    assert done["count"] == 3
    assert done["failed"] == []
    assert [one["path"] for one in done["items"]] == ["each/0", "each/1", "each/2"]
    assert ran(result)[-2:] == ["each", "after"]
    assert set(far.effects.values()) == {1}


async def test_items_go_side_by_side_up_to_the_bound() -> None:
    now = most = 0

    class Counting(FarSide):
        async def run(self, call: Any) -> OperationResult:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            now -= 1
            return await super().run(call)

    many = [{"id": str(index)} for index in range(12)]
    await go(loop(concurrency=4), Counting(), run=header(lines=many))
    assert most == 4


async def test_keys_name_the_items() -> None:
    far = FarSide()
    made = loop(key="{{ item.id }}")
    result = await go(made, far, run=header(lines=[{"id": "A"}, {"id": "x/y z"}]))
    paths = [path for name, path in far.calls if name == "push"]
    assert paths[0] == "each/A"
    assert paths[1].startswith("each/x_y_z~")
    assert result.end.state is EndState.SUCCEEDED
    twice = await go(made, FarSide(), run=header(lines=[{"id": "A"}, {"id": "A"}]))
    assert twice.end.error is not None
    assert twice.end.error["code"] == "key_twice"


@pytest.mark.parametrize("lines", [[], None, "text"])
async def test_no_items_and_no_list(lines: Any) -> None:
    result = await go(loop(), FarSide(), run=header(lines=lines))
    if lines == []:
        assert output(result, "each") == {"items": [], "failed": [], "count": 0}
        assert ran(result)[-1] == "after"
    else:
        assert result.end.error is not None
        assert result.end.error["code"] == "items_not_a_list"


async def test_a_failed_item_stops_the_loop_or_is_collected() -> None:
    script: dict[str, list[Any]] = {"push": [None, NotFoundError("gone"), None]}
    end = (await go(loop(), FarSide(script=script), run=header(lines=LINES))).end
    assert end.state is EndState.DEAD
    assert end.error is not None
    assert (end.error["node"], end.error["path"]) == ("push", "each/1")
    made = loop(on_item_error="collect")
    result = await go(made, FarSide(script=script), run=header(lines=LINES))
    assert result.end.state is EndState.SUCCEEDED
    done = output(result, "each")
    assert [one is None for one in done["items"]] == [False, True, False]
    assert [(one["index"], one["key"], one["error"]["code"]) for one in done["failed"]] == [
        (1, "1", "not_found")
    ]


async def test_an_item_that_waits_does_not_hold_up_the_others() -> None:
    script = {"push": [RateLimitedError("slow", retry_after=timedelta(hours=1)), None, None, None]}
    far = FarSide(script=script)
    result = await go(loop(concurrency=2), far, run=header(lines=LINES))
    pushed = [path for name, path in far.calls if name == "push"]
    assert pushed[-1] == "each/0"
    assert result.end.state is EndState.SUCCEEDED
    assert set(far.effects.values()) == {1}


async def test_loops_in_loops() -> None:
    made = plan(
        [
            node("outer", "flow.for_each@1", params={"items": "{{ trigger.data.groups }}"}),
            node(
                "inner",
                "flow.for_each@1",
                params={"items": "{{ item.parts }}", "concurrency": 2, "key": "item"},
            ),
            node("push", "far.write@1", params={"id": "{{ item }}"}),
            node("close", "far.read@1", params={"data": "{{ inner.count }}", "id": "{{ item.g }}"}),
        ],
        ["start > outer", "outer.item > inner", "inner.item > push", "inner.done > close"],
    )
    groups = [{"g": "1", "parts": ["a", "b"]}, {"g": "2", "parts": ["c"]}]
    far = FarSide()
    result = await go(made, far, run=header(groups=groups))
    assert result.end.state is EndState.SUCCEEDED
    assert [path for name, path in far.calls if name == "push"] == [
        "outer/0/inner/a",
        "outer/0/inner/b",
        "outer/1/inner/c",
    ]
    assert [path for name, path in far.calls if name == "close"] == ["outer/0", "outer/1"]


async def test_a_filter_in_a_body_drops_the_item_only() -> None:
    made = plan(
        [
            node("each", "flow.for_each@1", params={"items": [1, 2, 3], "concurrency": 3}),
            node("odd", "flow.filter@1", params={"condition": "{{ item % 2 == 1 }}"}),
            node("push", "far.write@1", params={"id": "{{ item }}"}),
            node("more", "far.write@1"),
        ],
        ["start > each", "each.item > odd", "odd > push", "push > more"],
    )
    far = FarSide()
    result = await go(made, far)
    assert result.end.state is EndState.SUCCEEDED
    assert [one is None for one in output(result, "each")["items"]] == [False, True, False]
    assert len(far.effects) == 4
    skipped = [(one.path, one.node) for one in result.events if one.type == "step_skipped"]
    assert skipped == [("each/1", "push"), ("each/1", "more")]


# -- time, leases, dry runs ------------------------------------------------------------------------


async def test_calls_under_way_are_cancelled_with_the_drive() -> None:
    made = loop(concurrency=3)
    began = asyncio.Event()
    cancelled: list[str] = []

    class Hanging(FarSide):
        async def run(self, call: Any) -> OperationResult:
            began.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(call.path)
                raise
            raise AssertionError("never reached")

    task = asyncio.create_task(go(made, Hanging(), run=header(lines=LINES)))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(cancelled) == 3
