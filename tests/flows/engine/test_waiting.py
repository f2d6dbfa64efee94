"""Steps that wait for something from outside, without a database."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.decide import CommandKind, decide
from flows.engine.driver import SHORT_WAIT
from flows.engine.events import EventType, RunEvent
from flows.engine.inline import InlineResult, VirtualClock, run_inline
from flows.engine.journal import MemoryJournal
from flows.engine.plan import Plan
from flows.engine.replay import ReplayOrder, seed
from flows.engine.run import EndState
from flows.engine.state import fold
from flows.engine.waiting import OpenWait, Place, Signal
from tests.flows.engine.support import START, FarSide, go, header, node, output, plan, ran

PARAMS = {"event": "far.event@1", "key": "{{ trigger.data.key }}", "deadline": "P1D"}
NEWS = Signal(port="out", output={"type": "far.event@1", "data": {"paid": True}})


def waiting(*ways: str, **more: Any) -> Plan:
    nodes = [
        node("wait", "flow.wait_for_event@1", connection="far", params=PARAMS, **more),
        node("came", "far.write@1", params={"data": "{{ wait.data.paid }}"}),
        node("late", "far.write@1"),
    ]
    return plan(nodes, ["start > wait", *(ways or ("wait > came", "wait.timeout > late"))])


async def asked(
    made: Plan, answers: dict[Place, Signal], **more: Any
) -> tuple[InlineResult, list[OpenWait], VirtualClock]:
    seen: list[OpenWait] = []

    def outside(wait: OpenWait) -> Signal | None:
        seen.append(wait)
        return answers.get((wait.path, wait.node))

    clock = VirtualClock(START)
    result = await run_inline(
        made,
        header=more.pop("run", header(key="A7")),
        operations=more.pop("far", FarSide()),
        clock=clock,
        rng=random.Random(1),
        outside=outside,
        **more,
    )
    return result, seen, clock


async def test_an_answer_lets_the_step_go_on_at_once() -> None:
    result, [wait], clock = await asked(waiting(), {("", "wait"): NEWS})
    assert ran(result) == ["start", "wait", "came"]
    assert output(result, "wait") == NEWS.output
    assert clock.time == START
    assert (wait.kind, wait.key, wait.until) == ("event", "A7", START + timedelta(days=1))
    assert wait.about == {"event": "far.event@1", "match": "business_key"}
    [told] = [one for one in result.events if one.type == "run_waiting"]
    assert told.data["reason"] == "event"
    assert result.end.waits == ()


async def test_past_the_deadline_the_port_timeout_is_taken() -> None:
    result, _, clock = await asked(waiting(), {})
    assert ran(result) == ["start", "wait", "late"]
    assert output(result, "wait") == {"until": (START + timedelta(days=1)).isoformat()}
    assert clock.time == START + timedelta(days=1)


async def test_without_a_wired_timeout_the_step_fails_by_name() -> None:
    result, _, _ = await asked(waiting("wait > came", "start > late"), {})
    assert result.end.state is EndState.DEAD
    assert result.end.error is not None
    assert result.end.error["code"] == "wait_timeout"
    assert result.end.error["node"] == "wait"


async def test_the_failure_follows_the_nodes_policy() -> None:
    made = waiting("wait > came", "wait.error > late", policy={"on_error": "route"})
    result, _, _ = await asked(made, {})
    assert ran(result) == ["start", "late"]


async def test_a_run_that_never_waits_says_so() -> None:
    made = plan([node("a", "far.read@1")], ["start > a"])
    assert (await go(made, FarSide())).end.waits is None


@pytest.mark.parametrize("seconds", [0, 1, 2])
async def test_a_short_deadline_is_not_slept_through(seconds: int) -> None:
    """Whoever sleeps hears nothing: the run is given back, however short the wait is."""
    assert timedelta(seconds=1) < SHORT_WAIT
    made = plan(
        [
            node(
                "wait",
                "flow.wait_for_event@1",
                connection="far",
                params={**PARAMS, "deadline": f"PT{seconds}S"},
            ),
            node("late", "far.read@1"),
        ],
        ["start > wait", "wait.timeout > late"],
    )
    result, seen, _ = await asked(made, {})
    assert ran(result) == ["start", "wait", "late"]
    assert len(seen) == (1 if seconds else 0)


async def test_an_answer_counts_after_the_deadline() -> None:
    made = waiting()
    result, _, _ = await asked(made, {})
    before = [one for one in result.events if one.seq <= 3]
    assert before[-1].type is EventType.STEP_STARTED
    late = START + timedelta(days=2)
    [command] = decide(made, before, late, {("", "wait"): NEWS})
    assert (command.kind, command.signal) == (CommandKind.ANSWER, NEWS)
    [command] = decide(made, before, late)
    assert command.kind is CommandKind.ANSWER
    assert command.signal is not None
    assert command.signal.port == "timeout"
    [command] = decide(made, before, START)
    assert (command.kind, command.reason) == (CommandKind.WAIT, "event")


async def test_every_item_waits_for_its_own_key() -> None:
    made = plan(
        [
            node(
                "each",
                "flow.for_each@1",
                params={"items": "{{ trigger.data.ids }}", "key": "{{ item }}", "concurrency": 5},
            ),
            node(
                "wait",
                "flow.wait_for_event@1",
                connection="far",
                params={**PARAMS, "key": "{{ item }}"},
            ),
            node("came", "far.write@1", params={"data": "{{ wait.data.paid }}"}),
        ],
        ["start > each", "each.item > wait", "wait > came"],
    )
    far = FarSide()
    result, seen, _ = await asked(
        made,
        {(f"each/{key}", "wait"): NEWS for key in ("A", "B", "C")},
        run=header(ids=["A", "B", "C"]),
        far=far,
    )
    assert result.end.state is EndState.SUCCEEDED
    assert [(one.path, one.key) for one in seen] == [
        ("each/A", "A"),
        ("each/B", "B"),
        ("each/C", "C"),
    ]
    assert sorted(far.calls) == [("came", f"each/{key}") for key in "ABC"]


async def test_an_item_that_failed_asks_for_nothing_more() -> None:
    """The other branch of the item waits while this one fails: nobody is asked any more."""
    made = plan(
        [
            node(
                "each",
                "flow.for_each@1",
                params={"items": "{{ trigger.data.ids }}", "on_item_error": "collect"},
            ),
            node("both", "flow.parallel@1", params={"branches": ["one", "two"]}),
            node("wait", "flow.wait_for_event@1", connection="far", params=PARAMS),
            node(
                "short",
                "flow.wait_for_event@1",
                connection="far",
                params={**PARAMS, "deadline": "PT1H"},
            ),
            node("end", "flow.delay@1", params={"for": "P7D"}),
        ],
        [
            "start > each",
            "each.item > both",
            "both.one > wait",
            "both.two > short",
            "each.done > end",
        ],
    )
    result, seen, _ = await asked(made, {}, run=header(ids=["A"], key="K"))
    assert result.end.state is EndState.SUCCEEDED
    assert [one.node for one in seen] == ["short", "wait"]  # and none during the delay


async def test_a_join_for_any_calls_the_other_wait_off() -> None:
    made = plan(
        [
            node("both", "flow.parallel@1", params={"branches": ["one", "two"]}),
            node("wait", "flow.wait_for_event@1", connection="far", params=PARAMS),
            node("other", "flow.wait_for_event@1", connection="far", params=PARAMS),
            node("meet", "flow.join@1", params={"wait_for": "any"}),
            node("end", "flow.delay@1", params={"for": "P7D"}),
        ],
        [
            "start > both",
            "both.one > wait",
            "both.two > other",
            "wait > meet",
            "other > meet",
            "meet > end",
        ],
    )
    result, seen, _ = await asked(made, {("", "wait"): NEWS})
    assert result.end.state is EndState.SUCCEEDED
    assert ran(result) == ["start", "both", "wait", "meet", "end"]
    assert [one.node for one in seen] == ["other", "wait"]


async def test_a_replay_keeps_the_answer() -> None:
    made = plan(
        [
            node("wait", "flow.wait_for_event@1", connection="far", params=PARAMS),
            node("stop", "flow.stop@1", params={"status": "failed"}),
        ],
        ["start > wait", "wait > stop"],
    )
    first, _, _ = await asked(made, {("", "wait"): NEWS})
    assert first.end.state is EndState.FAILED
    order = ReplayOrder(of="run-1", number=1)
    opening = seed(made, header(key="A7"), first.events, order, at=START)
    again, seen, _ = await asked(made, {}, history=opening)
    assert seen == []
    assert output(again, "wait") == NEWS.output


async def test_a_dry_run_waits_for_nobody() -> None:
    result, seen, clock = await asked(waiting(), {}, dry_run=True, far=FarSide(outputs={"came": 1}))
    assert seen == []
    assert clock.time == START
    [told] = [one for one in result.events if one.node == "wait"]
    assert told.type is EventType.STEP_SUCCEEDED
    assert told.data["output"]["business_key"] == "A7"
    until = (START + timedelta(days=1)).isoformat()
    assert told.data["prediction"] == f"would wait for far.event@1 of A7 until {until}"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"key": "{{ trigger.data.none }}"}, "wait_key_empty"),
        ({"deadline": "x{{ 1 }}"}, "deadline"),
    ],
)
async def test_what_cannot_be_waited_for_fails(params: dict[str, str], code: str) -> None:
    made = plan(
        [node("wait", "flow.wait_for_event@1", connection="far", params={**PARAMS, **params})],
        ["start > wait"],
    )
    result, _, _ = await asked(made, {}, run=header(key="A", none=""))
    assert result.end.error is not None
    assert result.end.error["code"] == code


async def test_a_long_key_is_cut_as_news_cuts_it() -> None:
    _, [wait], _ = await asked(waiting(), {("", "wait"): NEWS}, run=header(key="x\x00" * 300))
    assert wait.key == "x" * 200


@given(crash=st.integers(min_value=1, max_value=9), come=st.booleans(), at=st.booleans())
async def test_whatever_of_the_journal_is_left_leads_to_the_same_end(
    crash: int, come: bool, at: bool
) -> None:
    """A worker may die anywhere, an answer may come before or after: one end, one effect."""
    answers = {("", "wait"): NEWS} if come else {}
    whole, _, _ = await asked(waiting(), answers)
    far = FarSide()
    journal = MemoryJournal()
    left: list[RunEvent] = list(whole.events[: crash if at else len(whole.events)])
    again, _, _ = await asked(waiting(), answers, history=left, journal=journal, far=far)
    assert again.end.state is EndState.SUCCEEDED
    assert ran(again) == ran(whole)
    assert fold(waiting(), again.events).open_waits() == ()
    assert sum(far.effects.values()) <= 1


def test_the_deadline_is_aware() -> None:
    made = waiting()
    started = RunEvent(
        seq=3,
        type=EventType.STEP_STARTED,
        node="wait",
        at=START,
        data={
            "wait": {
                "kind": "event",
                "key": "A",
                "until": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
                "about": {},
            }
        },
    )
    opening = [
        RunEvent(seq=1, type=EventType.RUN_STARTED, at=START, data={"trigger_node": "start"}),
        RunEvent(
            seq=2, type=EventType.STEP_SUCCEEDED, node="start", at=START, data={"ports": ["out"]}
        ),
    ]
    waits = fold(made, [*opening, started]).open_waits()
    assert waits is not None
    assert [one.until.tzinfo for one in waits] == [UTC]
