"""What the webservice's answers mean: codes before statuses, and broken contracts."""

from typing import Any

import httpx
import pytest

from connectors.prestashop.client import ShopClient, exact
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractError,
    FarSideError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)

ORDERS = "/api/orders?display=full&output_format=JSON"
HISTORIES = "/api/order_histories?output_format=JSON"
CHANGE = "/api/order_carriers/3?output_format=JSON"


async def read(shop: RecordedShop) -> Any:
    return await ShopClient(context(shop)).rows("orders")


async def write(shop: RecordedShop) -> Any:
    return await ShopClient(context(shop)).create(
        "order_histories", "order_history", {"id_order_state": 4, "id_order": 2}
    )


@pytest.mark.parametrize(
    ("recording", "error", "code"),
    [
        ("001", AuthenticationError, "key_not_received"),
        ("002", AuthenticationError, "key_unknown"),
        ("003", AuthenticationError, "key_unknown"),
        ("004", AuthenticationError, "key_malformed"),
        ("005", AuthenticationError, "key_unknown"),
        ("010", PermissionDeniedError, "resource_not_granted"),
        ("013", ConfigurationError, "resource_missing"),
        ("038", ContractError, "query_refused"),
        ("044", ContractError, "query_refused"),
        ("045", ContractError, "query_refused"),
        ("046", ContractError, "query_refused"),
        ("047", ContractError, "query_refused"),
        ("048", NotFoundError, "not_found"),
        ("205", ConfigurationError, "redirect"),
        ("207", ConfigurationError, "language_missing"),
        ("211", UnavailableError, "webservice_off"),
        ("212", UnavailableError, "webservice_off"),
        ("007", UnavailableError, "server_failure"),
    ],
)
async def test_failures_of_reads(
    shop: RecordedShop, recording: str, error: type[FarSideError], code: str
) -> None:
    shop.derive(ORDERS, recording)
    with pytest.raises(error) as caught:
        await read(shop)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("recording", "error", "code"),
    [
        ("011", PermissionDeniedError, "verb_not_granted"),
        ("012", PermissionDeniedError, "verb_closed"),
        ("087", RejectedError, "body_refused"),
        ("088", RejectedError, "field_missing"),
        ("089", RejectedError, "field_missing"),
        ("092", RejectedError, "refused"),
        ("093", UncertainError, "server_failure"),
        ("095", UncertainError, "server_failure"),
        ("101", RejectedError, "refused"),
        ("103", RejectedError, "value_refused"),
        ("104", NotFoundError, "not_found"),
        ("131", RejectedError, "read_only"),
        ("145", RejectedError, "field_missing"),
    ],
)
async def test_failures_of_writes(
    shop: RecordedShop, recording: str, error: type[FarSideError], code: str
) -> None:
    shop.derive(HISTORIES, recording, method="POST")
    with pytest.raises(error) as caught:
        await write(shop)
    assert caught.value.code == code


async def test_php_warnings_do_not_hide_the_real_error(shop: RecordedShop) -> None:
    """047: status 500, the real error first and four PHP warnings after it."""
    shop.derive(ORDERS, "047")
    with pytest.raises(ContractError) as caught:
        await read(shop)
    assert "shipping_number" in caught.value.message
    assert caught.value.detail["shop_code"] == 34


async def test_an_object_beside_errors_is_not_a_success(shop: RecordedShop) -> None:
    """197: a 500 that carries the saved object and errors."""
    shop.derive(
        HISTORIES,
        "197",
        lambda body: {"order_history": body["product"], "errors": body["errors"]},
        method="POST",
    )
    with pytest.raises(FarSideError):
        await write(shop)


async def test_an_empty_table_is_a_bare_list(shop: RecordedShop) -> None:
    shop.derive(ORDERS, "041")
    assert list((await read(shop)).rows) == []


async def test_one_row_with_display_is_a_list(shop: RecordedShop) -> None:
    shop.serve("026")
    row = await ShopClient(context(shop)).row("orders", "1")
    assert str(row["id"]) == "1"
    assert str(row["valid"]) == "0"


async def test_a_filter_that_the_shop_ignored_is_noticed(shop: RecordedShop) -> None:
    """047a: a parameter that the shop does not know brings the whole table."""
    assert len(shop.body("047a")["orders"]) == 5
    shop.derive("/api/orders?filter[id]=[2]&display=full&output_format=JSON", "022")
    with pytest.raises(ContractError) as caught:
        await ShopClient(context(shop)).rows("orders", filters={"id": exact("2")})
    assert caught.value.code == "filter_ignored"


