"""The documents resources: list, create, read, replace, update, delete."""

import asyncio
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from connectors.notes.twin.access import can_delete, can_read, can_write
from connectors.notes.twin.decode import compute_with_form, decode_item, is_ignored, read_body
from connectors.notes.twin.encode import document_href, document_json
from connectors.notes.twin.search import Query, parse
from connectors.notes.twin.store import DatabaseState, Document
from connectors.notes.twin.values import instant
from connectors.notes.twin.wire import Fields, ServiceError, http_date, json_answer, notes_error
from connectors.notes.twin.world import Server, User

UNAUTHORISED = "Notes error: You are not authorized to perform that operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the service, after override and login. `lose_save` imitates `save()`
    failing because somebody else saved in between: the service drops its result [S/I].
    `late_save` are the seconds between opening a document and saving it."""

    request: Request
    method: str
    state: DatabaseState
    user: User | None
    level: str
    body: bytes
    base: str
    server: Server
    lose_save: bool = False
    late_save: float = 0.0

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True only for `true` in any case [S]."""
        if name not in self.query:
            return default
        return self.query[name].lower() == "true"

    @property
    def who(self) -> str:
        return self.user.name if self.user else "Anonymous"


def need_level(state: DatabaseState, needed: int) -> None:
    """The second lock, "Allow Domino Data Service" of the database [S]."""
    level = state.design.api_level
    if level == 0:
        raise ServiceError(403, "The Domino data service is not enabled for this database.")
    if level < needed:
        raise ServiceError(403, "Cannot access resource")


def list_documents(call: Call) -> Response:
    """Every readable document, or those changed in this file since a time: no paging, no form,
    no items; deletes never show [S]. The lower bound counts as inside [U]."""
    need_level(call.state, 1)
    query = full_text(call)
    since = _since(call.query["since"]) if "since" in call.query else None
    found = [
        one
        for one in call.state.documents.values()
        if (since is None or one.modified >= since)
        and can_read(call.user, call.level, one)
        and (query is None or query(one))
    ]
    score = [("@score", 100)] if query is not None and call.server.later else []
    rows = [
        Fields(
            [
                ("@modified", instant(one.modified)),
                ("@unid", one.unid),
                ("@href", document_href(call.state.design.path, one.unid)),
                *score,
            ]
        )
        for one in (found if query is None else found[: search_limit(call)])
    ]
    return json_answer(rows, compact=call.flag("compact"))


def full_text(call: Call) -> Query | None:
    """The `search` parameter; a database without an index refuses it [S]."""
    if "search" not in call.query:
        return None
    if not call.state.design.full_text:
        raise ServiceError(400, "Database is not full text indexed.")
    return parse(call.query["search"])


def search_limit(call: Call) -> int | None:
    """`searchmaxdocs`; 0 is the server's default [S], here no limit."""
    text = call.query.get("searchmaxdocs", "0")
    if not text.isdigit():
        raise ServiceError(400, f"Invalid parameter searchmaxdocs: {text}")
    return int(text) or None


