"""The ASGI app of the hooks: read, verify, store, answer. 2xx means committed."""

import asyncio
import math
import re
import weakref
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import DatabaseError

from causeway.base import problems
from causeway.base.problems import Problem
from connectors.connections.vault import VaultError
from connectors.sdk import codec
from flows.dispatch.accepting import Arrival, BacklogFullError, accept
from flows.ingress.answers import Answers
from flows.ingress.hooks import Hook, Hooks, check_sender, read_news
from flows.ingress.refusals import refusals_here
from flows.store import pool
from flows.store.accepting import Accepted
from flows.store.group import TooBusyError

log = structlog.get_logger(__name__)

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_PREFIX: Final = "/hooks/"
_WAIT: Final = re.compile(r"\bwait=(\d{1,4})\b")
_ASYNC: Final = re.compile(r"\brespond-async\b")
hooks: Final = Hooks()
_answers: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Answers]" = (
    weakref.WeakKeyDictionary()
)


def answers_here() -> Answers:
    """Those who wait for answers on the running loop."""
    loop = asyncio.get_running_loop()
    found = _answers.get(loop)
    if found is None:
        found = _answers[loop] = Answers()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """`body` is JSON, unless it is bytes already."""

    status: int
    body: Any
    content_type: str = "application/json"
    headers: Mapping[str, str] | None = None


