"""Domino Data Service over HTTP: its addresses, its JSON and its answers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from connectors.notes.statuses import far_side_error
from connectors.notes.web import HTML, DominoWeb
from connectors.sdk import codec
from connectors.sdk.errors import ContractError
from connectors.sdk.http import Answer
from connectors.sdk.operation import OperationContext
from connectors.sdk.redact import shorten
from connectors.sdk.status import retry_after

PAGE = 100  # the server's limit unless an administrator raised it


class DdsWire:
    """Requests to the service of one database."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        settings = ctx.connection.settings
        self._web = DominoWeb(ctx)
        # Domino on Windows shows its paths with backslashes; the web knows slashes only.
        self.database = str(settings["database"]).strip().replace("\\", "/").strip("/")
        self._root = f"/{quote(self.database)}/api/data"
        self._override = bool(settings.get("method_override", True))

    def _document(self, unid: str) -> str:
        return f"{self._root}/documents/unid/{quote(unid, safe='')}"

    def _view(self, name: str) -> str:
        return f"{self._root}/collections/name/{quote(name, safe='()')}"

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
        """One request. The body is JSON, or `content` as it is; `file` says that the answer may
        be any file."""
        write = method != "GET"
        target = f"{path}?{urlencode(query)}" if query else path
        sent = {"Accept": "application/json", "Cache-Control": "no-cache", **(headers or {})}
        if body is not None:
            content = ascii_json(body)
            sent["Content-Type"] = "application/json"
        verb = method
        if self._override and method in {"PATCH", "PUT", "DELETE"}:
            verb, sent["X-HTTP-Method-Override"] = "POST", method
        answer = await self._web.send(
            verb, target, write=write, headers=sent, content=content, pages=file
        )
        if answer.status in {200, 201}:
            return answer
        html = answer.content_type in HTML
        raise far_side_error(
            status=answer.status,
            html=html,
            text="" if html else self._message(answer),
            write=write,
            where=f"{method} {path}",
            wait=retry_after(answer.headers, now=self._ctx.now()),
        )

    def _message(self, answer: Answer) -> str:
        """The service's own sentence; never its stack trace."""
        try:
            body = codec.loads(answer.body)
        except ValueError:
            return ""
        text = body.get("message") or body.get("text") if isinstance(body, dict) else ""
        return shorten(str(text or "").splitlines()[0] if text else "", 300)


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
