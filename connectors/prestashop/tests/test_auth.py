"""Checking a connection before it is saved: each failure has its sentence and its fix."""

import httpx
import pytest

from connectors.prestashop.auth import check
from connectors.prestashop.client import ShopClient
from connectors.prestashop.rights import NEEDS
from connectors.prestashop.tests.imitated import asked, imitated
from connectors.prestashop.tests.recorded import RecordedShop, context, request_key
from connectors.prestashop.tests.surroundings import SINCE_YESTERDAY, surroundings
from connectors.sdk.connector import CheckResult

ROOT = "/api/"
DISPATCHER = "/webservice/dispatcher.php?url="


def found(got: CheckResult) -> dict[str, dict[str, str]]:
    return {one["id"]: one for one in got.facts["findings"]}


def staged(api: str, version: str = "9.1.4", **headers: str) -> httpx.Response:
    """A root that grants `api` and no more."""
    body = f"<?xml version='1.0'?><prestashop><api shopName='S'>{api}</api></prestashop>"
    return httpx.Response(200, text=body, headers={"PSWS-Version": version, **headers})


async def test_a_good_key(shop: RecordedShop) -> None:
    shop.serve("006")
    shop.serve("200")
    surroundings(shop, PS_MAIL_METHOD="1", CAUSEWAY_VERSION="1.1.0", CAUSEWAY_URL="https://x/h")
    got = await check(context(shop))
    assert got.ok
    assert {one["level"] for one in got.facts["findings"]} <= {"ok", "warn"}
    assert [one["id"] for one in got.facts["findings"] if one["level"] == "warn"] in ([], ["clock"])
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
    surroundings(shop)
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
    assert "rights.stock_availables" in found(got)
    assert "order_carriers GET, PATCH" in found(got)["rights.order_carriers"]["remedy"]
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
    shop.derive("/api/stock_availables", "091", method="PATCH")
    got = await check(context(shop))
    assert got.ok
    assert got.facts["operations"]["prestashop.stock.set"] == "ready"
    assert "Not granted: prestashop.order.get" in got.message
    assert found(got)["method.patch"]["level"] == "ok"


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
    shop.stage("GET", DISPATCHER, httpx.Response(404, text="<html>Hello</html>"))
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
    verb = "PUT" if version.startswith("1.") else "PATCH"
    if verb == granted.upper():
        shop.derive("/api/stock_availables", "091", method=verb)
    got = await check(context(shop))
    assert got.facts["operations"]["prestashop.stock.set"] == (
        f"needs {missing}" if missing else "ready"
    )


@pytest.mark.parametrize(
    ("date", "words", "level"),
    [
        ("Mon, 23 Nov 2026 10:30:04 GMT", "agrees", "ok"),
        ("Mon, 23 Nov 2026 10:31:10 GMT", "70 s ahead", "warn"),
        ("Mon, 23 Nov 2026 10:29:00 GMT", "60 s behind", "warn"),
        ("some day", "does not tell", "ok"),
    ],
)
async def test_the_shops_clock_is_held_against_ours(date: str, words: str, level: str) -> None:
    shop = RecordedShop(version="9.1")
    shop.stage("GET", ROOT, staged("<orders get='true'/>", Date=date))
    got = await check(context(shop))
    assert words in found(got)["clock"]["says"]
    assert found(got)["clock"]["level"] == level
    assert bool(found(got)["clock"]["remedy"]) is (level == "warn")


async def test_friendly_urls_that_are_off_are_told_from_no_shop(shop: RecordedShop) -> None:
    shop.stage("GET", ROOT, httpx.Response(404, text="<html>Not Found</html>"))
    shop.derive(DISPATCHER, "006")
    got = await check(context(shop))
    assert not got.ok
    assert "friendly URLs" in got.message
    assert found(got)["url_rewriting"]["level"] == "fail"
    assert "dispatcher.php" in got.fix


