"""One request to Domino's web server, logged in as the connection says.

Domino Data Service and agents in a database stand behind the same login: Basic, or a session
cookie whose end the server tells with its login page and status 200.
"""

import asyncio
import base64
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from connectors.notes.login import (
    LOGIN_PATH,
    auth_kind,
    credentials,
    login_form,
    session_cookies,
)
from connectors.notes.statuses import far_side_error, redirect_error
from connectors.sdk.errors import AuthenticationError, PermissionDeniedError
from connectors.sdk.http import Answer, exchange
from connectors.sdk.operation import OperationContext
from connectors.sdk.status import retry_after

HTML = {"text/html", "application/xhtml+xml"}
_COOKIE_SLOT = "notes.cookie"
_LOCK_SLOT = "notes.login_locks"


class DominoWeb:
    """The web server of one connection."""

    def __init__(self, ctx: OperationContext) -> None:
        self.ctx = ctx
        self.base = str(ctx.connection.settings["base_url"]).rstrip("/")
        self.session = auth_kind(ctx.connection) == "session"

    async def send(
        self,
        method: str,
        target: str,
        *,
        write: bool,
        headers: Mapping[str, str],
        content: bytes | None = None,
        pages: bool = False,
    ) -> Answer:
        """The answer, whatever its status; logs in first, and once again when the session turns
        out to be over. `pages` says that HTML may be what was asked for.

        Raises `AuthenticationError`, `PermissionDeniedError`, `ConfigurationError` (sent on to
        another address) and what `exchange` does.
        """
        cookie = ""
        for _ in range(2):
            cookie = await self._login(stale=cookie) if self.session else ""
            answer = await exchange(
                self.ctx.http,
                method,
                self.base + target,
                write=write,
                headers={**headers, **self._proof(cookie)},
                content=content,
            )
            refused = _not_logged_in(answer, pages=pages)
            if not self.session or not refused:
                break
        if refused:
            raise self._refused(answer)
        moved = self._moved(answer)
        if moved is not None:
            raise moved
        return answer

    def _proof(self, cookie: str) -> dict[str, str]:
        if self.session:
            return {"Cookie": cookie}
        pair = ":".join(credentials(self.ctx.connection)).encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}

    def _moved(self, answer: Answer) -> Exception | None:
        location = answer.headers.get("location", "")
        return redirect_error(answer.status, location, base=self.base)

    def _refused(self, answer: Answer) -> AuthenticationError | PermissionDeniedError:
        if self.session and answer.status == 401:
            return PermissionDeniedError(
                "The user is logged in and has no access to the database.",
                code="no_access",
                fix="Database, Access Control: add the user, at least as Editor; look at "
                '"Maximum Internet name and password" too.',
                detail={"status": answer.status},
            )
        if self.session:
            return AuthenticationError(
                "The server shows its login page although the login succeeded.",
                code="session_refused",
                fix="Check the user's access to the database and the session settings of the "
                "web site.",
                detail={"status": answer.status},
            )
        return AuthenticationError(
            "The server does not accept the user name and password.",
            code="login_failed",
            fix="Correct user and password. If the server uses session authentication, choose "
            "session login, or add a rule that overrides it for /api/* and /*.nsf/api/*.",
            detail={"status": answer.status},
        )

    async def _login(self, *, stale: str) -> str:
        """The session's cookies; one login at a time per connection and loop, shared by all.
        `stale` are cookies that the server no longer knows."""
        store = self.ctx.session
        locks = store.setdefault(_LOCK_SLOT, WeakKeyDictionary())
        lock = locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            known = store.get(_COOKIE_SLOT)
            if known and known != stale:
                return str(known)
            store.pop(_COOKIE_SLOT, None)
            answer = await exchange(
                self.ctx.http,
                "POST",
                self.base + LOGIN_PATH,
                write=False,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                content=login_form(self.ctx.connection),
            )
            cookies = session_cookies(answer.headers.get("set-cookie", ""))
            if cookies:
                store[_COOKIE_SLOT] = cookies
                return cookies
        moved = self._moved(answer)
        if moved is not None:
            raise moved
        if answer.status not in {200, 302, 401}:
            raise far_side_error(
                status=answer.status,
                html=answer.content_type in HTML,
                text="",
                write=False,
                where="login",
                wait=retry_after(answer.headers, now=self.ctx.now()),
            )
        raise AuthenticationError(
            "The server does not accept the user name and password.",
            code="login_failed",
            fix="Correct user and password (the Internet password of the Person document); "
            "choose basic authentication if the server has no session login.",
            detail={"status": answer.status},
        )


def _not_logged_in(answer: Answer, *, pages: bool) -> bool:
    """HTML with 200 is the login page, unless pages may come and this one has no login in it;
    401 comes where the server is told to say so."""
    if answer.status == 401:
        return True
    page = answer.status == 200 and answer.content_type in HTML and bool(answer.body)
    return page and (not pages or has_login(answer.body))


def has_login(page: bytes) -> bool:
    """Whether a page asks for a password: the stock form, or one of an administrator's own."""
    lower = page.lower()
    return b"names.nsf?login" in lower or b'type="password"' in lower or b"type=password" in lower
