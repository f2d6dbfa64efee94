"""Tokens of the Domino REST API: asked for with user and password, and anew before they end."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from connectors.notes.login import credentials
from connectors.notes.rest.statuses import MISSING, far_side_error
from connectors.notes.web import HTML
from connectors.sdk import codec
from connectors.sdk.errors import AuthenticationError, ContractError
from connectors.sdk.http import Answer, exchange
from connectors.sdk.operation import OperationContext
from connectors.sdk.status import retry_after

_SLOT = "notes.bearer"
_LOCKS = "notes.bearer_locks"
_MARGIN = timedelta(seconds=60)  # a token with less life than this is not used any more


async def bearer(ctx: OperationContext, address: str, *, stale: str = "") -> str:
    """A token that is good for a while; one login at a time per connection and loop, shared by
    all. `stale` is a token that the API does not take any more.

    Raises `AuthenticationError`, `ConfigurationError` where no API answers, `UnavailableError`.
    """
    locks = ctx.session.setdefault(_LOCKS, WeakKeyDictionary())
    lock = locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with lock:
        known: tuple[str, datetime] | None = ctx.session.get(_SLOT)
        if known and known[0] != stale and ctx.now() < known[1]:
            return known[0]
        ctx.session.pop(_SLOT, None)
        asked = ctx.now()
        username, password = credentials(ctx.connection)
        answer = await exchange(
            ctx.http,
            "POST",
            f"{address}/auth",
            write=False,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            content=codec.dumps({"username": username, "password": password}),
        )
        token, life = _read(answer, ctx)
        ctx.session[_SLOT] = (token, asked + life - min(_MARGIN, life / 4))
        return token


def _read(answer: Answer, ctx: OperationContext) -> tuple[str, timedelta]:
    body = _object(answer)
    if answer.content_type in HTML and answer.status < 500:
        raise MISSING.build(
            detail={"status": answer.status, "where": "POST /auth"},
            names={"status": str(answer.status)},
        )
    if answer.status in {400, 401, 403}:
        raise AuthenticationError(
            "The Domino REST API does not accept the user name and password.",
            code="login_failed",
            fix="Correct user and password (the Internet password of the Person document); the "
            "account may be locked after failed logins.",
            detail={"status": answer.status, "text": str(body.get("message", ""))[:300]},
        )
    if answer.status != 200:
        # A login changes nothing, whatever became of it.
        raise far_side_error(
            status=answer.status,
            html=answer.content_type in HTML,
            text=str(body.get("message", ""))[:300],
            error_id=None,
            write=False,
            where="POST /auth",
            wait=retry_after(answer.headers, now=ctx.now()),
        )
    token, seconds = body.get("bearer"), body.get("expSeconds")
    if not isinstance(token, str) or not token or not isinstance(seconds, int) or seconds <= 0:
        raise ContractError(
            "The login's answer has no token, or no life of it.",
            code="token_shape",
            detail={"expected": "bearer, expSeconds", "received": sorted(body)[:20]},
        )
    claims = body.get("claims")
    subject = str(claims.get("sub", "")) if isinstance(claims, Mapping) else ""
    if subject.lower() in {"anonymous", "cn=anonymous"}:
        raise AuthenticationError(
            "The Domino REST API lets us in as Anonymous, not as the connection's user.",
            code="anonymous",
            fix="Correct user and password; look at how the API finds its users.",
        )
    return token, timedelta(seconds=seconds)


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        body = codec.loads(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {}
