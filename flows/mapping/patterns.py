"""How long a text a regular expression may look at without keeping a processor busy.

Python's `re` tries alternatives one after the other: `(a+)+$` takes a year over forty letters.
A pattern in a schema comes from whoever writes flows and the text from a far side, so the
worst case is estimated from the parsed pattern: of a text of n characters at most
`factor * n ** power` ways, where every open repetition adds a power and everything else that
leaves a choice a factor. What cannot be bounded in this way is refused.
"""

import re
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

# Where the standard library keeps its parser since Python 3.11; it has no public name.
_parser: Final[Any] = import_module("re._parser")

MAX_STEPS: Final = 20_000_000
LEAST: Final = 32  # characters: a pattern that may not even look at these is refused
_FEW: Final = 32  # a repetition that varies by more than this counts as open
_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class PatternError(ValueError):
    """The pattern could keep a processor busy, or is none; the message says why."""


@lru_cache(maxsize=1024)
def reach(pattern: str) -> int:
    """Length of the longest text that `pattern` may be searched in. Raises `PatternError`."""
    if len(pattern) > 1000:
        raise PatternError("it is longer than 1000 characters")
    try:
        tree = list(_parser.parse(pattern))
        re.compile(pattern)
        power, factor = _cost(tree)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError("it is not a regular expression") from error
    if not (tree and _name(tree[0]) == "AT" and str(tree[0][1]).startswith("AT_BEGINNING")):
        power += 1  # a search begins anew at every character
    if factor > MAX_STEPS:
        raise PatternError("it leaves too many choices")
    longest = MAX_STEPS // factor
    if power:
        longest = int(longest ** (1 / power) + 1e-9)
    if longest < LEAST:
        raise PatternError("it has too many open repetitions")
    return longest


def _name(token: Any) -> str:
    return str(token[0])


def _cost(tree: Any) -> tuple[int, int]:
    """Power and factor of a sequence."""
    power, factor = 0, 1
    for token in tree:
        p, f = _token(_name(token), token[1])
        power, factor = power + p, min(factor * f, MAX_STEPS + 1)
    return power, factor


def _token(name: str, value: Any) -> tuple[int, int]:
    if name in _REPEATS:
        return _repeat(*value)
    if name == "SUBPATTERN":
        return _cost(value[-1])
    if name == "BRANCH":
        costs = [_cost(one) for one in value[1]]
        starts = [_start(one) for one in value[1]]
        told_apart = None not in starts and len(set(starts)) == len(starts)
        factor = max(f for _, f in costs) if told_apart else sum(f for _, f in costs)
        return max(p for p, _ in costs), factor
    if name == "ATOMIC_GROUP":
        return _cost(value)
    if name in ("ASSERT", "ASSERT_NOT"):
        return _cost(value[1])
    if name.startswith("GROUPREF"):
        raise PatternError("it refers back to what it found")
    return 0, 1


def _repeat(least: Any, most: Any, body: Any) -> tuple[int, int]:
    least, most = int(least), int(most)
    power, factor = _cost(body)
    if power == 0 and factor == 1:
        choices = most - least + 1
        return (1, 1) if choices > _FEW else (0, choices)
    if most <= 1:
        return power, factor + 1
    if _parted(list(body)):
        return 1, 1
    if power or most > _FEW:
        raise PatternError("it repeats something that itself varies in length")
    return 0, int(min(factor**most * (most - least + 1), MAX_STEPS + 1))


def _start(sequence: Any) -> str | None:
    """The one character that an alternative begins with, if that is fixed; case may not count."""
    first = next(iter(sequence), None)
    if first is None or _name(first) != "LITERAL":
        return None
    return chr(first[1]).casefold()


def _parted(body: list[Any]) -> bool:
    """Whether this is a separator and characters that are not the separator: `-[a-z]+`."""
    if len(body) == 1 and _name(body[0]) == "SUBPATTERN":
        return _parted(list(body[0][1][-1]))
    mark = _start(body)
    if mark is None or mark.isalnum() or mark == "_":
        return False
    repeated = [one for one in body[1:] if _name(one) in _REPEATS]
    return len(repeated) <= 1 and all(_without(mark, *one) for one in body[1:])


def _without(mark: str, name: Any, value: Any) -> bool:
    """Whether one token of a pattern never matches this character."""
    kind = str(name)
    if kind in _REPEATS:
        inner = list(value[2])
        return len(inner) == 1 and _name(inner[0]) == "IN" and _without(mark, *inner[0])
    if kind == "IN":
        return all(_without(mark, *one) for one in value)
    if kind == "LITERAL":
        return chr(value) != mark
    if kind == "RANGE":
        return not value[0] <= ord(mark) <= value[1]
    return kind == "CATEGORY" and str(value) in ("CATEGORY_DIGIT", "CATEGORY_WORD")
