"""One item of a for-each is replayed: that one, once, and nothing after it."""

from typing import Any

import pytest

from connectors.sdk.errors import RejectedError
from flows.engine.inline import InlineResult
from flows.engine.plan import Plan
from flows.engine.replay import ReplayError
from flows.engine.run import EndState
from tests.flows.engine.support import FarSide, go, node, plan
from tests.flows.engine.test_replay import again, replayed

REFUSED = RejectedError("no", code="refused", fix="Correct it.")
ITEMS = [{"id": "A1"}, {"id": "A7"}, {"id": "B2"}]


def looping(**params: Any) -> Plan:
    return plan(
        [
            node("list", "far.read@1"),
            node(
                "each",
                "flow.for_each@1",
                params={
                    "items": "{{ list.rows }}",
                    "key": "{{ item.id }}",
                    "on_item_error": "collect",
                    **params,
                },
            ),
            node("put", "far.write@1", params={"id": "{{ item.id }}", "data": "{{ index }}"}),
            node("after", "far.write@1"),
        ],
        ["start > list", "list > each", "each.item > put", "each.done > after"],
    )


async def first(made: Plan) -> tuple[FarSide, InlineResult]:
    """The second item failed; what the list gives has another order since."""
    far = FarSide(outputs={"list": {"rows": ITEMS}}, script={"put": [None, REFUSED, None]})
    run = await go(made, far)
    far.calls.clear()
    far.outputs["list"] = {"rows": ITEMS[::-1]}
    return far, run


async def test_only_that_item_is_done_and_nothing_after_it() -> None:
    far, run = await first(looping())
    assert run.end.state is EndState.SUCCEEDED
    second = await replayed(looping(), far, run, again(item="each/A7"))
    assert second.end.state is EndState.SUCCEEDED
    assert far.calls == [("put", "each/A7")]
    assert sorted(far.effects.values()) == [1, 1, 1, 1]
    assert not any(one.node == "after" and "ports" in one.data for one in second.events)


async def test_an_item_that_went_well_is_not_done_twice() -> None:
    far, run = await first(looping())
    second = await replayed(looping(), far, run, again(item="each/B2"))
    assert second.end.state is EndState.SUCCEEDED
    assert far.calls == []
    assert far.probes == [("put", "each/B2")]


async def test_one_that_fails_again_is_a_dead_letter_about_that_item() -> None:
    far, run = await first(looping())
    far.script["put"] = [REFUSED]
    second = await replayed(looping(), far, run, again(item="each/A7"))
    assert second.end.state is EndState.DEAD
    assert second.end.error is not None
    assert second.end.error["path"] in ("", "each/A7")
    far.calls.clear()
    third = await replayed(looping(), far, second, again(of="run-2", number=2))
    assert third.end.state is EndState.SUCCEEDED
    assert far.calls == [("put", "each/A7")]


@pytest.mark.parametrize(
    "order",
    [
        {"item": "each/Z9"},
        {"item": "put/A7"},
        {"item": "nowhere/A7"},
        {"item": "each/A7", "from_node": "list"},
        {"item": "each/A7", "trigger_edited": True},
    ],
)
async def test_what_makes_no_sense_is_refused(order: dict[str, Any]) -> None:
    far, run = await first(looping())
    with pytest.raises(ReplayError) as refused:
        await replayed(looping(), far, run, again(**order))
    assert (refused.value.code, refused.value.pointer) == ("item", "/item")


async def test_a_run_that_broke_off_is_replayed_as_a_whole() -> None:
    made = looping(on_item_error="stop")
    far, run = await first(made)
    assert run.end.state is EndState.DEAD
    with pytest.raises(ReplayError):
        await replayed(made, far, run, again(item="each/A7"))
