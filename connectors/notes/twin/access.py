"""Who is asking: Basic and session logins, the access control list, reader hiding."""

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from connectors.notes.twin.store import Document
from connectors.notes.twin.wire import WebError, login_page
from connectors.notes.twin.world import LEVELS, Database, User, World

COOKIE = "DomAuthSessId"


class LoginPage(Exception):
    """Not logged in where sessions are on: the login form comes instead of the answer [O]."""


@dataclass(slots=True)
class Session:
    user: User
    used: datetime


class Gate:
    """Logins of the web server and what they allow."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    async def login(self, request: Request) -> Response:
        """POST /names.nsf?Login: 302 with a cookie, or 200 with the form again [D]."""
        if request.method != "POST":
            return Response(login_page(), media_type="text/html")
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        user = self._user(form.get("Username", [""])[0], form.get("Password", [""])[0])
        if user is None or self._world.server.auth == "basic":
            return Response(login_page(failed=True), media_type="text/html")
        token = secrets.token_hex(20).upper()
        self._sessions[token] = Session(user, self._clock())
        target = form.get("RedirectTo", ["/"])[0]
        return Response(
            status_code=302,
            headers={
                "Location": target if target.startswith("/") else "/",
                "Set-Cookie": f"{COOKIE}={token}; path=/",
            },
        )

    def logout(self, request: Request) -> Response:
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)
        return Response(login_page(), media_type="text/html")

    def expire_all(self) -> None:
        """As after a restart of the HTTP task."""
        self._sessions.clear()

    def user(self, request: Request) -> User | None:
        """The caller, None for an anonymous one.

        Raises `WebError` 401 for wrong Basic credentials and `LoginPage` for an unknown or
        expired session.
        """
        server = self._world.server
        authorization = request.headers.get("authorization", "")
        if server.auth in {"basic", "both"} and authorization.lower().startswith("basic "):
            user = self._basic(authorization[6:])
            if user is None:
                raise unauthorised()
            return user
        token = request.cookies.get(COOKIE, "")
        if server.auth == "basic" or not token:
            return None
        session = self._sessions.get(token)
        now = self._clock()
        if session is None or now - session.used > timedelta(minutes=server.session_minutes):
            self._sessions.pop(token, None)
            raise LoginPage
        session.used = now
        return session.user

    def admit(self, user: User | None, database: Database) -> str:
        """The caller's level in a database; no access means 401 even for a known user, or the
        login page [D]."""
        level = level_of(user, database)
        if level == "none":
            if self._world.server.auth == "basic" or user is not None:
                raise unauthorised()
            raise LoginPage
        return level

    def _basic(self, encoded: str) -> User | None:
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self._user(name, password)

    def _user(self, name: str, password: str) -> User | None:
        wanted = name.strip().lower()
        return next(
            (
                one
                for one in self._world.users
                if wanted in {one.username.lower(), one.name.lower()}
                and secrets.compare_digest(one.password.encode(), password.encode())
            ),
            None,
        )


def unauthorised() -> WebError:
    return WebError(401, "You are not authorized", headers={"WWW-Authenticate": 'Basic realm="/"'})


def level_of(user: User | None, database: Database) -> str:
    """Own entry, else the highest of the groups, else -Default-; web users are capped at
    Editor, the default of "Maximum Internet name and password" [D]."""
    acl = database.acl
    if user is None:
        return acl.get("Anonymous", acl.get("-Default-", "none"))
    level = acl.get(user.name)
    if level is None:
        groups = [acl[one] for one in user.groups if one in acl]
        level = max(groups, key=LEVELS.index) if groups else acl.get("-Default-", "none")
    return min(level, "editor", key=LEVELS.index)


def can_read(user: User | None, level: str, document: Document) -> bool:
    """Readers items hide a document from everybody they do not name [S/I]."""
    if LEVELS.index(level) < LEVELS.index("reader"):
        return False
    readers = document.readers()
    if not readers:
        return True
    return user is not None and bool(readers & {user.name, user.username, *user.groups})


def can_write(user: User | None, level: str, document: Document | None) -> bool:
    """Editors change what they read; authors create, and edit where an Authors item names
    them; depositors only create [D]."""
    if level == "editor":
        return True
    if document is None:
        return level in {"author", "depositor"}
    if level != "author" or user is None:
        return False
    names = {
        value
        for item in document.items.values()
        if item.kind.value == "authors"
        for value in item.values
    }
    return bool(names & {user.name, *user.groups})


def can_delete(user: User | None, level: str, database: Database, document: Document) -> bool:
    """Needs the "delete documents" flag besides the right to change [D]."""
    if user is None or not {user.name, *user.groups} & database.may_delete:
        return False
    return can_write(user, level, document)
