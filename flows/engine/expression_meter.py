"""What one evaluation of an expression may use up.

Each single value is bounded already; the meter bounds their sum, so that a list of three hundred
texts of 1 MB, or a long row of filters over one, ends in an error instead of in swap space.
"""

from collections.abc import Callable
from functools import wraps
from threading import local
from typing import Any, Final

from flows.mapping.values import MAX_TEXT, ValueLimitError

MAX_WORK: Final = 16 * MAX_TEXT
ELEMENT: Final = 16  # an element of a list weighs about as much memory as this many characters


class _Meter(local):
    left: int = MAX_WORK


_METER: Final = _Meter()


def start() -> None:
    """A new evaluation begins on this thread."""
    _METER.left = MAX_WORK


def weighed(value: Any) -> Any:
    """The same value, counted. Raises `ValueLimitError` when the evaluation used up its share."""
    kind = type(value)
    if kind is str:
        _METER.left -= len(value)
    elif kind is list or kind is dict:
        _METER.left -= ELEMENT * len(value)
    else:
        return value
    if _METER.left < 0:
        raise ValueLimitError("The expression handles too much text at once.")
    return value


def metered(apply: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose value and result are counted."""

    @wraps(apply)
    def counted(value: Any, *args: Any, **kwargs: Any) -> Any:
        return weighed(apply(weighed(value), *args, **kwargs))

    return counted