@pytest.mark.parametrize("status", [403, 405, 501])
@pytest.mark.parametrize(("version", "level"), [("9.1.4", "warn"), ("1.7.8.11", "fail")])
async def test_a_host_that_blocks_the_method_of_changes(
    status: int, version: str, level: str
) -> None:
    """From 8.0 POST with ps_method stands in (104b); before that nothing can be changed."""
    method = "PATCH" if version == "9.1.4" else "PUT"
    shop = RecordedShop(version="9.1")
    grants = f"<stock_availables get='true' {method.lower()}='true'/><products get='true'/>"
    shop.stage("GET", ROOT, staged(grants + "<combinations get='true'/>", version))
    shop.stage(method, "/api/stock_availables", httpx.Response(status, text="<html></html>"))
    got = await check(context(shop))
    one = found(got)[f"method.{method.lower()}"]
    assert one["level"] == level
    assert one["remedy"]
    assert ("nothing can be changed" in got.message) is (level == "fail")


async def test_a_shop_that_does_not_filter_by_date(shop: RecordedShop) -> None:
    """038: then no poll can find what is new."""
    shop.serve("006")
    shop.serve("200")
    surroundings(shop)
    shop.queue.pop(request_key("GET", SINCE_YESTERDAY))
    shop.derive(SINCE_YESTERDAY, "038")
    got = await check(context(shop))
    assert found(got)["date_filter"]["level"] == "fail"
    assert "by date" in got.message


ADDRESS = {"CAUSEWAY_URL": "https://x.example/hooks/1"}


@pytest.mark.parametrize(
    ("values", "words", "level"),
    [
        ({}, "not installed", "warn"),
        ({"CAUSEWAY_VERSION": "1.1.0"}, "1.1.0 is installed and tells nobody", "warn"),
        ({"CAUSEWAY_VERSION": "1.0.0", **ADDRESS}, "which tells of orders only", "warn"),
        (ADDRESS, "unknown version is installed, which tells of orders only", "warn"),
        ({"CAUSEWAY_VERSION": "1.1.0", **ADDRESS}, "1.1.0 is installed and has an address", "ok"),
        ({"CAUSEWAY_VERSION": "2.0", **ADDRESS}, "2.0 is installed and has an address", "ok"),
        (
            {"CAUSEWAY_VERSION": "1.1.0", "CAUSEWAY_FAILED": "3", **ADDRESS},
            "gave up 3 news",
            "warn",
        ),
        (
            {"CAUSEWAY_VERSION": "1.1.0", "CAUSEWAY_FAILED": "0", **ADDRESS},
            "has an address",
            "ok",
        ),
    ],
)
async def test_the_module_is_looked_for(
    shop: RecordedShop, values: dict[str, str], words: str, level: str
) -> None:
    shop.serve("006")
    shop.serve("200")
    surroundings(shop, **values)
    one = found(await check(context(shop)))["module"]
    assert words in one["says"]
    assert one["level"] == level


async def test_a_shop_that_sends_no_mail() -> None:
    shop = RecordedShop(version="9.1")
    shop.serve("006")
    shop.serve("200")
    surroundings(shop, PS_MAIL_METHOD="3")
    got = await check(context(shop))
    assert got.ok
    assert found(got)["mail"]["level"] == "warn"


async def test_every_finding_that_is_not_well_has_a_remedy(shop: RecordedShop) -> None:
    shop.serve("006")
    shop.serve("200")
    surroundings(shop)
    got = await check(context(shop))
    wanted = {"version", "key", "clock", "url_rewriting", "method.patch", "date_filter", "module"}
    assert wanted | {"mail"} <= found(got).keys()
    for one in got.facts["findings"]:
        assert one["says"].endswith(".")
        assert one["level"] == "ok" or one["remedy"]


async def test_a_check_learns_anew_what_a_process_knew_of_the_shop() -> None:
    """A module was installed, a firewall opened: nobody restarts workers for that."""
    async with imitated("9.1.4") as ctx:
        client = ShopClient(ctx)
        await client.synopsis("taxes")
        ctx.session["prestashop.patch_blocked"] = True
        before = await asked(ctx)
        await client.synopsis("taxes")
        assert await asked(ctx) == before
        assert (await check(ctx)).ok
        assert "prestashop.patch_blocked" not in ctx.session
        before = await asked(ctx)
        await client.synopsis("taxes")
        assert await asked(ctx) == before + 1
