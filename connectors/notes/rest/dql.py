"""DQL queries whose values never become a part of their syntax.

Text and numbers go in as named substitution variables (`?name`, at most 16 bytes; vendor's
documentation of DQL), which Domino binds after it has read the query. A point in time cannot be
told from a text in JSON, so it is written into the query as `@dt('...')`, by us, from a time that
was read as one.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.notes.transforms import instant_text
from connectors.sdk.errors import ConfigurationError, RejectedError

_LONGEST = 8000
# What a query is made of: text in quotes, variables, anything else.
_PARTS = re.compile(r"'(?:[^']|'')*'|\?(\w*)|[^'?]+|'")
_NAME = re.compile(r"[A-Za-z]\w{0,14}", re.ASCII)


def changed_query(since: datetime) -> str:
    """Documents saved in this file at or after a time."""
    return f"@ModifiedInThisFile >= @dt('{instant_text(since)}')"


def prepare(text: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The query and its variables as they are sent.

    Values are texts, numbers, and times as `{"time": "2026-11-23T10:21:30Z"}`. Raises
    `ConfigurationError` for a query that cannot be one, with a variable that has no value, or a
    value that it does not use; `RejectedError` for values of another kind.
    """
    query = text.strip()
    if not query or len(query) > _LONGEST:
        raise _bad(f"The query is empty or longer than {_LONGEST} characters.")
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", query):
        raise _bad("The query holds control characters.")
    times = {name: moment for name, one in values.items() if (moment := _time(name, one))}
    variables = {name: _plain(name, one) for name, one in values.items() if name not in times}
    used: set[str] = set()
    parts = list(_written(query, times, variables, used))
    if unused := sorted(set(values) - used):
        raise _bad(f"The query does not use {', '.join(unused)}.")
    return "".join(parts), variables


def _written(
    query: str, times: Mapping[str, str], variables: Mapping[str, Any], used: set[str]
) -> Iterator[str]:
    for hit in _PARTS.finditer(query):
        part, name = hit[0], hit[1]
        if part == "'":
            raise _bad("A quote in the query is not closed.")
        if name is None:
            yield part
            continue
        if not _NAME.fullmatch(name):
            raise _bad(f"?{name} is no name of a variable (a letter, then at most 14 more).")
        if name not in times and name not in variables:
            raise _bad(f"The variable ?{name} has no value.")
        used.add(name)
        yield f"@dt('{times[name]}')" if name in times else part


def _time(name: str, value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""
    try:
        moment = datetime.fromisoformat(str(value.get("time")))
    except ValueError:
        moment = None
    if set(value) != {"time"} or moment is None or moment.tzinfo is None:
        raise RejectedError(
            f"The value of ?{name} is no time with a zone.",
            code="query_value",
            fix='Give {"time": "2026-11-23T10:21:30Z"}, a text or a number.',
        )
    return instant_text(moment)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str) or (
        isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    ):
        return value
    raise RejectedError(
        f"The value of ?{name} is neither text nor number.",
        code="query_value",
        fix='Give a text, a number, or {"time": "2026-11-23T10:21:30Z"}.',
    )


def _bad(message: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        code="query",
        fix="Write the query in DQL with ?name where a value goes, and give each value by its "
        "name.",
    )
