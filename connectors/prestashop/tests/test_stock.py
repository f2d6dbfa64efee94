"""Setting stock, against both recorded shops."""

from typing import Any

import pytest

from connectors.prestashop.actions.stock import probe_stock, set_stock
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.sdk.errors import NotFoundError, RejectedError
from connectors.sdk.receipt import Verdict

ONE = {"product_id": "1", "combination_id": "1"}


def holding(quantity: int) -> Any:
    return lambda body: {
        "stock_availables": [
            {**row, "quantity": quantity if int(row["id"]) == 20 else row["quantity"]}
            for row in body["stock_availables"]
        ]
    }


def of_combination(body: Any) -> Any:
    return {"stock_availables": [r for r in body["stock_availables"] if int(r["id"]) == 20]}


async def test_the_combinations_row_is_patched_and_read_back(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(300))
    shop.serve("126")
    shop.serve("123", edit=holding(40))
    got = await set_stock(context(shop), {**ONE, "quantity": 40})
    assert got.output == {
        "stock_available_id": "20",
        "product_id": "1",
        "combination_id": "1",
        "quantity": 40,
        "previous_quantity": 300,
        "changed": True,
    }
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_negative_stock_is_allowed(shop: RecordedShop) -> None:
    shop.serve("122")
    shop.serve("129")
    shop.serve("123", edit=holding(-3))
    got = await set_stock(context(shop), {**ONE, "quantity": -3})
    assert got.output["quantity"] == -3


@pytest.mark.parametrize("combination", [None, "", "0", 0])
async def test_the_sum_of_combinations_is_never_written(
    shop: RecordedShop, combination: object
) -> None:
    """Row 1 of product 1 has attribute 0 and holds the sum of its eight combinations."""
    shop.serve("122")
    with pytest.raises(RejectedError) as caught:
        await set_stock(
            context(shop), {"product_id": "1", "combination_id": combination, "quantity": 5}
        )
    assert caught.value.code == "sum_of_combinations"
    assert caught.value.fix
    assert shop.writes() == []


async def test_the_same_quantity_is_not_sent(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(40))
    got = await set_stock(context(shop), {**ONE, "quantity": "40"})
    assert got.output["changed"] is False
    assert shop.writes() == []


async def test_a_dry_run_predicts_and_writes_nothing(shop: RecordedShop) -> None:
    shop.serve("122", edit=holding(300))
    got = await set_stock(context(shop, dry_run=True), {**ONE, "quantity": 40})
    assert got.prediction == "would set stock of product 1 combination 1 300 → 40"
    assert shop.writes() == []


async def test_a_combination_alone_is_enough(shop: RecordedShop) -> None:
    shop.derive(
        "/api/stock_availables?filter[id_product_attribute]=[1]&display=full&output_format=JSON",
        "123",
        holding(7),
    )
    got = await set_stock(context(shop), {"combination_id": "1", "quantity": 7})
    assert got.output["product_id"] == "1"


COMBINATIONS = (
    "/api/combinations?filter[reference]=[{}]&display=[id,id_product,reference]&output_format=JSON"
)
PRODUCTS = "/api/products?filter[reference]=[{}]&display=[id,reference]&output_format=JSON"


async def test_a_reference_that_one_simple_product_carries(shop: RecordedShop) -> None:
    shop.derive(COMBINATIONS.format("demo_11"), "041")
    shop.derive(PRODUCTS.format("demo_11"), "193")
    shop.derive(
        "/api/stock_availables?filter[id_product]=[6]&display=full&output_format=JSON",
        "122",
        lambda body: {
            "stock_availables": [{**body["stock_availables"][0], "id_product": 6, "quantity": 9}]
        },
    )
    got = await set_stock(context(shop), {"reference": "demo_11", "quantity": 9})
    assert (got.output["product_id"], got.output["combination_id"]) == ("6", "0")


async def test_a_reference_that_many_combinations_share_is_refused(shop: RecordedShop) -> None:
    """All combinations of the demo product carry its own reference (194)."""
    shop.derive(COMBINATIONS.format("demo_3"), "194")
    shop.derive(PRODUCTS.format("demo_3"), "041")
    with pytest.raises(RejectedError) as caught:
        await set_stock(context(shop), {"reference": "demo_3", "quantity": 9})
    assert caught.value.code == "ambiguous_reference"


async def test_a_reference_is_exact_though_the_database_ignores_case(shop: RecordedShop) -> None:
    shop.derive(COMBINATIONS.format("DEMO_11"), "041")
    shop.derive(PRODUCTS.format("DEMO_11"), "193")
    with pytest.raises(NotFoundError):
        await set_stock(context(shop), {"reference": "DEMO_11", "quantity": 9})


@pytest.mark.parametrize("reference", ["a|b", "a]", "[a", "a,b"])
async def test_a_reference_cannot_smuggle_filter_syntax(reference: str) -> None:
    shop = RecordedShop(version="9.1")
    with pytest.raises(RejectedError) as caught:
        await set_stock(context(shop), {"reference": reference, "quantity": 9})
    assert caught.value.code == "not_searchable"
    assert shop.log == []


@pytest.mark.parametrize("quantity", ["many", "", None, "1.5", True, 2**31, -(2**31) - 1])
async def test_quantities_that_no_shop_can_hold(quantity: object) -> None:
    shop = RecordedShop(version="9.1")
    with pytest.raises(RejectedError) as caught:
        await set_stock(context(shop), {**ONE, "quantity": quantity})
    assert caught.value.code == "bad_quantity"
    assert shop.log == []


async def test_nothing_named() -> None:
    with pytest.raises(RejectedError) as caught:
        await set_stock(context(RecordedShop(version="9.1")), {"quantity": 1})
    assert caught.value.code == "nothing_named"


async def test_an_unknown_combination(shop: RecordedShop) -> None:
    shop.serve("122")
    with pytest.raises(NotFoundError):
        await set_stock(context(shop), {"product_id": "1", "combination_id": "99", "quantity": 1})


async def test_several_shops_with_stocks_of_their_own_are_refused(shop: RecordedShop) -> None:
    shop.serve(
        "122",
        edit=lambda body: {
            "stock_availables": [
                *body["stock_availables"],
                {**body["stock_availables"][1], "id": 99, "id_shop": 2},
            ]
        },
    )
    with pytest.raises(RejectedError) as caught:
        await set_stock(context(shop), {**ONE, "quantity": 1})
    assert caught.value.code == "several_stocks"


@pytest.mark.parametrize(("there", "happened"), [(40, True), (300, False)])
async def test_the_probe_looks_at_the_row(shop: RecordedShop, there: int, happened: bool) -> None:
    shop.serve("122", edit=holding(there))
    assert (await probe_stock(context(shop), {**ONE, "quantity": 40})).happened is happened
