"""The generic connector: where it may go, what it sends, and what answers mean."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.http.actions import probe, request
from connectors.http.auth import check
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
from connectors.sdk.operation import OperationContext


class FarSide:
    def __init__(self, response: httpx.Response | None = None) -> None:
        self.response = response or httpx.Response(200, json={"ok": True})
        self.seen: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return self.response


def context(far_side: FarSide, **changes: Any) -> OperationContext:
    settings = {"base_url": "https://erp.example/api/", **changes.pop("settings", {})}
    connection = ConnectionConfig(
        id="c1",
        slug="erp",
        connector="http",
        system="erp.example/api",
        settings=settings,
        secrets={"token": "T0KEN-OF-ERP"},
    )
    values: dict[str, Any] = {
        "connection": connection,
        "http": httpx.AsyncClient(transport=httpx.MockTransport(far_side.handle)),
        "effect_key": "e" * 32,
        "now": lambda: datetime(2026, 11, 23, tzinfo=UTC),
    }
    return OperationContext(**{**values, **changes})


async def test_a_post_of_json() -> None:
    far_side = FarSide(
        httpx.Response(201, content=b'{"price":0.10}', headers={"content-type": "application/json"})
    )
    got = await request(
        context(far_side),
        {"method": "POST", "path": "/items", "query": {"dry": True, "n": 1}, "body": {"a": [1]}},
    )
    (sent,) = far_side.seen
    assert str(sent.url) == "https://erp.example/api/items?dry=true&n=1"
    assert sent.content == b'{"a":[1]}'
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Bearer T0KEN-OF-ERP"
    assert sent.headers["idempotency-key"] == "e" * 32
    assert got.output["status"] == 201
    assert got.output["body"] == {"price": Decimal("0.10")}


async def test_text_goes_as_text() -> None:
    far_side = FarSide()
    await request(context(far_side), {"method": "PUT", "path": "x", "body": "<a/>"})
    assert far_side.seen[0].content == b"<a/>"
    assert "idempotency-key" not in far_side.seen[0].headers


async def test_a_token_in_another_header_goes_as_it_is() -> None:
    far_side = FarSide()
    await request(context(far_side, settings={"auth_header": "X-Api-Key"}), {"method": "GET"})
    assert far_side.seen[0].headers["x-api-key"] == "T0KEN-OF-ERP"
    assert "authorization" not in far_side.seen[0].headers


@pytest.mark.parametrize(
    "where",
    [
        {"path": "../admin"},
        {"path": "/%2e%2e/admin"},
        {"path": "a/../../x"},
        {"url": "https://elsewhere.example/api/x"},
        {"url": "http://erp.example/api/x"},
        {"url": "https://erp.example:444/api/x"},
        {"url": "https://erp.example/apix"},
        {"url": "https://erp.example@elsewhere.example/api/x"},
        {"url": "//elsewhere.example/api/x"},
    ],
)
async def test_the_token_never_travels_elsewhere(where: dict[str, str]) -> None:
    far_side = FarSide()
    with pytest.raises(ConfigurationError):
        await request(context(far_side), {"method": "GET", **where})
    assert far_side.seen == []


@pytest.mark.parametrize("name", ["Host", "Cookie", "content-length", "Transfer-Encoding"])
async def test_some_headers_are_not_the_flows(name: str) -> None:
    far_side = FarSide()
    with pytest.raises(ConfigurationError):
        await request(context(far_side), {"method": "GET", "headers": {name: "x"}})
    assert far_side.seen == []


async def test_a_flow_cannot_replace_the_token() -> None:
    far_side = FarSide()
    await request(context(far_side), {"method": "GET", "headers": {"Authorization": "mine"}})
    assert far_side.seen[0].headers["authorization"] == "Bearer T0KEN-OF-ERP"


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (302, ContractError, ContractError),
        (400, RejectedError, RejectedError),
        (401, AuthenticationError, AuthenticationError),
        (403, PermissionDeniedError, PermissionDeniedError),
        (404, NotFoundError, NotFoundError),
        (409, ConflictError, ConflictError),
        (412, ConflictError, ConflictError),
        (429, RateLimitedError, RateLimitedError),
        (500, UnavailableError, UncertainError),
        (502, UnavailableError, UncertainError),
        (503, UnavailableError, UnavailableError),
        (504, UnavailableError, UncertainError),
    ],
)
async def test_statuses(
    status: int, reading: type[FarSideError], writing: type[FarSideError]
) -> None:
    answer = httpx.Response(status, text="T0KEN-OF-ERP is wrong", headers={"retry-after": "7"})
    for method, error in (("GET", reading), ("POST", writing)):
        with pytest.raises(error) as caught:
            await request(context(FarSide(answer)), {"method": method})
        assert "T0KEN" not in str(caught.value.to_dict())
        if isinstance(caught.value, RateLimitedError):
            assert caught.value.retry_after == timedelta(seconds=7)


async def test_expected_statuses_are_the_flows_choice() -> None:
    missing = FarSide(httpx.Response(404, text="none"))
    got = await request(context(missing), {"method": "GET", "expect_status": [200, 404]})
    assert got.output["status"] == 404
    with pytest.raises(FarSideError):
        await request(context(FarSide()), {"method": "GET", "expect_status": [204]})


async def test_json_that_is_none_breaks_the_contract() -> None:
    broken = httpx.Response(200, content=b"{", headers={"content-type": "application/json"})
    with pytest.raises(ContractError) as caught:
        await request(context(FarSide(broken)), {"method": "GET"})
    assert set(caught.value.detail) == {"expected", "received"}


async def test_session_headers_are_no_output() -> None:
    answer = httpx.Response(200, text="x", headers={"set-cookie": "a=b", "x-total": "3"})
    got = await request(context(FarSide(answer)), {"method": "GET"})
    assert "set-cookie" not in got.output["headers"]
    assert got.output["headers"]["x-total"] == "3"


async def test_a_dry_run_sends_only_reads() -> None:
    far_side = FarSide()
    ctx = context(far_side, dry_run=True)
    got = await request(ctx, {"method": "DELETE", "path": "items/1", "query": {"secret": "x"}})
    assert got.prediction == "would send DELETE https://erp.example/api/items/1"
    assert far_side.seen == []
    await request(ctx, {"method": "GET", "path": "items/1"})
    assert len(far_side.seen) == 1


@pytest.mark.parametrize("params", [{"method": "PUT"}, {"method": "POST", "repeat_safe": True}])
async def test_what_may_be_sent_twice_is_probed_as_not_happened(params: dict[str, Any]) -> None:
    assert not (await probe(context(FarSide()), params)).happened


async def test_a_lost_post_waits_for_a_person() -> None:
    with pytest.raises(UncertainError) as caught:
        await probe(context(FarSide()), {"method": "POST"})
    assert caught.value.fix


@pytest.mark.parametrize(
    ("status", "ok"), [(200, True), (404, True), (401, False), (403, False), (500, False)]
)
async def test_check(status: int, ok: bool) -> None:
    got = await check(context(FarSide(httpx.Response(status))))
    assert got.ok is ok
    assert got.message
