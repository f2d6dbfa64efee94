"""notes.view.read: entries of a view or folder, with all that the service can choose by."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.views import NotesViews
from connectors.sdk.errors import ConfigurationError
from connectors.sdk.operation import OperationContext, OperationResult

DEFAULT_COUNT = 100
# The service takes the first of these and ignores the others without a word.
_SELECTIONS = {
    "search": "search",
    "key": "keys",
    "parent": "parentid",
    "category": "category",
    "start_key": "startkeys",
}


async def run_view(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{entries: [{unid, note_id, form, position, is_category, is_response, indent, columns}],
    total, complete, moved}.

    Columns are as the view shows them: a list of one as a scalar, what is empty left out,
    dates as full UTC times (a date alone is midnight of the server's zone, so take dates from
    the document). Raises `ConfigurationError` for two selections at once, and for a sort column
    that the view lacks.
    """
    client, view = NotesViews(ctx), str(params["view"])
    query = _query(params)
    if column := params.get("sort_column"):
        names = {str(one.get("@name")) for one in await client.columns(view)}
        if column not in names:
            raise ConfigurationError(
                f"The view has no column {column!r}; the service would ignore the order.",
                code="sort_column",
                fix=f"Use one of {', '.join(sorted(names))} with user sorting switched on.",
            )
    count = int(params.get("count") or DEFAULT_COUNT)
    start = int(params.get("start") or 0) + int(params.get("page") or 0) * count
    listing = await client.entries(view, query, start=start, count=count)
    return OperationResult(
        output={
            "entries": [_entry(one) for one in listing.entries],
            "total": listing.total,
            "complete": listing.complete,
            "moved": listing.moved,
        }
    )


def _query(params: Mapping[str, Any]) -> dict[str, str]:
    chosen = {name: params[name] for name in _SELECTIONS if params.get(name) not in (None, "")}
    if len(chosen) > 1:
        raise ConfigurationError(
            f"{' and '.join(chosen)} exclude each other: the service would ignore all but one.",
            code="selection",
            fix="Keep one of them.",
        )
    query = {_SELECTIONS[name]: str(value) for name, value in chosen.items()}
    if "key" in chosen:
        query["keysexactmatch"] = "true" if params.get("exact", True) else "false"
    if "search" in chosen and params.get("search_most"):
        query["searchmaxdocs"] = str(params["search_most"])
    if params.get("sort_column"):
        query["sortcolumn"] = str(params["sort_column"])
        query["sortorder"] = str(params.get("sort_order", "ascending"))
    if params.get("expand_level") is not None:
        query["expandlevel"] = str(params["expand_level"])
    if not params.get("entry_count", True):
        query["entrycount"] = "false"
    return query


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "unid": str(entry.get("@unid") or "").upper(),
        "note_id": str(entry.get("@noteid") or ""),
        "form": str(entry.get("@form") or ""),
        "position": str(entry.get("@position") or ""),
        "is_category": bool(entry.get("@category", False)),
        "is_response": bool(entry.get("@response", False)),
        "indent": int(entry.get("@indent") or 0),
        "columns": {name: one for name, one in entry.items() if not name.startswith("@")},
    }
