"""The control plane under /_twin/: look inside, act as a person at a Notes client, break."""

import json
from copy import deepcopy
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.notes.twin.agents import signature
from connectors.notes.twin.decode import CANNOT_CONVERT, compute_with_form
from connectors.notes.twin.faults import FaultError
from connectors.notes.twin.server import Twin
from connectors.notes.twin.store import DatabaseState, Document
from connectors.notes.twin.values import Item, Kind, instant, parse_date
from connectors.notes.twin.wire import ServiceError
from connectors.notes.twin.world import Form


class BadRequestError(ValueError):
    """What was asked of the control plane makes no sense; the message says why."""


def routes(twin: Twin) -> list[Route]:
    """Every path of the control plane."""

    async def health(request: Request) -> Response:
        return JSONResponse({"ok": True, "twin": "notes", "world": twin.world.name})

    async def state(request: Request) -> Response:
        return JSONResponse(_state(twin, request.query_params.get("form")))

    async def reset(request: Request) -> Response:
        twin.reset()
        return JSONResponse({"ok": True})

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            twin.faults.configure(await _object(request))
        elif request.method == "DELETE":
            twin.faults.clear()
        return JSONResponse({"faults": twin.faults.to_json()})

    async def hooks(request: Request) -> Response:
        if request.method == "POST":
            body = await _object(request)
            url, secret = str(body.get("url", "")), str(body.get("secret", ""))
            try:
                signature(secret, "id", twin.clock(), b"")
            except ValueError:
                raise BadRequestError("the secret after whsec_ is not base64") from None
            twin.agents.set_hook(url, secret)
        return JSONResponse(twin.agents.to_json()["hook"])

    async def agent(request: Request) -> Response:
        if request.method == "POST":
            body = await _object(request)
            twin.agents.delay = float(body.get("delay", twin.agents.delay))
            twin.agents.paused = bool(body.get("paused", twin.agents.paused))
            twin.agents.wake()
        return JSONResponse(twin.agents.to_json())

    async def requests(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        after = int(since) if since.isdigit() else 0
        return JSONResponse({"requests": [one for one in twin.log if one["number"] > after]})

    async def create(request: Request) -> Response:
        body = await _object(request)
        path = str(body.get("database", next(iter(twin.store.databases))))
        state = twin.store.database(path)
        if state is None:
            raise BadRequestError(f"no database {path}")
        document = state.new(str(body.get("form", "")), parent=str(body.get("conflict_of", "")))
        document.conflict = bool(document.parent)
        saved = _client_save(twin, state, document, body)
        return JSONResponse(_document(state, saved), 201)

    async def document(request: Request) -> Response:
        found = twin.store.find(request.path_params["unid"])
        if found is None:
            return JSONResponse({"error": "no such document"}, 404)
        state, old = found
        if request.method == "GET":
            return JSONResponse(_document(state, old))
        if request.method == "DELETE":
            state.delete(old.unid)
            return JSONResponse({"ok": True})
        saved = _client_save(twin, state, deepcopy(old), await _object(request))
        return JSONResponse(_document(state, saved))

    return [
        Route("/_twin/health", _guarded(health), methods=["GET"]),
        Route("/_twin/state", _guarded(state), methods=["GET"]),
        Route("/_twin/reset", _guarded(reset), methods=["POST"]),
        Route("/_twin/faults", _guarded(faults), methods=["GET", "POST", "DELETE"]),
        Route("/_twin/hooks", _guarded(hooks), methods=["GET", "POST"]),
        Route("/_twin/agent", _guarded(agent), methods=["GET", "POST"]),
        Route("/_twin/requests", _guarded(requests), methods=["GET"]),
        Route("/_twin/documents", _guarded(create), methods=["POST"]),
        Route("/_twin/documents/{unid}", _guarded(document), methods=["GET", "POST", "DELETE"]),
    ]


def _guarded(handler: Any) -> Any:
    async def answer(request: Request) -> Response:
        try:
            result: Response = await handler(request)
        except ServiceError as error:
            return JSONResponse({"error": error.message}, 400)
        except (BadRequestError, FaultError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return result

    return answer


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BadRequestError("a JSON object is expected")
    return body


def _client_save(
    twin: Twin, state: DatabaseState, document: Document, body: dict[str, Any]
) -> Document:
    """A person saves in the Notes client: translation and validation formulas, then the form's
    QuerySave event. Unlike the service, empty values remove an item here."""
    items = body.get("items")
    if not isinstance(items, dict):
        raise BadRequestError("items: an object of item names and values")
    form = state.design.form(document.form)
    if form is None:
        raise BadRequestError(f"no form {document.form!r}")
    person = twin.person(body.get("user"))
    before = {rule.when_changed: document.text(rule.when_changed) for rule in form.client_save}
    for name, value in items.items():
        if value is None:
            document.items.pop(name.lower(), None)
        else:
            document.put(_entered(name, value, document, form, day_first=twin.day_first))
    compute_with_form(document, form)
    now = twin.clock()
    for rule in form.client_save:
        old, new = before[rule.when_changed], document.text(rule.when_changed)
        if old != new:
            document.put(Item(rule.stamp, Kind.DATETIME, [instant(now)]))
            local = now.astimezone(twin.world.server.zone).strftime("%Y-%m-%d %H:%M")
            log = document.item(rule.log)
            lines = [*(log.values if log else []), f"{local} {old or 'new'} > {new}"]
            document.put(Item(rule.log, Kind.TEXT, lines))
    state.save(document, by=person)
    return document


def _entered(name: str, value: Any, document: Document, form: Form, *, day_first: bool) -> Item:
    """What a person types into a field: its type is the field's."""
    known, old = form.field_named(name), document.item(name)
    values = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict | list | bool) or one is None for one in values):
        raise BadRequestError(f"{name}: texts and numbers only")
    if known:
        kind = known.kind
    elif old:
        kind = old.kind
    else:
        number = all(isinstance(one, int | float) for one in values)
        kind = Kind.NUMBER if number else Kind.TEXT
    if kind is Kind.NUMBER:
        try:
            numbers = [float(str(one).replace(",", ".")) for one in values if one != ""]
        except ValueError:
            raise BadRequestError(f"{name}: not a number") from None
        return Item(name, kind, numbers)
    if kind is Kind.DATETIME:
        dates = [parse_date(str(one), day_first=day_first) for one in values if one != ""]
        if None in dates:
            raise BadRequestError(f"{name}: {CANNOT_CONVERT}")
        return Item(name, kind, dates)
    return Item(name, kind, [str(one) for one in values])


