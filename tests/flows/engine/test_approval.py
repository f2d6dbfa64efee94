"""A person is asked: without a database."""

import random
from datetime import timedelta
from typing import Any

import pytest

from flows.engine.inline import InlineResult, VirtualClock, run_inline
from flows.engine.nodes.approval import ROLES, Decision, decision_signal
from flows.engine.plan import Plan
from flows.engine.replay import ReplayOrder, seed
from flows.engine.run import EndState
from flows.engine.waiting import OpenWait, Signal
from governance.roles import Role
from tests.flows.engine.support import START, FarSide, header, node, output, plan, ran

YES = decision_signal(Decision.APPROVED, by="nora", at=START.isoformat(), comment="Fine.")
NO = decision_signal(Decision.REJECTED, by="nora", at=START.isoformat(), comment="")
PARAMS = {
    "title": "Refund {{ trigger.data.key }}?",
    "message": "It is {{ first.sum }}.",
    "role": "operator",
    "users": ["nora", "ben", "nora"],
    "deadline": "P3D",
}


def asking(**params: Any) -> Plan:
    return plan(
        [
            node("first", "far.read@1"),
            node("ask", "flow.approval@1", params={**PARAMS, **params}),
            node("pay", "far.write@1"),
            node("tell", "far.write@1"),
            node("late", "far.write@1"),
        ],
        [
            "start > first",
            "first > ask",
            "ask.approved > pay",
            "ask.rejected > tell",
            "ask.timeout > late",
        ],
    )


async def go(made: Plan, answer: Signal | None, **more: Any) -> tuple[InlineResult, list[OpenWait]]:
    seen: list[OpenWait] = []

    def outside(wait: OpenWait) -> Signal | None:
        seen.append(wait)
        return answer

    result = await run_inline(
        made,
        header=more.pop("run", header(key="A7")),
        operations=more.pop("far", FarSide(outputs={"first": {"sum": 9}})),
        clock=VirtualClock(START),
        rng=random.Random(1),
        outside=outside,
        **more,
    )
    return result, seen


@pytest.mark.parametrize(
    ("answer", "way"), [(YES, "pay"), (NO, "tell"), (None, "late")], ids=["yes", "no", "nothing"]
)
async def test_the_decision_is_the_way(answer: Signal | None, way: str) -> None:
    result, [wait] = await go(asking(), answer)
    assert ran(result) == ["start", "first", "ask", way]
    assert (wait.kind, wait.until) == ("approval", START + timedelta(days=3))
    assert wait.about == {
        "title": "Refund A7?",
        "message": "It is 9.",
        "role": "operator",
        "users": ["ben", "nora"],
    }
    if answer is not None:
        assert output(result, "ask") == answer.output


async def test_what_is_asked_fits_on_a_page() -> None:
    _, [wait] = await go(
        asking(title="{{ trigger.data.key }}", message="{{ trigger.data.key }}"),
        YES,
        run=header(key="a\n\x00 b" * 2000),
    )
    assert len(wait.about["title"]) == 200
    assert "\n" not in wait.about["title"]
    assert len(wait.about["message"]) == 4000
    assert "\x00" not in str(wait.about)


async def test_a_question_needs_words() -> None:
    result, _ = await go(asking(title="{{ trigger.data.key }}"), YES, run=header(key=" "))
    assert result.end.error is not None
    assert result.end.error["code"] == "approval_title_empty"


async def test_a_dry_run_asks_nobody() -> None:
    result, seen = await go(asking(), None, dry_run=True)
    assert seen == []
    assert ran(result) == ["start", "first", "ask", "pay"]
    [told] = [one for one in result.events if one.node == "ask"]
    assert told.data["prediction"] == "would ask for approval: Refund A7?"


async def replayed(
    made: Plan, of: InlineResult, from_node: str, **more: Any
) -> tuple[InlineResult, list[OpenWait]]:
    order = ReplayOrder(of="run-1", number=1, from_node=from_node)
    run = more.get("run", header(key="A7"))
    opening = seed(made, run, of.events, order, at=START)
    return await go(made, NO, history=opening, **more)


@pytest.mark.parametrize("from_node", ["start", "first"])
async def test_a_replay_does_not_put_the_same_question_again(from_node: str) -> None:
    made = asking()
    first, _ = await go(made, YES)
    again, seen = await replayed(made, first, from_node)
    assert seen == []
    assert output(again, "ask") == YES.output
    assert ran(again)[-1] == "pay"
    [told] = [one for one in again.events if one.node == "ask"]
    assert told.data["attached"] == "run-1"
    third, seen = await replayed(made, again, from_node)
    assert seen == []
    assert output(third, "ask") == YES.output


async def test_a_replay_that_begins_there_asks() -> None:
    made = asking()
    first, _ = await go(made, YES)
    again, seen = await replayed(made, first, "ask")
    assert len(seen) == 1
    assert ran(again)[-1] == "tell"


async def test_another_question_is_put() -> None:
    made = asking()
    first, _ = await go(made, YES)
    _, seen = await replayed(made, first, "start", run=header(key="B8"))
    assert [one.about["title"] for one in seen] == ["Refund B8?"]


async def test_silence_is_no_answer_that_a_replay_keeps() -> None:
    made = asking()
    first, _ = await go(made, None)
    _, seen = await replayed(made, first, "start")
    assert len(seen) == 1


async def test_items_that_were_decided_are_not_asked_about_again() -> None:
    made = plan(
        [
            node(
                "each",
                "flow.for_each@1",
                params={"items": "{{ trigger.data.ids }}", "key": "{{ item }}"},
            ),
            node(
                "ask", "flow.approval@1", params={**PARAMS, "title": "{{ item }}?", "message": ""}
            ),
            node("pay", "far.shoot@1"),
        ],
        ["start > each", "each.item > ask", "ask.approved > pay"],
    )
    run = header(ids=["A", "B"])
    broken = FarSide(script={"pay": [None, ValueError()]})
    first, seen = await go(made, YES, run=run, far=broken)
    assert first.end.state is EndState.DEAD
    assert len(seen) == 2
    opening = seed(made, run, first.events, ReplayOrder(of="run-1", number=1), at=START)
    again, seen = await go(made, YES, run=run, history=opening)
    assert seen == []
    assert [one for one in ran(again) if one.endswith("ask")] == ["each/A/ask", "each/B/ask"]


def test_the_roles_are_those_that_there_are() -> None:
    assert {one.value for one in Role} == set(ROLES)
