"""Calling a function by its name outside of a mapping: for expressions, the command line and the
documentation's examples."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from connectors.sdk.codec import canonical, loads
from flows.mapping.crosswalk import Crosswalk
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.function import (
    Apply,
    FunctionContext,
    FunctionError,
    Read,
)
from flows.mapping.json_schema import findings, validator
from flows.mapping.path import Missing, PathError, parse_path, reader

_VALIDATORS: Final = {name: validator(one.schema) for name, one in FUNCTIONS.items()}


class _Builder:
    """Compiles params on their own; what a mapping would report is raised."""

    def path(self, text: str) -> Read:
        try:
            read = reader(parse_path(text))
        except PathError as error:
            raise FunctionError(str(error), code="path_syntax") from error

        def found(names: Mapping[str, Any]) -> Any:
            value = read(names)
            return None if type(value) is Missing else value

        return found

    def field(self, text: str, *extra: str) -> Read:
        raise FunctionError(
            "Templates are for mappings; write an expression instead.", code="function_place"
        )

    def crosswalk(self, slug: str) -> None:
        """Nothing to note: the tables are given with the call."""

    def problem(self, code: str, message: str, fix: str = "") -> None:
        raise FunctionError(message, code=code, fix=fix)


def call(
    name: str,
    value: Any,
    params: Mapping[str, Any] | None = None,
    *,
    names: Mapping[str, Any] | None = None,
    crosswalks: Mapping[str, Crosswalk] | None = None,
) -> Any:
    """What the function makes of the value. Raises `FunctionError`, also for an unknown name or
    params that do not match, and the errors of dates and values (all `ValueError`)."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise FunctionError(
            f"There is no function called {name!r}.",
            code="function_unknown",
            fix=f"Known are {', '.join(sorted(FUNCTIONS))}.",
        )
    apply = _built(name, canonical(dict(params or {})))
    return function.over_value(apply, value, FunctionContext(names or {}, crosswalks or {}))


@lru_cache(maxsize=512)
def _built(name: str, params: bytes) -> Apply:
    """The compiled function; the params come as canonical JSON, so that it can be kept."""
    function, given = FUNCTIONS[name], loads(params)
    for where, message in findings(_VALIDATORS[name], {"name": name, **given}):
        place = f" ({'.'.join(map(str, where))})" if where else ""
        raise FunctionError(
            f"Function {name!r}{place}: {message}",
            code="function_params",
            fix=f"It takes {', '.join(function.params) or 'nothing'}.",
        )
    return function.build(given, _Builder())
