"""HTTP towards far sides: pooled, guarded, without cookies and redirects, with a size limit.

`build_client` makes the client that operations get as `ctx.http`; `exchange` sends one request
through it and turns what goes wrong on the wire into the errors of `connectors.sdk.errors`.
"""

import asyncio
import http.cookiejar
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport

from connectors.sdk.egress import EgressGuard, EgressRefusedError, GuardedResolver
from connectors.sdk.errors import (
    ConfigurationError,
    ContractError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.meter import counted
from connectors.sdk.permit import may_write

MAX_ANSWER_BYTES = 16 * 1024 * 1024
USER_AGENT = "Causeway/0.1"
# Apache's default KeepAliveTimeout is 5 s. Reusing a connection that the far side is about to
# close makes a write uncertain for nothing, so ours go first.
KEEPALIVE_SECONDS = 4.0
# Raised before a byte of the request has left.
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientProxyConnectionError,
)


_NOT_SENT_HTTP = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


class EgressRefusedHTTPError(httpx.ConnectError):
    """The guard refused the address; nothing was sent."""


class CertificateHTTPError(httpx.ConnectError):
    """The far side's certificate is not valid for it; nothing was sent."""


class AnswerTooLargeError(httpx.ReadError):
    """The answer is longer than the limit; the rest was not read."""


class _NoCookies(http.cookiejar.DefaultCookiePolicy):
    """The client is shared by all connections: a cookie kept here would reach strangers."""

    def set_ok(self, cookie: http.cookiejar.Cookie, request: Any) -> bool:
        return False

    def return_ok(self, cookie: http.cookiejar.Cookie, request: Any) -> bool:
        return False


