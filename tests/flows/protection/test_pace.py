"""How fast a far side may be asked, learnt from its refusals."""

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.protection.circuit import Circuit, Outcome, Seen
from flows.protection.pace import CEILING, FORGOTTEN, REMEMBERED, Pace
from flows.protection.policy import Policy
from flows.protection.record import Record, from_bytes, to_bytes

START = 1_800_000_000.0


class Shop:
    """Takes `most` requests in each window of `seconds`, whatever else it is told."""

    def __init__(self, most: int, seconds: float, *, tells: bool = True) -> None:
        self.most = most
        self.seconds = seconds
        self.tells = tells
        self.window = -1
        self.count = 0

    def ask(self, now: float) -> tuple[Outcome, float | None]:
        window = int((now - START) // self.seconds)
        if window != self.window:
            self.window, self.count = window, 0
        self.count += 1
        if self.count <= self.most:
            return Outcome.ANSWERED, None
        left = START + (window + 1) * self.seconds - now
        return Outcome.THROTTLED, left if self.tells else None


def drive(shop: Shop, *, minutes: float, takes: float = 0.25) -> tuple[Pace, list[float], int]:
    """Ask one after the other as fast as the pace lets: the pace, when it was refused, how many
    were answered."""
    pace, circuit, now, refused, answered = Pace(), Circuit(), START, [], 0
    while now < START + minutes * 60:
        started = now
        outcome, pause = shop.ask(now)
        now += takes
        seen = Seen(at=now, started=started, outcome=outcome, retry_after=pause)
        pace.observe(seen)
        circuit.observe(seen)
        if outcome is Outcome.THROTTLED:
            refused.append(now - START)
            now = circuit.next_try_at
            assert circuit.claim("me", now)
        else:
            answered += 1
        if pace.rate is not None:
            now = max(now, started + 1 / pace.rate)
    return pace, refused, answered


def test_a_limit_a_minute_is_learnt_at_its_first_refusal() -> None:
    pace, refused, answered = drive(Shop(100, 60), minutes=59)
    assert len(refused) == 1
    assert pace.rate is not None
    assert 80 / 60 <= pace.rate <= 100 / 60
    assert answered > 0.8 * 100 * 59


def test_a_limit_a_second_is_learnt_too() -> None:
    pace, refused, _ = drive(Shop(3, 1.0), minutes=30, takes=0.05)
    assert len(refused) <= 3
    assert pace.rate is not None
    assert 1.0 <= pace.rate <= 3.0


def test_without_retry_after_it_is_learnt_from_when_it_answers_again() -> None:
    pace, refused, answered = drive(Shop(100, 60, tells=False), minutes=59)
    # Probes find the end of the first window; after that nothing is refused.
    assert all(at < 60 for at in refused)
    assert len(refused) <= 8
    assert pace.rate is not None
    assert pace.rate <= 100 / 60
    assert answered > 59 * 60


@given(st.integers(5, 600), st.sampled_from([10.0, 30.0, 60.0]), st.floats(0.01, 1.0))
@settings(max_examples=40, deadline=None)
def test_it_settles_below_whatever_the_limit_is(most: int, window: float, takes: float) -> None:
    _, refused, _ = drive(Shop(most, window), minutes=40, takes=takes)
    assert not [at for at in refused if at > 15 * 60]


def test_it_goes_up_again_but_not_to_where_it_was_refused() -> None:
    pace = Pace(rate=1.0, refused=1.5, refused_at=START, raised_at=START)
    for minute in range(1, 60):
        pace.observe(Seen(at=START + minute * 60, started=START, outcome=Outcome.ANSWERED))
    assert pace.rate == 1.5 * CEILING
    for minute in range(61, 70):
        at = START + REMEMBERED + minute * 60
        pace.observe(Seen(at=at, started=START, outcome=Outcome.ANSWERED))
    assert pace.rate > 1.5
    at = START + FORGOTTEN + 1
    pace.observe(Seen(at=at, started=START, outcome=Outcome.ANSWERED))
    assert pace.rate is None


def test_the_slower_of_setting_and_pace_counts_and_processes_tell_each_other() -> None:
    record = Record.new(Policy(cap=4), START)
    assert record.bounded(Policy(cap=4)).rate is None
    record.pace.rate = 2.0
    again = from_bytes(to_bytes(record))
    assert again is not None
    assert again.bounded(Policy(cap=4)).rate == 2.0
    assert again.bounded(Policy(cap=4, rate=1.0)).rate == 1.0
    assert again.bounded(Policy(cap=4, rate=9.0)).rate == 2.0
