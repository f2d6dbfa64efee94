"""Functions that look something up."""

from collections.abc import Mapping
from typing import Any

from flows.mapping import dates
from flows.mapping.crosswalk import Direction
from flows.mapping.functions.function import (
    Apply,
    Builder,
    Function,
    FunctionContext,
    FunctionError,
    as_text,
    with_params,
)
from flows.mapping.values import describe, text

_ON_MISSING = {
    "enum": ["fail", "null"],
    "default": "fail",
    "title": "Unknown code",
    "description": "fail stops the run, null leaves the field empty.",
}


def _code(value: Any) -> str:
    if type(value) in (list, dict):
        raise FunctionError(f"Expected a code, found {describe(value)}.")
    return text(value)


def _crosswalk(params: Mapping[str, Any], builder: Builder) -> Apply:
    slug, direction = params["table"], Direction(params["direction"])
    builder.crosswalk(slug)

    def apply(value: Any, context: FunctionContext) -> Any:
        table = context.crosswalks.get(slug)
        if table is None:
            raise FunctionError(
                f"There is no crosswalk called {slug!r}.",
                code="crosswalk_unknown",
                fix="Make the crosswalk, or choose another one in the flow.",
            )
        code = _code(value)
        found = table.find(code, direction)
        return _otherwise(params, slug, code, direction.value) if found is None else found

    return apply


def _otherwise(params: Mapping[str, Any], slug: str, code: str, direction: str) -> Any:
    if "default" in params:
        return params["default"]
    if params.get("on_missing", "fail") == "null":
        return None
    what = f"Crosswalk {slug!r}" if slug else "The table"
    raise FunctionError(
        f"{what} has no entry for {code[:80]!r}.",
        code="crosswalk_missing",
        fix=f"Add {code[:80]!r} to {what[0].lower() + what[1:]}, then replay the run.",
        detail={"table": slug, "code": code, "direction": direction},
    )


def _lookup(value: Any, params: Mapping[str, Any]) -> Any:
    code = _code(value)
    if code in params["table"]:
        return params["table"][code]
    return _otherwise(params, "", code, "to_right")


def _country_name(value: Any, params: Mapping[str, Any]) -> str:
    code = as_text(value).strip().upper()
    found = dates.locale(params.get("locale", "en")).territories.get(code)
    if len(code) != 2 or found is None:
        raise FunctionError(
            f"{code[:10]!r} is not a country code.",
            code="unknown_country",
            fix="Give the two letters of ISO 3166, such as FR.",
        )
    return str(found)


FUNCTIONS = (
    Function(
        name="crosswalk",
        title="Crosswalk",
        summary="Translates a code with one of the workspace's tables.",
        build=_crosswalk,
        params={
            "table": {"type": "string", "minLength": 1, "title": "Crosswalk"},
            "direction": {"enum": ["to_left", "to_right"], "title": "Direction"},
            "default": {"title": "Instead of an unknown code"},
            "on_missing": _ON_MISSING,
        },
        required=("table", "direction"),
    ),
    Function(
        name="lookup",
        title="Small table",
        summary="Translates a code with a table that stands in the flow.",
        build=with_params(_lookup),
        params={
            "table": {"type": "object", "minProperties": 1, "title": "Table"},
            "default": {"title": "Instead of an unknown code"},
            "on_missing": _ON_MISSING,
        },
        required=("table",),
    ),
    Function(
        name="country_name",
        title="Country",
        summary="The name of a country by its ISO 3166 code.",
        build=with_params(_country_name),
        params={
            "locale": {"type": "string", "default": "en", "title": "Language"},
        },
    ),
)
