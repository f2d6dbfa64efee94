"""Limits, tokens and how processes divide them: pure, over any sequence of requests."""

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.protection.bucket import Bucket
from flows.protection.circuit import Outcome, Seen
from flows.protection.concurrency import Concurrency
from flows.protection.policy import Policy
from flows.protection.record import FORGOTTEN, TURN, Record

START = 1_000_000.0


def answer(at: float, ms: float, outcome: Outcome = Outcome.ANSWERED) -> Seen:
    return Seen(at=at, started=at - ms / 1000, outcome=outcome, type="example.get@1")


def test_slow_answers_lower_the_limit_and_usual_ones_raise_it_again() -> None:
    one, now = Concurrency(limit=16.0), START
    for _ in range(40):
        now += 0.1
        one.observe(answer(now, 50), 16)
    assert one.limit == 16
    for _ in range(60):
        now += 0.1
        one.observe(answer(now, 900), 16)
    lowest = one.limit
    assert lowest <= 6
    for _ in range(100):
        now += 0.1
        one.observe(answer(now, 50), 16)
    assert one.limit > lowest + 4
    assert one.p95_ms() == 50


def test_failures_that_come_together_count_once() -> None:
    one = Concurrency(limit=16.0)
    for _ in range(10):
        one.observe(answer(START, 10, Outcome.THROTTLED), 16)
    assert one.limit == 8


@settings(max_examples=150, deadline=None)
@given(
    cap=st.integers(1, 12),
    asks=st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 30), st.floats(0, 0.4)), max_size=60
    ),
)
def test_leases_never_exceed_the_limit_together(
    cap: int, asks: list[tuple[str, int, float]]
) -> None:
    policy, now = Policy(cap=cap), START
    record = Record.new(policy, now)
    for me, wants, later in asks:
        now += later
        # A process starts no more than its lease lets it.
        held = record.members[me].lease if me in record.members else 0
        record.allot(me, in_flight=min(held, wants), wants=wants, tokens=0, policy=policy, now=now)
        assert sum(one.lease for one in record.members.values()) <= cap
        assert all(one.lease <= one.wants for one in record.members.values())


def test_a_single_permit_goes_round() -> None:
    policy, now, had = Policy(cap=1), START, set()
    record = Record.new(policy, now)
    for _ in range(12):
        for me in "ab":
            record.allot(me, in_flight=0, wants=5, tokens=0, policy=policy, now=now)
            if record.members[me].lease:
                had.add(me)
        now += TURN / 2
    assert had == {"a", "b"}


def test_two_who_want_everything_get_half_each() -> None:
    policy = Policy(cap=16)
    record = Record.new(policy, START)
    for turn in range(3):
        for me in "ab":
            now = START + turn * 0.2
            record.allot(me, in_flight=0, wants=50, tokens=0, policy=policy, now=now)
    assert [record.members[me].lease for me in "ab"] == [8, 8]


def test_permits_of_a_dead_process_go_back() -> None:
    policy = Policy(cap=4)
    record = Record.new(policy, START)
    record.allot("dead", in_flight=4, wants=4, tokens=0, policy=policy, now=START)
    record.allot("alive", in_flight=0, wants=4, tokens=0, policy=policy, now=START + 1)
    assert record.members["alive"].lease == 0
    later = START + FORGOTTEN + 1
    record.allot("alive", in_flight=0, wants=4, tokens=0, policy=policy, now=later)
    assert record.members["alive"].lease == 4


@settings(max_examples=150, deadline=None)
@given(
    rate=st.floats(0.1, 50),
    asks=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 20)), max_size=50),
)
def test_nobody_spends_more_than_flowed_in(rate: float, asks: list[tuple[float, float]]) -> None:
    policy, now, spent = Policy(rate=rate), START, 0.0
    record = Record.new(policy, now)
    for later, wanted in asks:
        now += later
        spent += record.allot("me", in_flight=0, wants=1, tokens=wanted, policy=policy, now=now)
        assert spent <= policy.capacity + rate * (now - START) + 1e-6


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(tokens=0.0, at=START)
    bucket.fill(START - 100, rate=1.0, capacity=10.0)
    assert bucket.tokens == 0
    bucket.fill(START - 98, rate=1.0, capacity=10.0)
    assert bucket.tokens == 2
