"""The tracking number of a parcel, against both recorded shops."""

import httpx
import pytest

from connectors.prestashop.actions.order_tracking import probe_tracking, set_tracking
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.sdk.errors import NotFoundError, PermissionDeniedError, RejectedError
from connectors.sdk.receipt import Verdict

PARCELS = "/api/order_carriers?filter[id_order]=[2]&display=full&output_format=JSON"
ORDER = "/api/orders/2?display=[id,reference,current_state,date_upd]&output_format=JSON"
PATCH = "/api/order_carriers/2?output_format=JSON"


def carries(shop: RecordedShop, tracking: str) -> None:
    """The parcel of order 2; recording 064 shows that of order 1."""
    shop.derive(
        PARCELS,
        "064",
        lambda body: {
            "order_carriers": [
                {**body["order_carriers"][0], "id": 2, "id_order": 2, "tracking_number": tracking}
            ]
        },
    )


def params(tracking: str, **more: object) -> dict[str, object]:
    return {"order_id": "2", "tracking_number": tracking, **more}


async def test_the_number_is_patched_and_read_back(shop: RecordedShop) -> None:
    carries(shop, "")
    shop.serve("097")
    carries(shop, "TRACK0002")
    got = await set_tracking(context(shop), params("TRACK0002"))
    assert got.output == {
        "order_id": "2",
        "order_carrier_id": "2",
        "tracking_number": "TRACK0002",
        "changed": True,
    }
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_the_customer_is_mailed_when_asked(shop: RecordedShop) -> None:
    carries(shop, "")
    shop.serve("104a")
    sent = shop.recording("104a")["request"]["body"]
    number = sent.split("<tracking_number>")[1].split("<")[0]
    carries(shop, number)
    await set_tracking(context(shop), params(number, send_email=True))
    ((_, _, query),) = shop.writes()
    assert dict(query)["sendemail"] == "1"


async def test_the_same_number_again_is_not_sent(shop: RecordedShop) -> None:
    carries(shop, "TRACK0002")
    got = await set_tracking(context(shop), params(" TRACK0002 "))
    assert got.output["changed"] is False
    assert shop.writes() == []


async def test_a_dry_run_predicts_and_writes_nothing(shop: RecordedShop) -> None:
    carries(shop, "")
    got = await set_tracking(context(shop, dry_run=True), params("TRACK0002"))
    assert got.prediction == "would set order 2 tracking number none → TRACK0002"
    assert shop.writes() == []


async def test_where_patch_is_blocked_it_goes_as_a_post(shop: RecordedShop) -> None:
    """104b. A proxy's 405 carries none of the shop's codes; what was learnt is kept."""
    carries(shop, "")
    shop.stage("PATCH", PATCH, httpx.Response(405, text="<html>405 Not Allowed</html>"))
    shop.serve("104b")
    carries(shop, "TRACK0007")
    ctx = context(shop)
    await set_tracking(ctx, params("TRACK0007"))
    assert [one[0] for one in shop.writes()] == ["PATCH", "POST"]
    shop.queue.pop(next(key for key in shop.queue if key[1] == "/api/order_carriers"))
    carries(shop, "OLD")
    carries(shop, "TRACK0007")
    await set_tracking(ctx, params("TRACK0007"))
    assert [one[0] for one in shop.writes()] == ["PATCH", "POST", "POST"]


