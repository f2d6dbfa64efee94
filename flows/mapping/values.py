"""What text and number mean in expressions and functions; nothing here ever makes a float."""

from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Any, TypeVar

from connectors.sdk.codec import dumps

Number = TypeVar("Number", Decimal, int)

MAX_TEXT = 1_000_000
MAX_EXPONENT = 1000
MAX_BITS = 4096
ARITHMETIC = Context(prec=50, traps=[InvalidOperation, DivisionByZero, Overflow])


class ValueLimitError(ValueError):
    """A value is too large, or not of the kind that was asked for."""


def text(value: Any) -> str:
    """A value as text: null is empty, booleans are true and false, numbers have no exponent,
    lists and objects are JSON."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Decimal):
        return format(bounded(value), "f")
    if isinstance(value, int):
        return str(bounded(value))
    if isinstance(value, float):
        return format(bounded(Decimal(repr(value))), "f")
    return fit(dumps(value).decode())


def number(value: Any) -> Decimal | int:
    """A number that is one already. Raises `ValueLimitError` for text, booleans and the rest."""
    if type(value) is int:
        return bounded(value)
    if isinstance(value, Decimal):
        return bounded(value)
    if isinstance(value, float):
        return bounded(Decimal(repr(value)))
    raise ValueLimitError(f"{describe(value)} is not a number.")


def bounded(value: Number) -> Number:
    """The same number, when its digits fit a page. Raises `ValueLimitError` when they do not."""
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
            raise ValueLimitError("The number is too large or too small.")
    elif value.bit_length() > MAX_BITS:
        raise ValueLimitError("The number is too large.")
    return value


def whole(value: Decimal) -> Decimal | int:
    """An integer where the fraction is zero and written without one, else the Decimal."""
    exponent = value.as_tuple().exponent
    return int(bounded(value)) if isinstance(exponent, int) and exponent >= 0 else value


def parse_number(value: str) -> Decimal | int:
    """Text with a point as decimal sign. Raises `ValueLimitError`."""
    try:
        found = Decimal(value.strip())
    except DecimalException as error:
        raise ValueLimitError(f"{value[:40]!r} is not a number.") from error
    return whole(bounded(found))


def fit(value: str) -> str:
    """The same text, when it is small enough. Raises `ValueLimitError` when it is not."""
    if len(value) > MAX_TEXT:
        raise ValueLimitError("The text is larger than 1 MB.")
    return value


_KINDS: dict[type, str] = {
    type(None): "null",
    str: "a text",
    bool: "a boolean",
    int: "a number",
    Decimal: "a number",
    list: "a list",
    dict: "an object",
}


def describe(value: Any) -> str:
    """The kind of a value, for messages: values themselves may be personal and stay out."""
    return _KINDS.get(type(value), type(value).__name__)
