"""Driving runs: order, branches, leases, waits, dry runs, ends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.sdk.errors import (
    UnavailableError,
)
from connectors.sdk.operation import OperationResult
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
    assert result.end == RunEnd(
        state=EndState.SUCCEEDED,
        outcome="Did b of test",
        output={"outcome": "Did b of test", "status": "succeeded"},
    )
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
    assert result.end == RunEnd(state=EndState.SUCCEEDED, output={"passed": False})
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
