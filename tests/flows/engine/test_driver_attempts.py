"""Attempts of a drive: retries, deadlines, refused credentials, lost answers, probes."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
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
from flows.engine.inline import VirtualClock
from flows.engine.journal import MemoryJournal
from flows.engine.run import EndState
from tests.flows.engine.support import START, FarSide, go, header, node, plan, ran

PATIENT = {"retry": {"max_attempts": 50, "horizon": "PT6H"}}


def kinds(events: Sequence[RunEvent], id_: str) -> list[str]:
    return [event.type.value for event in events if event.node == id_]


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
