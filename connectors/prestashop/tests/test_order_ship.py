"""Shipping an order: number first, then state; against both recorded shops."""

import httpx
import pytest

from connectors.prestashop.actions.order_ship import probe_ship, ship
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.prestashop.tests.test_order_state import stands
from connectors.prestashop.tests.test_order_tracking import carries
from connectors.sdk.errors import RejectedError, UncertainError
from connectors.sdk.receipt import Verdict

PARAMS = {"order_id": "2", "tracking_number": "TRACK0002", "state_id": "4", "send_email": True}


async def test_the_number_goes_before_the_state_and_one_mail_is_sent(shop: RecordedShop) -> None:
    carries(shop, "")
    shop.serve("097")
    carries(shop, "TRACK0002")
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.serve("084")
    stands(shop, 4, 2, 8, 9)
    got = await ship(context(shop), PARAMS)
    (first, second) = shop.writes()
    assert first[:2] == ("PATCH", "/api/order_carriers/2")
    assert second[:2] == ("POST", "/api/order_histories")
    assert "sendemail" not in dict(first[2])
    assert dict(second[2])["sendemail"] == "1"
    assert got.output["tracking_number"] == "TRACK0002"
    assert got.output["history_id"] == "9"
    assert got.output["changed"] is True
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    assert [one.field for one in got.receipt.fields] == ["tracking_number", "current_state"]


async def test_a_second_try_writes_only_the_half_that_is_missing(shop: RecordedShop) -> None:
    carries(shop, "TRACK0002")
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.serve("084")
    stands(shop, 4, 2, 8, 9)
    await ship(context(shop), PARAMS)
    assert [one[0] for one in shop.writes()] == ["POST"]


async def test_an_order_that_is_shipped_already_is_left_alone(shop: RecordedShop) -> None:
    carries(shop, "TRACK0002")
    shop.serve("060")
    stands(shop, 4, 2, 8, 9)
    got = await ship(context(shop), PARAMS)
    assert got.output["changed"] is False
    assert got.receipt is not None
    assert got.receipt.action == "unchanged"
    assert shop.writes() == []


async def test_a_dry_run_tells_both_halves(shop: RecordedShop) -> None:
    carries(shop, "")
    shop.serve("060")
    stands(shop, 2, 2, 8)
    got = await ship(context(shop, dry_run=True), PARAMS)
    assert got.prediction == (
        "would set order 2 tracking number none → TRACK0002; then would set order 2 state 2 → 4"
    )
    assert got.receipt is None
    assert shop.writes() == []


async def test_a_dry_run_with_the_number_there_predicts_the_state(shop: RecordedShop) -> None:
    carries(shop, "TRACK0002")
    shop.serve("060")
    stands(shop, 2, 2, 8)
    got = await ship(context(shop, dry_run=True), PARAMS)
    assert got.prediction == "would set order 2 state 2 → 4"
    assert got.receipt is None


async def test_a_number_without_an_answer_stops_before_the_state(shop: RecordedShop) -> None:
    carries(shop, "")
    shop.stage("PATCH", "/api/order_carriers/2?output_format=JSON", httpx.Response(500))
    with pytest.raises(UncertainError):
        await ship(context(shop), PARAMS)
    assert [one[0] for one in shop.writes()] == ["PATCH"]


async def test_an_unknown_state_is_told_with_the_number_that_was_written(
    shop: RecordedShop,
) -> None:
    carries(shop, "")
    shop.serve("097")
    carries(shop, "TRACK0002")
    shop.serve("060")
    shop.derive("/api/order_states/99?display=full&output_format=JSON", "048")
    stands(shop, 2, 2, 8)
    with pytest.raises(RejectedError) as caught:
        await ship(context(shop), {**PARAMS, "state_id": "99"})
    assert caught.value.code == "unknown_state"
    assert "tracking_number" in caught.value.detail


@pytest.mark.parametrize(("number", "happened"), [("TRACK0002", True), ("", False)])
async def test_the_probe_wants_both_halves(shop: RecordedShop, number: str, happened: bool) -> None:
    carries(shop, number)
    if number:
        stands(shop, 4, 2, 8, 9)
    assert (await probe_ship(context(shop), PARAMS)).happened is happened


async def test_the_probe_denies_a_half(shop: RecordedShop) -> None:
    carries(shop, "TRACK0002")
    stands(shop, 2, 2, 8)
    assert (await probe_ship(context(shop), PARAMS)).happened is False
