"""Quiet hours: what they cover, and when they are over."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.common import COMMON_SETTINGS
from connectors.sdk.manifest import is_bulk
from connectors.sdk.quiet import QuietHours, is_zone, quiet_hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        # Madrid is an hour ahead of UTC in November; the 27th of 2026 is a Friday.
        ("08:00-20:00", "2026-11-27T06:59", None),
        ("08:00-20:00", "2026-11-27T07:00", "2026-11-27T19:00"),
        ("08:00-20:00", "2026-11-27T19:00", None),
        ("22:00-06:00", "2026-11-27T23:30", "2026-11-28T05:00"),
        ("22:00-06:00", "2026-11-28T04:00", "2026-11-28T05:00"),
        ("mo-fr 08:00-18:00, sa 09:00-14:00", "2026-11-28T08:30", "2026-11-28T13:00"),
        ("mo-fr 08:00-18:00, sa 09:00-14:00", "2026-11-29T08:30", None),
        ("sa-mo 00:00-24:00", "2026-11-28T00:30", "2026-11-30T23:00"),
        ("su 20:00-04:00", "2026-11-29T20:00", "2026-11-30T03:00"),
        ("su 20:00-04:00", "2026-11-30T02:59", "2026-11-30T03:00"),
        ("08:00-12:00, 12:00-14:00", "2026-11-27T08:00", "2026-11-27T13:00"),
    ],
)
def test_the_far_sides_own_clock_counts(hours: str, now: str, until: str | None) -> None:
    quiet = quiet_hours({"quiet_hours": hours}, zone="Europe/Madrid")
    assert quiet.until(at(now)) == (until and at(until))


def test_the_hour_that_clocks_repeat_is_as_quiet_as_its_number() -> None:
    quiet = quiet_hours({"quiet_hours": "02:00-03:00", "quiet_zone": "Europe/Madrid"})
    first, second = at("2026-10-25T00:30"), at("2026-10-25T01:30")
    assert quiet.until(first) is not None
    assert quiet.until(second) == at("2026-10-25T02:00")
    # The hour that clocks skip never comes.
    assert quiet.until(at("2026-03-29T01:30")) is None


def test_a_zone_of_the_settings_goes_before_the_far_sides() -> None:
    quiet = quiet_hours({"quiet_hours": "08:00-09:00", "quiet_zone": "UTC"}, zone="Asia/Tokyo")
    assert quiet.until(at("2026-11-27T08:10")) == at("2026-11-27T09:00")


@pytest.mark.parametrize("text", ["", "8-20", "08:00", "xx 08:00-20:00", "08:00-20:00;", None, 5])
def test_what_is_misshapen_counts_as_not_set(text: object) -> None:
    assert quiet_hours({"quiet_hours": text}) == QuietHours()
    assert quiet_hours({"quiet_hours": "08:00-20:00", "quiet_zone": "Mars/Base"}).zone.key == "UTC"


def test_zones() -> None:
    assert is_zone("Europe/Madrid")
    assert not is_zone("Europe/Mardid")
    assert not is_zone("../etc/passwd")
    assert not is_zone("")


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(["Europe/Madrid", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_the_end_is_later_within_a_day_or_so_and_not_quiet(
    now: datetime, begin: int, end: int, zone: str
) -> None:
    span = f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
    quiet = quiet_hours({"quiet_hours": span}, zone=zone)
    moment = now.replace(year=2026 + now.year % 3, day=min(now.day, 28))
    until = quiet.until(moment)
    if until is not None:
        assert moment < until
        if begin != end:
            assert until <= moment + timedelta(hours=25)


def test_the_settings_pattern_is_what_is_read() -> None:

    pattern = COMMON_SETTINGS["quiet_hours"]["pattern"]
    for one in COMMON_SETTINGS["quiet_hours"]["examples"]:
        assert re.fullmatch(pattern, one)
        assert quiet_hours({"quiet_hours": one}).week


def test_which_calls_are_bulk_reads() -> None:
    spec = {
        "bulk": {"ids": 2, "limit": 10},
        "input": {"properties": {"ids": {}, "limit": {"default": 10}}},
    }
    assert not is_bulk(spec, {})
    assert not is_bulk(spec, {"ids": ["1", "2"], "limit": 10})
    assert is_bulk(spec, {"ids": ["1", "2", "3"]})
    assert is_bulk(spec, {"limit": "11"})
    assert not is_bulk(spec, {"limit": "many"})
    assert is_bulk({"bulk": {}, "input": {"properties": {}}}, {})
    assert not is_bulk({"input": {"properties": {}}}, {"limit": 5000})
