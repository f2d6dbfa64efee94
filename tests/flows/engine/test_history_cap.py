"""A run that never comes to its end must not fill the journal."""

from flows.engine.events import EventType
from flows.engine.limits import Limits
from flows.engine.run import EndState
from tests.flows.engine.support import FarSide, go, header, node, plan


async def test_too_long_a_history_ends_the_run_and_says_what_to_do() -> None:
    far = FarSide()
    made = plan(
        [
            node("each", "flow.for_each@1", params={"items": "{{ trigger.data.items }}"}),
            node("touch", "far.read@1"),
        ],
        ["start > each", "each.item > touch"],
    )
    result = await go(made, far, run=header(items=list(range(200))), limits=Limits(events=40))
    assert result.end.state is EndState.DEAD
    assert result.end.error is not None
    assert result.end.error["code"] == "history_too_long"
    assert "Part the work" in result.end.error["fix"]
    assert result.events[-1].type is EventType.RUN_DEAD
    assert 40 < len(result.events) < 50, "what was under way ends, and nothing more begins"


async def test_the_longest_loop_fits() -> None:
    made = plan(
        [
            node("each", "flow.for_each@1", params={"items": "{{ trigger.data.items }}"}),
            node("touch", "far.read@1"),
        ],
        ["start > each", "each.item > touch"],
    )
    result = await go(
        made, FarSide(), run=header(items=list(range(1_000))), limits=Limits(events=10_000)
    )
    assert result.end.state is EndState.SUCCEEDED
