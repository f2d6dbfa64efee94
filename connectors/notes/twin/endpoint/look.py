"""Operations of the agent that look: views, changes, search; and folders, agents, files."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from connectors.notes.twin.access import can_read, can_write
from connectors.notes.twin.attachments import put_file
from connectors.notes.twin.endpoint.run import Run, text
from connectors.notes.twin.endpoint.wrong import Wrong
from connectors.notes.twin.rows import Row, categorised, column_shown, flat
from connectors.notes.twin.search import parse
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind, instant
from connectors.notes.twin.wire import ServiceError
from connectors.notes.twin.world import View


def find(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    view = _view(run, given)
    key = given.get("key")
    keys = key if isinstance(key, list) else [key]
    if len(keys) != 1 or not isinstance(keys[0], str):
        raise Wrong("bad_request", "key: a text is expected")
    exact = given.get("exact", True) is not False
    rows = flat(run, run.state.index(view).matching(keys[0], exact=exact))
    return _page(run, view, rows, given)


def read_list(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    view = _view(run, given)
    index = run.state.index(view)
    category = next((one for one in view.columns if one.category), None)
    unids = index.listed()
    rows: Sequence[Row]
    if given.get("search"):
        wanted = _query(run, text(given, "search"))
        rows = flat(run, [one for one in unids if wanted(run.state.documents[one])])
    elif given.get("parent"):
        parent = text(given, "parent")
        rows = flat(run, [one for one in unids if run.state.documents[one].parent == parent])
    elif given.get("from_key"):
        rows = flat(run, index.from_key(text(given, "from_key")))
    elif category is not None:
        rows, inside, kept = list(categorised(run, view, category)), False, []
        if given.get("category"):
            for row in rows:
                if row.document is None:
                    inside = str(row.category).lower() == text(given, "category").lower()
                elif inside:
                    kept.append(row.document.unid)
            rows = flat(run, kept)
    else:
        rows = flat(run, unids)
    return {**_page(run, view, rows, given), "total": len(rows)}


def _view(run: Run, given: Mapping[str, Any], name: str = "view") -> View:
    view = run.state.design.view_named(text(given, name))
    if view is None:
        raise Wrong("view_missing", "There is no view or folder of this name.")
    return view


def _page(run: Run, view: View, rows: Sequence[Row], given: Mapping[str, Any]) -> dict[str, Any]:
    start = given.get("start", 0)
    if not isinstance(start, int) or start < 0:
        raise Wrong("bad_request", "start: a whole number is expected")
    end = start + run.count(given)
    return {
        "entries": [_entry(run, view, one) for one in rows[start:end]],
        "more": len(rows) > end,
    }


def _entry(run: Run, view: View, row: Row) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for column in view.columns:
        values = column_shown(run, column, row)
        if values:
            columns[column.name] = values[0] if len(values) == 1 else values
    if row.document is None:
        return {"unid": "", "position": row.position, "category": True, "columns": columns}
    return {
        "unid": row.document.unid,
        "noteid": f"{row.document.note_id:X}",
        "form": row.document.form,
        "position": row.position,
        "columns": columns,
    }


def changed(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    """By rising note id, those above `after`."""
    since = datetime.fromisoformat(text(given, "since"))
    after = int(str(given.get("after") or "0"), 16)
    found = sorted(
        (
            one
            for one in run.state.documents.values()
            if one.modified >= since and one.note_id > after and can_read(run.user, run.level, one)
        ),
        key=lambda one: one.note_id,
    )
    count = run.count(given)
    return {
        "documents": [run.meta(one) for one in found[:count]],
        "until": instant(run.state.now()),
        "more": len(found) > count,
    }


def search(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _query(run, text(given, "query"))
    since = datetime.fromisoformat(text(given, "since")) if given.get("since") else None
    found = [
        one
        for one in run.state.documents.values()
        if can_read(run.user, run.level, one)
        and wanted(one)
        and (since is None or one.modified >= since)
    ]
    count = run.count(given)
    return {
        "documents": [{**run.meta(one), "score": 100} for one in found[:count]],
        "more": len(found) > count,
    }


def _query(run: Run, query: str) -> Any:
    if not run.state.design.full_text:
        raise Wrong("no_index", "The database is not full text indexed.")
    try:
        return parse(query)
    except ServiceError as error:
        raise Wrong("query", error.message) from error


def views(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "views": [
            {
                "name": one.name,
                "aliases": [one.alias] if one.alias else [],
                "unid": one.unid,
                "folder": one.folder,
            }
            for one in run.state.design.views
        ]
    }


def design(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "columns": [
            {
                "name": one.name,
                "title": one.title,
                "category": one.category,
                "sorted": bool(one.sorted),
                "hidden": one.hidden,
            }
            for one in _view(run, given).columns
        ]
    }


def forms(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "forms": [
            {"name": one.name, "fields": [field.name for field in one.fields.values()]}
            for one in run.state.design.forms.values()
        ]
    }


def folder(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    view = _view(run, given, "folder")
    if not view.folder:
        raise Wrong("not_a_folder", "This is a view.")
    done: dict[str, list[str]] = {"add": [], "remove": []}
    failed = []
    for way, names in done.items():
        for unid in given.get(way) or ():
            document = run.state.documents.get(str(unid).upper())
            if document is None or not can_read(run.user, run.level, document):
                failed.append({"unid": str(unid).upper(), "code": "not_found"})
                continue
            if not run.lose_save:
                run.state.file(view, document.unid, inside=way == "add")
            names.append(document.unid)
    return {"added": done["add"], "removed": done["remove"], "failed": failed}


def run_agent(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    name = text(given, "agent")
    items = run.state.design.called.get(name)
    if items is None:
        raise Wrong("agent_missing", f"There is no agent {name}.")
    unid = ""
    if given.get("unid"):
        document = deepcopy(run.readable(given))
        unid = document.unid
        for item, value in items.items():
            document.put(Item(item, Kind.TEXT, [str(value)]))
        run.state.save(document, by=run.user.name)
    run.state.agent_runs.append((name, unid))
    return {"ran": True}


def attach(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    document = deepcopy(run.readable(given))
    if not can_write(run.user, run.level, document):
        raise Wrong("not_authorised", "You are not authorized to change this document.")
    try:
        content = base64.b64decode(text(given, "content"), validate=True)
        put_file(
            document,
            text(given, "item"),
            text(given, "name"),
            str(given.get("content_type") or "application/octet-stream"),
            content,
            replace=given.get("replace") is True,
        )
    except binascii.Error:
        raise Wrong("bad_request", "content: base64 is expected") from None
    except ServiceError as error:
        raise Wrong("file_missing", error.message) from error
    return {**run.save(document), "size": len(content)}


def file(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    name = text(given, "name")
    part = _part(run.readable(given), name)
    if part is None:
        raise Wrong("file_missing", f"There is no attachment {name}.")
    size = len(base64.b64decode(part["data"]))
    return {"name": name, "size": size, "content": part["data"]}


def _part(document: Document, name: str) -> dict[str, str] | None:
    for item in document.items.values():
        for part in item.values if item.kind is Kind.RICHTEXT else ():
            if part.get("filename") == name:
                return dict(part)
    return None
