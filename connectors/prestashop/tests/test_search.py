"""Searching, against both recorded shops and the twin; requests are counted."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.client import ShopClient
from connectors.prestashop.nouns import NOUNS, Noun
from connectors.prestashop.tests.imitated import asked, imitated
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.sdk.codec import dumps
from connectors.sdk.errors import ContractError, RejectedError
from connectors.sdk.manifest import disagreements, manifest_problems
from connectors.sdk.operation import OperationContext

NAMES = {one.name: one for one in NOUNS}
# The recorded whole table of a noun, and what its rows must show.
RECORDED: dict[str, tuple[str, dict[str, Any]]] = {
    "order": ("022", {"total_paid": Decimal("61.80"), "id_customer": "2"}),
    "order_state": ("060", {"paid": False}),
    "customer": ("142", {"active": False, "is_guest": False}),
    "carrier": ("185", {"id_reference": "1"}),
    "currency": ("183", {"iso_code": "EUR"}),
    "language": ("184", {"iso_code": "en"}),
    "category": ("186", {"id_parent": "0"}),
    "tax_rule": ("203", {"behavior": 0}),
    "order_history": ("086", {"id_order": "2", "id_order_state": "1", "id_employee": "0"}),
    "order_carrier": ("064", {"id_carrier": "2", "shipping_cost_tax_incl": Decimal("8.40")}),
    "order_payment": ("082", {"amount": Decimal("169.90"), "payment_method": "Payments by check"}),
    "address": ("153", {"id_country": "6", "postcode": "28013", "deleted": False}),
    "country": ("180", {"iso_code": "ES", "need_identification_number": True}),
    "state": ("182", {"iso_code": "ES-C", "name": "A Coruña", "id_country": "6"}),
    "product": ("198a", {"price": Decimal("12.00"), "reference": "", "active": False}),
    "combination": ("188", {"reference": "demo_1", "product_option_values": ["1", "8"]}),
    "stock": ("122", {"id_product_attribute": "0", "out_of_stock": "2"}),
    # Read by id without display: what is 0 or empty is not there (025).
    "cart": ("160", {"id_customer": "2", "id_carrier": "2", "date_upd": "2026-11-03T08:15:00Z"}),
}
# That the resource is there is recorded (006), and what products say of it (below), no row of it.
NOT_RECORDED = {"product_feature"}


def table(body: Any, noun: Noun) -> list[Any]:
    """The recorded rows by id, also of a record that was read alone."""
    rows = body[noun.resource] if noun.resource in body else [body[noun.name]]
    return sorted(rows, key=lambda row: int(row["id"]))


def test_every_noun_is_held_against_a_recording() -> None:
    assert RECORDED.keys() | NOT_RECORDED == NAMES.keys()


async def run(ctx: OperationContext, noun: str, **params: Any) -> Any:
    operation = CONNECTOR.operation(f"prestashop.{noun}.search@1")
    assert operation is not None
    return (await operation.run(ctx, params)).output


@pytest.fixture(params=["9.1.4", "8.2.1"])
async def twin(request: pytest.FixtureRequest) -> AsyncIterator[OperationContext]:
    async with imitated(request.param) as ctx:
        yield ctx


def test_the_made_manifest_is_a_manifest() -> None:
    assert list(manifest_problems(CONNECTOR.manifest)) == []
    assert disagreements(CONNECTOR) == []


@pytest.mark.parametrize("name", RECORDED)
async def test_a_page_of_a_recorded_table(shop: RecordedShop, name: str) -> None:
    noun = NAMES[name]
    recording, wanted = RECORDED[name]
    shop.serve("200")
    shop.derive(
        f"/api/{noun.resource}?filter[id]=%3E[0]&display=full&sort=[id_ASC]&limit=101"
        "&output_format=JSON",
        recording,
        lambda body: {noun.resource: table(body, noun)},
    )
    got = await run(context(shop), name)
    assert got["more"] is False
    first = got["items"][0]
    assert {key: first[key] for key in wanted} == wanted
    assert first.keys() == {"id", *(one.name for one in noun.fields)}


async def test_the_features_of_a_product_are_its_rows(shop: RecordedShop) -> None:
    """120: each names a feature, which `product_feature.search` reads, and the value it has."""
    shop.serve("200")
    noun = NAMES["product"]
    shop.derive(
        "/api/products?filter[id]=[1]&display=full&sort=[id_ASC]&output_format=JSON",
        "120",
        lambda body: {noun.resource: table(body, noun)},
    )
    [item] = (await run(context(shop), "product", ids=["1"]))["items"]
    assert item["product_features"] == [
        {"id": "1", "id_feature_value": "4"},
        {"id": "2", "id_feature_value": "8"},
    ]


async def test_the_resource_of_features_is_there(shop: RecordedShop) -> None:
    shop.serve("006")
    rights = await ShopClient(context(shop)).rights()
    assert "GET" in rights.verbs[NAMES["product_feature"].resource]


async def test_secrets_of_customers_stay_behind(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(
        "/api/customers?filter[id]=%3E[0]&display=full&sort=[id_ASC]&limit=101&output_format=JSON",
        "142",
    )
    told = dumps(await run(context(shop), "customer")).decode()
    for row in shop.body("142")["customers"]:
        assert row["secure_key"] not in told
        assert row["passwd"] not in told


@pytest.mark.parametrize("noun", NOUNS, ids=lambda one: one.name)
async def test_every_noun_can_be_read_from_the_twin(twin: OperationContext, noun: Noun) -> None:
    got = await run(twin, noun.name, limit=3)
    assert len(got["items"]) <= 3
    ids = [int(one["id"]) for one in got["items"]]
    assert ids == sorted(ids)


async def test_a_hundred_products_cost_one_request(twin: OperationContext) -> None:
    await run(twin, "language")
    before = await asked(twin)
    got = await run(twin, "product", ids=list(range(1, 101)))
    assert await asked(twin) - before == 1
    assert len(got["items"]) + len(got["missing_ids"]) == 100
    assert got["items"]


async def test_a_hundred_stock_rows_cost_one_request(twin: OperationContext) -> None:
    await run(twin, "language")
    before = await asked(twin)
    got = await run(twin, "stock", limit=100, fields=["id_product", "quantity"])
    assert await asked(twin) - before == 1
    assert got["items"][0]["quantity"] is not None
    assert got["items"][0]["location"] is None


async def test_pages_give_every_record_once(twin: OperationContext) -> None:
    whole = await run(twin, "stock", limit=1000)
    seen: list[str] = []
    after = "0"
    while True:
        page = await run(twin, "stock", limit=7, after_id=after)
        seen += [one["id"] for one in page["items"]]
        if not page["more"]:
            break
        after = page["next_after_id"]
    assert seen == [one["id"] for one in whole["items"]]


async def test_filters_and_translated_fields(twin: OperationContext) -> None:
    got = await run(twin, "country", filters={"iso_code": "ES"})
    assert [one["id"] for one in got["items"]] == ["6"]
    assert {"language": "1", "value": "Spain"} in got["items"][0]["name"]


async def test_changed_since_is_told_in_the_shops_time(twin: OperationContext) -> None:
    every = await run(twin, "order")
    last = max(one["date_upd"] for one in every["items"])
    assert (await run(twin, "order", changed_since=last))["items"] == []
    older = await run(twin, "order", changed_since="2000-01-01T00:00:00Z")
    assert len(older["items"]) == len(every["items"])


async def test_a_shop_that_ignores_the_page_is_found_out(shop: RecordedShop) -> None:
    shop.serve("200")
    shop.derive(
        "/api/orders?filter[id]=%3E[3]&display=full&sort=[id_ASC]&limit=101&output_format=JSON",
        "022",
    )
    with pytest.raises(ContractError) as caught:
        await run(context(shop), "order", after_id="3")
    assert caught.value.code == "page_repeats"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ids": ["x"]}, "bad_id"),
        ({"ids": list(range(1, 1003))}, "too_many"),
        ({"limit": 0}, "bad_limit"),
        ({"limit": "many"}, "bad_limit"),
        ({"filters": {"reference": "a|b"}}, "not_searchable"),
    ],
)
async def test_what_cannot_be_asked_is_not_sent(params: dict[str, Any], code: str) -> None:
    shop = RecordedShop(version="9.1")
    with pytest.raises(RejectedError) as caught:
        await run(context(shop), "order", **params)
    assert caught.value.code == code
    assert shop.log == []


async def test_no_ids_are_no_request_for_records(twin: OperationContext) -> None:
    assert (await run(twin, "order", ids=[]))["items"] == []
