"""The filter syntax of list requests, and the order of their rows, as MariaDB compares them."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from .schema import Field

Test = Callable[[Any], bool]
_SHAPE = re.compile(r"([<>!%]?)\[(.*)\](%?)", re.DOTALL)


def sort_key(field: Field, value: Any) -> Any:
    """What a column's value is compared by: numbers as numbers, text without its case."""
    if isinstance(value, list):
        value = value[0]["value"] if value else ""
    if field.numeric:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return Decimal(0)
    return str(value if value is not None else "").casefold()


def parse(field: Field, text: str) -> Test:
    """A test for one stored value. `[a|b]`, `[a,b]`, `[a]%`, `%[a]%`, `>[a]`, `<[a]`, `![a|b]`.

    Text without brackets is an exact value.
    """
    found = _SHAPE.fullmatch(text)
    if not found:
        return _any_language(_one_of(field, [text]))
    mark, inner, tail = found.groups()
    if mark == "%" or tail == "%":
        needle = inner.casefold()
        return _any_language(_like(needle, starts=mark != "%", ends=tail != "%"))
    if mark == ">":
        bound = sort_key(field, inner)
        return _any_language(lambda value: bool(sort_key(field, value) > bound))
    if mark == "<":
        bound = sort_key(field, inner)
        return _any_language(lambda value: bool(sort_key(field, value) < bound))
    if mark == "!":
        same = _one_of(field, inner.split("|"))
        return _any_language(lambda value: not same(value))
    if "|" not in inner and "," in inner:
        low, high = (sort_key(field, part) for part in inner.split(",", 1))
        return _any_language(lambda value: bool(low <= sort_key(field, value) <= high))
    return _any_language(_one_of(field, inner.split("|")))


def exact_value(text: str) -> str | None:
    """The value of a filter that asks for exactly one, else None."""
    found = _SHAPE.fullmatch(text)
    if not found:
        return text
    mark, inner, tail = found.groups()
    return None if mark or tail or "|" in inner or "," in inner else inner


def _one_of(field: Field, texts: list[str]) -> Test:
    wanted = {sort_key(field, text) for text in texts}
    return lambda value: sort_key(field, value) in wanted


def _like(needle: str, *, starts: bool, ends: bool) -> Test:
    def test(value: Any) -> bool:
        text = str(value if value is not None else "").casefold()
        if starts:
            return text.startswith(needle)
        return text.endswith(needle) if ends else needle in text

    return test


def _any_language(test: Test) -> Test:
    def over(value: Any) -> bool:
        if isinstance(value, list):
            return any(test(one["value"]) for one in value)
        return test(value)

    return over