def _translate(error: Exception) -> Exception:
    """The httpx error that tells truly whether the request had left.

    The transport's own table turns every lost connection, also one lost after sending, into
    a connect timeout.
    """
    cause: BaseException = error
    if isinstance(error, httpx.HTTPError) and error.__cause__ is not None:
        cause = error.__cause__
    if isinstance(cause, EgressRefusedError):
        return EgressRefusedHTTPError(str(cause))
    if isinstance(cause, aiohttp.ClientConnectorDNSError | aiohttp.ClientConnectorError) and (
        isinstance(cause.os_error, EgressRefusedError)
    ):
        return EgressRefusedHTTPError(str(cause.os_error))
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        return CertificateHTTPError(str(cause))
    if isinstance(cause, _NOT_SENT):
        return httpx.ConnectError(str(cause))
    if isinstance(cause, TimeoutError):
        return httpx.ReadTimeout(str(cause) or "no answer in time")
    if isinstance(cause, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return httpx.UnsupportedProtocol(str(cause))
    if isinstance(cause, aiohttp.ClientError | OSError):
        return httpx.ReadError(str(cause) or type(cause).__name__)
    return error


class _LimitedStream(httpx.AsyncByteStream):
    """A response body that stops at a limit and tells wire errors truly."""

    def __init__(self, inner: httpx.AsyncByteStream, limit: int) -> None:
        self._inner = inner
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        try:
            async for chunk in self._inner:
                seen += len(chunk)
                if seen > self._limit:
                    raise AnswerTooLargeError(f"answer exceeds {self._limit} bytes")
                yield chunk
        except AnswerTooLargeError:
            raise
        except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
            translated = _translate(error)
            if isinstance(translated, httpx.ConnectError | httpx.ConnectTimeout):
                translated = httpx.ReadError(str(error))
            raise translated from error

    async def aclose(self) -> None:
        await self._inner.aclose()


class GuardedTransport(httpx.AsyncBaseTransport):
    """aiohttp under httpx, with the egress guard in its resolver.

    The aiohttp session is made at the first request, on the event loop that will use it.
    `resolver` replaces the system's resolver below the guard (tests).
    """

    def __init__(
        self,
        *,
        guard: EgressGuard,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        max_connections: int = 100,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._limit = max_answer_bytes
        self._max_connections = max_connections
        self._resolver = resolver
        self._ssl = httpx.create_ssl_context(trust_env=False)
        self._inner = AiohttpTransport(client=self._session, trust_env=False)

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._guard, self._resolver),
            ssl=self._ssl,
            limit=self._max_connections,
            keepalive_timeout=KEEPALIVE_SECONDS,
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            # aiohttp does not ask the resolver about a host written as an IP address.
            self._guard.vet_literal(host, port)
            response = await self._inner.handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
            raise _translate(error) from error
        response.stream = _LimitedStream(cast(httpx.AsyncByteStream, response.stream), self._limit)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def build_client(
    *,
    allow: Iterable[str] = (),
    max_answer_bytes: int = MAX_ANSWER_BYTES,
    max_connections: int = 100,
    resolver: AbstractResolver | None = None,
) -> httpx.AsyncClient:
    """The pooled client for all connections of one process (one event loop).

    `allow` lists "host:port" pairs that may be reached although private. Close it with
    `aclose()`.
    """
    transport = GuardedTransport(
        guard=EgressGuard(allow),
        max_answer_bytes=max_answer_bytes,
        max_connections=max_connections,
        resolver=resolver,
    )
    return httpx.AsyncClient(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        cookies=http.cookiejar.CookieJar(policy=_NoCookies()),
        headers={"User-Agent": USER_AGENT},
        timeout=httpx.Timeout(30.0, connect=10.0, pool=15.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer, whatever its status. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that are none become U+FFFD."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


async def exchange(
    http: httpx.AsyncClient,
    method: str,
    url: str | httpx.URL,
    *,
    write: bool,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    auth: httpx.Auth | Callable[[httpx.Request], httpx.Request] | tuple[str, str] | None = None,
    read_timeout: timedelta | None = None,
    total: timedelta = timedelta(seconds=120),
    max_bytes: int = MAX_ANSWER_BYTES,
) -> Answer:
    """Send one request and read its answer whole; no status is an error here.

    `write` says that the request changes something over there. Raises

    - `ConfigurationError`: address refused, malformed or with a wrong certificate (not sent),
    - `UnavailableError`: not reached (not sent), a write whose lease is over (not sent, see
      `connectors.sdk.permit`), or a read that got no usable answer,
    - `UncertainError`: a write left and its answer did not arrive,
    - `ContractError`: an answer too large, or not decodable.
    """
    host = ""
    if write and not may_write():
        raise UnavailableError(
            "The write was not sent: this worker was held up for longer than its lease.",
            code="lease_over",
            fix="Nothing to do: whoever holds the run now does it. If it comes often, look for "
            "what freezes the workers.",
        )
    try:
        parsed = url if isinstance(url, httpx.URL) else httpx.URL(url)
        host = parsed.netloc.decode("ascii")
        timeout = httpx.Timeout(http.timeout)
        if read_timeout is not None:
            timeout = httpx.Timeout(
                read_timeout.total_seconds(), connect=timeout.connect, pool=timeout.pool
            )
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(counted(unless=_NOT_SENT_HTTP))
            await stack.enter_async_context(asyncio.timeout(total.total_seconds()))
            response = await stack.enter_async_context(
                http.stream(
                    method, parsed, headers=headers, content=content, auth=auth, timeout=timeout
                )
            )
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > max_bytes:
                    raise AnswerTooLargeError(f"answer exceeds {max_bytes} bytes")
            return Answer(
                status=response.status_code, headers=dict(response.headers), body=bytes(body)
            )
    except EgressRefusedHTTPError as error:
        raise ConfigurationError(
            f"{host} may not be reached: {error}.",
            code="egress_refused",
            fix="Correct the address, or have an administrator add host:port to "
            "CAUSEWAY_EGRESS_ALLOW.",
            detail={"host": host},
        ) from error
    except CertificateHTTPError as error:
        raise ConfigurationError(
            f"The certificate of {host} is not valid.",
            code="certificate",
            fix="Renew the certificate over there, or use the name it was issued for.",
            detail={"host": host, "reason": str(error)[:300]},
        ) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise ConfigurationError(
            f"The address {host or str(url)[:100]!r} cannot be used: {error}.", code="address"
        ) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise UnavailableError(
            f"{host} cannot be reached.",
            code="not_reached",
            fix="Check that the far side is up and reachable from here.",
            detail={"host": host, "reason": str(error)[:300]},
        ) from error
    except (AnswerTooLargeError, httpx.DecodingError) as error:
        raise ContractError(
            f"The answer of {host} cannot be read: {error}.",
            code="answer_unreadable",
            detail={"expected": f"at most {max_bytes} bytes, decodable", "received": str(error)},
        ) from error
    except (httpx.TransportError, TimeoutError) as error:
        reason = {"host": host, "reason": str(error)[:300] or type(error).__name__}
        if write:
            raise UncertainError(
                f"{host} got the request, its answer did not arrive.",
                code="answer_lost",
                detail=reason,
            ) from error
        raise UnavailableError(
            f"{host} did not answer completely.", code="answer_lost", detail=reason
        ) from error
