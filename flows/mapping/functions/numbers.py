"""Functions over numbers, booleans and dates."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal

from flows.mapping import dates, local_dates
from flows.mapping.functions.function import (
    Example,
    Function,
    FunctionError,
    Group,
    as_text,
    with_params,
)
from flows.mapping.values import ARITHMETIC, bounded, describe, number, whole

_MODES = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}
_LOCALE = {"type": "string", "default": "en", "title": "Language", "examples": ["de", "fr_CA"]}
_ZONE = {
    "type": "string",
    "title": "Time zone",
    "description": "Zone of a time that says none.",
    "examples": ["Europe/Paris"],
}
_IN = {
    "type": "string",
    "title": "Format of the source",
    "description": "CLDR pattern; without one ISO 8601.",
    "examples": ["dd.MM.yyyy", "yyyy-MM-dd HH:mm:ss"],
}
_IN_LOCALE = {
    "type": "string",
    "title": "Language of the source",
    "description": "Reads 3. März 2026, 03/11/26 or 5 mai à 14h30 as this language writes them; "
    "not together with a format.",
    "examples": ["de", "fr_FR", "en_US"],
}
# In English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, Slovak, Danish,
# Swedish, Norwegian, Finnish, Hungarian, Romanian, and as boxes are ticked.
_TRUE = (
    "true", "yes", "y", "1", "on", "ja", "j", "wahr", "an", "oui", "o", "vrai", "si", "sí", "sì",
    "s", "verdadero", "vero", "sim", "verdadeiro", "waar", "aan", "tak", "t", "prawda", "ano",
    "áno", "pravda", "sand", "sandt", "kyllä", "igen", "da", "x", "✓", "✔", "☑", "☒", "checked",
    "active", "aktiv", "enabled", "actif",
)  # fmt: skip
_FALSE = (
    "false", "no", "n", "0", "off", "", "nein", "falsch", "aus", "non", "faux", "falso", "não",
    "nao", "nee", "onwaar", "uit", "nie", "fałsz", "ne", "nepravda", "nej", "nei", "falsk", "ei",
    "nem", "nu", "☐", "-", "unchecked", "inactive", "inaktiv", "disabled", "inactif",
)  # fmt: skip


def _number(value: Any, params: Mapping[str, Any]) -> Any:
    if type(value) is not str:
        return number(value)
    if not value.strip():
        return None
    locale = dates.locale(params.get("locale", "en"))
    try:
        # A space parts thousands in many lands, in several kinds of space.
        found = parse_decimal(value.strip(), locale=locale, strict=True)
    except NumberFormatError as error:
        raise FunctionError(f"{value[:40]!r} is not a number in {locale}.") from error
    return whole(bounded(found))


def _round(value: Any, params: Mapping[str, Any]) -> Decimal:
    found = Decimal(number(value))
    if found.adjusted() > 28:
        raise FunctionError("The number is too large to be rounded.")
    digit = Decimal(1).scaleb(-params.get("digits", 0))
    return found.quantize(digit, _MODES[params.get("mode", "half_up")], ARITHMETIC)


def _bool(value: Any, params: Mapping[str, Any]) -> bool:
    if type(value) is bool:
        return value
    if type(value) is int and value in (0, 1):
        return value == 1
    if type(value) is not str:
        raise FunctionError(f"{describe(value)} is neither true nor false.")
    word = value.strip().lower()
    if word in {str(one).lower() for one in params.get("true", _TRUE)}:
        return True
    if word in {str(one).lower() for one in params.get("false", _FALSE)}:
        return False
    raise FunctionError(f"{value[:40]!r} is neither true nor false.")


def _parse(value: Any, params: Mapping[str, Any]) -> datetime | date | None:
    source = as_text(value)
    if not source.strip():
        return None
    if "in_locale" in params and "in" not in params:
        return local_dates.parse(source, params["in_locale"], params.get("zone"))
    return dates.parse(source, params.get("in"), params.get("zone"))


def _date(value: Any, params: Mapping[str, Any]) -> str | None:
    found = _parse(value, params)
    if found is None:
        return None
    zone = params.get("to_zone", params.get("zone"))
    return dates.show(found, params.get("out"), zone, params.get("locale", "en"))


def _datetime_utc(value: Any, params: Mapping[str, Any]) -> str | None:
    found = _parse(value, params)
    if found is None:
        return None
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day, tzinfo=_zone(params))
    if found.tzinfo is None:
        found = found.replace(tzinfo=_zone(params))
    return dates.iso(found)


def _zone(params: Mapping[str, Any]) -> Any:
    if "zone" not in params:
        raise FunctionError(
            "The time has no zone.", fix="Say in `zone` where the source keeps its clock."
        )
    return dates.zone(params["zone"])


def _date_only(value: Any, params: Mapping[str, Any]) -> str | None:
    found = _parse(value, params)
    if found is None:
        return None
    if isinstance(found, datetime):
        if found.tzinfo is not None:
            zone = params.get("zone")
            found = found.astimezone(dates.zone(zone) if zone else UTC)
        found = found.date()
    return found.isoformat()


FUNCTIONS = (
    Function(
        name="number",
        title="Number",
        summary="Reads a number that was written for people; an empty text gives null.",
        build=with_params(_number),
        params={"locale": _LOCALE},
        group=Group.NUMBERS,
        gives="number",
        examples=(
            Example(value="1.234,5", params={"locale": "de"}, result=1234.5),
            Example(value="", result=None),
        ),
    ),
    Function(
        name="round",
        title="Round",
        summary="Rounds to a number of decimals.",
        build=with_params(_round),
        params={
            "digits": {
                "type": "integer",
                "minimum": 0,
                "maximum": 20,
                "default": 0,
                "title": "Decimals",
            },
            "mode": {"enum": list(_MODES), "default": "half_up", "title": "Way"},
        },
        group=Group.NUMBERS,
        takes="number",
        gives="number",
        examples=(Example(value=2.345, params={"digits": 2}, result=2.35),),
    ),
    Function(
        name="bool",
        title="True or false",
        summary="Reads yes and no words.",
        build=with_params(_bool),
        params={
            "true": {"type": "array", "items": {"type": "string"}, "title": "Words for true"},
            "false": {"type": "array", "items": {"type": "string"}, "title": "Words for false"},
        },
        group=Group.NUMBERS,
        gives="boolean",
        filter=True,
        examples=(
            Example(value="Ja", result=True),
            Example(value="non", result=False),
            Example(value="aktiv", params={"true": ["aktiv"], "false": ["ruht"]}, result=True),
        ),
    ),
    Function(
        name="date",
        title="Date",
        summary="Reads a date or instant and writes it in another form.",
        build=with_params(_date),
        params={
            "in": _IN,
            "in_locale": _IN_LOCALE,
            "out": {**_IN, "title": "Format of the result"},
            "zone": _ZONE,
            "to_zone": {"type": "string", "title": "Zone of the result"},
            "locale": _LOCALE,
        },
        group=Group.DATES,
        examples=(
            Example(value="23.11.2026", params={"in": "dd.MM.yyyy"}, result="2026-11-23"),
            Example(
                value="2026-03-01T12:00:00Z",
                params={"out": "d. MMMM yyyy", "locale": "de", "to_zone": "Europe/Berlin"},
                result="1. März 2026",
            ),
        ),
    ),
    Function(
        name="datetime_utc",
        title="Instant in UTC",
        summary="Reads a local time and gives the instant, as ISO 8601 with Z.",
        build=with_params(_datetime_utc),
        params={"in": _IN, "in_locale": _IN_LOCALE, "zone": _ZONE},
        group=Group.DATES,
        filter=True,
        examples=(
            Example(
                value="5 mai 2026 à 14h30",
                params={"in_locale": "fr", "zone": "Europe/Paris"},
                result="2026-05-05T12:30:00Z",
            ),
        ),
    ),
    Function(
        name="date_only",
        title="Day",
        summary="The calendar day, as ISO 8601; of an instant the day in `zone`, else in UTC.",
        build=with_params(_date_only),
        params={
            "in": _IN,
            "in_locale": _IN_LOCALE,
            "zone": {**_ZONE, "description": "Zone in which the day is meant."},
        },
        group=Group.DATES,
        filter=True,
        examples=(
            Example(
                value="2026-11-23T23:30:00Z", params={"zone": "Europe/Berlin"}, result="2026-11-24"
            ),
            Example(value="11/03/26", params={"in_locale": "en_US"}, result="2026-11-03"),
        ),
    ),
)
