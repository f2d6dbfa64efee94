"""Functions over lists, objects and several fields."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk.codec import canonical
from flows.mapping.functions.function import (
    Apply,
    Builder,
    Example,
    Function,
    FunctionContext,
    FunctionError,
    Group,
    Over,
    as_text,
    pure,
    with_params,
)
from flows.mapping.path import Missing, PathError, lookup, parse_path
from flows.mapping.values import describe, fit, text

_SEPARATOR = {"type": "string", "maxLength": 20, "title": "Separator"}
_OTHERS = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "title": "Other fields",
}


def _as_list(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


def _split(value: Any, params: Mapping[str, Any]) -> list[str]:
    source = as_text(value)
    parts = [part.strip() for part in source.split(params.get("separator", ","))]
    return [part for part in parts if part]


def _join(value: Any, params: Mapping[str, Any]) -> str:
    parts = [text(one) for one in _as_list(value) if one not in (None, "")]
    separator = str(params.get("separator", ", "))
    if sum(map(len, parts)) + len(separator) * len(parts) > 1_000_000:
        raise FunctionError("The text would grow beyond 1 MB.")
    return separator.join(parts)


def _first(value: Any) -> Any:
    return next((one for one in _as_list(value) if one not in (None, "")), None)


def _unique(value: Any) -> list[Any]:
    seen: dict[bytes, Any] = {}
    for one in _as_list(value):
        seen.setdefault(canonical(one), one)
    return list(seen.values())


def _concat(params: Mapping[str, Any], builder: Builder) -> Apply:
    others = [builder.path(path) for path in params["with"]]
    separator = params.get("separator", " ")

    def apply(value: Any, context: FunctionContext) -> str:
        values = [value, *(read(context.names) for read in others)]
        if any(type(one) in (list, dict) for one in values):
            raise FunctionError("concat puts single values together; use join for a list.")
        return fit(separator.join(part for one in values if (part := text(one).strip())))

    return apply


def _coalesce(params: Mapping[str, Any], builder: Builder) -> Apply:
    others = [builder.path(path) for path in params["with"]]

    def apply(value: Any, context: FunctionContext) -> Any:
        if not _empty(value):
            return value
        found = (read(context.names) for read in others)
        return next((one for one in found if not _empty(one)), None)

    return apply


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {}) or (type(value) is str and not value.strip())


def _pick(params: Mapping[str, Any], builder: Builder) -> Apply:
    try:
        inner = str(params["path"])
        segments = parse_path(f"value{inner}" if inner[0] == "[" else f"value.{inner}").segments
    except PathError as error:
        builder.problem("path_syntax", str(error), "Write it like lines[0].sku.")
        segments = ()

    def apply(value: Any, context: FunctionContext) -> Any:
        if type(value) not in (list, dict):
            raise FunctionError(f"Expected an object or a list, found {describe(value)}.")
        found = lookup(value, segments)
        return None if type(found) is Missing else found

    return apply


FUNCTIONS = (
    Function(
        name="split",
        title="Split",
        summary="Cuts a text into a list; parts are trimmed and empty ones left out.",
        build=with_params(_split),
        params={"separator": {**_SEPARATOR, "minLength": 1, "default": ","}},
        group=Group.LISTS,
        gives="array",
        examples=(Example(value="red; blue;", params={"separator": ";"}, result=["red", "blue"]),),
    ),
    Function(
        name="join",
        title="Join",
        summary="Makes one text out of a list; empty elements are left out.",
        build=with_params(_join),
        params={"separator": {**_SEPARATOR, "default": ", "}},
        over=Over.WHOLE,
        group=Group.LISTS,
        takes="array",
        examples=(Example(value=["red", None, "blue"], result="red, blue"),),
    ),
    Function(
        name="first",
        title="First",
        summary="The first element that is not empty.",
        build=pure(_first),
        over=Over.WHOLE,
        group=Group.LISTS,
        takes="array",
        gives="any",
        examples=(Example(value=["", "blue", "red"], result="blue"),),
    ),
    Function(
        name="unique",
        title="Without repetitions",
        summary="Leaves out elements that were there before.",
        build=pure(_unique),
        over=Over.WHOLE,
        group=Group.LISTS,
        takes="array",
        gives="array",
        examples=(Example(value=["a", "b", "a"], result=["a", "b"]),),
    ),
    Function(
        name="concat",
        title="Put together",
        summary="Appends other fields; empty ones are left out.",
        build=_concat,
        params={"with": _OTHERS, "separator": {**_SEPARATOR, "default": " "}},
        required=("with",),
        over=Over.WHOLE,
        takes_null=True,
        group=Group.LISTS,
        takes="any",
        examples=(
            Example(
                value="Ann",
                params={"with": ["customer.lastname"]},
                names={"customer": {"lastname": "Lee"}},
                result="Ann Lee",
            ),
        ),
    ),
    Function(
        name="coalesce",
        title="The first that is filled",
        summary="The value, or the first of other fields that is neither null nor empty.",
        build=_coalesce,
        params={"with": _OTHERS},
        required=("with",),
        over=Over.WHOLE,
        takes_null=True,
        group=Group.LISTS,
        takes="any",
        gives="any",
        examples=(
            Example(
                value="",
                params={"with": ["order.mobile", "order.phone"]},
                names={"order": {"mobile": None, "phone": "030 123"}},
                result="030 123",
            ),
        ),
    ),
    Function(
        name="pick",
        title="A part of an object",
        summary="What stands at a path within the value: city, lines[0].sku, lines[].sku; null "
        "where there is nothing.",
        build=_pick,
        params={
            "path": {"type": "string", "minLength": 1, "maxLength": 500, "title": "Path within"}
        },
        required=("path",),
        over=Over.WHOLE,
        group=Group.LISTS,
        takes="object",
        gives="any",
        filter=True,
        examples=(
            Example(
                value={"lines": [{"sku": "A-1"}, {"sku": "B-2"}]},
                params={"path": "lines[].sku"},
                result=["A-1", "B-2"],
            ),
            Example(value={"a": 1}, params={"path": "b"}, result=None),
        ),
    ),
)