async def test_before_version_8_the_whole_record_is_put() -> None:
    """1.7 has no PATCH, and PUT resets what it leaves out (098)."""
    shop = RecordedShop(version="9.1")
    old = {"PSWS-Version": "1.7.8.11"}
    listed = shop.response("064", lambda body: _parcel(body, ""))
    shop.stage("GET", PARCELS, httpx.Response(200, headers=old, content=listed.content))
    synopsis = shop.recording("069")["response"]["body"]
    described = httpx.Response(200, headers=old, text=synopsis)
    shop.stage("GET", "/api/order_carriers?schema=synopsis", described)
    shop.derive("/api/order_carriers/2", "065", None)
    record = shop.queue.popitem()
    xml = record[1][0].response.text.replace("<![CDATA[1]]></id>", "<![CDATA[2]]></id>")
    shop.stage("GET", "/api/order_carriers/2", httpx.Response(200, headers=old, text=xml))
    sent: list[bytes] = []
    shop.stage("PUT", PATCH, httpx.Response(200, headers=old, json={"order_carrier": {"id": "2"}}))
    after = shop.response("064", lambda body: _parcel(body, "T9"))
    shop.stage("GET", PARCELS, httpx.Response(200, headers=old, content=after.content))

    def keep(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            sent.append(request.content)
        return shop.handle(request)

    ctx = context(shop, http=httpx.AsyncClient(transport=httpx.MockTransport(keep)))
    await set_tracking(ctx, params("T9"))
    shop.verify()
    (body,) = sent
    for part in (b"<id>2</id>", b"<tracking_number>T9</tracking_number>", b"8.400000", b"date_add"):
        assert part in body


def _parcel(body: object, tracking: str) -> object:
    assert isinstance(body, dict)
    row = {**body["order_carriers"][0], "id": 2, "id_order": 2, "tracking_number": tracking}
    return {"order_carriers": [row]}


async def test_a_right_that_is_missing_is_not_taken_for_a_blocked_patch(
    shop: RecordedShop,
) -> None:
    """405 with code 25 comes from the shop itself."""
    carries(shop, "")
    shop.derive(PATCH, "011", method="PATCH")
    with pytest.raises(PermissionDeniedError) as caught:
        await set_tracking(context(shop), params("TRACK0002"))
    assert caught.value.code == "verb_not_granted"
    assert len(shop.writes()) == 1


async def test_a_number_that_the_shop_refuses(shop: RecordedShop) -> None:
    carries(shop, "")
    shop.derive(PATCH, "103", method="PATCH")
    with pytest.raises(RejectedError) as caught:
        await set_tracking(context(shop), params("bad<track>#{}"))
    assert caught.value.code == "value_refused"
    assert "tracking_number is not valid" in caught.value.message


async def test_text_is_escaped_in_the_xml_that_is_sent(shop: RecordedShop) -> None:
    carries(shop, "")
    seen: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            seen.append(request.content)
        return shop.handle(request)

    shop.derive(PATCH, "097", method="PATCH")
    carries(shop, "A&B<1>")
    http = httpx.AsyncClient(transport=httpx.MockTransport(keep))
    await set_tracking(context(shop, http=http), params("A&B<1>"))
    assert b"<tracking_number>A&amp;B&lt;1&gt;</tracking_number>" in seen[0]


async def test_control_characters_are_refused_before_sending(shop: RecordedShop) -> None:
    carries(shop, "")
    with pytest.raises(RejectedError) as caught:
        await set_tracking(context(shop), params("A\x00B"))
    assert caught.value.code == "control_character"
    assert shop.writes() == []


async def test_an_order_without_a_parcel(shop: RecordedShop) -> None:
    shop.derive(PARCELS, "041")
    shop.derive(ORDER, "168", lambda body: {"orders": [body["orders"][0]]})
    with pytest.raises(RejectedError) as caught:
        await set_tracking(context(shop), params("T1"))
    assert caught.value.code == "no_parcel"


async def test_an_unknown_order(shop: RecordedShop) -> None:
    shop.derive(PARCELS, "041")
    shop.derive(ORDER, "048")
    with pytest.raises(NotFoundError):
        await set_tracking(context(shop), params("T1"))


@pytest.mark.parametrize(("there", "happened"), [("T1", True), ("", False), ("T2", False)])
async def test_the_probe_looks_at_the_parcel(
    shop: RecordedShop, there: str, happened: bool
) -> None:
    carries(shop, there)
    assert (await probe_tracking(context(shop), params("T1"))).happened is happened
