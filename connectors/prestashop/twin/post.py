"""One HTTP POST over asyncio streams; of the answer only status and headers are read."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

MAX_HEAD = 32 * 1024


class PostError(Exception):
    """No answer came: refused, broken off, too slow, or not HTTP."""


async def post(
    url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
) -> tuple[int, dict[str, str]]:
    """Status and headers (names in lower case). Redirects are not followed.

    Raises `PostError`.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _post(url, headers, body)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        raise PostError(f"{type(error).__name__}: {error}") from error


async def _post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str]]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(
        parts.hostname, port, ssl=context, limit=MAX_HEAD
    )
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + body)
        await writer.drain()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise ValueError("the answer's head is too long") from error
        first, *rest = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1]) if first.startswith("HTTP/") else 0
        if not status:
            raise ValueError("not an HTTP answer")
        found = (line.partition(":") for line in rest if ":" in line)
        return status, {name.strip().lower(): value.strip() for name, _, value in found}
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
