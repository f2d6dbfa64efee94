"""One row per step, as people see a run."""

from datetime import timedelta
from typing import Any

from connectors.sdk.errors import NotFoundError, RateLimitedError, UncertainError
from flows.engine.history import RowState, summarize
from tests.flows.engine.support import FarSide, go, header, node, plan

PATIENT = {"retry": {"max_attempts": 5, "horizon": "PT6H"}}


def rows(events: Any) -> dict[str, Any]:
    return {f"{row.path}/{row.node}" if row.path else row.node: row for row in summarize(events)}


async def test_rows_tell_states_attempts_and_outputs() -> None:
    made = plan(
        [
            node("a", "far.write@1", policy=PATIENT),
            node("b", "flow.branch@1", params={"condition": "{{ true }}"}),
            node("c", "far.read@1"),
            node("d", "far.read@1"),
        ],
        ["start > a", "a > b", "b.no > c", "b.yes > d"],
    )
    script = {"a": [RateLimitedError("slow"), UncertainError("lost"), None],
              "d": [NotFoundError("gone")]}  # fmt: skip
    result = await go(made, FarSide(script=script), run=header(x=1))
    found = rows(result.events)
    assert list(found) == ["start", "a", "b", "c", "d"]
    assert {key: row.state.value for key, row in found.items()} == {
        "start": "succeeded",
        "a": "succeeded",
        "b": "succeeded",
        "c": "skipped",
        "d": "failed",
    }
    assert found["start"].output == {"x": 1}
    assert found["a"].output == {"node": "a", "path": ""}
    assert found["a"].error is None
    assert [one.state.value for one in found["a"].attempts] == ["failed", "failed", "succeeded"]
    assert found["a"].attempts[0].error is not None
    assert found["b"].ports == ("yes",)
    assert found["d"].error is not None
    assert found["d"].error["code"] == "not_found"
    assert found["c"].started_at is None


async def test_a_row_that_waits_says_until_when() -> None:
    made = plan([node("a", "far.read@1", policy=PATIENT)], ["start > a"])
    far = FarSide(script={"a": [RateLimitedError("slow", retry_after=timedelta(hours=1)), None]})
    result = await go(made, far)
    cut = next(i for i, e in enumerate(result.events) if e.type == "run_waiting")
    row = rows(result.events[: cut + 1])["a"]
    assert row.state is RowState.WAITING
    assert row.waiting_until is not None
    assert row.waiting_until - result.events[0].at == timedelta(hours=1)


async def test_loop_items_have_rows_of_their_own() -> None:
    made = plan(
        [node("each", "flow.for_each@1", params={"items": [1, 2]}), node("a", "far.read@1")],
        ["start > each", "each.item > a"],
    )
    found = rows((await go(made, FarSide())).events)
    assert list(found) == ["start", "each", "each/0/a", "each/1/a"]
    assert found["each"].output["count"] == 2
