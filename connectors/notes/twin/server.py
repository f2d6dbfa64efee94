"""The web server of the twin: request log, faults, locks, dispatch to the resources."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.notes.twin import attachments, called, documents, views
from connectors.notes.twin.access import Gate, LoginPage, unauthorised
from connectors.notes.twin.agents import AgentManager
from connectors.notes.twin.disk import Disk
from connectors.notes.twin.documents import Call
from connectors.notes.twin.endpoint.agent import WebAgent
from connectors.notes.twin.faults import Faults
from connectors.notes.twin.rest.api import ROOT, RestApi
from connectors.notes.twin.rest.problem import Problem
from connectors.notes.twin.rest.tokens import Tokens
from connectors.notes.twin.store import Store
from connectors.notes.twin.wire import (
    Fields,
    ServiceError,
    WebError,
    html_page,
    http_date,
    json_answer,
    login_page,
    notes_error,
)
from connectors.notes.twin.world import load_world

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
AGENT_WRITES = {"create", "update", "delete", "folder", "attach"}
HTML = "text/html; charset=US-ASCII"


class Twin:
    """One imitated Domino server.

    `world` is the world file, `data` the file that outlives a restart (None: memory only).
    Raises `OSError`, `ValueError` or `KeyError` for a broken world file.
    """

    def __init__(
        self,
        *,
        world: Path,
        data: Path | None,
        clock: Callable[[], datetime],
        agent_delay: float,
    ) -> None:
        self.world = load_world(world)
        self.clock = clock
        self.disk = Disk(data)
        self.store = Store(self.world, self.disk, clock)
        self.gate = Gate(self.world, clock)
        self.rest = RestApi(self.store, Tokens(self.world, clock))
        self.web_agent = WebAgent(self.gate, self.world.server)
        self.faults = Faults()
        self.agents = AgentManager(self.store, self.disk, clock=clock, delay=agent_delay)
        self.log: deque[dict[str, Any]] = deque(maxlen=5000)
        self._number = 0

    @property
    def day_first(self) -> bool:
        return self.world.server.day_first

    def person(self, username: object = None) -> str:
        """Canonical name of who sits at the Notes client."""
        wanted = username or self.world.server.client_user
        return next(
            (one.name for one in self.world.users if wanted in {one.username, one.name}),
            self.world.users[0].name,
        )

    def reset(self) -> None:
        """Documents, logins, faults and the request log as at the first start; the hook
        stays."""
        self.store.reset()
        self.agents.reload()
        self.faults.clear()
        self.gate.expire_all()
        self.rest.tokens.revoke_all()
        self.log.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started = time.perf_counter()
        method = _effective_method(request)
        path = _raw_path(request)
        if _is_agent(request):  # the operation stands in the body: faults and log go by it
            path += f"/{_operation(await request.body())}"
        entry: dict[str, Any] = {
            "at": self.clock().isoformat(),
            "method": method,
            "path": path + (f"?{request.url.query}" if request.url.query else ""),
        }
        response = await self._answer(request, method, path)
        self._number += 1
        entry["number"] = self._number
        entry["status"] = response.status_code if response else 0
        entry["ms"] = round((time.perf_counter() - started) * 1000, 1)
        self.log.append(entry)
        if response is None:
            await _drop(send)
            return
        response.headers["Server"] = "Lotus-Domino"
        if self.world.rest.date or not path.startswith(ROOT):
            response.headers["Date"] = http_date(self.clock())
        if response.body and self.faults.take("truncated", method, path):
            await _truncate(response, send)
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request, method: str, path: str) -> Response | None:
        """The answer, or None when the connection is to be dropped."""
        if self.faults.take("down", method, path):
            return None
        if slow := self.faults.take("slow", method, path):
            await asyncio.sleep(float(slow.options["seconds"]))
        if broken := self._broken(method, path):
            return broken
        try:
            response = await self._dispatch(request, method, path)
        except LoginPage:
            return Response(login_page(), media_type=HTML)
        except (ServiceError, WebError) as error:
            return error.answer()
        if method in WRITES and self.faults.take("lost_answer", method, path):
            return None
        return response

    def _broken(self, method: str, path: str) -> Response | None:
        """Answers that come before anything is done."""
        if "/api/" in path and self.faults.take("login_page", method, path):
            self.gate.expire_all()
            return Response(login_page(), media_type=HTML)
        if denied := self.faults.take("access_denied", method, path):
            if denied.options["status"] == 401:
                return unauthorised().answer()
            if _is_rest(path):
                return Problem(403, "Forbidden").answer()
            return ServiceError(403, "Cannot access resource").answer()
        if self.faults.take("http_500", method, path):
            text = "Notes error: Database has been corrupted"
            if _is_rest(path):
                return Problem(500, text).answer()
            return notes_error(text, 500).answer()
        if self.faults.take("expired_tokens", method, path):
            self.rest.tokens.revoke_all()
        if page := self.faults.take("agent_page", method, path):
            status = int(page.options["status"])
            return Response(html_page(status, "Agent did not run"), status, media_type=HTML)
        if page := self.faults.take("html_answer", method, path):
            status = int(page.options["status"])
            return Response(html_page(status, "Service unavailable"), status, media_type=HTML)
        return None

    async def _dispatch(self, request: Request, method: str, path: str) -> Response:
        lower = path.lower()
        if lower == "/names.nsf":
            command = request.url.query.lower().split("&")[0]
            if command == "logout":
                return self.gate.logout(request)
            return await self.gate.login(request)
        if lower in {"/api", "/api/"}:
            return self._root()
        if _is_rest(path):
            return await self.rest.answer(
                request,
                method,
                path,
                lose_save=lambda: self.faults.take("lost_save", method, path) is not None,
                late_save=lambda: self._late(method, path),
            )
        if _is_agent(request):
            return await self._agent(request, method, path)
        server = self.world.server
        if request.method not in server.methods:
            # PUT and DELETE must be ticked by an administrator; the web engine refuses [D].
            raise WebError(405, "Method Not Allowed")
        user = self.gate.user(request)
        if not server.data_service:
            raise ServiceError(403)
        token = request.cookies.get("DasToken")
        if token is not None and request.headers.get("x-das-token") != token:
            raise ServiceError(403)
        if lower.rstrip("/") == "/api/data":
            if user is None:
                raise LoginPage if server.auth != "basic" else unauthorised()
            compact = request.query_params.get("compact", "").lower() == "true"
            return views.list_databases(self.store, compact=compact)
        file, found, rest = path.partition("/api/data")
        if not found:
            if lower.rstrip("/").endswith("/api"):
                raise ServiceError(404, "Database context not allowed.")
            raise WebError(404, "Couldn't find design note - page not found")
        if not file.strip("/"):
            status = 400 if rest.strip("/").startswith("documents") else 404
            raise ServiceError(status, "URI path must include a database.")
        state = self.store.database(unquote(file).strip("/"))
        if state is None:
            raise WebError(404, "File does not exist")
        level = self.gate.admit(user, state.design)
        call = Call(
            request=request,
            method=method,
            state=state,
            user=user,
            level=level,
            body=await request.body(),
            base=f"{request.url.scheme}://{request.headers.get('host', server.host)}",
            server=server,
            lose_save=method in WRITES
            and ("/documents" in rest or "/collections" in rest)
            and self.faults.take("lost_save", method, path) is not None,
            late_save=self._late(method, path) if method in WRITES else 0.0,
        )
        parts = [unquote(one) for one in rest.strip("/").split("/") if one]
        if parts[:2] != ["documents", "unid"] or len(parts) == 3:  # not for files
            _need_json(call)
        return await _resource(call, parts)

    async def _agent(self, request: Request, method: str, path: str) -> Response:
        """{database}/{agent}?OpenAgent; the path ends in the operation."""
        file, _, name = path.rpartition("/")[0].rpartition("/")
        return self.web_agent.answer(
            request,
            self.store.database(unquote(file).strip("/")),
            unquote(name),
            await request.body(),
            lose_save=path.rpartition("/")[2] in AGENT_WRITES
            and self.faults.take("lost_save", method, path) is not None,
            anonymous=self.faults.take("anonymous", method, path) is not None,
        )

    def _late(self, method: str, path: str) -> float:
        late = self.faults.take("late_save", method, path)
        return float(late.options["seconds"]) if late else 0.0

    def _root(self) -> Response:
        enabled = self.world.server.data_service
        data = Fields(
            [("name", "Data"), ("enabled", enabled), ("version", "9.0.1"), ("href", "/api/data")]
        )
        core = Fields(
            [("name", "Core"), ("enabled", True), ("version", "9.0.1"), ("href", "/api/core")]
        )
        return json_answer(Fields([("services", [data, core])]))


async def _resource(call: Call, parts: list[str]) -> Response:
    match call.method, parts:
        case "GET", []:
            raise ServiceError(400, "URI path must not include a database.")
        case "GET", ["documents"]:
            return documents.list_documents(call)
        case "POST", ["documents"]:
            return documents.create_document(call)
        case "GET", ["documents", "unid", unid]:
            return documents.read_document(call, unid)
        case "PUT" | "PATCH", ["documents", "unid", unid]:
            return await documents.write_document(call, unid)
        case "DELETE", ["documents", "unid", unid]:
            return documents.delete_document(call, unid)
        case "GET", ["documents", "unid", unid, item, name]:
            return attachments.read_file(call, unid, item, name)
        case "POST", ["documents", "unid", unid, item]:
            return attachments.add_file(call, unid, item)
        case "PUT", ["documents", "unid", unid, item, name]:
            return attachments.replace_file(call, unid, item, name)
        case "DELETE", ["documents", "unid", unid, item, name]:
            return attachments.delete_file(call, unid, item, name)
        case "GET", ["agents"]:
            return called.list_agents(call)
        case "POST", ["agentjobs"]:
            return called.run_agent(call)
        case "PUT", ["collections", method, value]:
            return views.change_folder(call, method, value)
        case "GET", ["collections"]:
            return views.list_views(call)
        case "GET", ["collections", method, value]:
            return views.view_entries(call, method, value)
        case "GET", ["collections", method, value, "design"]:
            return views.view_design(call, method, value)
    raise WebError(405, "Method Not Allowed")


def _is_rest(path: str) -> bool:
    return path == ROOT or path.startswith(ROOT + "/")


def _is_agent(request: Request) -> bool:
    return request.method == "POST" and request.url.query.lower().split("&")[0] == "openagent"


def _operation(body: bytes) -> str:
    try:
        given = json.loads(body)
    except ValueError:
        return ""
    op = given.get("op") if isinstance(given, dict) else None
    return op if isinstance(op, str) and op.isalpha() else ""


def _need_json(call: Call) -> None:
    """Bodies come as application/json; anything else 415, body unspecified [U]."""
    kind = call.request.headers.get("content-type", "").split(";")[0].strip().lower()
    if call.method in {"POST", "PUT", "PATCH"} and kind != "application/json":
        raise WebError(415, "Unsupported Media Type")


def _effective_method(request: Request) -> str:
    """The override counts only on a real POST [S]."""
    override = request.headers.get("x-http-method-override", "")
    return override.upper() if request.method == "POST" and override else request.method


def _raw_path(request: Request) -> str:
    """The path as sent: view names hold escaped slashes and backslashes."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.split(b"?", 1)[0].decode("latin-1")


async def _drop(send: Send) -> None:
    """No usable answer: announce a body and hang up before it."""
    headers = [(b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _truncate(response: Response, send: Send) -> None:
    """Half of the announced body, then the connection ends."""
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
