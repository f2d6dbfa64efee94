"""/attachments and /run."""

import base64
from copy import deepcopy

from starlette.responses import Response

from connectors.notes.twin.access import can_write
from connectors.notes.twin.attachments import form_file, put_file
from connectors.notes.twin.rest.asked import Asked
from connectors.notes.twin.rest.problem import Problem, reply
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind
from connectors.notes.twin.wire import ServiceError


def read_file(asked: Asked, unid: str, name: str) -> Response:
    """In whichever item."""
    for item in asked.readable(unid).items.values():
        if item.kind is not Kind.RICHTEXT:
            continue
        for part in item.values:
            if part.get("filename") == name:
                kind = str(part["contentType"]).split(";")[0]
                return Response(base64.b64decode(part["data"]), media_type=kind)
    raise Problem(404, f"Attachment {name} not found")


def add_file(asked: Asked, unid: str) -> Response:
    document = _writable(asked, unid)
    try:
        name, kind, content = form_file(asked.request.headers.get("content-type", ""), asked.body)
        put_file(document, asked.query.get("fieldName", "Body"), name, kind, content, replace=False)
    except ServiceError as error:
        raise Problem(400, error.message) from error
    if not asked.lose_save:
        asked.state.save(document, by=asked.who)
    return reply({"status": 200, "message": "attachment added", "unid": unid})


def delete_file(asked: Asked, unid: str, name: str) -> Response:
    document = _writable(asked, unid)
    for item in document.items.values():
        if item.kind is Kind.RICHTEXT and any(one.get("filename") == name for one in item.values):
            item.values[:] = [one for one in item.values if one.get("filename") != name]
            asked.state.save(document, by=asked.who)
            return reply({"status": 200, "message": "deletion complete", "unid": unid})
    raise Problem(404, f"Attachment {name} not found")


def _writable(asked: Asked, unid: str) -> Document:
    document = asked.readable(unid)
    if not can_write(asked.user, asked.level, document):
        raise Problem(403, "You are not authorized to perform that operation")
    return deepcopy(document)


def run_agent(asked: Asked, *, context: bool) -> Response:
    """An agent has to be allowed in the schema; what it prints is the answer [D]."""
    body = asked.json()
    name = str(body.get("agentName") or "")
    items = asked.state.design.called.get(name)
    allowed = asked.scope.agents is None or name.lower() in asked.scope.agents
    if items is None or not allowed:
        raise Problem(404, f"Agent {name} not found")
    unid = str(body.get("unid") or "").upper() if context else ""
    if context:
        document = deepcopy(asked.readable(unid))
        for item, value in items.items():
            document.put(Item(item, Kind.TEXT, [str(value)]))
        asked.state.save(document, by=asked.who)
    asked.state.agent_runs.append((name, unid))
    return reply({"agentResponse": "done"})
