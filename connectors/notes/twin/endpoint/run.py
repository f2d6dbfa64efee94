"""One run of the agent: who calls it, with which right, and its operations on documents."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from connectors.notes.twin.access import can_delete, can_read, can_write
from connectors.notes.twin.decode import compute_with_form
from connectors.notes.twin.endpoint.items import items_json, meta_json, put_items, revision
from connectors.notes.twin.endpoint.wrong import Wrong
from connectors.notes.twin.store import DatabaseState, Document
from connectors.notes.twin.ways import Endpoint
from connectors.notes.twin.wire import ServiceError
from connectors.notes.twin.world import LEVELS, Server, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`lose_save` as in the data service."""

    state: DatabaseState
    endpoint: Endpoint
    user: User
    level: str
    server: Server
    lose_save: bool = False

    def count(self, given: Mapping[str, Any]) -> int:
        count = given.get("count", self.endpoint.limits["page"])
        if not isinstance(count, int) or count < 1:
            raise Wrong("bad_request", "count: a whole number above 0 is expected")
        return min(count, self.endpoint.limits["page"])

    def readable(self, given: Mapping[str, Any]) -> Document:
        document = self.state.documents.get(text(given, "unid").upper())
        if document is None or not can_read(self.user, self.level, document):
            raise Wrong("not_found", "There is no document of this universal id.")
        return document

    def meta(self, document: Document) -> dict[str, Any]:
        editable = can_write(self.user, self.level, document)
        return meta_json(document, self.endpoint, editable=editable)

    def writable(self, given: Mapping[str, Any]) -> Document:
        """A copy of the document to change, its revision being the expected one."""
        document = self.readable(given)
        if text(given, "if_revision") != revision(document, self.endpoint):
            message = "The document was saved since."
            raise Wrong("conflict", message, meta=self.meta(document))
        return deepcopy(document)

    def save(self, document: Document) -> dict[str, Any]:
        if not self.lose_save:
            self.state.save(document, by=self.user.name)
        return {"meta": self.meta(document)}


def text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Wrong("bad_request", f"{name}: a text is expected")
    return value


def hello(run: Run, given: Mapping[str, Any], ops: list[str]) -> dict[str, Any]:
    design = run.state.design
    return {
        "agent": {"name": "Causeway endpoint", "version": "1", "language": run.endpoint.language},
        "proof": "signature" if run.endpoint.signs else "secret",
        "ops": ops,
        "limits": dict(run.endpoint.limits),
        "database": {
            "title": design.title,
            "path": design.path,
            "replica_id": design.replica_id,
        },
        "server": run.server.name,
        "release": "Release 9.0.1FP8",
        "access": {
            "level": LEVELS.index(run.level),
            "create": run.level in {"editor", "author", "depositor"},
            "delete": run.user.name in design.may_delete,
            "roles": [one for one in run.user.groups if one.startswith("[")],
        },
        "full_text": design.full_text,
    }


def get(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    document = run.readable(given)
    items = items_json(document, given.get("items"), rich=given.get("rich", True) is not False)
    return {"meta": run.meta(document), "items": items}


def create(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    if not can_write(run.user, run.level, None):
        raise Wrong("not_authorised", "You are not authorized to create documents.")
    parent = str(given.get("parent") or "")
    if parent and parent not in run.state.documents:
        raise Wrong("not_found", "There is no document to answer.")
    document = run.state.new(text(given, "form"), parent=parent)
    put_items(document, given.get("items"))
    _compute(run, document, given)
    return run.save(document)


def update(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    document = run.writable(given)
    if not can_write(run.user, run.level, document):
        raise Wrong("not_authorised", "You are not authorized to change this document.")
    document.form = str(given.get("form") or document.form)
    put_items(document, given.get("items"))
    _compute(run, document, given)
    return run.save(document)


def delete(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    document = run.writable(given)
    if not can_delete(run.user, run.level, run.state.design, document):
        raise Wrong("not_authorised", "You are not authorized to delete this document.")
    if not run.lose_save:
        run.state.delete(document.unid)
    return {"unid": document.unid}


def _compute(run: Run, document: Document, given: Mapping[str, Any]) -> None:
    if given.get("compute") is not True:
        return
    try:
        compute_with_form(document, run.state.design.form(document.form))
    except ServiceError as error:
        raise Wrong("validation", error.message) from error
