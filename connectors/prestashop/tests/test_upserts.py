"""Customers, addresses and products under their natural keys, against both recorded shops."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.actions.address_upsert import probe_address, upsert_address
from connectors.prestashop.actions.customer_upsert import probe_customer, upsert_customer
from connectors.prestashop.actions.product_upsert import probe_product, upsert_product
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.tests.recorded import RecordedShop, context, only
from connectors.sdk.codec import dumps
from connectors.sdk.errors import ConflictError, RejectedError
from connectors.sdk.receipt import Verdict

FULL = "?display=full&output_format=JSON"
SETTING = "/api/configurations?filter[name]=[{}]&display=[name,value]&output_format=JSON"
BY_MAIL = "/api/customers?filter[email]=[jane.doe@buyer.example]&display=full&output_format=JSON"
BOOK = "/api/addresses?filter[id_customer]=[3]&filter[deleted]=[0]&display=full&output_format=JSON"
JANE = {"email": "jane.doe@buyer.example", "firstname": "Jane", "lastname": "Doe"}
HOME = {
    "customer_id": "3",
    "firstname": "Jane",
    "lastname": "Roe",
    "address1": "Calle Mayor 1",
    "postcode": "28013",
    "city": "Madrid",
    "country_iso": "es",
    "state_iso": "ES-M",
    "phone": "600000000",
    "dni": "00000000T",
    "alias": "Home",
}


def settings(shop: RecordedShop) -> None:
    shop.serve("200")


def group(shop: RecordedShop) -> None:
    """Asked for a new customer only."""
    shop.derive(
        SETTING.format("PS_CUSTOMER_GROUP"),
        "200",
        lambda body: {"configurations": [{"name": "PS_CUSTOMER_GROUP", "value": "3"}]},
    )


def place(shop: RecordedShop) -> None:
    """Spain (180) and Madrid, which the recorded list of states (182) ends before."""
    shop.serve("200")
    shop.serve("180")
    shop.derive(
        "/api/states?filter[id_country]=[6]&filter[iso_code]=[ES-M]"
        "&display=full&output_format=JSON",
        "182",
        lambda body: {"states": [{**body["states"][0], "id": 383, "iso_code": "ES-M"}]},
    )


def rows(resource: str, **changes: Any) -> Any:
    return lambda body: {resource: [{**row, **changes} for row in body[resource]]}


async def test_a_new_customer_gets_an_account(shop: RecordedShop) -> None:
    settings(shop)
    group(shop)
    shop.derive(BY_MAIL, "041")
    shop.derive(BY_MAIL, "144")
    shop.derive("/api/customers?output_format=JSON", "148", method="POST")
    got = await upsert_customer(context(shop), JANE)
    assert (got.output["id"], got.output["action"]) == ("3", "created")
    assert got.output["record"]["email"] == "jane.doe@buyer.example"
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    assert b"passwd" not in dumps(got.output)


async def test_a_customer_that_is_so_already_is_not_written(shop: RecordedShop) -> None:
    settings(shop)
    shop.derive(BY_MAIL, "144")
    got = await upsert_customer(context(shop), {**JANE, "email": "jane.doe@buyer.example "})
    assert (got.output["action"], got.output["changed"]) == ("unchanged", False)
    assert shop.writes() == []


async def test_only_what_differs_of_a_customer_is_sent(shop: RecordedShop) -> None:
    """148: lastname and note, and nothing else."""
    settings(shop)
    shop.derive(BY_MAIL, "144")
    shop.serve("148")
    shop.derive(f"/api/customers/3{FULL}", "144", rows("customers", lastname="Roe", note="VIP"))
    got = await upsert_customer(context(shop), {**JANE, "lastname": "Roe", "note": "VIP"})
    assert got.output["action"] == "updated"
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    assert {one.field for one in got.receipt.fields} == {"firstname", "lastname", "note"}


async def test_somebody_who_creates_the_customer_meanwhile_is_no_failure(
    shop: RecordedShop,
) -> None:
    """147: the e-mail is already used."""
    settings(shop)
    group(shop)
    shop.derive(BY_MAIL, "041")
    shop.derive(BY_MAIL, "144")
    shop.derive("/api/customers?output_format=JSON", "147", method="POST")
    got = await upsert_customer(context(shop), JANE)
    assert (got.output["id"], got.output["action"]) == ("3", "unchanged")


async def test_guests_with_the_same_e_mail_are_left_alone(shop: RecordedShop) -> None:
    settings(shop)
    shop.derive(BY_MAIL, "144", rows("customers", is_guest="1"))
    got = await upsert_customer(context(shop, dry_run=True), JANE)
    assert got.prediction == "would create customer with the e-mail jane.doe@buyer.example"
    assert shop.writes() == []


async def test_a_dry_run_says_which_fields_would_change(shop: RecordedShop) -> None:
    settings(shop)
    shop.derive(BY_MAIL, "144")
    got = await upsert_customer(context(shop, dry_run=True), {**JANE, "lastname": "Roe"})
    assert got.prediction == "would change lastname of customer 3"
    assert shop.writes() == []


@pytest.mark.parametrize(("lastname", "happened"), [("Doe", True), ("Roe", False)])
async def test_the_probe_looks_at_the_customer(
    shop: RecordedShop, lastname: str, happened: bool
) -> None:
    settings(shop)
    shop.derive(BY_MAIL, "144")
    found = await probe_customer(context(shop), {**JANE, "lastname": lastname})
    assert found.happened is happened


async def test_an_address_that_says_the_same_is_found(shop: RecordedShop) -> None:
    """153; capitals and white space do not make another address."""
    place(shop)
    shop.serve("153")
    got = await upsert_address(context(shop), {**HOME, "city": " MADRID ", "alias": "Other"})
    assert (got.output["id"], got.output["action"]) == ("7", "unchanged")
    assert shop.writes() == []


async def test_another_address_is_created(shop: RecordedShop) -> None:
    place(shop)
    shop.derive(BOOK, "153", rows("addresses", id=4, address1="Calle Menor 2"))
    shop.derive(BOOK, "153")
    shop.derive("/api/addresses?output_format=JSON", "157", method="POST")
    got = await upsert_address(context(shop), HOME)
    assert (got.output["id"], got.output["action"]) == ("7", "created")
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED


USES = "/api/orders?filter[{}]=[7]&display=[id]&limit=1&output_format=JSON"


async def test_an_address_that_no_order_uses_is_changed_in_place(shop: RecordedShop) -> None:
    """157: PATCH of address2 and of nothing else."""
    place(shop)
    shop.serve("153")
    shop.derive(f"/api/addresses/7{FULL}", "153")
    shop.derive(f"/api/addresses/7{FULL}", "153", rows("addresses", address2="2B"))
    shop.derive(USES.format("id_address_delivery"), "041")
    shop.derive(USES.format("id_address_invoice"), "041")
    shop.serve("157")
    got = await upsert_address(context(shop), {**HOME, "address2": "2B", "address_id": 7})
    assert (got.output["id"], got.output["action"]) == ("7", "updated")


async def test_an_address_that_an_order_uses_is_never_rewritten(shop: RecordedShop) -> None:
    """By the webservice an edit would change it in place, under the old orders (157); the shop
    front makes a new one and keeps the old as deleted (170)."""
    place(shop)
    shop.derive(BOOK, "153")
    shop.derive(BOOK, "153")
    shop.derive(BOOK, "153", rows("addresses", id=8, address2="2B"))
    shop.derive(f"/api/addresses/7{FULL}", "153")
    shop.derive(USES.format("id_address_delivery"), "168", only("orders", 6))
    shop.derive(
        "/api/addresses?output_format=JSON",
        "157",
        lambda body: {"address": {**body["address"], "id": "8"}},
        method="POST",
    )
    shop.derive("/api/addresses/7?output_format=JSON", "157", method="PATCH")
    got = await upsert_address(context(shop), {**HOME, "address2": "2B", "address_id": "7"})
    assert got.output["action"] == "created"
    assert (got.output["id"], got.output["replaced_id"]) == ("8", "7")
    assert [one[:2] for one in shop.writes()] == [
        ("POST", "/api/addresses"),
        ("PATCH", "/api/addresses/7"),
    ]


async def test_an_address_of_somebody_else_is_not_taken(shop: RecordedShop) -> None:
    place(shop)
    shop.derive(f"/api/addresses/7{FULL}", "153", rows("addresses", id_customer=4))
    with pytest.raises(RejectedError) as caught:
        await upsert_address(context(shop), {**HOME, "address_id": "7"})
    assert caught.value.code == "other_customer"


async def test_a_country_that_the_shop_lacks(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive("/api/countries?filter[iso_code]=[XX]&display=full&output_format=JSON", "041")
    with pytest.raises(RejectedError) as caught:
        await upsert_address(context(shop), {**HOME, "country_iso": "xx"})
    assert caught.value.code == "unknown_country"


@pytest.mark.parametrize(("phone", "happened"), [("600000000", True), ("611111111", False)])
async def test_the_probe_looks_into_the_customers_book(
    shop: RecordedShop, phone: str, happened: bool
) -> None:
    place(shop)
    shop.serve("153")
    assert (await probe_address(context(shop), {**HOME, "phone": phone})).happened is happened


SHIRT = "/api/products?filter[reference]=[demo_1]&display=full&output_format=JSON"


def shirt(shop: RecordedShop, **changes: Any) -> Any:
    """Product 1 as its one reads show it (120 drops what is 0 or empty, so does 196)."""
    product = shop.body("120")["product"]
    empty = dict.fromkeys(("ean13", "isbn", "upc", "mpn"), "")
    return lambda body: {"products": [{**empty, **product, **changes}]}


def translated(*texts: str) -> list[dict[str, Any]]:
    return [{"id": id_, "value": value} for id_, value in enumerate(texts, start=1)]


async def test_only_the_price_of_a_product_is_sent(shop: RecordedShop) -> None:
    """196."""
    shop.serve("200")
    shop.derive(SHIRT, "120", shirt(shop))
    shop.derive("/api/products/1?output_format=JSON", "196", method="PATCH")
    shop.derive(f"/api/products/1{FULL}", "120", shirt(shop, price="24.500000"))
    got = await upsert_product(
        context(shop), {"reference": "demo_1", "price": Decimal("24.50"), "active": True}
    )
    assert got.output["action"] == "updated"
    assert got.output["record"]["price"] == Decimal("24.50")
    assert got.receipt is not None
    assert got.receipt.verdict is not Verdict.DIVERGED


async def test_a_price_that_the_shop_rounds_is_told(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(SHIRT, "120", shirt(shop))
    shop.derive("/api/products/1?output_format=JSON", "196", method="PATCH")
    shop.derive(f"/api/products/1{FULL}", "120", shirt(shop, price="24.500000"))
    got = await upsert_product(context(shop), {"reference": "demo_1", "price": "24.499"})
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.DIVERGED


async def test_a_name_in_one_language_leaves_the_other(shop: RecordedShop) -> None:
    """197: PATCH of one language empties the others; 197b sends both."""
    shop.serve("200")
    before = shirt(shop, name=translated("Shirt", "Camiseta renombrada"))
    shop.derive(SHIRT, "120", before)
    shop.serve("197b")
    after = shirt(shop, name=translated("Renamed t-shirt", "Camiseta renombrada"))
    shop.derive(f"/api/products/1{FULL}", "120", after)
    got = await upsert_product(context(shop), {"reference": "demo_1", "name": "Renamed t-shirt"})
    assert got.receipt is not None
    assert [one.field for one in got.receipt.fields] == ["name[1]"]
    assert got.receipt.verdict is Verdict.CONFIRMED


async def test_languages_are_named_by_code_or_id(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.serve("184")
    codes = {row["iso_code"]: str(row["id"]) for row in shop.body("184")["languages"]}
    other = next(code for code, id_ in codes.items() if id_ == "2")
    shop.derive(SHIRT, "120", shirt(shop, name=translated("One", "Dos")))
    names = [{"language": "1", "value": "One"}, {"language": other.upper(), "value": "Dos"}]
    got = await upsert_product(context(shop), {"reference": "demo_1", "name": names})
    assert got.output["action"] == "unchanged"


async def test_a_language_that_the_shop_lacks(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.serve("184")
    with pytest.raises(RejectedError) as caught:
        await upsert_product(
            context(shop),
            {"reference": "demo_1", "name": [{"language": "tlh", "value": "yIvoq"}]},
        )
    assert caught.value.code == "unknown_language"


async def test_an_edit_of_somebody_else_since_it_was_decided(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(SHIRT, "120", shirt(shop))
    with pytest.raises(ConflictError) as caught:
        await upsert_product(
            context(shop), {"reference": "demo_1", "price": "25", "expected": {"price": "22.00"}}
        )
    assert caught.value.code == "changed_meanwhile"
    assert shop.writes() == []


async def test_a_repeated_call_does_not_stumble_over_its_own_change(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(SHIRT, "120", shirt(shop, price="25.000000"))
    params = {"reference": "demo_1", "price": "25", "expected": {"price": "23.90"}}
    got = await upsert_product(context(shop), params)
    assert got.output["action"] == "unchanged"


async def test_two_products_with_one_reference_are_refused(shop: RecordedShop) -> None:
    shop.serve("200")
    one = shop.body("120")["product"]
    shop.derive(SHIRT, "120", lambda body: {"products": [one, {**one, "id": 20}]})
    with pytest.raises(RejectedError) as caught:
        await upsert_product(context(shop), {"reference": "demo_1", "price": "25"})
    assert caught.value.code == "ambiguous_reference"


async def test_a_number_that_is_none_never_reaches_the_shop(shop: RecordedShop) -> None:
    shop.serve("200")
    with pytest.raises(RejectedError) as caught:
        await upsert_product(context(shop), {"reference": "demo_1", "price": "cheap"})
    assert caught.value.code == "not_a_number"


@pytest.mark.parametrize(("price", "happened"), [("23.9", True), ("24.5", False)])
async def test_the_probe_looks_at_the_product(
    shop: RecordedShop, price: str, happened: bool
) -> None:
    shop.serve("200")
    shop.derive(SHIRT, "120", shirt(shop))
    found = await probe_product(context(shop), {"reference": "demo_1", "price": price})
    assert found.happened is happened


@pytest.mark.parametrize("noun", ["customer", "product"])
def test_what_an_upsert_gives_back_is_what_a_search_finds(noun: str) -> None:
    (entry,) = (
        one
        for one in CONNECTOR.manifest["operations"]
        if one["name"] == f"prestashop.{noun}.upsert"
    )
    record = entry["output"]["properties"]["record"]
    assert record["properties"] == BY_NAME[noun].record()["properties"]
