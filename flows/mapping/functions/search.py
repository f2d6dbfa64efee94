"""Functions with regular expressions, within a time limit.

Python's `re` can take years over forty letters. The worst case of a pattern is worked out before
it runs (`flows.mapping.patterns`): a text longer than the pattern can be searched in within some
twenty million steps, about a second, is refused, and a pattern that has no bound is refused when
the flow is checked.
"""

import re
from collections.abc import Mapping
from typing import Any

from flows.mapping.functions.function import (
    Apply,
    Builder,
    Example,
    Function,
    FunctionContext,
    FunctionError,
    Group,
    as_text,
)
from flows.mapping.patterns import PatternError, reach
from flows.mapping.values import fit

_MAX_FOUND = 10_000
_PATTERN = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1000,
    "title": "Pattern",
    "description": "A regular expression as Python writes it; it is searched anywhere.",
    "examples": [r"\d{4}-\d+"],
}
_FOLDED = {"type": "boolean", "default": False, "title": "Capitals do not count"}


class _Search:
    """A checked pattern; a problem is told to the builder once, when the flow is compiled."""

    def __init__(self, params: Mapping[str, Any], builder: Builder) -> None:
        self.pattern: re.Pattern[str] | None = None
        self.longest = 0
        source = str(params["pattern"])
        try:
            self.longest = reach(source)
            flags = re.IGNORECASE if params.get("ignore_case") else 0
            self.pattern = re.compile(source, flags)
        except PatternError as error:
            builder.problem(
                "pattern",
                f"The pattern {source[:60]!r} cannot be used: {error}.",
                "Write it with fewer open repetitions, or begin it with ^.",
            )

    def __call__(self, value: Any) -> tuple[re.Pattern[str], str]:
        source = as_text(value)
        if self.pattern is None:
            raise FunctionError("The pattern cannot be used.", code="pattern")
        if len(source) > self.longest:
            raise FunctionError(
                f"The text has {len(source)} characters; this pattern may search {self.longest}.",
                code="pattern_limit",
                fix="Shorten the text before, begin the pattern with ^, or make it simpler.",
            )
        return self.pattern, source


def _find(params: Mapping[str, Any], builder: Builder) -> Apply:
    search = _Search(params, builder)
    group = params.get("group", 0)
    if search.pattern is not None:
        known = {*range(search.pattern.groups + 1), *search.pattern.groupindex}
        if group not in known:
            builder.problem(
                "pattern",
                f"The pattern has no group {group!r}.",
                "Name a group that is in the pattern, or leave `group` out.",
            )

    def apply(value: Any, context: FunctionContext) -> Any:
        pattern, source = search(value)
        if params.get("all"):
            found = []
            for one in pattern.finditer(source):
                found.append(one[group] or "")
                if len(found) > _MAX_FOUND:
                    raise FunctionError(f"The pattern is found more than {_MAX_FOUND} times.")
            return found
        match = pattern.search(source)
        if match is not None:
            return match[group]
        if params.get("on_missing", "null") == "null":
            return None
        raise FunctionError(
            "The text does not hold what the pattern looks for.",
            code="pattern_missing",
            fix="Correct the record, or set `on_missing` to null.",
        )

    return apply


def _replace(params: Mapping[str, Any], builder: Builder) -> Apply:
    search = _Search(params, builder)
    new = str(params["new"])

    def apply(value: Any, context: FunctionContext) -> str:
        pattern, source = search(value)
        kept, at, size = [], 0, len(source)
        for times, one in enumerate(pattern.finditer(source), 1):
            size += len(new) - (one.end() - one.start())
            if times > _MAX_FOUND or size > 1_000_000:
                raise FunctionError("Too much would be replaced: the text grows beyond 1 MB.")
            kept += [source[at : one.start()], new]
            at = one.end()
        return fit("".join([*kept, source[at:]]))

    return apply


FUNCTIONS = (
    Function(
        name="regex_find",
        title="Find by pattern",
        summary="What a regular expression finds: the first, or all as a list. Patterns and texts "
        "that could keep a processor busy are refused.",
        build=_find,
        params={
            "pattern": _PATTERN,
            "group": {
                "type": ["integer", "string"],
                "default": 0,
                "title": "Group",
                "description": "Number or name; 0 is the whole.",
            },
            "all": {"type": "boolean", "default": False, "title": "All as a list"},
            "ignore_case": _FOLDED,
            "on_missing": {
                "enum": ["null", "fail"],
                "default": "null",
                "title": "Nothing found",
                "description": "null leaves the field empty, fail stops the run.",
            },
        },
        required=("pattern",),
        group=Group.TEXT,
        filter=True,
        examples=(
            Example(
                value="Order 2026-118 of May",
                params={"pattern": r"(\d{4})-(\d+)", "group": 2},
                result="118",
            ),
            Example(
                value="A-1, B-2",
                params={"pattern": r"[A-Z]-\d", "all": True},
                result=["A-1", "B-2"],
            ),
            Example(value="none", params={"pattern": r"\d"}, result=None),
        ),
    ),
    Function(
        name="regex_replace",
        title="Replace by pattern",
        summary="Every finding of a regular expression replaced by a text, which is taken "
        "literally.",
        build=_replace,
        params={
            "pattern": _PATTERN,
            "new": {"type": "string", "maxLength": 1000, "title": "Replacement"},
            "ignore_case": _FOLDED,
        },
        required=("pattern", "new"),
        group=Group.TEXT,
        filter=True,
        examples=(
            Example(value="12 34 56", params={"pattern": r"\s", "new": ""}, result="123456"),
        ),
    ),
)
