"""The filters, tests and functions that expressions may use, and nothing else.

Every one is ours: none of Jinja's own filters (attr, map, format, ...) is reachable. Arguments
and results are bounded.
"""

import inspect
import keyword
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from jinja2.runtime import Undefined

from connectors.sdk.codec import canonical
from flows.mapping import dates
from flows.mapping.crosswalk import Direction
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.call import call
from flows.mapping.path import EACH, Missing, lookup
from flows.mapping.values import (
    ARITHMETIC,
    ValueLimitError,
    bounded,
    describe,
    fit,
    number,
    parse_number,
    text,
    whole,
)

MAX_ITEMS = 100_000


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueLimitError(f"Expected a text, found {describe(_known(value))}.")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ValueLimitError(f"Expected a list, found {describe(_known(value))}.")
    if len(value) > MAX_ITEMS:
        raise ValueLimitError(f"The list has more than {MAX_ITEMS} elements.")
    return value


def _known(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # raises with the name that is missing
    return value


def default(value: Any, other: Any = "", also_empty: bool = False) -> Any:
    """`other` where the value is missing or null; with `also_empty` also for "" and []."""
    if isinstance(value, Undefined) or value is None:
        return other
    return other if also_empty and value in ("", [], {}) else value


def upper(value: Any) -> str:
    """Capital letters."""
    return fit(_text(value).upper())


def lower(value: Any) -> str:
    """Small letters."""
    return fit(_text(value).lower())


def trim(value: Any) -> str:
    """Without white space at both ends."""
    return _text(value).strip()


def length(value: Any) -> int:
    """Number of characters, elements or keys."""
    if type(value) not in (str, list, dict):
        raise ValueLimitError(f"{describe(_known(value))} has no length.")
    return len(value)


def first(value: Any) -> Any:
    """The first element, null of an empty list."""
    items = _list(value)
    return items[0] if items else None


def last(value: Any) -> Any:
    """The last element, null of an empty list."""
    items = _list(value)
    return items[-1] if items else None


def join(value: Any, separator: str = ", ") -> str:
    """The elements as one text; null elements are left out."""
    parts = [text(one) for one in _list(value) if one is not None]
    if sum(map(len, parts)) + len(_text(separator)) * len(parts) > 1_000_000:
        raise ValueLimitError("The text is larger than 1 MB.")
    return separator.join(parts)


def split(value: Any, separator: str = ",") -> list[str]:
    """The parts between separators, each trimmed; of an empty text no part."""
    source = _text(value)
    if not _text(separator):
        raise ValueLimitError("A separator has at least one character.")
    return [part.strip() for part in source.split(separator)] if source.strip() else []


def replace(value: Any, old: str, new: str) -> str:
    """Every `old` replaced by `new`."""
    source = _text(value)
    if not _text(old):
        raise ValueLimitError("Nothing cannot be replaced: the first argument is empty.")
    if len(source) + source.count(old) * (len(_text(new)) - len(old)) > 1_000_000:
        raise ValueLimitError("The text is larger than 1 MB.")
    return source.replace(old, new)


def truncate(value: Any, size: int) -> str:
    """The first `size` characters."""
    if type(size) is not int or not 0 <= size <= 1_000_000:
        raise ValueLimitError("The size of truncate is a whole number from 0 on.")
    return _text(value)[:size]


def round_(value: Any, digits: int = 0, mode: str = "half_up") -> Decimal:
    """Rounded to `digits` decimals; `mode` half_up or half_even."""
    modes = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
    if type(digits) is not int or not 0 <= digits <= 20 or mode not in modes:
        raise ValueLimitError("round takes 0 to 20 digits and half_up or half_even.")
    found = Decimal(number(_known(value)))
    if found.adjusted() > 28:
        raise ValueLimitError("The number is too large to be rounded.")
    return found.quantize(Decimal(1).scaleb(-digits), modes[mode], ARITHMETIC)


def int_(value: Any) -> int:
    """A whole number out of a number or text; the fraction is cut off."""
    return int(bounded(Decimal(number_(value))))


def number_(value: Any) -> Decimal | int:
    """A number out of a number or a text with a point as decimal sign."""
    return parse_number(value) if type(value) is str else number(_known(value))


def text_(value: Any) -> str:
    """As text, in the way that mixed text shows it."""
    return text(_known(value))


def abs_(value: Any) -> Decimal | int:
    """Without sign."""
    found = number(_known(value))
    return -found if found < 0 else found


def sum_(value: Any) -> Decimal | int:
    """Sum of numbers, exact; 0 of an empty list."""
    total = Decimal(0)
    for one in _list(value):
        total = ARITHMETIC.add(total, Decimal(number(one)))
    return whole(bounded(total))


def min_(value: Any) -> Any:
    """The smallest number of a list."""
    return min((number(one) for one in _list(value)), default=None)


def max_(value: Any) -> Any:
    """The largest number of a list."""
    return max((number(one) for one in _list(value)), default=None)


def unique(value: Any) -> list[Any]:
    """Without repetitions; the first of each stays where it is."""
    seen: dict[bytes, Any] = {}
    for one in _list(value):
        seen.setdefault(canonical(_known(one)), one)
    return list(seen.values())


def date(value: Any, pattern: str | None = None, zone: str | None = None) -> str:
    """An ISO date or instant written by a CLDR pattern ("dd.MM.yyyy"), in a zone."""
    try:
        return dates.show(dates.parse(_text(value), None, None), pattern, zone, "en")
    except dates.DateError as error:
        raise ValueLimitError(str(error)) from error


FILTERS: dict[str, Callable[..., Any]] = {
    "default": default,
    "upper": upper,
    "lower": lower,
    "trim": trim,
    "length": length,
    "first": first,
    "last": last,
    "join": join,
    "split": split,
    "replace": replace,
    "truncate": truncate,
    "round": round_,
    "int": int_,
    "number": number_,
    "text": text_,
    "abs": abs_,
    "sum": sum_,
    "min": min_,
    "max": max_,
    "unique": unique,
    "date": date,
}


def _function(name: str) -> Callable[..., Any]:
    """A mapping function as a filter; its params are the named arguments."""

    def apply(value: Any, **params: Any) -> Any:
        try:
            return call(name, _known(value), params)
        except ValueError as error:  # functions', dates' and values' errors
            raise ValueLimitError(str(error)) from error

    function = FUNCTIONS[name]
    apply.__name__, apply.__doc__ = name, function.summary
    given = [
        inspect.Parameter(
            one,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if one in function.required else None,
        )
        for one in function.params
        if not keyword.iskeyword(one)  # `in` cannot be written as an argument
    ]
    value = inspect.Parameter("value", inspect.Parameter.POSITIONAL_ONLY)
    apply.__signature__ = inspect.Signature([value, *given])  # type: ignore[attr-defined]
    return apply


FILTERS |= {
    name: _function(name) for name, one in FUNCTIONS.items() if one.filter and name not in FILTERS
}


def _is(kind: type | tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(_known(value), kind) and type(value) is not bool


TESTS: dict[str, Callable[[Any], bool]] = {
    "defined": lambda value: not isinstance(value, Undefined),
    "undefined": lambda value: isinstance(value, Undefined),
    "none": lambda value: _known(value) is None,
    "empty": lambda value: isinstance(value, Undefined) or value is None or value in ("", [], {}),
    "text": _is(str),
    "number": _is((int, Decimal)),
    "boolean": lambda value: type(_known(value)) is bool,
    "list": _is(list),
    "object": _is(dict),
}


def crosswalk(
    code: Any, tables: Any, slug: str, direction: str = "to_right", *otherwise: Any
) -> Any:
    """What `crosswalk("slug", code, "to_right", default)` calls. Raises `ValueLimitError`."""
    table = tables.get(slug)
    if table is None:
        raise ValueLimitError(f"There is no crosswalk called {slug!r}.")
    found = table.find(text(_known(code)), Direction(direction))
    if found is None and not otherwise:
        raise ValueLimitError(f"Crosswalk {slug!r} has no entry for {text(code)[:60]!r}.")
    return otherwise[0] if found is None else found


def path(value: Any, segments: Sequence[Any]) -> Any:
    """`lines[].sku`; null among the segments stands for `[]`."""
    found = lookup(_known(value), [EACH if one is None else one for one in segments])
    if type(found) is Missing:
        raise ValueLimitError(f"There is no {found.where!r}.")
    return found


def concat(parts: Sequence[Any]) -> str:
    """What `~` does."""
    texts = [text(_known(part)) for part in parts]
    if sum(map(len, texts)) > 1_000_000:
        raise ValueLimitError("The text is larger than 1 MB.")
    return "".join(texts)


# Names with an underscore cannot be written in an expression; the rewriter puts them in.
INTERNAL: dict[str, Callable[..., Any]] = {
    "_crosswalk": crosswalk,
    "_path": path,
    "_concat": concat,
    "_decimal": Decimal,
}
