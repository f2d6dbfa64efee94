"""The catalogue resources: databases, views, columns, view entries."""

import re
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from connectors.notes.twin.access import can_read, can_write
from connectors.notes.twin.decode import read_body
from connectors.notes.twin.documents import Call, full_text, need_level, search_limit
from connectors.notes.twin.encode import collapse, document_href
from connectors.notes.twin.index import column_values
from connectors.notes.twin.rows import Row, categorised, column_shown, flat, resorted
from connectors.notes.twin.store import DatabaseState, Store
from connectors.notes.twin.wire import Fields, ServiceError, json_answer
from connectors.notes.twin.world import View

NO_VIEW = "The URI must refer to an existing view."


def list_databases(store: Store, *, compact: bool) -> Response:
    """Databases with "Show in Open Application dialog" [S]."""
    return json_answer(
        [
            Fields(
                [
                    ("@title", state.design.title),
                    ("@filepath", state.design.path),
                    ("@replicaid", state.design.replica_id),
                    ("@template", state.design.template),
                    ("@href", f"/{state.design.path}/api/data/collections"),
                ]
            )
            for state in store.databases.values()
            if state.design.listed
        ],
        compact=compact,
    )


def list_views(call: Call) -> Response:
    """Views that refuse are listed all the same, hidden ones too [S]."""
    need_level(call.state, 1)
    path = call.state.design.path
    return json_answer(
        [
            Fields(
                [
                    ("@title", one.name),
                    ("@folder", one.folder),
                    ("@private", False),
                    ("@modified", "2026-10-01T08:00:00Z"),
                    ("@unid", one.unid),
                    ("@href", f"/{path}/api/data/collections/unid/{one.unid}"),
                ]
            )
            for one in call.state.design.views
        ],
        compact=call.flag("compact"),
    )


def find_view(state: DatabaseState, method: str, value: str) -> View:
    """By UNID, or by name or alias in any case; the third lock is on the view [S]."""
    if method == "unid":
        view = state.design.view_by_unid(value)
    elif method == "name":
        view = state.design.view_named(value)
    else:
        raise ServiceError(404, f"The query method {method} not supported")
    if view is None:
        raise ServiceError(404, NO_VIEW)
    if not view.api:
        raise ServiceError(
            403, f"The Domino data service is not enabled for this view [{view.name}]."
        )
    return view


def change_folder(call: Call, method: str, value: str) -> Response:
    """PUT {"add": [...], "remove": [...]} on a folder; what fails is counted, the rest is
    done [S]."""
    need_level(call.state, 1)
    view = find_view(call.state, method, value)
    if not view.folder:
        raise ServiceError(400, "Cannot perform folder operations on a view.")
    if not can_write(call.user, call.level, None):
        raise ServiceError(400, "You are not authorized to perform that operation")
    members = dict(read_body(call.body))
    wanted = [(str(one).upper(), name == "add")
              for name in ("add", "remove") for one in members.get(name) or ()]  # fmt: skip
    failed = 0
    for unid, inside in wanted:
        document = call.state.documents.get(unid)
        if document is None or not can_read(call.user, call.level, document):
            failed += 1
        elif not call.lose_save:
            call.state.file(view, unid, inside=inside)
    if failed:
        raise ServiceError(
            400, f"Error(s) performing {failed} of {len(wanted)} folder operation(s)."
        )
    return Response(status_code=200)


def view_design(call: Call, method: str, value: str) -> Response:
    """Columns in order [S]."""
    need_level(call.state, 1)
    view = find_view(call.state, method, value)
    return json_answer(
        [
            Fields(
                [
                    ("@columnNumber", number),
                    ("@name", one.name),
                    ("@title", one.title),
                    ("@width", one.width),
                    ("@alignment", 0),
                    ("@hidden", one.hidden),
                    ("@response", False),
                    ("@twistie", one.category),
                    ("@field", one.is_field),
                    ("@category", one.category),
                ]
            )
            for number, one in enumerate(view.columns, 1)
        ],
        compact=call.flag("compact"),
    )


def view_entries(call: Call, method: str, value: str) -> Response:
    """One selection wins: search, keys, parentid, category, startkeys, plain [S]."""
    need_level(call.state, 1)
    view = find_view(call.state, method, value)
    rows, total = _select(call, view)
    start, count = _window(call)
    limit = call.server.max_view_entries
    if count > limit:
        raise ServiceError(400, f"Limit exceeded.  Cannot read more than {limit} entries.")
    shown = rows[start : start + count]
    headers = {}
    if shown and total > start and call.query.get("entrycount", "true").lower() != "false":
        headers["Content-Range"] = f"items {start}-{start + len(shown) - 1}/{total}"
    mask = _mask(call)
    return json_answer(
        [_entry(call, view, row, mask) for row in shown],
        compact=call.flag("compact"),
        headers=headers,
    )


