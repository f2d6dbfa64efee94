"""Driving runs: order, retries, uncertainty, waits, loops, ends."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.sdk.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    RateLimitedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.operation import OperationResult
from flows.engine.driver import drive
from flows.engine.events import RunEvent
from flows.engine.inline import StubOperations, VirtualClock
from flows.engine.journal import LeaseLostError, MemoryJournal
from flows.engine.run import EndState, RunEnd
from flows.engine.states import IllegalTransitionError
from flows.mapping.crosswalk import Crosswalk
from tests.flows.engine.support import START, FarSide, go, header, node, output, plan, ran

PATIENT = {"retry": {"max_attempts": 50, "horizon": "PT6H"}}


def kinds(events: Sequence[RunEvent], id_: str) -> list[str]:
    return [event.type.value for event in events if event.node == id_]


async def test_a_straight_flow_runs_in_order() -> None:
    made = plan(
        [
            node("a", "far.read@1", params={"id": "{{ trigger.data.id }}"}),
            node("b", "far.write@1", params={"data": "{{ a }}"}),
            node("end", "flow.stop@1", params={"outcome": "Did {{ b.node }} of {{ run.flow }}"}),
        ],
        ["start > a", "a > b", "b > end"],
    )
    far = FarSide()
    result = await go(made, far, run=header(id="6"))
    assert result.end == RunEnd(state=EndState.SUCCEEDED, outcome="Did b of test")
    assert ran(result) == ["start", "a", "b", "end"]
    assert far.calls == [("a", ""), ("b", "")]
    assert [event.seq for event in result.events] == list(range(1, len(result.events) + 1))
    assert kinds(result.events, "b") == [
        "step_started",
        "attempt_started",
        "attempt_succeeded",
        "step_succeeded",
    ]


async def test_writes_are_durable_before_they_leave_and_outcomes_before_the_next() -> None:
    made = plan(
        [node(one, "far.write@1") for one in "ab"] + [node("r", "far.read@1")],
        ["start > r", "r > a", "a > b"],
    )
    journal = MemoryJournal()
    seen: dict[str, list[str]] = {}

    class Looking(FarSide):
        async def run(self, call: Any) -> OperationResult:
            log = journal.events["run-1"][: journal.committed["run-1"]]
            seen[call.node] = [f"{event.type}:{event.node}" for event in log]
            return await super().run(call)

    await go(made, Looking(), journal=journal)
    assert seen["r"] == []
    assert seen["a"][-1] == "attempt_started:a"
    assert "attempt_succeeded:r" in seen["a"]
    assert seen["b"][-1] == "attempt_started:b"
    assert "step_succeeded:a" in seen["b"]


async def test_branches_join_once_and_the_way_not_taken_is_skipped() -> None:
    made = plan(
        [
            node("which", "flow.branch@1", params={"condition": "{{ trigger.data.big }}"}),
            node("large", "far.read@1"),
            node("small", "far.read@1"),
            node("smaller", "far.read@1"),
            node("join", "far.read@1", params={"id": "{{ large.node | default('none') }}"}),
        ],
        [
            "start > which",
            "which.yes > large",
            "which.no > small",
            "small > smaller",
            "large > join",
            "smaller > join",
        ],
    )
    big = await go(made, FarSide(), run=header(big=True))
    assert ran(big) == ["start", "which", "large", "join"]
    assert kinds(big.events, "smaller") == ["step_skipped"]
    little = await go(made, FarSide(), run=header(big=False))
    assert ran(little) == ["start", "which", "small", "smaller", "join"]
    assert little.end.state is EndState.SUCCEEDED


async def test_a_filter_ends_quietly() -> None:
    made = plan(
        [node("f", "flow.filter@1", params={"condition": "{{ false }}"}), node("a", "far.read@1")],
        ["start > f", "f > a"],
    )
    result = await go(made, FarSide())
    assert result.end == RunEnd(state=EndState.SUCCEEDED)
    assert ran(result) == ["start", "f"]


@pytest.mark.parametrize(("value", "port"), [("4", "four"), (4, "four"), (None, "default")])
async def test_a_switch_compares_ids_as_text(value: Any, port: str) -> None:
    made = plan(
        [
            node(
                "s",
                "flow.switch@1",
                params={
                    "value": "{{ trigger.data.v }}",
                    "cases": [{"port": "empty", "equals": ""}, {"port": "four", "equals": 4}],
                },
            ),
            *(node(one, "far.read@1") for one in ("four", "empty", "other")),
        ],
        ["start > s", "s.four > four", "s.empty > empty", "s.default > other"],
    )
    result = await go(made, FarSide(), run=header(v=value))
    assert output(result, "s") == {"value": value, "port": port}


async def test_a_failed_stop_fails_the_run() -> None:
    made = plan(
        [node("x", "flow.stop@1", params={"outcome": "No stock", "status": "failed"})],
        ["start > x"],
    )
    end = (await go(made, FarSide())).end
    assert (end.state, end.outcome) == (EndState.FAILED, "No stock")
    assert end.error is not None
    assert end.error["code"] == "stopped"
    assert end.error["node"] == "x"


# -- errors --------------------------------------------------------------------------------------


async def test_what_may_pass_is_tried_again_and_what_may_not_is_not() -> None:
    made = plan([node("a", "far.write@1", policy=PATIENT)], ["start > a"])
    far = FarSide(script={"a": [UnavailableError("down"), UnavailableError("down"), None]})
    result = await go(made, far)
    assert result.end.state is EndState.SUCCEEDED
    assert len(far.calls) == 3
    assert list(far.effects.values()) == [1]
    far = FarSide(script={"a": [NotFoundError("gone", fix="Find it.")]})
    end = (await go(made, far)).end
    assert end.state is EndState.DEAD
    assert end.error is not None
    assert (end.error["code"], end.error["node"], end.error["fix"]) == (
        "not_found",
        "a",
        "Find it.",
    )
    assert len(far.calls) == 1


async def test_attempts_and_horizon_end_the_trying() -> None:
    policy = {"retry": {"max_attempts": 3, "horizon": "PT6H"}}
    made = plan([node("a", "far.read@1", policy=policy)], ["start > a"])
    far = FarSide(script={"a": [UnavailableError("down")] * 9})
    assert (await go(made, far)).end.state is EndState.DEAD
    assert len(far.calls) == 3
    short = {"retry": {"max_attempts": 1000, "horizon": "PT10M"}}
    made = plan([node("a", "far.read@1", policy=short)], ["start > a"])
    far = FarSide(script={"a": [UnavailableError("down")] * 999})
    clock = VirtualClock(START)
    assert (await go(made, far, clock=clock)).end.state is EndState.DEAD
    assert clock.time <= START + timedelta(minutes=10)
    assert len(far.calls) > 5


async def test_a_long_wait_ends_the_drive_and_a_short_one_does_not() -> None:
    made = plan([node("a", "far.read@1", policy=PATIENT)], ["start > a"])
    error = RateLimitedError("slow", retry_after=timedelta(minutes=5))
    clock = VirtualClock(START)
    journal = MemoryJournal()
    far = FarSide(script={"a": [error, None]})
    end = await drive(
        plan=made,
        header=header(),
        history=[],
        journal=journal,
        operations=far,
        crosswalks={},
        clock=clock,
        rng=random.Random(1),
        sleep=clock.sleep,
    )
    assert end.state is EndState.WAITING
    assert end.due_at == START + timedelta(minutes=5)
    assert end.reason == "retry"
    assert journal.ends["run-1"] == end
    assert journal.events["run-1"][-1].type == "run_waiting"
    far = FarSide(script={"a": [RateLimitedError("slow", retry_after=timedelta(seconds=2)), None]})
    result = await go(made, far)
    assert "run_waiting" not in [event.type for event in result.events]


async def test_bad_credentials_wait_for_a_person_without_counting_attempts() -> None:
    policy = {"retry": {"max_attempts": 2, "horizon": "PT6H"}}
    made = plan([node("a", "far.write@1", policy=policy)], ["start > a"])
    far = FarSide(script={"a": [AuthenticationError("key refused")] * 6 + [UnavailableError("x")]})
    result = await go(made, far)
    assert result.end.state is EndState.SUCCEEDED
    waits = [event.data["reason"] for event in result.events if event.type == "run_waiting"]
    assert waits
    assert set(waits) == {"connection"}
    far = FarSide(script={"a": [AuthenticationError("key refused")] * 999})
    end = (await go(made, far)).end
    assert end.state is EndState.DEAD
    assert end.error is not None
    assert end.error["class"] == "AuthenticationError"


async def test_routed_and_continued_errors() -> None:
    nodes = [
        node("a", "far.read@1", policy={"on_error": "route"}),
        node("ok", "far.read@1"),
        node("sorry", "far.read@1", params={"data": "{{ a.error.code }}"}),
    ]
    made = plan(nodes, ["start > a", "a > ok", "a.error > sorry"])
    result = await go(made, FarSide(script={"a": [ConflictError("changed")]}))
    assert result.end.state is EndState.SUCCEEDED
    assert ran(result) == ["start", "sorry"]
    nodes[0]["policy"] = {"on_error": "continue"}
    made = plan(nodes[:2], ["start > a", "a > ok"])
    assert ran(await go(made, FarSide(script={"a": [ConflictError("changed")]}))) == ["start", "ok"]


async def test_an_exception_that_nobody_foresaw_is_told_without_its_text() -> None:
    made = plan([node("a", "far.read@1")], ["start > a"])
    end = (await go(made, FarSide(script={"a": [KeyError("secret")]}))).end
    assert end.state is EndState.DEAD
    assert end.error is not None
    assert end.error["class"] == "UnexpectedError"
    assert "secret" not in str(end.error)


async def test_params_that_do_not_fit_never_reach_the_operation() -> None:
    made = plan([node("a", "far.write@1", params={"id": "{{ trigger.data.id }}"})], ["start > a"])
    far = FarSide()
    end = (await go(made, far, run=header(id=[1]))).end
    assert far.calls == []
    assert end.error is not None
    assert (end.error["class"], end.error["code"]) == ("ConfigurationError", "params")
    end = (await go(made, far, run=header())).end
    assert end.error is not None
    assert (end.error["class"], end.error["code"]) == ("ConfigurationError", "undefined")
    assert far.calls == []


async def test_a_whole_decimal_is_an_integer() -> None:
    made = plan([node("a", "far.write@1", params={"id": "{{ trigger.data.id }}"})], ["start > a"])
    assert (await go(made, FarSide(), run=header(id=Decimal("3")))).end.state is EndState.SUCCEEDED
    assert (await go(made, FarSide(), run=header(id=Decimal("3.5")))).end.state is EndState.DEAD


async def test_the_deadline_makes_a_waiting_run_a_dead_letter() -> None:
    made = plan(
        [node("a", "far.read@1", policy={"retry": {"max_attempts": 1000, "horizon": "P2D"}})],
        ["start > a"],
        settings={"deadline": "PT1H"},
    )
    clock = VirtualClock(START)
    far = FarSide(script={"a": [UnavailableError("down")] * 999})
    end = (await go(made, far, clock=clock)).end
    assert end.state is EndState.DEAD
    assert end.error is not None
    assert (end.error["code"], end.error["node"]) == ("deadline", "a")
    assert clock.time == START + timedelta(hours=1)


# -- uncertainty ---------------------------------------------------------------------------------


async def test_a_lost_answer_is_asked_for_and_not_repeated() -> None:
    made = plan([node("a", "far.write@1", policy=PATIENT)], ["start > a"])
    far = FarSide(script={"a": [("lost", UncertainError("no answer"))]})
    result = await go(made, far)
    assert result.end.state is EndState.SUCCEEDED
    assert list(far.effects.values()) == [1]
    assert (len(far.calls), len(far.probes)) == (1, 1)
    assert "probe_finished" in kinds(result.events, "a")
    far = FarSide(script={"a": [UncertainError("no answer"), None]})
    assert (await go(made, far)).end.state is EndState.SUCCEEDED
    assert (len(far.calls), len(far.probes)) == (2, 1)
    assert list(far.effects.values()) == [1]


async def test_an_idempotent_write_is_repeated_and_one_without_a_probe_is_not() -> None:
    made = plan([node("a", "far.put@1", policy=PATIENT)], ["start > a"])
    far = FarSide(script={"a": [("lost", UncertainError("no answer")), None]})
    assert (await go(made, far)).end.state is EndState.SUCCEEDED
    assert len(far.calls) == 2
    for on_error in ("fail", "continue"):
        made = plan([node("a", "far.shoot@1", policy={"on_error": on_error})], ["start > a"])
        far = FarSide(script={"a": [("lost", UncertainError("no answer"))]})
        end = (await go(made, far)).end
        assert end.state is EndState.DEAD
        assert end.error is not None
        assert end.error["code"] == "unresolved"
        assert len(far.calls) == 1


async def test_a_probe_that_cannot_tell_is_repeated_until_it_can() -> None:
    made = plan([node("a", "far.write@1", policy=PATIENT)], ["start > a"])

    class Blind(FarSide):
        left = 3

        async def probe(self, call: Any) -> Any:
            self.left -= 1
            if self.left >= 0:
                self.probes.append((call.node, call.path))
                raise UnavailableError("down")
            return await super().probe(call)

    far = Blind(script={"a": [("lost", UncertainError("no answer"))]})
    result = await go(made, far)
    assert result.end.state is EndState.SUCCEEDED
    assert len(far.probes) == 4
    assert len(far.calls) == 1
    far = Blind(script={"a": [("lost", UncertainError("no answer"))]})
    far.left = 9999
    end = (await go(made, far)).end
    assert end.error is not None
    assert (end.state, end.error["code"]) == (EndState.DEAD, "unresolved")


@pytest.mark.parametrize(("type_", "class_"), [("far.write@1", None), ("far.read@1", None)])
async def test_a_timeout_is_uncertain_for_writes_and_tried_again_for_reads(
    type_: str, class_: None
) -> None:
    policy = {"timeout": "PT0.01S", "retry": {"max_attempts": 2, "horizon": "PT6H"}}
    made = plan([node("a", type_, policy=policy)], ["start > a"])
    hanging = asyncio.Event()

    class Slow(FarSide):
        async def run(self, call: Any) -> OperationResult:
            found = await super().run(call)
            if len(self.calls) == 1:
                await hanging.wait()
            return found

    far = Slow()
    result = await go(made, far)
    assert result.end.state is EndState.SUCCEEDED
    if type_ == "far.write@1":
        assert "attempt_uncertain" in kinds(result.events, "a")
        assert len(far.calls) == 1
    else:
        assert "attempt_failed" in kinds(result.events, "a")
        assert len(far.calls) == 2


# -- loops ---------------------------------------------------------------------------------------


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


async def test_delays_wait_without_a_drive() -> None:
    made = plan(
        [
            node("wait", "flow.delay@1", params={"for": "P7D"}),
            node("until", "flow.delay@1", params={"until": "{{ trigger.data.at }}"}),
            node("a", "far.read@1"),
        ],
        ["start > wait", "wait > until", "until > a"],
    )
    clock = VirtualClock(START)
    result = await go(made, FarSide(), clock=clock, run=header(at="2026-12-24T10:00:00+01:00"))
    assert result.end.state is EndState.SUCCEEDED
    assert clock.time == datetime(2026, 12, 24, 9, tzinfo=UTC)
    reasons = [event.data["reason"] for event in result.events if event.type == "run_waiting"]
    assert reasons == ["delay", "delay"]
    naive = await go(made, FarSide(), run=header(at="2026-12-24T10:00:00"))
    assert naive.end.error is not None
    assert naive.end.error["code"] == "delay"


async def test_who_lost_the_lease_sends_nothing() -> None:
    made = plan([node("a", "far.write@1")], ["start > a"])

    class Lost(MemoryJournal):
        async def append(self, run_id: str, events: Sequence[RunEvent], *, durable: bool) -> None:
            raise LeaseLostError

    far = FarSide()
    with pytest.raises(LeaseLostError):
        await go(made, far, journal=Lost())
    assert far.calls == []


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


async def test_a_dry_run_says_so_to_every_operation() -> None:
    made = plan([node("a", "far.write@1")], ["start > a"])

    async def predict(call: Any) -> OperationResult:
        assert call.dry_run
        return OperationResult(output={}, prediction="would write")

    result = await go(made, StubOperations({"a": predict}), dry_run=True)
    (done,) = [event for event in result.events if event.type == "attempt_succeeded"]
    assert done.data["prediction"] == "would write"


async def test_the_effect_key_outlives_run_and_attempt() -> None:
    made = plan([node("a", "far.write@1", policy=PATIENT)], ["start > a"])
    first, second = FarSide(), FarSide(script={"a": [UnavailableError("down")]})
    await go(made, first)
    await go(made, second, seed=7)
    assert list(first.effects) == list(second.effects)
    (key,) = first.effects
    assert len(key) == 32
    assert int(key, 16)


async def test_a_history_of_another_plan_is_refused() -> None:
    one = plan([node("a", "far.read@1")], ["start > a"])
    other = plan([node("b", "far.read@1")], ["start > b"])
    history = (await go(one, FarSide())).events
    with pytest.raises(IllegalTransitionError):
        await go(other, FarSide(), history=history)


# -- data nodes ------------------------------------------------------------------------------------


async def test_mapping_uses_crosswalks_and_names_the_target_that_fails() -> None:
    fields = [
        {
            "target": "items.Status",
            "source": "trigger.data.state",
            "functions": [{"name": "crosswalk", "table": "states", "direction": "to_left"}],
        }
    ]
    made = plan([node("m", "data.map@1", params={"fields": fields})], ["start > m"])
    tables = {"states": Crosswalk(slug="states", right={"4": "Shipped"})}
    result = await go(made, FarSide(), run=header(state="4"), crosswalks=tables)
    assert output(result, "m") == {"items": {"Status": "Shipped"}}
    end = (await go(made, FarSide(), run=header(state="99"), crosswalks=tables)).end
    assert end.error is not None
    assert (end.error["class"], end.error["code"]) == ("RejectedError", "crosswalk_missing")
    assert end.error["detail"]["target"] == "items.Status"
    assert "99" in end.error["fix"]


@pytest.mark.parametrize("wired", [False, True])
async def test_validation_routes_or_rejects(wired: bool) -> None:
    made = plan(
        [
            node(
                "check",
                "data.validate@1",
                params={
                    "value": "{{ trigger.data }}",
                    "schema": {
                        "type": "object",
                        "required": ["total"],
                        "properties": {"total": {"type": "number", "minimum": 0}},
                    },
                    "rules": [
                        {"when": "trigger.data.total > 100", "message": "Too much."},
                        {"when": "{{ true }}", "severity": "warning", "message": "Look."},
                    ],
                },
            ),
            node("good", "far.read@1"),
            *([node("bad", "far.read@1")] if wired else []),
        ],
        ["start > check", "check > good", *(["check.invalid > bad"] if wired else [])],
    )
    fine = await go(made, FarSide(), run=header(total=Decimal("5.5")))
    assert output(fine, "check") == {
        "valid": True,
        "violations": [{"severity": "warning", "message": "Look."}],
    }
    assert ran(fine)[-1] == "good"
    bad = await go(made, FarSide(), run=header(total=500))
    if wired:
        assert ran(bad)[-1] == "bad"
    else:
        assert bad.end.error is not None
        assert (bad.end.error["code"], bad.end.error["message"]) == ("validation", "Too much.")
