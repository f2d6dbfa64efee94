"""Retry times, durations and the closed tables of states."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.durations import parse_duration
from flows.engine.events import EventType
from flows.engine.retry import LONGEST_DELAY, RetryPolicy, backoff, look_at, retry_at
from flows.engine.run import EndState, RunEnd
from flows.engine.states import (
    RUNS,
    STEPS,
    IllegalTransitionError,
    RunStatus,
    StepStatus,
    run_after,
    step_after,
)
from tests.flows.engine.support import START

POLICY = RetryPolicy(max_attempts=5, horizon=timedelta(hours=1))


@given(st.integers(1, 10_000), st.integers())
def test_a_delay_lies_between_nothing_and_its_ceiling(failures: int, seed: int) -> None:
    delay = backoff(failures, random.Random(seed))
    assert timedelta(0) <= delay <= min(LONGEST_DELAY, timedelta(seconds=2 ** min(failures, 20)))


def test_delays_are_spread_over_the_whole_interval() -> None:
    rng = random.Random(1)
    delays = [backoff(6, rng) for _ in range(200)]
    assert min(delays) < timedelta(seconds=4)
    assert max(delays) > timedelta(seconds=28)


def due(attempt: int, *, after: timedelta | None = None, late: timedelta = timedelta(0)) -> object:
    return retry_at(
        policy=POLICY,
        attempt=attempt,
        first_at=START,
        now=START + late,
        rng=random.Random(1),
        retry_after=after,
    )


def test_attempts_horizon_and_retry_after() -> None:
    assert due(4) is not None
    assert due(5) is None
    assert due(1, after=timedelta(minutes=30)) == START + timedelta(minutes=30)
    assert due(1, after=timedelta(minutes=61)) is None
    assert due(1, late=timedelta(hours=1, seconds=1)) is None


def test_looking_waits_a_moment_first() -> None:
    rng = random.Random(1)
    found = look_at(policy=POLICY, looks=0, first_at=START, now=START, rng=rng)
    assert found is not None
    assert found >= START + timedelta(milliseconds=500)
    late = START + timedelta(hours=2)
    assert look_at(policy=POLICY, looks=0, first_at=START, now=late, rng=rng) is None


def test_a_policy_makes_sense() -> None:
    with pytest.raises(ValueError, match="at least one attempt"):
        RetryPolicy(max_attempts=0)
    with pytest.raises(ValueError, match="due_at"):
        RunEnd(state=EndState.WAITING)
    with pytest.raises(ValueError, match="due_at"):
        RunEnd(state=EndState.DEAD, due_at=START)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT30S", 30), ("PT6H", 21600), ("P1DT1M", 86460), ("P2W", 1209600), ("PT0.5S", 0.5)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1H", "P1Y", "P1M", "PT1", "-PT1S"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_what_is_not_in_the_tables_is_forbidden() -> None:
    for status in StepStatus:
        for event in EventType:
            if (status, event) in STEPS:
                assert step_after(status, event) is STEPS[status, event]
            else:
                with pytest.raises(IllegalTransitionError):
                    step_after(status, event)
    for run in RunStatus:
        for event in EventType:
            if (run, event) not in RUNS:
                with pytest.raises(IllegalTransitionError):
                    run_after(run, event)


def test_nothing_follows_an_end() -> None:
    ends = {StepStatus.SUCCEEDED, StepStatus.FAILED}
    assert not [key for key in STEPS if key[0] in ends]
    done = {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.DEAD}
    assert not [key for key in RUNS if key[0] in done]
