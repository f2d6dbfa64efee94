"""Functions that look something up."""

from collections.abc import Mapping
from typing import Any

from flows.mapping.crosswalk import Direction
from flows.mapping.functions.function import (
    Apply,
    Builder,
    Example,
    Function,
    FunctionContext,
    FunctionError,
    Group,
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
        group=Group.TABLES,
        gives="any",
        examples=(
            Example(
                value="2",
                params={"table": "order-status", "direction": "to_right"},
                tables={"order-status": {"2": "paid"}},
                result="paid",
            ),
            Example(
                value=99,
                params={"table": "order-status", "direction": "to_right", "on_missing": "null"},
                tables={"order-status": {"2": "paid"}},
                result=None,
            ),
        ),
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
        group=Group.TABLES,
        gives="any",
        filter=True,
        examples=(
            Example(value="M", params={"table": {"M": 1, "F": 2}}, result=1),
            Example(value="X", params={"table": {"M": 1}, "default": 9}, result=9),
        ),
    ),
)
