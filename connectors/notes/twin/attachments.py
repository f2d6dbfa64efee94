"""Files in rich text: resources that servers have since 9.0.1 FP9 [D]. Error texts are ours:
the contract names none [U]."""

import base64
from copy import deepcopy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import HTTP

from starlette.responses import Response

from connectors.notes.twin.access import can_write
from connectors.notes.twin.documents import UNAUTHORISED, Call, need_level, readable
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind
from connectors.notes.twin.wire import ServiceError, WebError, notes_error

BOUNDARY = "=_causeway_twin"


def _need_later(call: Call) -> None:
    if not call.server.later:
        raise WebError(405, "Method Not Allowed")


def _place(item: Item | None, name: str) -> int | None:
    for number, part in enumerate(item.values if item else ()):
        if part.get("filename") == name:
            return number
    return None


def read_file(call: Call, unid: str, item: str, name: str) -> Response:
    """The bytes."""
    _need_later(call)
    need_level(call.state, 2)
    found = readable(call, unid).item(item)
    place = _place(found, name)
    if found is None or place is None:
        raise ServiceError(404, f"Attachment {name} not found.")
    part = found.values[place]
    kind = str(part["contentType"]).split(";")[0]
    return Response(base64.b64decode(part["data"]), media_type=kind)


def add_file(call: Call, unid: str, item: str) -> Response:
    """201; a name that is there already gives a second file [U]."""
    name, kind, content = form_file(call.request.headers.get("content-type", ""), call.body)
    _save(call, unid, item, name, kind, content, replace=False)
    return Response(status_code=201)


def replace_file(call: Call, unid: str, item: str, name: str) -> Response:
    kind = call.request.headers.get("content-type", "application/octet-stream")
    _save(call, unid, item, name, kind, call.body, replace=True)
    return Response(status_code=200)


def delete_file(call: Call, unid: str, item: str, name: str) -> Response:
    document = _writable(call, unid)
    found = document.item(item)
    place = _place(found, name)
    if found is None or place is None:
        raise ServiceError(404, f"Attachment {name} not found.")
    del found.values[place]
    _keep(call, document)
    return Response(status_code=200)


def _writable(call: Call, unid: str) -> Document:
    _need_later(call)
    need_level(call.state, 2)
    document = readable(call, unid)
    if not can_write(call.user, call.level, document):
        raise notes_error(UNAUTHORISED)
    return deepcopy(document)


def _save(
    call: Call, unid: str, item: str, name: str, kind: str, content: bytes, *, replace: bool
) -> None:
    document = _writable(call, unid)
    put_file(document, item, name, kind, content, replace=replace)
    _keep(call, document)


def put_file(
    document: Document, item: str, name: str, kind: str, content: bytes, *, replace: bool
) -> None:
    """A part of the rich-text item; `replace` one of the same name. Raises `ServiceError` 404."""
    found = document.item(item)
    if found is None or found.kind is not Kind.RICHTEXT:
        found = Item(item, Kind.RICHTEXT, [{"contentType": "text/html; charset=US-ASCII"}])
    if not any("boundary" in str(one.get("contentType", "")).lower() for one in found.values):
        for part in found.values:
            part["boundary"] = f"--{BOUNDARY}"
        found.values.insert(0, {"contentType": f'multipart/mixed; boundary="{BOUNDARY}"'})
    root = str(found.values[0]["contentType"])
    boundary = root[root.lower().find("boundary=") + 9 :].strip('"')
    part = {
        "contentType": f'{kind}; name="{name}"',
        "contentDisposition": f'attachment; filename="{name}"',
        "contentTransferEncoding": "base64",
        "data": base64.b64encode(content).decode(),
        "boundary": f"--{boundary}",
        "filename": name,
    }
    place = _place(found, name)
    if replace:
        if place is None:
            raise ServiceError(404, f"Attachment {name} not found.")
        found.values[place] = part
    else:
        found.values.append(part)
    document.put(found)


def _keep(call: Call, document: Document) -> None:
    if not call.lose_save:
        call.state.save(document, by=call.who)


def form_file(content_type: str, body: bytes) -> tuple[str, str, bytes]:
    """Name, type and bytes of the part `file` of a multipart/form-data body."""
    head = f"content-type: {content_type}\r\n\r\n".encode()
    message: Message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    for part in message.walk():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            return (
                part.get_filename() or "",
                part.get_content_type(),
                content if isinstance(content, bytes) else b"",
            )
    raise ServiceError(400, "A part named file is expected.")
