"""notes.view.read: entries of a view or folder, with all that Domino can choose by."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.client import Selection
from connectors.notes.transport import connect
from connectors.sdk.errors import ConfigurationError
from connectors.sdk.operation import OperationContext, OperationResult

DEFAULT_COUNT = 100
_SELECTIONS = ("search", "key", "parent", "category", "start_key")


async def run_view(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{entries: [{unid, note_id, form, position, is_category, is_response, indent, columns}],
    total, complete, moved}.

    Columns are as the view shows them: a list of one as a scalar, what is empty left out,
    dates as full UTC times (a date alone is midnight of the server's zone, so take dates from
    the document). Raises `ConfigurationError` for two selections at once, and for a sort column
    that the view lacks.
    """
    client, view = await connect(ctx), str(params["view"])
    selection = _selection(params)
    if column := selection.sort_column:
        names = {one.name for one in await client.columns(view)}
        if column not in names:
            raise ConfigurationError(
                f"The view has no column {column!r}; Domino would ignore the order.",
                code="sort_column",
                fix=f"Use one of {', '.join(sorted(names))} with user sorting switched on.",
            )
    count = int(params.get("count") or DEFAULT_COUNT)
    start = int(params.get("start") or 0) + int(params.get("page") or 0) * count
    listing = await client.entries(view, selection, start=start, count=count)
    return OperationResult(
        output={
            "entries": [one.to_output() for one in listing.entries],
            "total": listing.total,
            "complete": listing.complete,
            "moved": listing.moved,
        }
    )


def _selection(params: Mapping[str, Any]) -> Selection:
    chosen = {name: params[name] for name in _SELECTIONS if params.get(name) not in (None, "")}
    if len(chosen) > 1:
        raise ConfigurationError(
            f"{' and '.join(chosen)} exclude each other: Domino would ignore all but one.",
            code="selection",
            fix="Keep one of them.",
        )
    level = params.get("expand_level")
    return Selection(
        search=str(chosen.get("search", "")),
        key=str(chosen.get("key", "")),
        parent=str(chosen.get("parent", "")),
        category=str(chosen.get("category", "")),
        start_key=str(chosen.get("start_key", "")),
        exact=bool(params.get("exact", True)),
        search_most=int(params.get("search_most") or 0),
        sort_column=str(params.get("sort_column") or ""),
        descending=params.get("sort_order", "ascending") == "descending",
        expand_level=None if level is None else int(level),
        count_all=bool(params.get("entry_count", True)),
    )
