"""Checking a connection before it is saved: each failure has its sentence and its fix."""

import httpx
import pytest

from connectors.prestashop.auth import NEEDS, check
from connectors.prestashop.tests.recorded import RecordedShop, context

ROOT = "/api/"


async def test_a_good_key(shop: RecordedShop) -> None:
    shop.serve("006")
    shop.serve("200")
    got = await check(context(shop))
    assert got.ok
    assert got.facts["version"] in {"9.1.4", "8.2.1"}
    assert got.facts["time_zone"] == "Europe/Madrid"
    assert got.facts["shop"] == "Recording Shop"
    assert set(got.facts["operations"]) == set(NEEDS)
    assert set(got.facts["operations"].values()) == {"ready"}
    assert got.fix == ""


async def test_the_root_is_never_asked_for_in_json(shop: RecordedShop) -> None:
    """007: that answers with an empty 500."""
    shop.serve("006")
    shop.serve("200")
    await check(context(shop))
    assert ("GET", "/api/", ()) in shop.log


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("001", "no key came"),
        ("002", "no active webservice key"),
        ("004", "32 characters"),
        ("005", "no active webservice key"),
        ("211", "switched off"),
        ("212", "switched off"),
    ],
)
async def test_each_failure_is_told_with_a_fix(
    shop: RecordedShop, recording: str, words: str
) -> None:
    shop.derive(ROOT, recording)
    got = await check(context(shop))
    assert not got.ok
    assert words in got.message
    assert got.fix


@pytest.mark.parametrize(
    ("code", "words"), [(21, "no rights at all"), (26, "no rights on"), (17, "no webservice key")]
)
async def test_codes_that_come_alone(code: int, words: str) -> None:
    shop = RecordedShop(version="9.1")
    error = f"<errors><error><code>{code}</code></error></errors>"
    body = f"<?xml version='1.0'?><prestashop>{error}</prestashop>"
    shop.stage("GET", ROOT, httpx.Response(401, text=body))
    got = await check(context(shop))
    assert words in got.message
    assert got.fix


async def test_a_key_with_too_few_rights_names_what_is_missing(shop: RecordedShop) -> None:
    """008: a key that may read orders only can do nothing that a flow needs."""
    shop.serve("008")
    got = await check(context(shop))
    assert not got.ok
    assert "order_histories POST" in got.fix
    assert "stock_availables PATCH" in got.fix
    assert "orders GET" not in got.fix


async def test_a_key_for_stock_only_is_good_for_stock() -> None:
    shop = RecordedShop(version="9.1")
    body = (
        "<?xml version='1.0'?><prestashop><api shopName='S'>"
        "<stock_availables get='true' patch='true'/><products get='true'/>"
        "<combinations get='true'/></api></prestashop>"
    )
    shop.stage("GET", ROOT, httpx.Response(200, text=body, headers={"PSWS-Version": "9.1.4"}))
    got = await check(context(shop))
    assert got.ok
    assert got.facts["operations"]["prestashop.stock.set"] == "ready"
    assert "Not granted: prestashop.order.get" in got.message


async def test_a_shop_that_is_too_old() -> None:
    shop = RecordedShop(version="9.1")
    body = (
        "<?xml version='1.0'?><prestashop><api shopName='S'><orders get='true'/></api></prestashop>"
    )
    shop.stage("GET", ROOT, httpx.Response(200, text=body, headers={"PSWS-Version": "1.6.1.24"}))
    got = await check(context(shop))
    assert not got.ok
    assert "too old" in got.message


@pytest.mark.parametrize("status", [200, 404])
async def test_an_address_without_a_shop(status: int) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("GET", ROOT, httpx.Response(status, text="<html>Hello</html>"))
    got = await check(context(shop))
    assert not got.ok
    assert "no PrestaShop webservice" in got.message


async def test_a_shop_that_cannot_be_reached() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    shop = RecordedShop(version="9.1")
    ctx = context(shop, http=httpx.AsyncClient(transport=httpx.MockTransport(refuse)))
    got = await check(ctx)
    assert not got.ok
    assert "cannot be reached" in got.message


@pytest.mark.parametrize(
    ("version", "granted", "missing"),
    [
        ("9.1.4", "put", "stock_availables PATCH"),
        ("8.0.0", "put", "stock_availables PATCH"),
        ("9.1.4", "patch", ""),
        ("1.7.8.11", "put", ""),
        ("1.7.8.11", "patch", "stock_availables PUT"),
    ],
)
async def test_put_and_patch_do_not_stand_for_each_other(
    version: str, granted: str, missing: str
) -> None:
    """From 8.0 changes go as PATCH, before as PUT; each is a right of its own."""
    shop = RecordedShop(version="9.1")
    body = (
        "<?xml version='1.0'?><prestashop><api shopName='S'>"
        f"<stock_availables get='true' {granted}='true'/><products get='true'/>"
        "<combinations get='true'/></api></prestashop>"
    )
    shop.stage("GET", ROOT, httpx.Response(200, text=body, headers={"PSWS-Version": version}))
    got = await check(context(shop))
    assert got.facts["operations"]["prestashop.stock.set"] == (
        f"needs {missing}" if missing else "ready"
    )


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Mon, 23 Nov 2026 10:30:04 GMT", "agrees"),
        ("Mon, 23 Nov 2026 10:31:10 GMT", "70 s ahead"),
        ("Mon, 23 Nov 2026 10:29:00 GMT", "60 s behind"),
        ("some day", "not told"),
    ],
)
async def test_the_shops_clock_is_held_against_ours(date: str, words: str) -> None:
    shop = RecordedShop(version="9.1")
    api = "<api shopName='S'><orders get='true'/></api>"
    body = f"<?xml version='1.0'?><prestashop>{api}</prestashop>"
    headers = {"PSWS-Version": "9.1.4", "Date": date}
    shop.stage("GET", ROOT, httpx.Response(200, text=body, headers=headers))
    got = await check(context(shop))
    assert words in got.facts["clock"]
