"""The pure part: whatever happens, in whatever order."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.protection.circuit import (
    CREDENTIALS_TRY,
    FIRST_TRY,
    LONGEST_PAUSE,
    LONGEST_TRY,
    PROBE_LEASE,
    STREAK,
    Cause,
    Circuit,
    Outcome,
    Phase,
    Seen,
)
from flows.protection.concurrency import RESTART, Concurrency
from flows.protection.policy import Policy, policy_of
from flows.protection.record import Claim, Record, Resume, from_bytes, to_bytes

START = 1_000_000.0


def seen(
    outcome: Outcome,
    at: float,
    *,
    key: str = "a",
    started: float | None = None,
    retry_after: float | None = None,
) -> Seen:
    begun = at if started is None else started
    return Seen(at=at, started=begun, outcome=outcome, key=key, retry_after=retry_after)


def broken(at: float = START) -> Circuit:
    circuit = Circuit()
    for count in range(STREAK):
        circuit.observe(seen(Outcome.FAILED, at, key=f"step {count}"))
    return circuit


def test_a_streak_of_several_steps_opens_it_and_a_good_probe_closes_it() -> None:
    circuit = broken()
    assert (circuit.phase, circuit.cause, circuit.since) == (Phase.OPEN, Cause.FAILURES, START)
    assert not circuit.admits("me", START + FIRST_TRY / 2)
    assert not circuit.claim("me", START + FIRST_TRY / 2)
    assert circuit.claim("me", START + FIRST_TRY)
    assert not circuit.claim("you", START + FIRST_TRY)
    assert circuit.admits("me", START + FIRST_TRY)
    assert not circuit.admits("you", START + FIRST_TRY)
    circuit.observe(seen(Outcome.ANSWERED, START + 2, key="me"))
    assert (circuit.phase, circuit.cause, circuit.since) == (Phase.CLOSED, Cause.NONE, START + 2)


def test_one_record_that_always_fails_cuts_nobody_off() -> None:
    circuit = Circuit()
    for count in range(100):
        circuit.observe(seen(Outcome.FAILED, START + count, key="poisoned"))
    assert circuit.phase is Phase.CLOSED


def test_half_of_many_calls_failing_opens_it_without_a_streak() -> None:
    circuit = Circuit()
    for count in range(20):
        circuit.observe(seen(Outcome.FAILED, START + count / 10, key=f"step {count}"))
        circuit.observe(seen(Outcome.ANSWERED, START + count / 10, key="well"))
    assert circuit.phase is Phase.OPEN


def test_each_probe_that_fails_doubles_the_wait_up_to_a_limit() -> None:
    circuit, now, waits = broken(), START, []
    for _ in range(6):
        waits.append(circuit.next_try_at - now)
        now = circuit.next_try_at
        assert circuit.claim("me", now)
        circuit.observe(seen(Outcome.FAILED, now, key="me"))
    assert waits == [1.0, 2.0, 4.0, LONGEST_TRY, LONGEST_TRY, LONGEST_TRY]


def test_who_left_before_it_opened_says_nothing_about_now() -> None:
    circuit = broken()
    circuit.claim("me", START + 5)
    circuit.observe(seen(Outcome.ANSWERED, START + 6, started=START - 1))
    circuit.observe(seen(Outcome.FAILED, START + 6, started=START - 1))
    assert circuit.phase is Phase.HALF_OPEN


def test_a_probe_that_never_comes_back_leaves_its_place() -> None:
    circuit = broken()
    circuit.claim("me", START + 5)
    assert not circuit.claim("you", START + 5 + PROBE_LEASE - 0.1)
    assert circuit.claim("you", START + 5 + PROBE_LEASE)


def test_a_probe_that_never_left_makes_room_at_once() -> None:
    circuit = broken()
    circuit.claim("me", START + 5)
    circuit.observe(seen(Outcome.NOT_SENT, START + 5.1, started=START + 5))
    assert circuit.claim("you", START + 5.1)


def test_a_429_pauses_everything_for_as_long_as_it_says() -> None:
    circuit = Circuit()
    circuit.observe(seen(Outcome.THROTTLED, START, retry_after=20.0))
    assert (circuit.phase, circuit.cause) == (Phase.PAUSED, Cause.RETRY_AFTER)
    circuit.observe(seen(Outcome.THROTTLED, START + 1, retry_after=5.0))
    circuit.observe(seen(Outcome.ANSWERED, START + 1))
    assert circuit.next_try_at == START + 20
    circuit.observe(seen(Outcome.THROTTLED, START + 2, retry_after=1e9))
    assert circuit.next_try_at == START + 2 + LONGEST_PAUSE


def test_refused_credentials_pause_it_until_the_next_look_or_a_repair() -> None:
    circuit = Circuit()
    circuit.observe(seen(Outcome.REFUSED, START))
    assert (circuit.phase, circuit.cause) == (Phase.PAUSED, Cause.CREDENTIALS)
    assert circuit.next_try_at == START + CREDENTIALS_TRY
    circuit.resume(START + 3)
    assert circuit.claim("me", START + 3)
    circuit.observe(seen(Outcome.REFUSED, START + 4, key="me"))
    assert circuit.next_try_at == START + 4 + CREDENTIALS_TRY


def test_a_clock_that_was_set_back_keeps_nobody_out() -> None:
    circuit = broken(START + 3600)
    circuit.settle(START)
    assert circuit.next_try_at <= START + LONGEST_TRY
    assert circuit.claim("me", circuit.next_try_at)


NEWS = st.lists(
    st.tuples(
        st.floats(0, 15),
        st.one_of(
            st.tuples(st.sampled_from(Outcome), st.sampled_from("abcdef"), st.floats(0, 40)),
            st.sampled_from(["claim me", "claim you", "resume"]),
        ),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(news=NEWS, cap=st.integers(1, 40))
def test_whatever_happens_it_recovers_and_keeps_its_limits(
    news: list[tuple[float, str | tuple[Outcome, str, float]]], cap: int
) -> None:
    policy = Policy(cap=cap)
    record, now = Record.new(policy, START), START
    for later, one in news:
        now += later
        if isinstance(one, tuple):
            outcome, key, took = one
            made = Seen(at=now, started=now - took, outcome=outcome, key=key, retry_after=took)
            record.apply(made, cap)
        elif one == "resume":
            record.apply(Resume(at=now), cap)
        else:
            record.apply(Claim(at=now, who=one.removeprefix("claim ")), cap)
        circuit = record.circuit
        assert 1 <= record.concurrency.limit <= cap
        assert (circuit.phase is Phase.CLOSED) == (circuit.cause is Cause.NONE)
        admitted = [who for who in ("me", "you", "nobody") if circuit.admits(who, now)]
        assert len(admitted) == 3 if circuit.phase is Phase.CLOSED else len(admitted) <= 1
        if circuit.phase is not Phase.CLOSED:
            assert now < circuit.held_until(now) <= now + LONGEST_PAUSE + PROBE_LEASE
        assert from_bytes(to_bytes(record)) == record
    for _ in range(3):
        now = max(record.circuit.held_until(now), record.circuit.probe_until) + 1
        record.circuit.claim("healer", now)
        record.apply(Seen(at=now, started=now, outcome=Outcome.ANSWERED, key="healer"), cap)
    assert record.circuit.phase is Phase.CLOSED


def test_after_an_outage_it_begins_gently() -> None:
    record = Record.new(Policy(cap=16), START)
    for count in range(STREAK):
        record.apply(seen(Outcome.FAILED, START, key=f"step {count}"), 16)
    assert record.permits(Policy(cap=16)) == 1
    record.apply(Claim(at=START + 1, who="me"), 16)
    record.apply(seen(Outcome.ANSWERED, START + 1, key="me"), 16)
    assert record.permits(Policy(cap=16)) == RESTART


def test_settings_say_the_policy() -> None:
    assert policy_of({}) == Policy(cap=16, rate=None)
    assert policy_of({"max_concurrency": 3, "rate_limit": "5/s"}) == Policy(cap=3, rate=5.0)
    assert policy_of({"rate_limit": "30/m"}).rate == 0.5
    assert policy_of({"max_concurrency": 0, "rate_limit": "much"}) == Policy(cap=16, rate=None)


def test_a_far_side_that_fails_every_third_time_is_not_cut_off_for_a_streak() -> None:
    """Of two thousand calls some five stand together by chance."""
    chance = random.Random(3)
    circuit = Circuit(since=START, phase_at=START)
    for count in range(4000):
        outcome = Outcome.FAILED if chance.random() < 0.35 else Outcome.ANSWERED
        at = START + count / 200
        # The first seconds have few calls to compare with.
        if at < START + 2:
            outcome = Outcome.ANSWERED
        circuit.observe(seen(outcome, at, key=f"step {count}"))
    assert circuit.phase is Phase.CLOSED


def test_an_outage_in_the_middle_of_many_calls_opens_it_soon() -> None:
    circuit = Circuit(since=START, phase_at=START)
    for count in range(2000):
        circuit.observe(seen(Outcome.ANSWERED, START + count / 200))
    failed = 0
    while circuit.phase is Phase.CLOSED:
        circuit.observe(seen(Outcome.FAILED, START + 10 + failed / 200, key=f"step {failed}"))
        failed += 1
    assert failed <= 50, "a quarter of a second"


def test_failures_leave_four_calls_at_a_time_and_throttling_one() -> None:
    limit = Concurrency(limit=16.0)
    for count in range(20):
        limit.observe(seen(Outcome.FAILED, START + 2 * count), 16)
    assert limit.limit == 4
    for count in range(20, 40):
        limit.observe(seen(Outcome.THROTTLED, START + 2 * count), 16)
    assert limit.limit == 1
    limit.observe(seen(Outcome.FAILED, START + 90), 16)
    assert limit.limit == 1, "a failure raises nothing"
