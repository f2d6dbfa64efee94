"""What goes wrong on a real wire, and what it means for a read and for a write."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from connectors.sdk.errors import (
    ConfigurationError,
    ContractError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.http import build_client, exchange
from connectors.sdk.permit import writes_while
from tests.connectors.sdk.test_egress import FakeResolver

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def far_side(handler: Handler) -> AsyncIterator[int]:
    """A raw server on a free port; each connection goes to `handler`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def answering(raw: bytes, seen: list[bytes] | None = None) -> Handler:
    """Reads one request and sends `raw`."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if seen is not None:
            seen.append(head)
        writer.write(raw)
        await writer.drain()

    return handler


def answer(body: bytes = b"", *, status: str = "200 OK", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


async def ask(port: int, *, write: bool, method: str = "", **kwargs: object) -> object:
    async with build_client(allow=[f"127.0.0.1:{port}"]) as http:
        return await exchange(
            http,
            method or ("POST" if write else "GET"),
            f"http://127.0.0.1:{port}/x",
            write=write,
            **kwargs,  # type: ignore[arg-type]  # each test passes exchange's own keywords
        )


async def test_an_answer_arrives_whole() -> None:
    async with (
        (
            far_side(answering(answer(b'{"a":1}', extra="Content-Type: Application/JSON; x=y\r\n")))
        ) as port,
        build_client(allow=[f"127.0.0.1:{port}"]) as http,
    ):
        got = await exchange(http, "GET", f"http://127.0.0.1:{port}/x", write=False)
    assert (got.status, got.text, got.content_type) == (200, '{"a":1}', "application/json")


async def test_an_address_inside_is_refused_before_anything_is_sent() -> None:
    seen: list[bytes] = []
    async with far_side(answering(answer(), seen)) as port, build_client() as http:
        with pytest.raises(ConfigurationError) as caught:
            await exchange(http, "POST", f"http://127.0.0.1:{port}/", write=True)
    assert caught.value.code == "egress_refused"
    assert seen == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost"])
async def test_odd_spellings_of_loopback_are_refused(host: str) -> None:
    seen: list[bytes] = []
    async with far_side(answering(answer(), seen)) as port, build_client() as http:
        with pytest.raises((ConfigurationError, UnavailableError)) as caught:
            await exchange(http, "GET", f"http://{host}:{port}/", write=False)
    assert caught.value.code in {"egress_refused", "not_reached", "address"}
    assert seen == []


async def test_dns_rebinding_is_refused_at_the_moment_of_connecting() -> None:
    """The name is vetted in the resolver that the connection itself uses: there is no earlier
    look-up whose answer could differ."""
    seen: list[bytes] = []
    async with (
        far_side(answering(answer(), seen)) as port,
        build_client(resolver=FakeResolver("127.0.0.1")) as http,
    ):
        with pytest.raises(ConfigurationError) as caught:
            await exchange(http, "GET", f"http://rebind.example:{port}/", write=False)
    assert caught.value.code == "egress_refused"
    assert seen == []


async def test_a_name_on_the_allow_list_may_lead_inside() -> None:
    async with far_side(answering(answer(b"in"))) as port:
        resolver = FakeResolver("127.0.0.1")
        async with build_client(allow=[f"shop.internal:{port}"], resolver=resolver) as http:
            got = await exchange(http, "GET", f"http://shop.internal:{port}/", write=False)
    assert got.text == "in"


@pytest.mark.parametrize("write", [True, False])
async def test_a_closed_port_is_unavailable_and_nothing_happened(write: bool) -> None:
    async with far_side(answering(answer())) as port:
        pass
    with pytest.raises(UnavailableError) as caught:
        await ask(port, write=write)
    assert caught.value.code == "not_reached"


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_a_connection_lost_after_sending_a_write_is_uncertain(method: str) -> None:
    """The transport reports this as a connect timeout, which would look safe to retry."""
    async with far_side(_hang_up) as port:
        with pytest.raises(UncertainError):
            await ask(port, write=True, method=method)


async def test_a_connection_lost_after_sending_a_read_is_unavailable() -> None:
    async with far_side(_hang_up) as port:
        with pytest.raises(UnavailableError) as caught:
            await ask(port, write=False)
    assert caught.value.code == "answer_lost"


@pytest.mark.parametrize(("write", "error"), [(True, UncertainError), (False, UnavailableError)])
async def test_no_answer_in_time(write: bool, error: type[Exception]) -> None:
    release = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await release.wait()

    async with far_side(hang) as port:
        with pytest.raises(error):
            await ask(port, write=write, read_timeout=timedelta(milliseconds=50))
        with pytest.raises(error):
            await ask(port, write=write, total=timedelta(milliseconds=50))
        release.set()


@pytest.mark.parametrize(("write", "error"), [(True, UncertainError), (False, UnavailableError)])
async def test_an_answer_cut_short(write: bool, error: type[Exception]) -> None:
    raw = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":'
    async with far_side(answering(raw)) as port:
        with pytest.raises(error):
            await ask(port, write=write)


@pytest.mark.parametrize(("write", "error"), [(True, UncertainError), (False, UnavailableError)])
async def test_an_answer_that_is_not_http(write: bool, error: type[Exception]) -> None:
    async with far_side(answering(b"SSH-2.0-nope\r\n\r\n")) as port:
        with pytest.raises(error):
            await ask(port, write=write)


async def test_an_answer_longer_than_the_limit_is_not_read_on() -> None:
    async with far_side(answering(answer(b"x" * 5000))) as port:
        with pytest.raises(ContractError) as caught:
            await ask(port, write=False, max_bytes=1000)
    assert caught.value.code == "answer_unreadable"


async def test_a_compressed_bomb_is_stopped_by_its_unpacked_size() -> None:
    packed = gzip.compress(b"0" * 3_000_000)
    async with far_side(answering(answer(packed, extra="Content-Encoding: gzip\r\n"))) as port:
        with pytest.raises(ContractError):
            await ask(port, write=False, max_bytes=100_000)


async def test_redirects_are_answers_and_not_followed() -> None:
    moved = answer(status="302 Found", extra="Location: http://169.254.169.254/\r\n")
    async with far_side(answering(moved)) as port:
        got = await ask(port, write=False)
    assert got.status == 302  # type: ignore[attr-defined]  # ask() hides exchange's type


async def test_cookies_are_not_kept() -> None:
    """The client is shared by all connections."""
    seen: list[bytes] = []
    raw = answer(extra="Set-Cookie: session=secret; Path=/\r\nConnection: close\r\n")
    async with (
        far_side(answering(raw, seen)) as port,
        build_client(allow=[f"127.0.0.1:{port}"]) as http,
    ):
        for _ in range(2):
            await exchange(http, "GET", f"http://127.0.0.1:{port}/", write=False)
    assert len(seen) == 2
    assert not any(b"cookie" in head.lower() for head in seen)


@pytest.mark.parametrize("url", ["ftp://x.example/", "http://", "not an address"])
async def test_addresses_that_cannot_be_used(url: str) -> None:
    async with build_client() as http:
        with pytest.raises(ConfigurationError):
            await exchange(http, "GET", url, write=False)


async def test_it_works_over_a_mock_transport_too() -> None:
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, text="ok"))
    ) as http:
        assert (await exchange(http, "GET", "http://shop.example/", write=False)).text == "ok"


async def test_a_write_whose_lease_is_over_is_not_sent() -> None:
    seen: list[bytes] = []
    async with far_side(answering(answer(b"{}"), seen)) as port:
        with writes_while(lambda: False):
            with pytest.raises(UnavailableError) as caught:
                await ask(port, write=True)
            assert caught.value.code == "lease_over"
            assert seen == []
            await ask(port, write=False)
        await ask(port, write=True)
    assert len(seen) == 2
