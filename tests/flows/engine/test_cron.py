"""Schedules around the changes of the clocks, and what is done about missed ticks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.compile import check_flow, compile_flow
from flows.engine.cron import GRACE, HORIZON, Cron, CronError, Missed, due
from tests.flows.engine.support import CATALOG, FarSide, edges, flow, go, header, node

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def between(expression: str, first: str, last: str, zone: str = BERLIN) -> list[str]:
    ticks = Cron(expression, zone).latest(at(first), at(last), 1000)
    return [one.strftime("%dT%H:%MZ") for one in ticks]


def test_a_daily_time_follows_the_clocks() -> None:
    # Berlin is at +01:00 until 2026-03-29 01:00Z and at +02:00 until 2026-10-25 01:00Z.
    assert between("30 6 * * *", "2026-03-27T12:00Z", "2026-03-30T12:00Z") == [
        "28T05:30Z",
        "29T04:30Z",
        "30T04:30Z",
    ]


def test_a_time_that_the_clocks_skip_ticks_once_and_later() -> None:
    assert between("30 2 * * *", "2026-03-28T00:00Z", "2026-03-30T12:00Z") == [
        "28T01:30Z",
        "29T01:30Z",  # 02:30 is not there; the clocks show 03:30
        "30T00:30Z",
    ]


def test_a_time_that_comes_twice_ticks_once() -> None:
    assert between("30 2 * * *", "2026-10-24T12:00Z", "2026-10-26T12:00Z") == [
        "25T00:30Z",
        "26T01:30Z",
    ]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-07-01"])
@pytest.mark.parametrize("minutes", [10, 30])
def test_what_ticks_within_the_hour_ticks_evenly_on_every_day(day: str, minutes: int) -> None:
    start = at(f"{day}T00:00Z") - timedelta(hours=1)
    ticks = Cron(f"*/{minutes} * * * *", BERLIN).latest(start, start + timedelta(hours=6), 1000)
    assert ticks == [
        start + timedelta(minutes=minutes) * step for step in range(1, 6 * 60 // minutes + 1)
    ]


def test_an_hour_that_comes_twice_is_two_hours() -> None:
    assert between("0 * * * *", "2026-10-24T23:00Z", "2026-10-25T03:00Z") == [
        "25T00:00Z",
        "25T01:00Z",
        "25T02:00Z",
        "25T03:00Z",
    ]


@given(
    expression=st.sampled_from(
        ["* * * * *", "*/7 * * * *", "30 2 * * *", "15 */2 * * *", "0 * * * *", "45 1 * * 0"]
    ),
    zone=st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"]),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    count=st.integers(1, 40),
)
@settings(max_examples=80, deadline=None)
def test_looking_forward_and_back_shows_the_same_ticks(
    expression: str, zone: str, start: datetime, count: int
) -> None:
    cron, after = Cron(expression, zone), start.replace(tzinfo=UTC)
    ahead = cron.upcoming(after, count)
    assert len(ahead) == count
    assert ahead == sorted(set(ahead))
    assert ahead[0] > after
    assert cron.latest(after, ahead[-1], count + 5) == ahead


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("30 6 * *", "UTC"),
        ("30 6 * * * *", "UTC"),
        ("61 6 * * *", "UTC"),
        ("0 0 30 2 *", "UTC"),
        ("every day at six o'clock", "UTC"),
        ("30 6 * * *", "Europe/Bremerhaven"),
        ("30 6 * * *", "../../etc/passwd"),
    ],
)
def test_what_cannot_be_followed_is_refused(expression: str, zone: str) -> None:
    with pytest.raises(CronError):
        Cron(expression, zone)
    params = {"cron": expression, "zone": zone}
    document = flow([node("tick", "flow.schedule@1", params=params)], [])
    found = {(one.code, one.pointer.rsplit("/", 1)[-1]) for one in check_flow(document, CATALOG)}
    at_ = "cron" if zone == "UTC" else "zone"
    assert ("schedule", at_) in found or ("params", at_) in found


NOW = datetime(2026, 11, 23, 10, 0, 30, tzinfo=UTC)


def minutes(ticks: list[datetime]) -> list[int]:
    return [int((NOW - one).total_seconds() // 60) for one in ticks]


@pytest.mark.parametrize(
    ("missed", "most", "gone", "expected"),
    [
        (Missed.SKIP, 100, 30, [0]),
        (Missed.ONCE, 100, 30, [0]),
        (Missed.ALL, 100, 3, [2, 1, 0]),
        (Missed.ALL, 2, 30, [2, 1, 0]),
        (Missed.SKIP, 100, 0, []),
    ],
)
def test_missed_ticks_go_by_the_policy(
    missed: Missed, most: int, gone: int, expected: list[int]
) -> None:
    after = NOW - timedelta(minutes=gone)
    found = due(Cron("* * * * *"), after=after, now=NOW, missed=missed, most=most)
    assert minutes(found) == expected


def test_the_last_missed_tick_comes_late_and_an_old_one_never() -> None:
    daily = Cron("0 6 * * *")
    after = NOW - timedelta(days=3)
    assert due(daily, after=after, now=NOW) == []
    assert due(daily, after=after, now=NOW, missed=Missed.ONCE) == [at("2026-11-23T06:00Z")]
    yearly = Cron("0 6 1 1 *")
    long_ago = NOW - timedelta(days=700)
    assert due(yearly, after=long_ago, now=NOW, missed=Missed.ALL) == []
    assert len(due(daily, after=long_ago, now=NOW, missed=Missed.ALL)) == HORIZON.days


def test_a_tick_in_time_is_due_until_the_grace_is_over() -> None:
    hourly = Cron("0 * * * *")
    tick, before = at("2026-11-23T10:00Z"), NOW - timedelta(minutes=5)
    assert due(hourly, after=before, now=tick) == [tick]
    last = tick + GRACE - timedelta(seconds=1)
    assert due(hourly, after=before, now=last) == [tick]
    assert due(hourly, after=before, now=tick + GRACE) == []
    assert due(hourly, after=tick, now=last) == []


def document(type_: str, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": 1,
        "slug": "test",
        "name": "Test",
        "nodes": [
            node("start", type_, params=params),
            node("end", "flow.stop@1", params={"outcome": "{{ start.a }}"}),
        ],
        "edges": edges("start > end"),
    }


@pytest.mark.parametrize(
    ("type_", "params"),
    [
        ("flow.schedule@1", {"cron": "0 6 * * *", "zone": BERLIN, "missed": "once"}),
        ("flow.manual@1", {"schema": {"type": "object", "required": ["a"]}}),
        ("flow.manual@1", {}),
        ("flow.failed@1", {"flows": ["other"]}),
        ("flow.called@1", {"schema": {"type": "object", "required": ["a"]}}),
    ],
)
async def test_a_trigger_without_a_connection_starts_a_flow(
    type_: str, params: dict[str, Any]
) -> None:
    made = compile_flow(document(type_, params), CATALOG)
    [trigger] = made.triggers
    assert (trigger.type, trigger.slot, trigger.params) == (type_, "", params)
    result = await go(made, FarSide(), run=header(a="six"))
    assert result.end.outcome == "six"


@pytest.mark.parametrize(
    ("type_", "params", "code"),
    [
        ("flow.manual@1", {"schema": {"type": "nothing"}}, "manual_schema"),
        ("flow.schedule@1", {"cron": "0 6 * * *", "max_missed": 3}, "max_missed_needless"),
        ("flow.schedule@1", {}, "params"),
    ],
)
def test_triggers_that_cannot_work_are_refused(
    type_: str, params: dict[str, Any], code: str
) -> None:
    problems = check_flow(document(type_, params), CATALOG)
    assert code in {one.code for one in problems}


def test_a_trigger_without_a_far_side_takes_no_connection() -> None:
    wrong = document("flow.manual@1", {})
    wrong["connections"] = {"far": {"connector": "far"}}
    wrong["nodes"][0]["connection"] = "far"
    assert "connection_needless" in {one.code for one in check_flow(wrong, CATALOG)}
