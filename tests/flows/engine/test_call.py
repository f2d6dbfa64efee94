"""A flow calls another one: without a database."""

import random
from typing import Any

import pytest

from flows.engine.compile import check_flow
from flows.engine.execute import effect_key
from flows.engine.inline import InlineResult, VirtualClock, run_inline
from flows.engine.nodes.call import called_error, called_signal
from flows.engine.plan import Plan
from flows.engine.run import EndState
from flows.engine.waiting import OpenWait, Signal
from tests.flows.engine.support import (
    CATALOG,
    START,
    FarSide,
    flow,
    header,
    node,
    output,
    plan,
    ran,
)

FAILED = called_error(run_id="r2", flow="other", state="dead", error={"message": "no"})


def calling(*ways: str, **params: Any) -> Plan:
    return plan(
        [
            node("call", "flow.call@1", params={"flow": "other", **params}),
            node("then", "far.write@1"),
        ],
        ["start > call", *(ways or ["call > then"])],
    )


async def go(made: Plan, answer: Signal | None, **more: Any) -> tuple[InlineResult, list[OpenWait]]:
    seen: list[OpenWait] = []

    def outside(wait: OpenWait) -> Signal | None:
        seen.append(wait)
        return answer

    result = await run_inline(
        made,
        header=header(key="A7"),
        operations=FarSide(),
        clock=VirtualClock(START),
        rng=random.Random(1),
        outside=outside,
        **more,
    )
    return result, seen


async def test_the_step_waits_under_its_effect_key_and_gives_what_came() -> None:
    result, [wait, *_] = await go(calling(input={"id": "{{ trigger.data.key }}"}), called_signal(7))
    assert (wait.kind, wait.key) == ("call", effect_key("event-1", "call", ""))
    assert wait.about == {"flow": "other", "version": None, "input": {"id": "A7"}, "answer": True}
    assert output(result, "call") == 7
    assert ran(result) == ["start", "call", "then"]


async def test_a_failure_below_is_fatal_unless_it_is_routed() -> None:
    result, _ = await go(calling(), FAILED)
    assert result.end.state is EndState.DEAD
    assert result.end.error is not None
    assert result.end.error["code"] == "called_flow_failed"
    assert result.end.error["detail"]["run_id"] == "r2"


async def test_past_the_deadline_it_leaves_by_timeout() -> None:
    result, _ = await go(calling("call.timeout > then", deadline="PT1H"), None)
    assert ran(result) == ["start", "call", "then"]
    assert set(output(result, "call")) == {"until"}


async def test_a_dry_run_calls_nobody_and_says_so() -> None:
    result, seen = await go(calling(version=3), None, dry_run=True)
    assert seen == []
    [told] = [one.data["prediction"] for one in result.events if one.node == "call"]
    assert told == "would call the flow other (version 3)"


async def test_a_run_gives_its_response_or_else_its_last_output() -> None:
    respond = node("respond", "flow.respond@1", params={"body": {"sum": 5}})
    answers = plan([respond, node("then", "far.write@1")], ["start > respond", "respond > then"])
    result, _ = await go(answers, None)
    assert result.end.output == {"sum": 5}
    result, _ = await go(plan([node("then", "far.write@1")], ["start > then"]), None)
    assert result.end.output == {"node": "then", "path": ""}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"flow": "test"}, "call_recursion"),
        ({"flow": "{{ trigger.data.flow }}"}, "call_flow"),
        ({"flow": "other", "wait": False, "deadline": "PT1H"}, "call_deadline_needless"),
        ({"flow": "other", "deadline": "soon"}, "duration"),
        ({"flow": "other", "version": 0}, "params"),
    ],
)
def test_what_the_document_alone_tells(params: dict[str, Any], code: str) -> None:
    document = flow([node("call", "flow.call@1", params=params)], ["start > call"])
    assert [one.code for one in check_flow(document, CATALOG) if one.severity == "error"] == [code]


def test_a_flow_is_called_in_one_way() -> None:
    nodes = [node("one", "flow.called@1"), node("two", "flow.called@1")]
    found = {one.code for one in check_flow(flow(nodes, []), CATALOG)}
    assert "called_twice" in found