def _since(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise notes_error("Unable to convert string to date") from None  # likely answer [U]
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def create_document(call: Call) -> Response:
    """201, empty, absolute Location [S]. Not idempotent: a repeat makes a second document."""
    need_level(call.state, 2)
    members = read_body(call.body)
    if not can_write(call.user, call.level, None):
        raise notes_error(UNAUTHORISED)
    parent = call.query.get("parentid", "")
    if parent and parent.upper() not in call.state.documents:
        raise notes_error("Invalid universal id")
    form_name = call.query.get("form", "")
    document = call.state.new(form_name, parent=parent.upper())
    _write_items(call, document, members, form_name)
    if call.flag("computewithform"):
        compute_with_form(document, call.state.design.form(document.form))
    if not call.lose_save:
        call.state.save(document, by=call.who)
    href = document_href(call.state.design.path, document.unid)
    return Response(status_code=201, headers={"Location": call.base + href})


def read_document(call: Call, unid: str) -> Response:
    """GET, with Last-Modified; marks the document read unless told not to [S]."""
    need_level(call.state, 2)
    document = readable(call, unid)
    modified = http_date(document.modified)
    if _not_modified(call.request.headers.get("if-modified-since"), document):
        return Response(status_code=304, headers={"Last-Modified": modified})
    body = document_json(
        document,
        call.state.design.path,
        strong=call.flag("strongtype"),
        hidden=call.flag("hidden"),
        multipart=call.flag("multipart", default=True),
        lowercase=call.flag("lowercasefields"),
        fields=_fields(call.query.get("fields")),
    )
    mark = call.query.get("markread", "true").lower()
    if mark not in {"true", "false"}:
        raise ServiceError(400, "Invalid parameter.")
    if mark == "true":
        call.state.read_marks.add((call.who, document.unid))
    return json_answer(body, compact=call.flag("compact"), headers={"Last-Modified": modified})


async def write_document(call: Call, unid: str) -> Response:
    """PUT removes every other item, PATCH touches only what it names; 200, empty, without
    Last-Modified [S]. The save does not force: where somebody else saved between opening and
    saving it writes nothing, and the answer is 200 all the same [S/I]."""
    need_level(call.state, 2)
    document = readable(call, unid)
    if not _unmodified(call.request.headers.get("if-unmodified-since"), document):
        return Response(status_code=412)
    members = read_body(call.body)
    if not can_write(call.user, call.level, document):
        raise notes_error(UNAUTHORISED)
    changed = deepcopy(document)
    form_name = call.query.get("form", "")
    if form_name:
        changed.form = form_name
    _write_items(call, changed, members, changed.form)
    if call.method == "PUT":
        _remove_others(changed, {name for name, _ in members})
    if call.flag("computewithform"):
        compute_with_form(changed, call.state.design.form(changed.form))
    if call.late_save:
        await asyncio.sleep(call.late_save)
    now = call.state.documents.get(document.unid)
    if not call.lose_save and now is not None and now.sequence == document.sequence:
        call.state.save(changed, by=call.who)
    return Response(status_code=200)


def delete_document(call: Call, unid: str) -> Response:
    """200, empty; a second one 404 [S]."""
    need_level(call.state, 2)
    document = readable(call, unid)
    if not _unmodified(call.request.headers.get("if-unmodified-since"), document):
        return Response(status_code=412)
    if not can_delete(call.user, call.level, call.state.design, document):
        raise notes_error(UNAUTHORISED)
    if not call.lose_save:
        call.state.delete(document.unid)
    return Response(status_code=200)


def readable(call: Call, unid: str) -> Document:
    """Unknown, malformed, deleted and unreadable are the same 404 [S]."""
    document = call.state.documents.get(unid.upper())
    if document is None or not can_read(call.user, call.level, document):
        raise notes_error("Invalid universal id", 404)
    return document


def _write_items(
    call: Call, document: Document, members: list[tuple[str, object]], form: str
) -> None:
    design = call.state.design.form(form)
    for name, value in members:
        if is_ignored(name):
            continue
        item = decode_item(name, value, design, day_first=call.server.day_first)
        if item is not None:
            document.put(item)


def _remove_others(document: Document, names: set[str]) -> None:
    """PUT compares names with the stored spelling, case-sensitively, while Notes ignores case:
    `subject` sent for a stored `Subject` is written first and deleted then [S/I]."""
    document.items = {key: item for key, item in document.items.items() if item.name in names}


def _fields(text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = text.split(",")
    if not all(re.fullmatch(r"[\w-]+", one) for one in names):
        raise ServiceError(400, f"Invalid fields parameter: {text}")
    return names


def _http_time(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _unmodified(header: str | None, document: Document) -> bool:
    """Equal text passes; else a parsed time not before the modification; what cannot be parsed
    (an ISO date) fails [S]."""
    if header is None or header.lower() == http_date(document.modified).lower():
        return True
    moment = _http_time(header)
    return moment is not None and moment >= document.modified


def _not_modified(header: str | None, document: Document) -> bool:
    if header is None:
        return False
    if header.lower() == http_date(document.modified).lower():
        return True
    moment = _http_time(header)
    return moment is not None and moment >= document.modified
