"""The API's addresses: login, scope, resource."""

import json
from collections.abc import Callable
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from connectors.notes.twin.access import level_of
from connectors.notes.twin.rest import documents, files, lists
from connectors.notes.twin.rest.asked import Asked
from connectors.notes.twin.rest.problem import Problem, reply
from connectors.notes.twin.rest.tokens import Tokens
from connectors.notes.twin.store import Store
from connectors.notes.twin.wire import WebError
from connectors.notes.twin.world import User

ROOT = "/api/v1"
SCOPE_MISSING = 1112  # errorId [D]


class RestApi:
    """The restapi task of one server."""

    def __init__(self, store: Store, tokens: Tokens) -> None:
        self._store = store
        self.tokens = tokens

    async def answer(
        self,
        request: Request,
        method: str,
        path: str,
        *,
        lose_save: Callable[[], bool],
        late_save: Callable[[], float],
    ) -> Response:
        """Raises `WebError` where the task does not run: the web server answers."""
        if not self.tokens.rest.enabled:
            raise WebError(404, "Couldn't find design note - page not found")
        try:
            return await self._answer(
                request, method, path, lose_save=lose_save, late_save=late_save
            )
        except Problem as error:
            return error.answer()

    async def _answer(
        self,
        request: Request,
        method: str,
        path: str,
        *,
        lose_save: Callable[[], bool],
        late_save: Callable[[], float],
    ) -> Response:
        parts = [unquote(one) for one in path[len(ROOT) :].strip("/").split("/") if one]
        body = await request.body()
        if parts == ["auth"] and method == "POST":
            return reply(self._login(body))
        user = self.tokens.user(request.headers.get("authorization", ""))
        if parts == ["scopes"] and method == "GET":
            return reply(self._scopes(user))
        writes = method != "GET" and parts[:1] in (["document"], ["bulk"], ["attachments"])
        asked = self._asked(
            request,
            method,
            body,
            user,
            lose_save=lose_save() if writes else False,
            late_save=late_save() if writes else 0.0,
        )
        return await _resource(asked, parts)

    def _login(self, body: bytes) -> dict[str, object]:
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise Problem(400, "Failed to decode the body")
        return self.tokens.login(given.get("username"), given.get("password"))

    def _scopes(self, user: User) -> list[dict[str, object]]:
        return [
            {
                "apiName": one.name,
                "schemaName": one.name,
                "nsfPath": one.database,
                "isActive": True,
                "description": state.design.title,
            }
            for one in self.tokens.rest.scopes.values()
            if (one.users is None or user.name in one.users)
            and (state := self._store.database(one.database)) is not None
        ]

    def _asked(
        self,
        request: Request,
        method: str,
        body: bytes,
        user: User,
        *,
        lose_save: bool,
        late_save: float,
    ) -> Asked:
        name = request.query_params.get("dataSource", "")
        scope = self.tokens.rest.scopes.get(name)
        state = self._store.database(scope.database) if scope else None
        if scope is None or state is None:
            message = f"A scope definition with that name cannot be found: {name}"
            raise Problem(404, message, number=SCOPE_MISSING)
        if scope.users is not None and user.name not in scope.users:
            raise Problem(403, f"The token does not cover the scope {name}")
        level = level_of(user, state.design)
        if level == "none":
            raise Problem(403, "You are not authorized to access that database")
        return Asked(
            request=request,
            method=method,
            scope=scope,
            state=state,
            user=user,
            level=level,
            body=body,
            server=self._store.world.server,
            lose_save=lose_save,
            late_save=late_save,
        )


async def _resource(asked: Asked, parts: list[str]) -> Response:
    match asked.method, parts:
        case "POST", ["document"]:
            return documents.create_document(asked)
        case "GET", ["document", unid]:
            return documents.read_document(asked, unid)
        case "PATCH", ["document", unid]:
            return await documents.change_document(asked, unid)
        case "DELETE", ["document", unid]:
            return documents.delete_document(asked, unid)
        case "GET", ["docmeta", unid]:
            return documents.read_meta(asked, unid)
        case "POST", ["bulk", "unid"]:
            return documents.read_many(asked)
        case "POST", ["bulk", "create"]:
            return documents.create_many(asked)
        case "GET", ["lists"]:
            return lists.list_views(asked)
        case "GET", ["lists", name]:
            return lists.read_list(asked, name)
        case "POST", ["query"]:
            return lists.run_query(asked)
        case "GET", ["attachments", unid, name]:
            return files.read_file(asked, unid, name)
        case "POST", ["attachments", unid]:
            return files.add_file(asked, unid)
        case "DELETE", ["attachments", unid, name]:
            return files.delete_file(asked, unid, name)
        case "POST", ["run", "agent"]:
            return files.run_agent(asked, context=False)
        case "POST", ["run", "agentWithContext"]:
            return files.run_agent(asked, context=True)
    raise Problem(404, "Resource not found")