def _state(twin: Twin, form: str | None) -> dict[str, Any]:
    return {
        "world": twin.world.name,
        "server": twin.world.server.name,
        "databases": [
            {
                "path": state.design.path,
                "title": state.design.title,
                "replica_id": state.design.replica_id,
                "documents": len(state.documents),
                "views": [
                    {
                        "name": view.name,
                        "unid": view.unid,
                        "forms": list(view.forms),
                        "columns": [
                            {
                                "name": one.name,
                                "title": one.title,
                                "item": one.item,
                                "category": one.category,
                                "sorted": one.sorted,
                            }
                            for one in view.columns
                        ],
                    }
                    for view in state.design.views
                ],
            }
            for state in twin.store.databases.values()
        ],
        "forms": [
            {
                "database": state.design.path,
                "name": one.name,
                "fields": [
                    {"name": field.name, "type": field.kind.value, "multi": field.multi}
                    for field in one.fields.values()
                ],
            }
            for state in twin.store.databases.values()
            for one in state.design.forms.values()
        ],
        "documents": [
            _document(state, one)
            for state in twin.store.databases.values()
            for one in state.documents.values()
            if form is None or one.form.lower() == form.lower()
        ],
        "agent": twin.agents.to_json(),
        "faults": twin.faults.to_json(),
    }


def _document(state: DatabaseState, document: Document) -> dict[str, Any]:
    form = state.design.form(document.form)
    return {
        "unid": document.unid,
        "database": state.design.path,
        "form": document.form,
        "created": instant(document.created),
        "modified": instant(document.modified),
        "sequence": document.sequence,
        "author": document.authors[-1] if document.authors else "",
        "is_conflict": document.conflict,
        "items": {item.name: _shown(item, form) for item in document.items.values()},
    }


def _shown(item: Item, form: Form | None) -> Any:
    known = form.field_named(item.name) if form else None
    values: list[Any] = item.values
    if item.kind is Kind.NUMBER:
        values = [int(one) if one == int(one) else one for one in values]
    if item.kind is Kind.RICHTEXT or len(values) != 1 or (known and known.multi):
        return values if values or (known and known.multi) else ""
    return values[0]
