"""Requests of the generic connector, and what its statuses mean."""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

import httpx

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ContractError,
    FarSideError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.http import Answer, exchange
from connectors.sdk.operation import OperationContext
from connectors.sdk.redact import redact
from connectors.sdk.status import Meaning, StatusTable, look_up, retry_after

READS = frozenset({"GET", "HEAD"})
# RFC 9110, 9.2.2: sent twice they do what they do once.
REPEATABLE = READS | {"PUT", "DELETE"}

_STATUSES: StatusTable = {
    "3xx": Meaning(
        error=ContractError,
        code="redirect",
        message="{host} sends us elsewhere (status {status}); redirects are not followed.",
        fix="Use the address that it leads to.",
    ),
    401: Meaning(
        error=AuthenticationError,
        code="unauthorized",
        message="{host} does not accept the token.",
        fix="Correct the token of the connection.",
    ),
    403: Meaning(
        error=PermissionDeniedError, code="forbidden", message="{host} does not allow this."
    ),
    404: Meaning(error=NotFoundError, code="not_found", message="{host} has nothing there."),
    410: Meaning(error=NotFoundError, code="gone", message="{host} no longer has this."),
    409: Meaning(error=ConflictError, code="conflict", message="{host} reports a conflict."),
    412: Meaning(error=ConflictError, code="conflict", message="The record has changed on {host}."),
    408: Meaning(error=UnavailableError, code="timeout", message="{host} gave up waiting for us."),
    425: Meaning(error=UnavailableError, code="too_early", message="{host} wants it later."),
    429: Meaning(
        error=RateLimitedError, code="rate_limited", message="{host} gets too many requests."
    ),
    503: Meaning(
        error=UnavailableError, code="unavailable", message="{host} is out of service for now."
    ),
    "4xx": Meaning(
        error=RejectedError, code="rejected", message="{host} refused the request ({status})."
    ),
    "other": Meaning(
        error=UnavailableError, code="server_failure", message="{host} failed ({status})."
    ),
}


def address(connection: ConnectionConfig, *, path: str = "", url: str = "") -> httpx.URL:
    """The request's address, which lies below the connection's.

    Raises `ConfigurationError` for one that does not: the token must not travel elsewhere.
    """
    return _address(str(connection.settings["base_url"]), path, url)


@lru_cache(maxsize=1024)  # reading an address costs more than the rest of a small request
def _address(base_url: str, path: str, url: str) -> httpx.URL:
    base = httpx.URL(base_url)
    root = base.path.rstrip("/")
    try:
        target = httpx.URL(url) if url else base.copy_with(raw_path=_below(root, path))
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"Not an address: {error}.", code="address") from error
    origin = (base.scheme, base.host, base.port)
    inside = target.path == root or target.path.startswith(f"{root}/")
    climbs = ".." in target.path.split("/")
    if (target.scheme, target.host, target.port) != origin or not inside or climbs:
        raise ConfigurationError(
            f"{target.copy_with(query=None, username=None, password=None)} does not lie below the "
            "connection's address.",
            code="outside_connection",
            fix="Use a connection that is made for this address.",
        )
    return target


def _below(root: str, path: str) -> bytes:
    joined = f"{root}/{path.lstrip('/')}" if path else (root or "/")
    return httpx.URL(joined).raw_path


async def send(
    ctx: OperationContext,
    method: str,
    url: httpx.URL,
    *,
    headers: Mapping[str, str],
    content: bytes | None = None,
) -> Answer:
    """Send one request; errors of the wire as in `connectors.sdk.http.exchange`."""
    return await exchange(
        ctx.http,
        method,
        url,
        write=method not in READS,
        headers=headers,
        content=content,
        total=timedelta(seconds=90),
    )


def failure(ctx: OperationContext, method: str, host: str, answer: Answer) -> FarSideError:
    """What an unexpected status means. After a write, a server that fell over may have done it:
    that is uncertain."""
    detail = {
        "status": answer.status,
        "body": redact(answer.text, secrets=ctx.connection.secrets.values()),
    }
    if method not in READS and answer.status >= 500 and answer.status != 503:
        return UncertainError(
            f"{host} failed with status {answer.status}; it may have done it.",
            code="server_failure",
            detail=detail,
        )
    meaning = look_up(_STATUSES, answer.status) or _STATUSES["other"]
    return meaning.build(
        detail=detail,
        retry_after=retry_after(answer.headers, now=ctx.now()),
        names={"host": host, "status": str(answer.status)},
    )
