"""/document, /docmeta and /bulk."""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from connectors.notes.twin.access import can_delete, can_write
from connectors.notes.twin.decode import compute_with_form
from connectors.notes.twin.rest.asked import Asked
from connectors.notes.twin.rest.problem import Problem, reply
from connectors.notes.twin.rest.shape import document_json, meta_json, put_members, revision
from connectors.notes.twin.store import Document
from connectors.notes.twin.wire import ServiceError

_UNAUTHORISED = "You are not authorized to perform that operation"


def read_document(asked: Asked, unid: str) -> Response:
    document = asked.readable(unid)
    asked.state.read_marks.update({(asked.who, document.unid)} if asked.flag("markRead") else ())
    return reply(_shown(asked, document, asked.mode))


def read_meta(asked: Asked, unid: str) -> Response:
    return reply(meta_json(asked.readable(unid)))


def read_many(asked: Asked) -> Response:
    """A document or {status, message, unid} for each UNID [D]."""
    body, rows = asked.json(), []
    mode = str(body.get("mode") or asked.mode)
    for unid in body.get("unids") or ():
        try:
            rows.append(_shown(asked, asked.readable(str(unid)), mode))
        except Problem as error:
            rows.append({"statusText": "Not Found", **error.body(), "unid": str(unid)})
    return reply(rows)


def create_document(asked: Asked) -> Response:
    return reply(_shown(asked, _create(asked, asked.json()), asked.mode))


def create_many(asked: Asked) -> Response:
    """Each by itself."""
    rows: list[dict[str, Any]] = []
    for members in asked.json().get("documents") or ():
        try:
            document = _create(asked, members)
            rows.append(_shown(asked, document, asked.mode))
        except Problem as error:
            rows.append({"statusText": "Bad Request", **error.body()})
    return reply(rows)


async def change_document(asked: Asked, unid: str) -> Response:
    """PATCH touches what it names, null removes [D]; PUT is not used here. The revision, when it
    is given or demanded, has to be the document's; the status of a mismatch is not documented
    [U]: 409."""
    document = asked.readable(unid)
    wanted = asked.query.get("revision", "")
    if not wanted and asked.scope.need_revision:
        raise Problem(400, "A revision is required to update this document")
    if wanted and wanted != revision(document):
        raise Problem(409, "The revision does not match that of the document")
    if not can_write(asked.user, asked.level, document):
        raise Problem(403, _UNAUTHORISED)
    changed = deepcopy(document)
    members = asked.json()
    changed.form = str(members.get("Form") or changed.form)
    _write(asked, changed, members)
    if asked.late_save:
        await asyncio.sleep(asked.late_save)
    now = asked.state.documents.get(document.unid)
    if now is None or now.sequence != document.sequence:
        raise Problem(409, "The document was saved meanwhile: the revision does not match")
    if not asked.lose_save:
        asked.state.save(changed, by=asked.who)
    return reply(_shown(asked, changed, asked.mode))


def delete_document(asked: Asked, unid: str) -> Response:
    """No revision here [D]."""
    document = asked.readable(unid)
    if not can_delete(asked.user, asked.level, asked.state.design, document):
        raise Problem(403, _UNAUTHORISED)
    if not asked.lose_save:
        asked.state.delete(document.unid)
    done = {"statusText": "OK", "status": 200, "message": "deletion complete", "unid": unid}
    return reply(done)


def _shown(asked: Asked, document: Document, mode: str) -> dict[str, Any]:
    return document_json(
        document,
        asked.state.design.form(document.form),
        asked.fields(document.form, mode),
        zone=asked.server.zone,
        rich=asked.query.get("richTextAs", "mime"),
        editable=can_write(asked.user, asked.level, document),
    )


def _create(asked: Asked, members: Any) -> Document:
    if not isinstance(members, Mapping) or not members.get("Form"):
        raise Problem(400, "The item Form is required to create a document")
    if not can_write(asked.user, asked.level, None):
        raise Problem(403, _UNAUTHORISED)
    document = asked.state.new(str(members["Form"]))
    _write(asked, document, members)
    if not asked.lose_save:
        asked.state.save(document, by=asked.who)
    return document


def _write(asked: Asked, document: Document, members: Mapping[str, Any]) -> None:
    form = asked.state.design.form(document.form)
    put_members(document, members, form, asked.fields(document.form, asked.mode))
    if asked.flag("computeWithForm"):
        try:
            compute_with_form(document, form)
        except ServiceError as error:
            raise Problem(400, error.message) from error
