"""Domino Data Service over HTTP: the one place that knows its addresses and statuses."""

import asyncio
import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from connectors.notes.login import (
    LOGIN_PATH,
    auth_kind,
    credentials,
    login_form,
    session_cookies,
)
from connectors.notes.statuses import far_side_error, redirect_error
from connectors.notes.transforms import NotesDocument, instant_text, read_document, read_moment
from connectors.sdk import codec
from connectors.sdk.errors import (
    AuthenticationError,
    ContractError,
    NotFoundError,
    PermissionDeniedError,
)
from connectors.sdk.http import Answer, exchange
from connectors.sdk.operation import OperationContext
from connectors.sdk.redact import shorten
from connectors.sdk.status import retry_after

PAGE = 100  # the server's limit unless an administrator raised it
HTML = {"text/html", "application/xhtml+xml"}
_COOKIE_SLOT = "notes.cookie"
_LOCK_SLOT = "notes.login_locks"
_UNID = re.compile(r"[0-9A-F]{32}")
_LARGE = 100_000  # bytes of a document


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDocument:
    """One line of the change list: no form, no items."""

    unid: str
    modified: datetime


class NotesClient:
    """Requests to one database, logged in as the connection says."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        settings = ctx.connection.settings
        self._base = str(settings["base_url"]).rstrip("/")
        # Domino on Windows shows its paths with backslashes; the web knows slashes only.
        self.database = str(settings["database"]).strip().replace("\\", "/").strip("/")
        self._root = f"/{quote(self.database)}/api/data"
        self._override = bool(settings.get("method_override", True))
        self._session = auth_kind(ctx.connection) == "session"

    # documents

    async def read(self, unid: str) -> NotesDocument:
        """GET one document, conflict mark and typed dates included; never marks it read.

        Raises `NotFoundError`, also for what a Readers item hides.
        """
        query = {"strongtype": "true", "hidden": "true", "markread": "false", "compact": "true"}
        answer = await self._call("GET", self._document(unid), query)
        raw = self._json(answer, dict)
        last_modified = answer.headers.get("last-modified", "")
        if not last_modified:
            raise ContractError(
                "The document came without Last-Modified.",
                code="document_shape",
                detail={"expected": "Last-Modified", "received": "no such header"},
            )
        if len(answer.body) < _LARGE:
            document = read_document(raw, last_modified, self._ctx.connection)
        else:
            # A large rich text takes a second or more: other runs of the process go on meanwhile.
            document = await asyncio.to_thread(
                read_document, raw, last_modified, self._ctx.connection
            )
        parent = str(raw.get("@parentid", "")).upper()
        dates = frozenset(name.lower() for name, one in raw.items() if _is_date(one))
        return replace(document, read_at=server_time(answer), parent=parent, date_items=dates)

    async def read_if_there(self, unid: str) -> NotesDocument | None:
        """As `read`; None when it is gone."""
        try:
            return await self.read(unid)
        except NotFoundError:
            return None

    async def create(self, form: str, body: Mapping[str, Any], *, compute: bool) -> str:
        """POST a document; its UNID, from the Location header.

        Not idempotent over there: a lost answer raises `UncertainError`.
        """
        query = {"form": form, "computewithform": "true"} if compute else {"form": form}
        answer = await self._call("POST", f"{self._root}/documents", query, body=body)
        unid = answer.headers.get("location", "").rstrip("/").rsplit("/", 1)[-1].upper()
        if not _UNID.fullmatch(unid):
            raise ContractError(
                "The service created a document and did not say where.",
                code="no_location",
                detail={
                    "expected": "201 and a Location that ends in a universal id",
                    "received": f"{answer.status}, Location {shorten(unid, 60)!r}",
                },
            )
        return unid

    async def patch(
        self,
        unid: str,
        body: Mapping[str, Any],
        *,
        last_modified: str,
        form: str = "",
        compute: bool = False,
    ) -> None:
        """Change some items, unless the document was saved since `last_modified` (verbatim).

        Raises `ConflictError` on 412. A 200 does not prove the save: read it back. The document
        gets `form`; `compute` runs the formulas of its fields.
        """
        query = {"form": form} if form else {}
        if compute:
            query["computewithform"] = "true"
        headers = {"If-Unmodified-Since": last_modified}
        await self._call("PATCH", self._document(unid), query, body=body, headers=headers)

    async def delete(self, unid: str, *, last_modified: str) -> None:
        """Delete, unless the document was saved since. Raises `ConflictError`,
        `NotFoundError`."""
        headers = {"If-Unmodified-Since": last_modified}
        await self._call("DELETE", self._document(unid), {}, headers=headers)

    async def changed_since(
        self, since: datetime
    ) -> tuple[Sequence[ChangedDocument], datetime | None]:
        """Documents saved in this file since a time of the server's clock, all in one answer
        and in no order; and that clock (the Date header)."""
        query = {"since": instant_text(since), "compact": "true"}
        answer = await self._call("GET", f"{self._root}/documents", query)
        rows = []
        for one in self._json(answer, list):
            if not isinstance(one, dict) or not one.get("@unid"):
                continue
            try:
                modified = read_moment(one["@modified"])
            except (KeyError, ValueError) as error:
                raise ContractError(
                    "The change list has a document without the time of its save.",
                    code="document_shape",
                    detail={"expected": "@modified", "received": repr(error)[:200]},
                ) from error
            rows.append(ChangedDocument(unid=str(one["@unid"]).upper(), modified=modified))
        return rows, server_time(answer)

    # views

    async def look_up(self, view: str, key: str) -> Sequence[Mapping[str, Any]]:
        """Entries whose first sorted column is `key`, pages joined. Domino ignores case here:
        compare the items."""
        path = f"{self._root}/collections/name/{quote(view, safe='()')}"
        found: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        while True:
            query = {
                "keys": key,
                "keysexactmatch": "true",
                "start": str(len(found)),
                "count": str(PAGE),
                "compact": "true",
            }
            page = self._json(await self._call("GET", path, query), list)
            fresh = [one for one in page if one.get("@entryid") not in seen]
            seen.update(str(one.get("@entryid")) for one in fresh)
            found += fresh
            if len(page) < PAGE or not fresh:
                return found

    async def views(self) -> Sequence[Mapping[str, Any]]:
        """Views and folders; those that refuse the service are listed too."""
        answer = await self._call("GET", f"{self._root}/collections", {"compact": "true"})
        return list(self._json(answer, list))

    async def peek(self, view: str) -> None:
        """Raises what stands between us and a view's entries."""
        path = f"{self._root}/collections/name/{quote(view, safe='()')}"
        await self._call("GET", path, {"count": "1", "compact": "true"})

    async def databases(self) -> tuple[Sequence[Mapping[str, Any]], Answer]:
        """Databases that the server shows, and the answer for its headers."""
        answer = await self._call("GET", "/api/data", {"compact": "true"})
        return list(self._json(answer, list)), answer

    # the wire

    def _document(self, unid: str) -> str:
        return f"{self._root}/documents/unid/{quote(unid, safe='')}"

    def _json(self, answer: Answer, kind: type[Any]) -> Any:
        try:
            value = codec.loads(answer.body)
        except ValueError as error:
            raise ContractError(
                "The service's answer is not JSON.",
                code="not_json",
                detail={"expected": "JSON", "received": shorten(answer.text, 200)},
            ) from error
        if not isinstance(value, kind):
            raise ContractError(
                "The service's answer has another shape than documented.",
                code="answer_shape",
                detail={"expected": kind.__name__, "received": type(value).__name__},
            )
        return value

    async def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        *,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        file: bool = False,
    ) -> Answer:
        """One request; logs in first, and once again when the session turns out to be over.
        The body is JSON, or `content` as it is; `file` says that the answer may be any file."""
        write = method != "GET"
        target = f"{path}?{urlencode(query)}" if query else path
        cookie = ""
        for _ in range(2):
            cookie = await self._login(stale=cookie) if self._session else ""
            answer = await self._send(
                method, target, body, content, headers or {}, cookie, write=write
            )
            refused = self._not_logged_in(answer, file=file)
            if not self._session or not refused:
                break
        if refused:
            raise self._refused(answer)
        if answer.status in {200, 201}:
            return answer
        moved = self._moved(answer)
        if moved is not None:
            raise moved
        html = answer.content_type in HTML
        raise far_side_error(
            status=answer.status,
            html=html,
            text="" if html else self._message(answer),
            write=write,
            where=f"{method} {path}",
            wait=retry_after(answer.headers, now=self._ctx.now()),
        )

    async def _send(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None,
        content: bytes | None,
        headers: Mapping[str, str],
        cookie: str,
        *,
        write: bool,
    ) -> Answer:
        sent = {"Accept": "application/json", "Cache-Control": "no-cache", **headers}
        if self._session:
            sent["Cookie"] = cookie
        else:
            pair = ":".join(credentials(self._ctx.connection)).encode()
            sent["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        if body is not None:
            content = ascii_json(body)
            sent["Content-Type"] = "application/json"
        verb = method
        if self._override and method in {"PATCH", "PUT", "DELETE"}:
            verb, sent["X-HTTP-Method-Override"] = "POST", method
        return await exchange(
            self._ctx.http, verb, self._base + target, write=write, headers=sent, content=content
        )

    def _not_logged_in(self, answer: Answer, *, file: bool = False) -> bool:
        """HTML with 200 is the login page, unless a file was asked for and the page has no
        login in it; 401 comes where the server is told to say so."""
        return answer.status == 401 or (
            answer.status == 200
            and answer.content_type in HTML
            and bool(answer.body)
            and (not file or b"names.nsf?login" in answer.body.lower())
        )

    def _moved(self, answer: Answer) -> Exception | None:
        location = answer.headers.get("location", "")
        return redirect_error(answer.status, location, base=self._base)

    def _refused(self, answer: Answer) -> AuthenticationError | PermissionDeniedError:
        if self._session and answer.status == 401:
            return PermissionDeniedError(
                "The user is logged in and has no access to the database.",
                code="no_access",
                fix="Database, Access Control: add the user, at least as Editor; look at "
                '"Maximum Internet name and password" too.',
                detail={"status": answer.status},
            )
        if self._session:
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
        store = self._ctx.session
        locks = store.setdefault(_LOCK_SLOT, WeakKeyDictionary())
        lock = locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            known = store.get(_COOKIE_SLOT)
            if known and known != stale:
                return str(known)
            store.pop(_COOKIE_SLOT, None)
            answer = await exchange(
                self._ctx.http,
                "POST",
                self._base + LOGIN_PATH,
                write=False,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                content=login_form(self._ctx.connection),
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
                wait=retry_after(answer.headers, now=self._ctx.now()),
            )
        raise AuthenticationError(
            "The server does not accept the user name and password.",
            code="login_failed",
            fix="Correct user and password (the Internet password of the Person document); "
            "choose basic authentication if the server has no session login.",
            detail={"status": answer.status},
        )

    def _message(self, answer: Answer) -> str:
        """The service's own sentence; never its stack trace."""
        try:
            body = codec.loads(answer.body)
        except ValueError:
            return ""
        text = body.get("message") or body.get("text") if isinstance(body, dict) else ""
        return shorten(str(text or "").splitlines()[0] if text else "", 300)


def _is_date(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "datetime"


def server_time(answer: Answer) -> datetime | None:
    """The server's clock, from the Date header."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


def ascii_json(body: Mapping[str, Any]) -> bytes:
    """JSON in ASCII: how the service decodes other bytes is not known."""
    text = codec.dumps(body).decode()
    return re.sub(r"[^\x00-\x7f]", _escape, text).encode("ascii")


def _escape(hit: re.Match[str]) -> str:
    units = hit[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
