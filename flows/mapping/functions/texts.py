"""Functions over text and lists."""

import html
import re
from collections.abc import Mapping
from typing import Any

from connectors.sdk.codec import canonical
from flows.mapping.functions.function import (
    Apply,
    Builder,
    Function,
    FunctionContext,
    FunctionError,
    Over,
    as_text,
    pure,
    with_params,
)
from flows.mapping.functions.markup import text_of
from flows.mapping.values import describe, fit, text

_SEPARATOR = {"type": "string", "maxLength": 20, "title": "Separator"}


def _as_list(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


def _truncate(value: Any, params: Mapping[str, Any]) -> str:
    source, length = as_text(value), int(params["length"])
    mark = str(params.get("ellipsis", ""))
    if len(source) <= length:
        return source
    return source[: max(0, length - len(mark))] + mark[:length]


def _replace(value: Any, params: Mapping[str, Any]) -> str:
    source, old, new = as_text(value), str(params["old"]), str(params["new"])
    if len(source) + source.count(old) * (len(new) - len(old)) > 1_000_000:
        raise FunctionError("The text would grow beyond 1 MB.")
    return source.replace(old, new)


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


def _template(params: Mapping[str, Any], builder: Builder) -> Apply:
    read = builder.field(params["text"], "value")
    return lambda value, context: read({**context.names, "value": value})


def _html_to_text(value: Any) -> str:
    return text_of(fit(as_text(value)))


def _text_to_html(value: Any) -> str:
    paragraphs = re.split(r"\n\s*\n", as_text(value).replace("\r\n", "\n").strip())
    return "".join(
        "<p>" + html.escape(one).replace("\n", "<br>") + "</p>" for one in paragraphs if one
    )


def _default(value: Any, params: Mapping[str, Any]) -> Any:
    return params["value"] if value in (None, "") else value


def _text(value: Any) -> str:
    if type(value) in (list, dict):
        raise FunctionError(f"Expected a single value, found {describe(value)}.")
    return text(value)


FUNCTIONS = (
    Function(
        name="trim",
        title="Trim",
        summary="Removes white space at both ends.",
        build=pure(lambda value: as_text(value).strip()),
    ),
    Function(
        name="upper",
        title="Capital letters",
        summary="abc becomes ABC.",
        build=pure(lambda value: as_text(value).upper()),
    ),
    Function(
        name="lower",
        title="Small letters",
        summary="ABC becomes abc.",
        build=pure(lambda value: as_text(value).lower()),
    ),
    Function(
        name="text",
        title="As text",
        summary="A number, a boolean or null as text; null is empty.",
        build=pure(_text),
        takes_null=True,
    ),
    Function(
        name="truncate",
        title="Shorten",
        summary="Keeps the first characters.",
        build=with_params(_truncate),
        params={
            "length": {"type": "integer", "minimum": 0, "title": "Length"},
            "ellipsis": {
                "type": "string",
                "maxLength": 10,
                "title": "Mark",
                "description": "Put at the end of a shortened text; counts into the length.",
            },
        },
        required=("length",),
    ),
    Function(
        name="replace",
        title="Replace",
        summary="Replaces every occurrence of a text.",
        build=with_params(_replace),
        params={
            "old": {"type": "string", "minLength": 1, "title": "Text to find"},
            "new": {"type": "string", "title": "Replacement"},
        },
        required=("old", "new"),
    ),
    Function(
        name="split",
        title="Split",
        summary="Cuts a text into a list; parts are trimmed and empty ones left out.",
        build=with_params(_split),
        params={"separator": {**_SEPARATOR, "minLength": 1, "default": ","}},
    ),
    Function(
        name="join",
        title="Join",
        summary="Makes one text out of a list; empty elements are left out.",
        build=with_params(_join),
        params={"separator": {**_SEPARATOR, "default": ", "}},
        over=Over.WHOLE,
    ),
    Function(
        name="concat",
        title="Put together",
        summary="Appends other fields; empty ones are left out.",
        build=_concat,
        params={
            "with": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "title": "Other fields",
            },
            "separator": {**_SEPARATOR, "default": " "},
        },
        required=("with",),
        over=Over.WHOLE,
        takes_null=True,
    ),
    Function(
        name="template",
        title="Template",
        summary="A text with {{ }} in which the value is called value.",
        build=_template,
        params={"text": {"type": "string", "title": "Text"}},
        required=("text",),
        takes_null=True,
    ),
    Function(
        name="default",
        title="Default",
        summary="Takes the place of null and of an empty text.",
        build=with_params(_default),
        params={"value": {"title": "Value"}},
        required=("value",),
        takes_null=True,
    ),
    Function(
        name="first",
        title="First",
        summary="The first element that is not empty.",
        build=pure(_first),
        over=Over.WHOLE,
    ),
    Function(
        name="unique",
        title="Without repetitions",
        summary="Leaves out elements that were there before.",
        build=pure(_unique),
        over=Over.WHOLE,
    ),
    Function(
        name="html_to_text",
        title="HTML to text",
        summary="The readable text of an HTML fragment.",
        build=pure(_html_to_text),
    ),
    Function(
        name="text_to_html",
        title="Text to HTML",
        summary="Escapes a text; blank lines part paragraphs.",
        build=pure(_text_to_html),
    ),
)