class _GoneError(Exception):
    """The sender hung up before its body was complete."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI 3, `lifespan` included."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    try:
        answer = await _take_in(scope, receive)
    except _GoneError:
        return
    except Problem as problem:
        answer = _refusal(problem)
    except BacklogFullError as error:
        answer = _refusal(_later(429, error.code, str(error), error.retry_after.total_seconds()))
    except TooBusyError:
        answer = _refusal(_later(429, "too_busy", "More arrives than can be stored.", 1))
    except (*pool.AWAY, DatabaseError) as error:
        log.error("hook not stored: database away", error=type(error).__name__)
        answer = _refusal(_later(503, "unavailable", "Nothing was stored, send it again.", 5))
    except VaultError as error:
        log.error("hook not checked", reason=str(error))
        answer = _refusal(_later(503, "unavailable", "Nothing was stored, send it again.", 30))
    except Exception:
        log.exception("hook failed in our own code")
        answer = _refusal(problems.unexpected())
    await _send(send, answer)


async def _take_in(scope: Scope, receive: Receive) -> _Answer:
    path: str = scope["path"]
    if scope["method"] != "POST":
        raise Problem(405, "method_not_allowed", "A hook takes POST.", headers={"Allow": "POST"})
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    hook = await hooks.find(path.removeprefix(_PREFIX))
    if hook is None:
        raise Problem(404, "unknown_hook", "No connection has this address.")
    try:
        return await _taken(hook, headers, receive)
    except Problem as problem:
        if problem.status < 500:
            _note(hook, headers, code=problem.code, detail=problem.detail)
        raise
    except BacklogFullError as error:
        _note(hook, headers, code=error.code, detail=str(error))
        raise


def _note(hook: Hook, headers: Mapping[str, str], *, code: str, detail: str) -> None:
    """Of a refused delivery nothing is stored but that it came."""
    refusals_here().note(
        hook.connection_id,
        code=code,
        detail=detail,
        delivery_id=headers.get("webhook-id", ""),
        size=headers.get("content-length", ""),
    )


async def _taken(hook: Hook, headers: Mapping[str, str], receive: Receive) -> _Answer:
    limit = min(settings.CAUSEWAY.hook_max_bytes, settings.CAUSEWAY.payload_max_bytes)
    _check_announced(headers.get("content-length", ""), limit)
    body = await _read(receive, limit)
    delivery_id = check_sender(hook, headers, body, now=datetime.now(UTC))
    try:
        arrival = Arrival(
            environment_id=hook.environment_id,
            connection_id=hook.connection_id,
            source="hook",
            system=hook.config.system,
            events=[
                one if one.version else replace(one, version=delivery_id)
                for one in read_news(hook, body)
            ],
            delivery_id=delivery_id,
        )
    except ValueError as error:
        raise Problem(400, "hook_body", str(error)) from None
    accepted = await accept(arrival)
    return await _answered(accepted, _patience(headers)) or _Answer(
        status=202 if accepted.fresh else 200,
        body={
            "event_id": accepted.event_id and str(accepted.event_id),
            "run_ids": [str(run) for run in accepted.run_ids],
            "delivery_id": delivery_id,
        },
    )


def _patience(headers: Mapping[str, str]) -> float:
    """Seconds for which the sender waits for an answer of the flow: what it says itself in
    `Prefer` (RFC 7240), up to the limit."""
    most: float = settings.CAUSEWAY.hook_answer_within.total_seconds()
    preferred = headers.get("prefer", "").lower()
    if _ASYNC.search(preferred):
        return 0.0
    wished = _WAIT.search(preferred)
    return min(most, float(wished[1])) if wished else most


async def _answered(accepted: Accepted, within: float) -> _Answer | None:
    """What a respond node of these runs says; None when none of them has one, or none has
    answered in time: then the sender hears that its delivery is committed, as always."""
    if not accepted.responds or not accepted.run_ids or within <= 0:
        return None
    answer = await answers_here().wait(accepted.run_ids, accepted.responds, within=within)
    if answer is None:
        return None
    run = str(answer.run_id)
    if answer.output is None:
        if answer.state in ("succeeded", "cancelled"):  # superseded, or called off by a person
            return None
        return _refusal(
            Problem(
                502,
                "run_failed",
                f"The delivery is kept; its run {run} ended as {answer.state}"
                + (f" ({answer.code})." if answer.code else "."),
                headers={"Causeway-Run": run},
            )
        )
    return _said(answer.output, run)


def _said(output: Mapping[str, Any], run: str) -> _Answer:
    headers = {str(name): str(value) for name, value in output["headers"].items()}
    given = headers.pop("content-type", "")
    body: Any = output["body"]
    if body is None:
        body, usual = b"", "text/plain; charset=utf-8"
    elif isinstance(body, str):
        body, usual = body.encode(), "text/plain; charset=utf-8"
    else:
        usual = "application/json"
    return _Answer(
        status=int(output["status"]),
        body=body,
        content_type=given or usual,
        # What a flow says is never a page of ours: in a browser it may do nothing.
        headers={**headers, "Causeway-Run": run, "Content-Security-Policy": "sandbox"},
    )


def _check_announced(length: str, limit: int) -> None:
    if length and (not length.isascii() or not length.isdigit()):
        raise Problem(400, "content_length", "Content-Length is not a number.")
    # More digits than any real length has: no need to make a number of them.
    if length and (len(length) > 18 or int(length) > limit):
        raise _too_large(limit)


async def _read(receive: Receive, limit: int) -> bytes:
    chunks = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        chunks += message.get("body", b"")
        if len(chunks) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(chunks)


def _too_large(limit: int) -> Problem:
    return Problem(413, "too_large", f"A delivery has at most {limit} bytes.")


def _later(status: int, code: str, detail: str, seconds: float) -> Problem:
    return Problem(status, code, detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


def _refusal(problem: Problem) -> _Answer:
    return _Answer(
        status=problem.status,
        body=problem.to_dict(),
        content_type=problems.CONTENT_TYPE,
        headers=problem.headers,
    )


async def _send(send: Send, answer: _Answer) -> None:
    body = answer.body if isinstance(answer.body, bytes) else codec.dumps(answer.body)
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *(
            (name.lower().encode(), value.encode())
            for name, value in (answer.headers or {}).items()
        ),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # A database that is away now may come back; each hook asks anew.
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await answers_here().close()
            await refusals_here().close()
            await pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
