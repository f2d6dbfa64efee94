"""Adjusting stock by a delta, against both recorded shops."""

from typing import Any

import pytest

from connectors.prestashop.actions.stock_adjust import adjust_stock, probe_adjustment
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.prestashop.tests.test_stock import ONE, holding
from connectors.sdk.errors import ConflictError, RejectedError, UncertainError
from connectors.sdk.receipt import Verdict


async def test_the_delta_is_added_to_what_is_there(shop: RecordedShop) -> None:
    """126 sends 40."""
    shop.serve("122", edit=holding(43))
    shop.serve("126")
    shop.serve("123", edit=holding(40))
    got = await adjust_stock(context(shop), {**ONE, "delta": -3})
    assert (got.output["previous_quantity"], got.output["quantity"]) == (43, 40)
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_a_sale_between_writing_and_reading_back_is_told(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(43))
    shop.serve("126")
    shop.serve("123", edit=holding(39))
    got = await adjust_stock(context(shop), {**ONE, "delta": -3})
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.DIVERGED


async def test_another_quantity_than_expected_is_a_conflict(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(43))
    with pytest.raises(ConflictError) as caught:
        await adjust_stock(context(shop), {**ONE, "delta": -3, "expected_quantity": 44})
    assert caught.value.detail["found"] == 43
    assert shop.writes() == []


async def test_a_dry_run_predicts_both_quantities(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(43))
    got = await adjust_stock(context(shop, dry_run=True), {**ONE, "delta": 7})
    assert got.prediction == "would set stock of product 1 combination 1 43 → 50 (+7)"
    assert shop.writes() == []


async def test_nothing_to_add(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(43))
    got = await adjust_stock(context(shop), {**ONE, "delta": 0})
    assert got.output["changed"] is False
    assert shop.writes() == []


async def test_more_than_a_shop_can_hold(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(43))
    with pytest.raises(RejectedError) as caught:
        await adjust_stock(context(shop), {**ONE, "delta": 2**31 - 1})
    assert caught.value.code == "bad_quantity"


@pytest.mark.parametrize(("there", "happened"), [(40, True), (43, False)])
async def test_the_probe_of_the_same_process_knows_the_quantity_from_before(
    shop: RecordedShop, there: int, happened: bool
) -> None:
    shop.serve("122", edit=holding(43))
    shop.serve("122", edit=holding(there))
    shop.serve("126")
    shop.serve("123", edit=holding(40))
    ctx = context(shop)
    await adjust_stock(ctx, {**ONE, "delta": -3})
    assert (await probe_adjustment(ctx, {**ONE, "delta": -3})).happened is happened


@pytest.mark.parametrize(("there", "happened"), [(40, True), (43, False)])
async def test_the_probe_of_another_process_needs_the_expected_quantity(
    shop: RecordedShop, there: int, happened: bool
) -> None:
    shop.serve("122", edit=holding(there))
    params: dict[str, Any] = {**ONE, "delta": -3, "expected_quantity": 43}
    assert (await probe_adjustment(context(shop), params)).happened is happened


@pytest.mark.parametrize("expected", [None, 43])
async def test_what_cannot_be_told_is_left_to_a_person(
    shop: RecordedShop, expected: int | None
) -> None:
    """42 is neither 43 nor 40: the shop has sold meanwhile, before or after the delta."""
    shop.serve("122", edit=holding(42))
    with pytest.raises(UncertainError) as caught:
        await probe_adjustment(context(shop), {**ONE, "delta": -3, "expected_quantity": expected})
    assert caught.value.code == "delta_unknown"
    assert caught.value.fix
