"""Quiet hours of a connection: when what can wait is not asked of its far side.

Pure. What can wait are polls, sweeps and bulk reads; deliveries, writes and reads of few records go
on. Hours are local times of the far side; across a change of clocks they are what its wall clock
shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
SLOW_GAP: Final = 2.0  # seconds between the requests of one bulk read in slow hours
SLOW_PAGE: Final = timedelta(seconds=10)  # between two pages of a poll or sweep in slow hours
SLOW_POLL: Final = timedelta(minutes=5)  # the least pause between two polls in slow hours
_DAY: Final = rf"(?:{'|'.join(DAYS)})"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN: Final = rf"(?:{_DAY}(?:-{_DAY})? )?{_CLOCK}-(?:{_CLOCK}|24:00)"
PATTERN: Final = rf"^(?:{_SPAN}(?:, ?{_SPAN}){{0,13}})?$"
_PART: Final = re.compile(rf"(?:({_DAY})(?:-({_DAY}))? )?({_CLOCK})-({_CLOCK}|24:00)")
_UTC: Final = ZoneInfo("UTC")
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """`week` holds the quiet minutes of a week, by minute from Monday 00:00, as half-open spans
    in order; `slow` says that what can wait goes on slowly in them."""

    week: tuple[tuple[int, int], ...] = ()
    slow: bool = False
    zone: ZoneInfo = _UTC

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours that `now` lies in are over; None outside of them."""
        local = now.astimezone(self.zone)
        if not self._covers(local):
            return None
        # By the wall clock: an hour that clocks skip or repeat is as quiet as its number says.
        wall = local.replace(tzinfo=None)
        end = wall
        for _ in range(8):
            following = self._end_after(end)
            if following is None:
                break
            end = following
        moment = end.replace(tzinfo=self.zone).astimezone(UTC)
        return max(moment, now.astimezone(UTC) + _MINUTE)

    def _covers(self, local: datetime) -> bool:
        minute = _of_week(local)
        return any(begin <= minute < end for begin, end in self.week)

    def _end_after(self, wall: datetime) -> datetime | None:
        minute = _of_week(wall)
        for begin, end in self.week:
            if begin <= minute < end:
                start = wall.replace(second=0, microsecond=0)
                return start + timedelta(minutes=end - minute)
        return None


def quiet_hours(settings: Mapping[str, Any], *, zone: str = "") -> QuietHours:
    """Those of a connection's settings; `zone` is that of the far side, where the settings name
    none. What is misshapen counts as not set, as everywhere in the settings."""
    return _parsed(
        str(settings.get("quiet_hours") or ""),
        str(settings.get("quiet_mode") or "") == "slow",
        str(settings.get("quiet_zone") or zone or "UTC"),
    )


def is_zone(name: object) -> bool:
    """Whether this is the name of a time zone ("Europe/Madrid")."""
    if not isinstance(name, str):
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


@lru_cache(maxsize=256)
def _parsed(text: str, slow: bool, zone: str) -> QuietHours:
    if not text or not re.fullmatch(PATTERN, text):
        return QuietHours()
    spans: list[tuple[int, int]] = []
    for first, last, begin, end in _PART.findall(text):
        for day in _days(first, last):
            start, stop = _minutes(begin), _minutes(end)
            if stop <= start:
                stop += 24 * 60  # over midnight
            spans += _wrapped(day * 24 * 60 + start, day * 24 * 60 + stop)
    return QuietHours(
        week=tuple(sorted(spans)),
        slow=slow,
        zone=ZoneInfo(zone) if is_zone(zone) else _UTC,
    )


def _days(first: str, last: str) -> list[int]:
    if not first:
        return list(range(7))
    begin = DAYS.index(first)
    length = (DAYS.index(last or first) - begin) % 7
    return [(begin + step) % 7 for step in range(length + 1)]


def _wrapped(start: int, stop: int) -> list[tuple[int, int]]:
    week = 7 * 24 * 60
    if stop <= week:
        return [(start, stop)]
    return [(start, week), (0, stop - week)]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _of_week(local: datetime) -> int:
    return local.weekday() * 24 * 60 + local.hour * 60 + local.minute
