"""Conversion between units of measure; exact factors, Decimal throughout."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from flows.mapping.functions.function import (
    Example,
    Function,
    FunctionError,
    Group,
    with_params,
)
from flows.mapping.lines.amounts import exact, first, sign_of
from flows.mapping.values import ARITHMETIC, number, whole

# What one of a unit is in the base of its kind. International yard and pound (1959), the US
# gallon of 231 cubic inches, the imperial one of 4.54609 litres: all exact.
_KINDS: Final[dict[str, dict[str, str]]] = {
    "mass": {
        "mg": "0.000001", "g": "0.001", "kg": "1", "t": "1000", "oz": "0.028349523125",
        "lb": "0.45359237",
    },
    "length": {
        "mm": "0.001", "cm": "0.01", "dm": "0.1", "m": "1", "km": "1000", "in": "0.0254",
        "ft": "0.3048", "yd": "0.9144", "mi": "1609.344",
    },
    "area": {
        "mm2": "0.000001", "cm2": "0.0001", "m2": "1", "ha": "10000", "km2": "1000000",
        "in2": "0.00064516", "ft2": "0.09290304",
    },
    "volume": {
        "ml": "0.001", "cl": "0.01", "dl": "0.1", "l": "1", "m3": "1000", "cm3": "0.001",
        "gal_us": "3.785411784", "gal_uk": "4.54609", "fl_oz_us": "0.0295735295625",
    },
    "time": {"s": "1", "min": "60", "h": "3600", "d": "86400"},
    "data": {"B": "1", "kB": "1000", "MB": "1000000", "GB": "1000000000", "KiB": "1024"},
    "share": {"ratio": "1", "percent": "0.01", "permille": "0.001"},
}  # fmt: skip
_KIND: Final = {unit: kind for kind, units in _KINDS.items() for unit in units}
_FACTOR: Final = {unit: Decimal(size) for units in _KINDS.values() for unit, size in units.items()}
_TEMPERATURES: Final = ("C", "F", "K")
UNITS: Final = (*_KIND, *_TEMPERATURES)
_WRITTEN: Final = {
    "kgs": "kg", "kilo": "kg", "gr": "g", "lbs": "lb", "pound": "lb", "pounds": "lb", "ltr": "l",
    "liter": "l", "litre": "l", "litres": "l", "inch": "in", "inches": "in", '"': "in",
    "zoll": "in",
    "feet": "ft", "m²": "m2", "qm": "m2", "m³": "m3", "cm³": "cm3", "cm²": "cm2", "%": "percent",
    "std": "h", "meter": "m", "metre": "m", "°c": "C", "°f": "F",
}  # fmt: skip


def _convert(value: Any, params: Mapping[str, Any]) -> Any:
    source, target = params.get("unit"), params["to"]
    if type(value) is str:
        if not value.strip():
            return None
        amount, written = _read(value, str(params.get("locale", "")))
        source = written or source
    else:
        amount = Decimal(number(value))
    if source is None:
        raise FunctionError(
            "The value names no unit.", code="unit", fix="Say in `unit` what it is measured in."
        )
    digits = Decimal(1).scaleb(-int(params.get("digits", 6)))
    found = _converted(amount, str(source), str(target))
    if found.adjusted() > 28:
        raise FunctionError("The number is too large to be converted.")
    return _plain(found.quantize(digits, context=ARITHMETIC))


def _plain(value: Decimal) -> Any:
    """Without zeros at the end."""
    kept = value.normalize(ARITHMETIC)
    exponent = kept.as_tuple().exponent
    return whole(kept.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else kept)


def _read(text: str, locale: str) -> tuple[Decimal, str | None]:
    match = first(text)
    amount = exact(match, sign_of(locale) if locale else None) if match else None
    if match is None or amount is None:
        raise FunctionError(f"{text[:40]!r} holds no number.", code="unit")
    rest = re.sub(r"[\s.]", "", text[match.end() :])
    if not rest:
        return amount, None
    unit = rest if rest in UNITS else _WRITTEN.get(rest.lower(), rest.lower())
    if unit not in UNITS:
        raise FunctionError(
            f"{rest[:20]!r} is no unit that is known.",
            code="unit",
            fix=f"Known are {', '.join(UNITS)}.",
        )
    return amount, unit


def _converted(amount: Decimal, source: str, target: str) -> Decimal:
    if source in _TEMPERATURES and target in _TEMPERATURES:
        kelvin = {
            "K": amount,
            "C": amount + Decimal("273.15"),
            "F": (amount + Decimal("459.67")) * 5 / 9,
        }[source]
        if target == "K":
            return kelvin
        celsius = kelvin - Decimal("273.15")
        return celsius if target == "C" else celsius * 9 / 5 + 32
    if _KIND.get(source) is None or _KIND.get(source) != _KIND.get(target):
        raise FunctionError(
            f"{source} cannot be converted to {target}: they measure different things.",
            code="unit",
            fix="Choose two units of the same kind.",
        )
    return ARITHMETIC.divide(ARITHMETIC.multiply(amount, _FACTOR[source]), _FACTOR[target])


FUNCTIONS = (
    Function(
        name="unit_convert",
        title="Convert a unit",
        summary="A measure in another unit: mass, length, area, volume, time, data, share, "
        "temperature. A text may name its own unit (1,5 kg).",
        build=with_params(_convert),
        params={
            "unit": {"enum": list(UNITS), "title": "Unit of the source"},
            "to": {"enum": list(UNITS), "title": "Unit of the result"},
            "digits": {
                "type": "integer",
                "minimum": 0,
                "maximum": 12,
                "default": 6,
                "title": "Decimals at most",
            },
            "locale": {
                "type": "string",
                "title": "Language",
                "description": "Decides only numbers that the text leaves open.",
            },
        },
        required=("to",),
        group=Group.NUMBERS,
        takes="number",
        gives="number",
        filter=True,
        examples=(
            Example(value=1500, params={"unit": "g", "to": "kg"}, result=1.5),
            Example(value="2,5 lb", params={"to": "kg", "digits": 3}, result=1.134),
            Example(value=100, params={"unit": "C", "to": "F"}, result=212),
        ),
    ),
)
