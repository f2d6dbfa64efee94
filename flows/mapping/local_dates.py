"""Dates and times as people of a language write them: 3. März 2026, 03/11/26, 5 mai à 14h30.

Names of months come from Babel; the order of day and month from the language's short form, so
that 11/03/26 is November in en_US and March in en_GB.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final

from babel.dates import get_month_names

from flows.mapping import dates
from flows.mapping.dates import DateError

_TIME: Final = re.compile(
    r"(?<![\d.,/-])(?P<hour>\d{1,2})\s?(?::|h|\.(?=\d\d(?:\s?(?:uhr|[ap]m)|\Z)))(?P<minute>\d{2})?"
    r"(?::(?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<noon>[ap]\.?m\.?)?(?:\s*uhr)?"
    r"|(?<!\d)(?P<full>\d{1,2})\s*(?P<half>[ap]\.?m\.?|uhr)(?!\w)",
    re.IGNORECASE,
)
_OFFSET: Final = re.compile(
    r"(?:UTC|GMT)?\s?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?\s*\)?\Z"
)
# Hours ahead of UTC. IST, CST and the like mean several zones and are not read.
_ZONES: Final = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1,
    "MESZ": 2, "EET": 2, "EEST": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "HEC": 1,
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=128)
def _months(locale: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in (locale, "en"):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, month in get_month_names(width, context, dates.locale(name)).items():
                    for word in (month, month[:3]) if len(month) > 4 else (month,):
                        found.setdefault(word.lower().rstrip("."), int(number))
    return found


@lru_cache(maxsize=128)
def _order(locale: str) -> str:
    """The order of day, month and year in the language's short form, such as dmy."""
    pattern = str(dates.locale(locale).date_formats["short"].pattern)
    return "".join(dict.fromkeys(re.findall("[dMy]", pattern))).lower()


def parse(value: str, locale: str, zone_name: str | None = None) -> datetime | date:
    """An aware or naive datetime, or a date where the text tells no time of day.

    Text without an offset belongs to `zone_name` when that is given. ISO 8601 is read as well.
    Raises `DateError`.
    """
    source = value.strip()
    if re.match(r"\d{4}-\d\d?-\d\d?(?!\d)", source):
        return dates.parse(source, None, zone_name)
    rest, offset = _offset(source)
    rest, of_day = _time(rest)
    day = _day(rest, value, locale)
    if of_day is None:
        return day
    found = datetime.combine(day, of_day)
    if offset is not None:
        return found.replace(tzinfo=UTC if not offset else timezone(offset))
    return found.replace(tzinfo=dates.zone(zone_name)) if zone_name else found


def _offset(source: str) -> tuple[str, timedelta | None]:
    """The text without the zone at its end, and how far that is ahead of UTC."""
    if not re.search(r"\d[:h.]\d\d", source):
        return source, None
    match = _OFFSET.search(source)
    if match and ":" in source[: match.start()]:
        ahead = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        if ahead >= timedelta(hours=24):
            raise DateError(f"{source[-12:]!r} is no offset from UTC.")
        return source[: match.start()], -ahead if match["sign"] == "-" else ahead
    head, _, last = source.rstrip(" )").rpartition(" ")
    name = last.strip("(").upper()
    if name in _ZONES:
        return head, timedelta(hours=_ZONES[name])
    if re.search(r"\dZ\Z", source):
        return source[:-1], timedelta(0)
    return source, None


def _time(source: str) -> tuple[str, time | None]:
    match = _TIME.search(source)
    if match is None:
        return source, None
    hour = int(match["hour"] or match["full"])
    noon = (match["noon"] or match["half"] or "").lower().replace(".", "")
    if noon in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise DateError(f"{match[0]!r} is no time of day.")
        hour = hour % 12 + (12 if noon == "pm" else 0)
    try:
        found = time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError as error:
        raise DateError(f"{match[0]!r} is no time of day.") from error
    return f"{source[: match.start()]} {source[match.end() :]}", found


def _day(source: str, value: str, locale: str) -> date:
    numbers = [(one[0], one.start()) for one in re.finditer(r"\d+", source)]
    months = _months(locale)
    named = [
        (months[word], one.start())
        for one in _WORD.finditer(source)
        if (word := one[0].lower()) in months and len(word) > 2
    ]
    order = _order(locale)
    try:
        if named and len(numbers) == 2:
            (a, _), (b, _) = numbers
            first_year = len(a) == 4 and len(b) < 3
            day, year = (b, a) if first_year else (a, b)
            return date(_year(year), named[0][0], int(day))
        if not named and len(numbers) == 3:
            texts = [one for one, _ in numbers]
            if len(texts[0]) == 4:
                order = "ymd"
            elif order == "ymd" and len(texts[2]) == 4:
                order = "dmy"
            part = dict(zip(order, texts, strict=True))
            return date(_year(part["y"]), int(part["m"]), int(part["d"]))
        if not named and len(numbers) == 1 and len(numbers[0][0]) == 8:
            return datetime.strptime(numbers[0][0], "%Y%m%d").replace(tzinfo=UTC).date()
    except (ValueError, KeyError) as error:
        raise DateError(f"{value[:60]!r} is no date in {locale}: {error}.") from error
    raise DateError(f"{value[:60]!r} is no date in {locale}.")


def _year(text: str) -> int:
    """A year of two digits lies between 1970 and 2069."""
    found = int(text)
    if len(text) > 2:
        return found
    return found + (1900 if found >= 70 else 2000)
