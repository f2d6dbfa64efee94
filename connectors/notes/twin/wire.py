"""The service's JSON on the wire, its error bodies and the web engine's HTML."""

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from connectors.notes.twin.values import number_text


class Fields(list[tuple[str, Any]]):
    """An object in a fixed key order; the same key may stand in it twice [S]."""


def text_json(value: str) -> str:
    """ASCII only: what lies outside 0x20-0x80 becomes an escape, `/` becomes `\\/` [S]."""
    out = ['"']
    for char in value:
        if char in '"\\':
            out.append("\\" + char)
        elif char == "/":
            out.append("\\/")
        elif char in "\n\r\t\b\f":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}[char])
        elif " " <= char <= "~":
            out.append(char)
        else:
            units = char.encode("utf-16-be")
            out.extend(
                f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}"
                for at in range(0, len(units), 2)
            )
    out.append('"')
    return "".join(out)


def dump(value: Any, *, compact: bool = False, depth: int = 0) -> str:
    """Pretty by default (indented, no blank after the colon), or without white space [S]."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text_json(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dict):
        value = Fields(value.items())
    if isinstance(value, Fields):
        parts = [
            f"{text_json(name)}:{dump(one, compact=compact, depth=depth + 1)}"
            for name, one in value
        ]
        return _wrap("{", "}", parts, compact, depth)
    return _wrap(
        "[", "]", [dump(one, compact=compact, depth=depth + 1) for one in value], compact, depth
    )


def _wrap(left: str, right: str, parts: Iterable[str], compact: bool, depth: int) -> str:
    parts = list(parts)
    if not parts:
        return left + right
    if compact:
        return left + ",".join(parts) + right
    inner, outer = "    " * (depth + 1), "    " * depth
    return f"{left}\n{inner}" + f",\n{inner}".join(parts) + f"\n{outer}{right}"


def json_answer(
    value: Any, *, compact: bool = False, headers: dict[str, str] | None = None
) -> Response:
    return Response(
        dump(value, compact=compact), media_type="application/json", headers=headers or {}
    )


class ServiceError(Exception):
    """An error that the service reports as JSON; with `exception` in its second shape, stack
    trace included [S]."""

    def __init__(self, status: int, message: str = "", *, exception: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.exception = exception

    def answer(self) -> Response:
        body = Fields([("code", self.status), ("text", HTTPStatus(self.status).phrase)])
        if self.message:
            body.append(("message", self.message))
        if self.exception:
            body += [("type", "text"), ("data", stack_trace(self.exception, self.message))]
        return Response(dump(body), self.status, media_type="application/json")


def notes_error(message: str, status: int = 400) -> ServiceError:
    """A NotesException on its way out."""
    return ServiceError(status, message, exception="NotesException")


class WebError(Exception):
    """An error of the web engine in front of the service: HTML, whatever was asked for [D]."""

    def __init__(self, status: int, title: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.headers = headers or {}

    def answer(self) -> Response:
        return Response(
            html_page(self.status, self.title),
            self.status,
            media_type="text/html; charset=US-ASCII",
            headers=self.headers,
        )


def html_page(status: int, title: str) -> str:
    text = html.escape(title)
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n'
        f"<html>\n<head>\n<title>Error {status}</title></head>\n"
        f'<body text="#000000">\n<h1>Error {status}</h1>HTTP Web Server: {text}</body>\n</html>\n'
    )


def login_page(*, failed: bool = False) -> str:
    """The stock login form: served with status 200 instead of a 401 [O]."""
    note = "You provided an invalid username or password.<br>" if failed else ""
    return (
        "<!DOCTYPE html>\n<html>\n<head>\n<title>Server Login</title></head>\n<body>\n"
        '<form method="post" action="/names.nsf?Login" name="_DominoForm">\n'
        f"{note}Please type your user name and password.<br>\n"
        '<input name="Username" value=""><input name="Password" type="password">\n'
        '<input type="hidden" name="RedirectTo" value="">\n'
        '<input type="submit" value="Sign In"></form>\n</body>\n</html>\n'
    )


def stack_trace(exception: str, message: str) -> str:
    return (
        f"{exception}: {message}\r\n"
        "\tat lotus.domino.local.Database.NgetDocumentByUNID(Native Method)\r\n"
        "\tat lotus.domino.local.Database.getDocumentByUNID(Unknown Source)\r\n"
        "\tat com.ibm.domino.das.resources.DocumentResource.getDocument(DocumentResource.java)\r\n"
    )


def http_date(moment: datetime) -> str:
    """RFC 1123, whole seconds [S]."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
