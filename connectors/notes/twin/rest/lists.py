"""/lists and /query."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from connectors.notes.twin.access import can_read
from connectors.notes.twin.rest.asked import Asked
from connectors.notes.twin.rest.dql import parse
from connectors.notes.twin.rest.problem import Problem, reply
from connectors.notes.twin.rest.shape import document_json
from connectors.notes.twin.rows import Row, categorised, column_shown, flat, resorted
from connectors.notes.twin.search import parse as parse_text
from connectors.notes.twin.wire import ServiceError
from connectors.notes.twin.world import View


def list_views(asked: Asked) -> Response:
    """What the schema activates; `columns=true` adds the columns [D]."""
    rows = []
    for view in asked.state.design.views:
        if asked.scope.views is not None and view.name.lower() not in asked.scope.views:
            continue
        row: dict[str, Any] = {
            "title": view.name,
            "isFolder": view.folder,
            "alias": [view.alias] if view.alias else [],
            "unid": view.unid,
        }
        if asked.flag("columns"):
            row["columns"] = [
                {
                    "name": one.name,
                    "title": one.title,
                    "position": number,
                    "sorted": bool(one.sorted),
                    "categorized": one.category,
                }
                for number, one in enumerate(view.columns)
            ]
        rows.append(row)
    return reply(rows)


def read_list(asked: Asked, name: str) -> Response:
    view = asked.state.design.view_named(name)
    hidden = asked.scope.views is not None and name.lower() not in asked.scope.views
    if view is None or hidden:
        raise Problem(404, f"List {name} not found")
    rows = _rows(asked, view)
    start, count = asked.number("start", 0), asked.number("count", 1000)
    return reply([_row(asked, view, one) for one in rows[start : start + count]])


def _rows(asked: Asked, view: View) -> Sequence[Row]:
    query, index = asked.query, asked.state.index(view)
    if "ftSearchQuery" in query:
        if not asked.state.design.full_text:
            raise Problem(400, "Database is not full text indexed")
        try:
            wanted = parse_text(query["ftSearchQuery"])
        except ServiceError as error:
            raise Problem(400, error.message) from error
        documents = asked.state.documents
        return flat(asked, [u for u in dict.fromkeys(index.unids()) if wanted(documents[u])])
    if "key" in query:
        exact = query.get("keyAllowPartial", "false").lower() != "true"
        return flat(asked, index.matching(query["key"], exact=exact))
    category = next((one for one in view.columns if one.category), None)
    if category is not None:
        rows: Sequence[Row] = list(categorised(asked, view, category))
        if "category" in query:
            wanted_name, inside, kept = query["category"].lower(), False, []
            for row in rows:
                if row.document is None:
                    inside = str(row.category).lower() == wanted_name
                elif inside:
                    kept.append(row)
            return flat(asked, [one.document.unid for one in kept if one.document])
        return rows
    rows = flat(asked, index.listed())
    if query.get("column"):
        order = "descending" if query.get("direction") == "desc" else ""
        rows = resorted(view, rows, query["column"], order)
    return rows


def _row(asked: Asked, view: View, row: Row) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if row.document is not None:
        out = {"@unid": row.document.unid, "@noteid": row.document.note_id}
    out["@index"] = row.position
    if row.document is not None:
        out["@etag"] = f'W/" {int(row.document.modified.timestamp()):x}"'
    for column in view.columns:
        values = column_shown(asked, column, row)
        if values:
            out[column.name] = values[0] if len(values) == 1 else values
    return out


def run_query(asked: Asked) -> Response:
    """Documents of forms that have a mode named dql, with its items, by note id [D]."""
    body = asked.json()
    if asked.query.get("action", "execute") != "execute":
        raise Problem(501, "Not implemented")
    if not asked.scope.dql:
        raise Problem(403, "DQL access is not allowed in the schema of this scope")
    query = parse(str(body.get("query") or ""), body.get("variables") or {})
    mode = str(body.get("mode") or asked.mode)
    found = []
    for document in sorted(asked.state.documents.values(), key=lambda one: one.note_id):
        if not can_read(asked.user, asked.level, document) or not query(document):
            continue
        try:
            fields = asked.scope.fields(document.form, mode)
        except KeyError:
            continue
        found.append((document, fields))
    start, count = asked.number("start", 0, body), asked.number("count", 1000, body)
    return reply(
        [
            document_json(
                document,
                asked.state.design.form(document.form),
                fields,
                zone=asked.server.zone,
                rich=str(body.get("richTextAs") or "mime"),
                editable=True,
            )
            for document, fields in found[start : start + count]
        ]
    )