GARBAGE = [
    httpx.Response(200, text="<html>Maintenance</html>", headers={"content-type": "text/html"}),
    httpx.Response(200, text='{"orders":[{"id":1,', headers={"content-type": "application/json"}),
    httpx.Response(200, text=""),
    httpx.Response(200, text="null"),
    httpx.Response(200, text='{"orders":{"id":1}}'),
    httpx.Response(200, text='"orders"'),
    httpx.Response(200, text="[1]"),
    httpx.Response(200, text='{"orders":[{"id":1}]}'),
    httpx.Response(200, text='{"orders":["1"]}'),
    httpx.Response(200, content=b"\xff\xfe\x00"),
    httpx.Response(200, text="Warning: Undefined index in x.php\n[]"),
]


@pytest.mark.parametrize("response", GARBAGE, ids=range(len(GARBAGE)))
async def test_a_read_that_breaks_the_contract_shows_expected_and_received(
    response: httpx.Response,
) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("GET", ORDERS, response)
    with pytest.raises(ContractError) as caught:
        await read(shop)
    assert set(caught.value.detail) == {"expected", "received"}


@pytest.mark.parametrize("response", GARBAGE[:7], ids=range(7))
async def test_a_write_with_an_unreadable_answer_is_uncertain(response: httpx.Response) -> None:
    """The status was good: it has probably happened."""
    shop = RecordedShop(version="9.1")
    shop.stage("POST", HISTORIES, response)
    with pytest.raises(UncertainError):
        await write(shop)


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (500, UnavailableError, UncertainError),
        (502, UnavailableError, UncertainError),
        (503, UnavailableError, UncertainError),
        (504, UnavailableError, UncertainError),
        (403, PermissionDeniedError, PermissionDeniedError),
        (404, ConfigurationError, ConfigurationError),
        (413, RejectedError, RejectedError),
        (429, RateLimitedError, RateLimitedError),
        (301, ConfigurationError, ConfigurationError),
    ],
)
async def test_statuses_of_servers_in_front_of_the_shop(
    status: int, reading: type[FarSideError], writing: type[FarSideError]
) -> None:
    shop = RecordedShop(version="9.1")
    page = {"content-type": "text/html", "retry-after": "9"}
    shop.stage("GET", ORDERS, httpx.Response(status, headers=page, text="<html></html>"))
    shop.stage("POST", HISTORIES, httpx.Response(status, headers=page, text="<html></html>"))
    with pytest.raises(reading):
        await read(shop)
    with pytest.raises(writing):
        await write(shop)


async def test_xml_with_entities_is_not_read() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><prestashop><api>&a;</api></prestashop>'
    )
    shop = RecordedShop(version="9.1")
    shop.stage("GET", "/api/", httpx.Response(200, text=bomb))
    with pytest.raises(ConfigurationError) as caught:
        await ShopClient(context(shop)).rights()
    assert caught.value.code == "no_webservice"


async def test_the_key_is_never_in_an_error(shop: RecordedShop) -> None:
    shop.stage("GET", ORDERS, httpx.Response(200, text="<p>ws_key=WSKEYALLRESOURCES</p>"))
    with pytest.raises(ContractError) as caught:
        await read(shop)
    assert "WSKEYALL" not in str(caught.value.to_dict())


@pytest.mark.parametrize("base_url", ["http://shop.example/", "http://shop.example/api/"])
async def test_the_address_may_end_in_a_slash_or_in_api(base_url: str) -> None:
    shop = RecordedShop(version="9.1")
    shop.derive(ORDERS, "022")
    ctx = context(shop)
    changed = type(ctx.connection)(
        **{
            **{name: getattr(ctx.connection, name) for name in ctx.connection.__slots__},
            "settings": {"base_url": base_url},
        }
    )
    found = await ShopClient(context(shop, connection=changed)).rows("orders")
    assert len(found.rows) == 5


async def test_the_shops_clock_comes_with_the_rows(shop: RecordedShop) -> None:
    shop.serve("022")
    found = await ShopClient(context(shop)).rows("orders")
    assert found.server_time is not None
    assert found.server_time.isoformat().startswith("2026-11-23T10:2")
