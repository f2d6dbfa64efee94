"""The webservice on the wire: reads the request, breaks it as told, logs it, answers it."""

import asyncio
import math
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from .call import HTML_TYPE, JSON_TYPE, Answer, Call
from .faults import Fault, Faults
from .hooks import Hooks
from .request_log import RequestLog
from .webservice import Webservice
from .xml_input import MAX_BODY

TRANSPORT = "twin.transport"
WEB_PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"

MAINTENANCE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body></body></html>"


class DroppedConnectionError(ConnectionError):
    """Raised where there is no connection to drop (a request without a server, in tests)."""


class Gate:
    """An ASGI app for everything under /api."""

    def __init__(
        self, webservice: Webservice, faults: Faults, hooks: Hooks, log: RequestLog
    ) -> None:
        self.webservice = webservice
        self.faults = faults
        self.hooks = hooks
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        status = 0
        try:
            answer = await self._answer(request)
            if answer is None:
                await _drop(scope.get(TRANSPORT))
                return
            status = answer.status
            await _send(answer, request, send, self.log.clock().astimezone(UTC))
        finally:
            self.webservice.store.commit()
            self.log.add(
                method=request.method,
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                status=status,
                ms=(time.perf_counter() - started) * 1000,
            )

    async def _answer(self, request: Request) -> Answer | None:
        """None drops the connection."""
        body = await _body(request)
        if body is None:
            return Answer(status=413, content_type=HTML_TYPE)
        path = request.scope["path"]
        hit = {one.kind: one for one in self.faults.take(request.method, path)}
        if slow := hit.get("slow"):
            await asyncio.sleep(slow.seconds)
        if hanging := hit.get("hang"):
            await asyncio.sleep(hanging.seconds)
            return None
        if (broken := _broken(hit)) is not _WORKS:
            return broken
        base = str(request.base_url).rstrip("/")
        base = base.removesuffix("/api")
        self.hooks.base = base
        call = Call.read(
            method=request.method,
            path=path.removeprefix("/api").lstrip("/"),
            query=request.scope["query_string"].decode("latin-1"),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            base=base,
        )
        answer = self.webservice.answer(
            call,
            withdrawn="access_denied" in hit,
            closed="webservice_off" in hit,
            quirks=frozenset(hit),
        )
        if edit := hit.get("edited_after_read"):
            self.webservice.edit(call, edit.field, edit.value)
        self.webservice.store.commit()
        if lost := hit.get("lost_answer"):
            if lost.mode == "hang":
                await asyncio.sleep(lost.seconds)
            return None
        if "truncated" in hit:
            answer = replace(answer, body=answer.body[: len(answer.body) // 2])
        return answer


_WORKS = Answer()


def _broken(hit: dict[str, Fault]) -> Answer | None:
    """What is answered instead of working; `_WORKS` if nothing stands in the way."""
    if down := hit.get("down"):
        return None if down.mode == "close" else Answer(status=503, content_type=HTML_TYPE)
    if limited := hit.get("rate_limited") or hit.get("limited"):
        answer = Answer(status=429, body=b'{"errors":[]}', content_type=JSON_TYPE)
        if limited.mode != "untold":
            # In whole seconds, as the header has them; never so few that they are not over.
            answer.headers["Retry-After"] = str(math.ceil(limited.seconds))
        return answer
    if "forbidden" in hit:
        return Answer(status=403, body=WEB_PAGE, content_type=HTML_TYPE)
    if "not_found" in hit:
        return Answer(status=404, body=WEB_PAGE, content_type=HTML_TYPE)
    if "read_only" in hit:
        return Answer(status=503, body=MAINTENANCE, content_type=HTML_TYPE)
    if "http_500" in hit:
        return Answer(status=500, content_type=HTML_TYPE)
    if "html_answer" in hit:
        return Answer(body=WEB_PAGE, content_type=HTML_TYPE)
    return _WORKS


async def _body(request: Request) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


async def _send(answer: Answer, request: Request, send: Send, now: datetime) -> None:
    body = b"" if request.method == "HEAD" or answer.status == 304 else answer.body
    headers = [
        (name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()
    ]
    headers.append((b"date", format_datetime(now, usegmt=True).encode()))
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode()))
    if answer.status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def with_transport(scope: Scope, send: Send) -> Scope:
    """Note the connection of a request, for the gate to drop.

    ASGI has no word for it: uvicorn's own `send` is a method of the object that holds it.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return {**scope, TRANSPORT: transport}


async def _drop(transport: asyncio.Transport | None) -> None:
    """Close the connection without a byte."""
    if transport is None:
        raise DroppedConnectionError("the twin dropped the connection")
    transport.abort()
    await asyncio.sleep(0)