def _select(call: Call, view: View) -> tuple[Sequence[Row], int]:
    """The rows the caller may read, and a total. In a plain flat view the total counts hidden
    documents too [S]."""
    query, index, documents = call.query, call.state.index(view), call.state.documents
    if (wanted_text := full_text(call)) is not None:
        found = [one for one in dict.fromkeys(index.unids()) if wanted_text(documents[one])]
        rows: Sequence[Row] = flat(call, found[: search_limit(call)])
        if query.get("sortcolumn"):
            rows = resorted(view, rows, query["sortcolumn"], query.get("sortorder", ""))
        return rows, len(rows)
    if "keys" in query:
        found = index.matching(query["keys"], exact=call.flag("keysexactmatch"))
        rows = flat(call, found)
        return rows, len(rows)
    if "parentid" in query:
        parent = query["parentid"].upper()
        rows = flat(call, [one for one in index.unids() if documents[one].parent == parent])
        return rows, len(rows)
    category = next((one for one in view.columns if one.category), None)
    if "category" in query and category is not None:
        wanted = query["category"].lower()
        found = [
            one
            for one in dict.fromkeys(index.unids())
            if wanted in {str(v).lower() for v in column_values(category, documents[one])}
        ]
        rows = flat(call, found)
        return rows, len(rows)
    if "startkeys" in query:
        found = index.from_key(query["startkeys"])
        return flat(call, found), len(index)
    if category is not None:
        rows = list(categorised(call, view, category))
        return rows, len(rows)
    rows = flat(call, index.listed())
    if query.get("sortcolumn"):
        rows = resorted(view, rows, query["sortcolumn"], query.get("sortorder", ""))
    return rows, len(index)


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isdigit():
        raise ServiceError(400, f"Invalid parameter {name}: {text}")
    return int(text)


def _window(call: Call) -> tuple[int, int]:
    """`start`, `count`, `ps`, `page`, `si`, or the Range header that replaces them [S]."""
    header = call.request.headers.get("range")
    if header is not None:
        hit = re.fullmatch(r"items=(\d+)-(\d+)", header.strip())
        if hit is None:
            raise ServiceError(500, "java.lang.NumberFormatException", exception="RuntimeException")
        return int(hit[1]), int(hit[2]) - int(hit[1]) + 1
    count = _number(call, "ps", _number(call, "count", 10))
    start = _number(call, "start", 0)
    if "page" in call.query:
        start = _number(call, "page", 0) * count
    return start + _number(call, "si", 0), count


def _mask(call: Call) -> int:
    text = call.query.get("systemcolumns")
    if text is None:
        return 0xFFFF
    try:
        return int(text, 0)
    except ValueError:
        raise ServiceError(400, f"Invalid parameter systemcolumns: {text}") from None


def _entry(call: Call, view: View, row: Row, mask: int) -> Fields:
    """Key order and presence as documented [S]."""
    document, path = row.document, call.state.design.path
    unid = document.unid if document else ""
    out = Fields()
    if document and mask & 0x800:
        out.append(("@href", f"/{path}/api/data/collections/unid/{view.unid}/unid/{unid}"))
    if document and mask & 0x1000:
        link = Fields([("rel", "document"), ("href", document_href(path, unid))])
        out.append(("@link", link))
    out.append(("@entryid", f"{row.position}-{unid}"))
    system: list[tuple[int, str, Any, bool]] = [
        (0x002, "@unid", unid, True),
        (0x001, "@noteid", f"{document.note_id:X}" if document else "80000000", True),
        (0x004, "@position", row.position, True),
        (0x008, "@read", True, bool(document and (call.who, unid) in call.state.read_marks)),
        (0x010, "@siblings", row.siblings, row.siblings > 0),
        (0x020, "@descendants", row.descendants, row.descendants > 0),
        (0x040, "@children", row.descendants, row.descendants > 0),
        (0x080, "@indent", row.indent, row.indent > 0),
        (0x100, "@form", document.form if document else "", bool(document and document.form)),
        (0x200, "@category", True, document is None),
        (0x400, "@response", True, bool(document and document.parent)),
    ]
    out += [(name, value) for bit, name, value, shown in system if shown and mask & bit]
    for column in view.columns:
        values = column_shown(call, column, row)
        if values:
            out.append((column.name, collapse(values)))
    return out
