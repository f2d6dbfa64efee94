"""Answers as shops with `display_errors`, proxies and moved addresses give them."""

import gzip
import json

import httpx
import pytest

from connectors.prestashop.auth import check
from connectors.prestashop.client import ShopClient
from connectors.prestashop.client.noise import document_of
from connectors.prestashop.tests.recorded import KEY, RecordedShop, context
from connectors.prestashop.tests.surroundings import surroundings
from connectors.sdk.errors import (
    ConfigurationError,
    ContractError,
    FarSideError,
    PermissionDeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)

ORDERS = "/api/orders?display=full&output_format=JSON"
ONE = "/api/orders/77?display=full&output_format=JSON"
HISTORIES = "/api/order_histories?output_format=JSON"
HTML_NOTICE = (
    "<br />\n<b>Deprecated</b>:  Optional parameter $a declared before required parameter $b is "
    "implicitly treated as a required parameter in <b>/var/www/modules/old/old.php</b> on line "
    "<b>12</b><br />\n"
)
TEXT_NOTICE = "\nWarning: Undefined array key 1 in /var/www/classes/Tools.php on line 345\n"
CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
NOISES = [HTML_NOTICE, TEXT_NOTICE, HTML_NOTICE * 3, TEXT_NOTICE + HTML_NOTICE, "\n\n", "\ufeff"]


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("behind", [False, True])
async def test_a_document_behind_php_warnings_is_read(
    shop: RecordedShop, noise: str, behind: bool
) -> None:
    document = shop.recording("022")["response"]["body"]
    tail = HTML_NOTICE if behind else ""
    shop.stage("GET", ORDERS, httpx.Response(200, text=f"{noise}{document}{tail}"))
    rows = (await ShopClient(context(shop)).rows("orders")).rows
    assert [str(one["id"]) for one in rows] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("noise", NOISES)
async def test_the_check_reads_rights_behind_php_warnings(shop: RecordedShop, noise: str) -> None:
    recorded = shop.recording("006")["response"]
    headers = {"PSWS-Version": recorded["headers"]["PSWS-Version"]}
    shop.stage("GET", "/api/", httpx.Response(200, text=noise + recorded["body"], headers=headers))
    shop.serve("200")
    surroundings(shop)
    assert (await check(context(shop))).ok


async def test_an_error_behind_php_warnings_is_the_shops_own() -> None:
    shop = RecordedShop(version="9.1")
    body = HTML_NOTICE + json.dumps({"errors": [{"code": 85, "message": "Bad value"}]})
    shop.stage("POST", HISTORIES, httpx.Response(500, text=body))
    with pytest.raises(RejectedError) as caught:
        await ShopClient(context(shop)).create("order_histories", "order_history", {"id_order": 2})
    assert caught.value.code == "value_refused"
    assert caught.value.fix


@pytest.mark.parametrize(
    "body",
    [
        '{"orders":[{"note":"Warning: x in /a on line 3"}]}',
        '[{"a":"<br />\\n<b>Notice</b>: y in <b>/b</b> on line <b>1</b><br />"}]',
        "",
        "Warning: the parcel is heavy",
        "<html>on line 3</html>",
    ],
)
def test_what_is_no_warning_of_php_stays(body: str) -> None:
    assert document_of(body.encode()) == body.encode()


async def test_a_fatal_error_is_no_document(shop: RecordedShop) -> None:
    fatal = "<br />\n<b>Fatal error</b>:  Out of memory in <b>/a.php</b> on line <b>1</b><br />\n"
    shop.stage("GET", ORDERS, httpx.Response(200, text=fatal))
    with pytest.raises(ContractError) as caught:
        await ShopClient(context(shop)).rows("orders")
    assert "Out of memory" in caught.value.detail["received"]


async def test_a_gzipped_answer_is_read(shop: RecordedShop) -> None:
    body = gzip.compress(shop.recording("022")["response"]["body"].encode())

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"Content-Encoding": "gzip"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    assert len((await ShopClient(context(shop, http=http)).rows("orders")).rows) == 5


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("https://shop.example/api/orders?display=full", "https://shop.example"),
        ("https://www.shop.example:8443/de/api/orders", "https://www.shop.example:8443/de"),
        ("https://user:secret@shop.example/api/orders", "https://shop.example"),
    ],
)
async def test_a_redirect_names_the_right_address(status: int, location: str, address: str) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("GET", ORDERS, httpx.Response(status, headers={"Location": location}))
    with pytest.raises(ConfigurationError) as caught:
        await ShopClient(context(shop)).rows("orders")
    assert f"address to {address}," in caught.value.fix
    assert "secret" not in str(caught.value.to_dict())
    assert len(shop.log) == 1


@pytest.mark.parametrize("location", ["", "/login", "http://shop.example/?url=orders", "ftp://a/b"])
async def test_a_redirect_to_no_webservice_suggests_no_address(location: str) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("GET", ORDERS, httpx.Response(302, headers={"Location": location}))
    with pytest.raises(ConfigurationError) as caught:
        await ShopClient(context(shop)).rows("orders")
    assert "main address" in caught.value.fix
    assert "Set the connection" not in caught.value.fix


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, ContractError), (403, PermissionDeniedError), (503, UnavailableError)],
)
async def test_a_browser_challenge_is_told_as_such(status: int, error: type[FarSideError]) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("GET", ORDERS, httpx.Response(status, html=CHALLENGE))
    with pytest.raises(error) as caught:
        await ShopClient(context(shop)).rows("orders")
    assert caught.value.fix


@pytest.mark.parametrize("status", [200, 503])
async def test_a_challenge_to_a_write_leaves_it_open(status: int) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("POST", HISTORIES, httpx.Response(status, html=CHALLENGE))
    with pytest.raises(UncertainError):
        await ShopClient(context(shop)).create("order_histories", "order_history", {"id_order": 2})


@pytest.mark.parametrize("base", ["http://shop.example/", "http://shop.example/api/"])
async def test_an_address_with_slash_or_api_is_understood(shop: RecordedShop, base: str) -> None:
    shop.serve("022")
    ctx = context(shop)
    object.__setattr__(ctx.connection, "settings", {"base_url": base})
    assert (await ShopClient(ctx).rows("orders")).rows


async def test_a_shop_in_a_folder_is_asked_there(shop: RecordedShop) -> None:
    shop.derive(f"/de/shop{ORDERS}", "022")
    ctx = context(shop)
    object.__setattr__(ctx.connection, "settings", {"base_url": "http://shop.example/de/shop/"})
    assert (await ShopClient(ctx).rows("orders")).rows
    assert KEY not in str(shop.log)


async def test_a_record_that_is_gone_is_named(shop: RecordedShop) -> None:
    shop.derive(ONE, "048")
    with pytest.raises(FarSideError) as caught:
        await ShopClient(context(shop)).row("orders", "77")
    assert caught.value.message == "The shop has no record 77 in orders."
    assert "deleted" in caught.value.fix
