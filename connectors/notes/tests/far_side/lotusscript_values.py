"""Values of LotusScript: conversion, bounds, and what the signs between them do."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.notes.tests.far_side.lotusscript_builtins import concat, like

_BOUNDS = {"integer": 2**15, "long": 2**31}


class ScriptError(Exception):
    """An error of LotusScript, by number."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"{number}: {text}")
        self.number, self.text = number, text


@dataclass(slots=True)
class Array:
    """Bounds from 0. `kind` is the type of an element; a list is a dict by tag."""

    kind: str
    values: list[Any]

    def at(self, place: Any) -> int:
        if not 0 <= int(place) < len(self.values):
            raise ScriptError(9, f"Subscript out of range: {place}")
        return int(place)


def indexed(value: Any, arguments: list[Any]) -> Any:
    [index] = arguments
    if isinstance(value, Array):
        return value.values[value.at(index)]
    if isinstance(value, dict):
        if index not in value:
            raise ScriptError(120, f"List item does not exist: {index}")
        return value[index]
    if not 0 <= index < len(value):
        raise ScriptError(9, f"Subscript out of range: {index}")
    return value[index]


def initial(kind: str) -> Any:
    if kind in _BOUNDS:
        return 0
    return {"double": 0.0, "string": "", "boolean": False}.get(kind)


def converted(value: Any, kind: str) -> Any:
    if isinstance(value, Array | list | dict):
        return value
    if kind in _BOUNDS and not isinstance(value, datetime):
        found = round(float(value))
        if not -_BOUNDS[kind] <= found < _BOUNDS[kind]:
            raise ScriptError(6, f"Overflow: {value} is no {kind}")
        return found
    if kind == "double" and not isinstance(value, datetime):
        return float(value)
    if kind == "string":
        if not isinstance(value, str):
            raise ScriptError(13, f"Type mismatch: {value!r} is no string")
        return value
    return bool(value) if kind == "boolean" else value


def number(text: str) -> Any:
    plain = text.rstrip("%&!#@")
    if plain.lower().startswith("&h"):
        return int(plain[2:], 16)
    is_double = text.endswith(("#", "!", "@")) or any(one in plain for one in ".eEdD")
    return float(plain) if is_double else int(plain)


def combined(sign: str, a: Any, b: Any) -> Any:
    if sign in {"and", "or", "xor"}:
        work: Callable[[Any, Any], Any] = {
            "and": lambda x, y: x & y, "or": lambda x, y: x | y, "xor": lambda x, y: x ^ y,
        }[sign]  # fmt: skip
        both = isinstance(a, bool) and isinstance(b, bool)
        return work(a, b) if both else work(int(a), int(b))
    if sign == "is":
        return a is b
    if sign == "like":
        return like(a, b)
    if sign == "&":
        return concat(a, b)
    if sign in {"=", "<>", "<", ">", "<=", ">="}:
        if isinstance(a, str) != isinstance(b, str):
            raise ScriptError(13, f"Type mismatch: {a!r} {sign} {b!r}")
        return {"=": a == b, "<>": a != b}.get(sign) if sign in {"=", "<>"} else {
            "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b,
        }[sign]  # fmt: skip
    if isinstance(a, str) or isinstance(b, str):
        if sign == "+" and isinstance(a, str) and isinstance(b, str):
            return a + b
        raise ScriptError(13, f"Type mismatch: {a!r} {sign} {b!r}")
    return _reckoned(sign, a, b)


def _reckoned(sign: str, a: Any, b: Any) -> Any:
    if sign == "/":
        return a / b
    if sign == "^":
        return float(a) ** b
    if sign in {"\\", "mod"}:
        a, b = round(a), round(b)
        return math.trunc(a / b) if sign == "\\" else int(math.fmod(a, b))
    found = {"+": a + b, "-": a - b, "*": a * b}[sign]
    if isinstance(found, int) and not -(2**31) <= found < 2**31:
        raise ScriptError(6, f"Overflow: {a} {sign} {b}")
    return found
