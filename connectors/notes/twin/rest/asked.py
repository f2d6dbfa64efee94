"""One request to a scope, after login."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from connectors.notes.twin.access import can_read
from connectors.notes.twin.rest.problem import Problem
from connectors.notes.twin.store import DatabaseState, Document
from connectors.notes.twin.ways import Scope
from connectors.notes.twin.world import Server, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`lose_save` and `late_save` as in the data service."""

    request: Request
    method: str
    scope: Scope
    state: DatabaseState
    user: User
    level: str
    body: bytes
    server: Server
    lose_save: bool = False
    late_save: float = 0.0

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def who(self) -> str:
        return self.user.name

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() == "true"

    def number(self, name: str, default: int, given: Mapping[str, Any] | None = None) -> int:
        value = (given or {}).get(name, self.query.get(name, default))
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = -1
        if number < 0:
            raise Problem(400, f"Invalid value for parameter {name}")
        return number

    @property
    def mode(self) -> str:
        return self.query.get("mode", "default")

    def json(self) -> dict[str, Any]:
        try:
            body = json.loads(self.body or b"null")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Problem(400, "Failed to decode the body: a JSON object is expected")
        return body

    def readable(self, unid: str) -> Document:
        """Unknown, deleted and hidden are the same 404 [I]."""
        document = self.state.documents.get(unid.upper())
        if document is None or not can_read(self.user, self.level, document):
            raise Problem(404, f"Document with UNID {unid} not found")
        return document

    def fields(self, form: str, mode: str) -> frozenset[str] | None:
        """Raises `Problem` 403 for a form or mode that the schema does not have."""
        try:
            return self.scope.fields(form, mode)
        except KeyError:
            raise Problem(
                403, f"Form {form or '(none)'} has no mode {mode} in the schema of this scope"
            ) from None
