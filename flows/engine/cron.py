"""Schedules: at which instants a cron expression ticks in a zone, daylight saving included.

An expression is followed on the wall clock. A time that the clocks skip ticks as much later as
they skip; a time that comes twice ticks the first time only, unless the hour is `*`: what ticks
every hour or more often does so in both. Instants are aware UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from croniter import CroniterBadCronError, CroniterBadDateError, croniter

GRACE: Final = timedelta(seconds=60)  # a tick seen this late is late; later, it was missed
HORIZON: Final = timedelta(days=7)  # older ticks are not caught up
DEFAULT_MOST: Final = 100
_FIELDS: Final = 5
_SHIFT: Final = timedelta(hours=3)  # more than any zone's clocks ever jump
_SLACK: Final = 200  # ticks of every minute within a jump


class Missed(StrEnum):
    """What happens to ticks that nobody saw in time."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


class CronError(ValueError):
    """The expression or the zone cannot be followed."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Five fields (minute, hour, day of month, month, day of week) and an IANA zone.

    Raises `CronError` for what cannot be followed, or would never tick.
    """

    expression: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.zone not in _zones():
            raise CronError(f"There is no time zone {self.zone!r}.")
        if len(self.expression.split()) != _FIELDS:
            raise CronError("A schedule has five fields: minute, hour, day, month, day of week.")
        try:
            croniter(self.expression, datetime(2026, 1, 1)).get_next(datetime)  # noqa: DTZ001 - the wall clock
        except CroniterBadDateError as error:
            raise CronError(f"{self.expression!r} never comes.") from error
        except (CroniterBadCronError, ValueError, KeyError, TypeError) as error:
            raise CronError(f"{self.expression!r} is not a schedule.") from error

    def upcoming(self, after: datetime, count: int) -> list[datetime]:
        """The next ticks after an instant."""
        found: set[datetime] = set()
        walls = croniter(self.expression, self._wall(after) - _SHIFT)
        while True:
            wall: datetime = walls.get_next(datetime)
            found.update(one for one in self._instants(wall) if one > after)
            if len(found) >= count:
                first = sorted(found)[:count]
                if wall > self._wall(first[-1]) + _SHIFT:
                    return first

    def latest(self, after: datetime, until: datetime, most: int) -> list[datetime]:
        """The last ticks after one instant and not after another, at most so many, in order."""
        found: set[datetime] = set()
        walls = croniter(self.expression, self._wall(until) + _SHIFT)
        lowest = self._wall(after) - _SHIFT
        while len(found) < most + _SLACK:
            try:
                wall: datetime = walls.get_prev(datetime)
            except CroniterBadDateError:
                break
            if wall < lowest:
                break
            found.update(one for one in self._instants(wall) if after < one <= until)
        return sorted(found)[-most:] if most else []

    def local(self, instant: datetime) -> datetime:
        """The instant as the zone's clocks show it."""
        return instant.astimezone(ZoneInfo(self.zone))

    def _wall(self, instant: datetime) -> datetime:
        return self.local(instant).replace(tzinfo=None)

    def _instants(self, wall: datetime) -> Iterator[datetime]:
        zone = ZoneInfo(self.zone)
        first = wall.replace(tzinfo=zone).astimezone(UTC)
        yield first
        if self.expression.split()[1] == "*":
            again = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
            if again > first:
                yield again


def due(
    cron: Cron,
    *,
    after: datetime,
    now: datetime,
    missed: Missed = Missed.SKIP,
    most: int = DEFAULT_MOST,
) -> list[datetime]:
    """The ticks to start now, oldest first, when all up to `after` are done.

    Of those older than `GRACE` none, the last one, or the last `most` come, as `missed` says.
    """
    after = max(after, now - HORIZON)
    known = 1 if missed is not Missed.ALL else most
    late = cron.latest(after, now - GRACE, known) if missed is not Missed.SKIP else []
    fresh = cron.latest(max(after, now - GRACE), now, DEFAULT_MOST)
    if missed is Missed.ONCE and fresh:
        late = []
    return [*late, *fresh]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
