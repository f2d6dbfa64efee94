"""Functions over text."""

import html
import re
from collections.abc import Mapping
from typing import Any

from flows.mapping.functions.function import (
    Apply,
    Builder,
    Example,
    Function,
    FunctionError,
    Group,
    as_text,
    pure,
    with_params,
)
from flows.mapping.functions.markup import text_of
from flows.mapping.values import describe, fit, text


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
        filter=True,
        examples=(Example(value="  A-1 ", result="A-1"),),
    ),
    Function(
        name="upper",
        title="Capital letters",
        summary="abc becomes ABC.",
        build=pure(lambda value: as_text(value).upper()),
        examples=(Example(value="abc", result="ABC"),),
    ),
    Function(
        name="lower",
        title="Small letters",
        summary="ABC becomes abc.",
        build=pure(lambda value: as_text(value).lower()),
        examples=(Example(value="ABC", result="abc"),),
    ),
    Function(
        name="text",
        title="As text",
        summary="A number, a boolean or null as text; null is empty.",
        build=pure(_text),
        takes_null=True,
        takes="any",
        examples=(Example(value=None, result=""), Example(value=12, result="12")),
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
        examples=(
            Example(
                value="A lamp of brass", params={"length": 7, "ellipsis": "…"}, result="A lamp…"
            ),
        ),
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
        examples=(Example(value="a-b-c", params={"old": "-", "new": " "}, result="a b c"),),
    ),
    Function(
        name="template",
        title="Template",
        summary="A text with {{ }} in which the value is called value.",
        build=_template,
        params={"text": {"type": "string", "title": "Text"}},
        required=("text",),
        takes_null=True,
        takes="any",
        examples=(
            Example(
                value="Lee",
                params={"text": "{{ value }}, {{ a.first }}"},
                names={"a": {"first": "Ann"}},
                result="Lee, Ann",
            ),
        ),
    ),
    Function(
        name="default",
        title="Default",
        summary="Takes the place of null and of an empty text.",
        build=with_params(_default),
        params={"value": {"title": "Value"}},
        required=("value",),
        takes_null=True,
        takes="any",
        gives="any",
        examples=(Example(value="", params={"value": "none"}, result="none"),),
    ),
    Function(
        name="html_to_text",
        title="HTML to text",
        summary="The readable text of an HTML fragment.",
        build=pure(_html_to_text),
        group=Group.DOCUMENTS,
        filter=True,
        examples=(Example(value="<p>One &amp; two<br>three</p>", result="One & two\nthree"),),
    ),
    Function(
        name="text_to_html",
        title="Text to HTML",
        summary="Escapes a text; blank lines part paragraphs.",
        build=pure(_text_to_html),
        group=Group.DOCUMENTS,
        filter=True,
        examples=(Example(value="1 < 2\n\nnext", result="<p>1 &lt; 2</p><p>next</p>"),),
    ),
)
