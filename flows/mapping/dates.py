"""Dates and instants as text, read and written by patterns of Unicode's CLDR.

Patterns for reading know yyyy yy MM M dd d HH H hh h mm m ss s SSS a XXX and quoted text; for
writing, everything that Babel knows. Without a pattern text is ISO 8601.
"""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_datetime

_TOKEN = re.compile(r"'([^']*)'|yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|SSS|a|XXX|[A-Za-z]+|.", re.S)
_GROUPS = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<short_year>\d{2})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{2})",
    "H": r"(?P<hour>\d{1,2})",
    "hh": r"(?P<half>\d{2})",
    "h": r"(?P<half>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "m": r"(?P<minute>\d{1,2})",
    "ss": r"(?P<second>\d{2})",
    "s": r"(?P<second>\d{1,2})",
    "SSS": r"(?P<milli>\d{3})",
    "a": r"(?P<noon>[AaPp][Mm])",
    "XXX": r"(?P<offset>Z|[+-]\d{2}:\d{2})",
}


class DateError(ValueError):
    """The text is no date of the expected form, or the pattern or zone is unknown."""


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises `DateError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DateError(f"There is no time zone called {name!r}.") from error


@lru_cache(maxsize=256)
def locale(name: str) -> Locale:
    """A locale by its name ("en", "de_AT", "pt-BR"). Raises `DateError`."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise DateError(f"There is no locale called {name!r}.") from error


@lru_cache(maxsize=256)
def _reading(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    for match in _TOKEN.finditer(pattern):
        token = match.group()
        if match.group(1) is not None:
            parts.append(re.escape(match.group(1) or "'"))
        elif token in _GROUPS:
            parts.append(_GROUPS[token])
        elif token.isalpha():
            raise DateError(f"{token!r} in the date pattern {pattern!r} cannot be read.")
        else:
            parts.append(re.escape(token))
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise DateError(f"The date pattern {pattern!r} names a part twice.") from error


def parse(value: str, pattern: str | None = None, zone_name: str | None = None) -> datetime | date:
    """An aware or naive datetime, or a date when the text has no time of day.

    Text without an offset belongs to `zone_name` when that is given. Raises `DateError`.
    """
    found = _parse_iso(value) if pattern is None else _parse_pattern(value, pattern)
    if isinstance(found, datetime) and found.tzinfo is None and zone_name:
        return found.replace(tzinfo=zone(zone_name))
    return found


def _parse_iso(value: str) -> datetime | date:
    text = value.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise DateError(f"{value[:60]!r} is not a date in ISO form (2026-11-23).") from error


def _parse_pattern(value: str, pattern: str) -> datetime | date:
    match = _reading(pattern).fullmatch(value.strip())
    if match is None:
        raise DateError(f"{value[:60]!r} does not look like {pattern!r}.")
    part = match.groupdict()
    number = {name: int(text) for name, text in part.items() if text and text.isdigit()}
    year = number.get("year", 2000 + number.get("short_year", 0))
    hour = number.get("hour", number.get("half", 0))
    if "half" in number and part.get("noon"):
        hour = number["half"] % 12 + (12 if part["noon"].lower() == "pm" else 0)
    try:
        day = date(year, number.get("month", 1), number.get("day", 1))
        if not {"hour", "half", "minute"} & number.keys():
            return day
        of_day = time(
            hour, number.get("minute", 0), number.get("second", 0), number.get("milli", 0) * 1000
        )
        found = datetime.combine(day, of_day)
    except ValueError as error:
        raise DateError(f"{value[:60]!r} is not a date: {error}.") from error
    offset = part.get("offset")
    if not offset:
        return found
    return datetime.fromisoformat(found.isoformat() + ("+00:00" if offset == "Z" else offset))


def show(value: datetime | date, pattern: str | None, zone_name: str | None, in_locale: str) -> str:
    """Write a date by a pattern, an aware one in `zone_name` if given; without a pattern ISO."""
    if isinstance(value, datetime) and value.tzinfo is not None and zone_name:
        value = value.astimezone(zone(zone_name))
    if pattern is None:
        return iso(value)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    try:
        return format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=locale(in_locale))
    except (KeyError, ValueError, AttributeError) as error:
        raise DateError(f"The date pattern {pattern!r} cannot be written.") from error


def iso(value: datetime | date) -> str:
    """ISO 8601; an aware instant in UTC with Z."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()
