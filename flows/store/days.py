"""Days as run ids have them: a UUIDv7 begins with the milliseconds since 1970 (RFC 9562)."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

_BELOW_TIME = 80  # bits behind the 48 of the milliseconds


def floor_of(moment: datetime) -> UUID:
    """The least id that a run made at this moment can have."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=max(0, milliseconds) << _BELOW_TIME)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def bounds_of(day: date) -> tuple[UUID, UUID]:
    """The ids of the runs made on this day (UTC) are from the first, and less than the second."""
    begin = midnight(day)
    return floor_of(begin), floor_of(begin + timedelta(days=1))
