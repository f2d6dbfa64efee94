"""Steps folded from a journal, and what is masked of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.engine.events import EventType, RunEvent
from flows.services.masking import masked_error, masked_event_data, masked_receipt
from flows.services.steps import Step, fold_steps

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
ERROR = {"class": "UnavailableError", "code": "x", "message": "m", "detail": {"received": "PII"}}


@dataclass
class Journal:
    """Writes events a second apart."""

    events: list[RunEvent] = field(default_factory=list)

    def add(self, type_: EventType, node: str = "", path: str = "", **data: Any) -> "Journal":
        seq = len(self.events) + 1
        self.events.append(
            RunEvent(
                seq=seq,
                type=type_,
                node=node,
                path=path,
                at=START + timedelta(seconds=seq),
                data=data,
            )
        )
        return self

    def steps(self, *nodes: str, ended: bool = False) -> list[Step]:
        return fold_steps(self.events, nodes=nodes, ended=ended)


def states(steps: list[Step]) -> dict[str, str]:
    return {f"{one.node}{one.path}": one.state for one in steps}


def test_nodes_without_a_step_are_pending_then_skipped() -> None:
    journal = Journal().add(EventType.STEP_SUCCEEDED, "a", ports=["out"], ms=3, output=1)
    assert states(journal.steps("a", "b")) == {"a": "succeeded", "b": "pending"}
    assert states(journal.steps("a", "b", ended=True)) == {"a": "succeeded", "b": "skipped"}


def test_a_retry_waits_and_then_succeeds() -> None:
    journal = (
        Journal()
        .add(EventType.STEP_STARTED, "a")
        .add(EventType.ATTEMPT_STARTED, "a", attempt=1, effect_key="k")
        .add(EventType.ATTEMPT_FAILED, "a", attempt=1, error=ERROR, retry_at="2026-11-23T11:00Z")
    )
    [step] = journal.steps("a")
    assert step.state == "waiting"
    journal.add(EventType.ATTEMPT_STARTED, "a", attempt=2, effect_key="k")
    assert states(journal.steps("a")) == {"a": "running"}
    journal.add(EventType.ATTEMPT_SUCCEEDED, "a", attempt=2, output={"v": 1}, receipt=None, ms=9)
    journal.add(EventType.STEP_SUCCEEDED, "a", ports=["out"], ms=4000)
    [step] = journal.steps("a")
    assert (step.state, step.output, step.ms) == ("succeeded", {"v": 1}, 4000)
    assert [(one.attempt, one.state) for one in step.attempts] == [(1, "failed"), (2, "succeeded")]


def test_a_read_without_a_durable_start_has_an_attempt_too() -> None:
    [step] = (
        Journal()
        .add(EventType.STEP_STARTED, "a")
        .add(EventType.ATTEMPT_SUCCEEDED, "a", attempt=1, output="x", receipt=None, ms=9)
        .steps("a")
    )
    assert [(one.attempt, one.state) for one in step.attempts] == [(1, "succeeded")]


def test_an_uncertain_attempt_shows_as_such() -> None:
    [step] = (
        Journal()
        .add(EventType.ATTEMPT_STARTED, "a", attempt=1, effect_key="k")
        .add(EventType.ATTEMPT_UNCERTAIN, "a", attempt=1, error=ERROR, retry_at=None)
        .steps("a")
    )
    assert step.attempts[0].state == "uncertain"
    assert step.attempts[0].error == ERROR


def test_a_look_that_failed_is_no_attempt() -> None:
    [step] = (
        Journal()
        .add(EventType.ATTEMPT_STARTED, "a", attempt=1, effect_key="k")
        .add(EventType.ATTEMPT_UNCERTAIN, "a", attempt=1, error=ERROR, retry_at=None)
        .add(EventType.ATTEMPT_UNCERTAIN, "a", attempt=1, error=ERROR, retry_at=None, look=True)
        .steps("a")
    )
    assert [(one.attempt, one.state) for one in step.attempts] == [(1, "uncertain")]


def test_a_failed_step_keeps_its_error_and_the_port_it_took() -> None:
    [step] = (
        Journal()
        .add(EventType.STEP_STARTED, "a")
        .add(EventType.STEP_FAILED, "a", error=ERROR, ports=["error"])
        .steps("a")
    )
    assert (step.state, step.error, step.ports, step.ms) == ("failed", ERROR, ["error"], 1000)


def test_a_waiting_run_makes_its_open_steps_wait() -> None:
    journal = Journal().add(EventType.STEP_STARTED, "a").add(EventType.RUN_WAITING, reason="delay")
    assert states(journal.steps("a")) == {"a": "waiting"}


def test_a_dead_run_fails_the_step_that_killed_it() -> None:
    journal = (
        Journal()
        .add(EventType.ATTEMPT_STARTED, "a", attempt=1, effect_key="k")
        .add(EventType.RUN_DEAD, "a", error=ERROR)
    )
    [step] = journal.steps("a", ended=True)
    assert (step.state, step.error) == ("failed", ERROR)


def test_loop_items_are_steps_of_their_own() -> None:
    journal = (
        Journal()
        .add(EventType.STEP_SUCCEEDED, "a", "each/1", ports=["out"], ms=1)
        .add(EventType.STEP_SKIPPED, "a", "each/2")
    )
    assert states(journal.steps("a")) == {"aeach/1": "succeeded", "aeach/2": "skipped"}


def test_masking_keeps_the_verdict_and_hides_the_values() -> None:
    receipt = {
        "verdict": "absorbed",
        "fields": [{"field": "Name", "sent": "PII", "read_back": "PII", "result": "same"}],
    }
    [step] = (
        Journal()
        .add(EventType.ATTEMPT_FAILED, "a", attempt=1, error=ERROR, retry_at=None)
        .add(EventType.ATTEMPT_SUCCEEDED, "a", attempt=2, output="PII", receipt=receipt, ms=1)
        .add(EventType.STEP_SUCCEEDED, "a", ports=["out"], ms=1)
        .steps("a")
    )
    assert "PII" in str(step.to_dict(payloads=True))
    masked = step.to_dict(payloads=False)
    assert "PII" not in str(masked)
    assert masked["output"] == {"masked": True}
    assert masked["receipt"]["verdict"] == "absorbed"
    assert masked["receipt"]["fields"][0]["field"] == "Name"


def test_what_carries_no_payload_stays_readable() -> None:
    data = {"attempt": 1, "ms": 5, "output": "PII", "error": ERROR, "receipt": None}
    assert masked_event_data(data) == {
        "attempt": 1,
        "ms": 5,
        "output": {"masked": True},
        "error": {**ERROR, "detail": {"masked": True}},
        "receipt": None,
    }
    assert masked_error(None) is None
    assert masked_receipt(None) is None
    bare = {"class": "X", "code": "x", "message": "m", "detail": {}}
    assert masked_error(bare) == bare
