from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from causeway.base.ids import new_id
from flows.store.days import bounds_of, floor_of

MOMENTS = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
)


def test_a_run_made_now_lies_within_today() -> None:
    before = datetime.now(UTC)
    made = new_id()
    low, high = bounds_of(before.date())
    assert low <= made < high or bounds_of(datetime.now(UTC).date())[0] <= made
    assert floor_of(before) <= made < floor_of(before + timedelta(seconds=5))


@given(MOMENTS, MOMENTS)
def test_ids_are_ordered_as_moments_are(one: datetime, other: datetime) -> None:
    assert (floor_of(one) < floor_of(other)) <= (one < other)


@given(st.dates(min_value=date(1971, 1, 1), max_value=date(9000, 1, 1)))
def test_days_follow_each_other_without_a_gap(day: date) -> None:
    assert bounds_of(day)[1] == bounds_of(day + timedelta(days=1))[0]
