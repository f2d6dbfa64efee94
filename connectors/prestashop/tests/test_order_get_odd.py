"""Every recorded order, and what real shops make of orders: odd, old, half erased."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connectors.prestashop.actions.order_get import get_order
from connectors.prestashop.tests.recorded import VERSIONS, RecordedShop, context
from connectors.prestashop.transforms import decimal
from connectors.sdk.codec import dumps, loads
from connectors.sdk.errors import ContractError, NotFoundError

Row = dict[str, Any]
SOURCES = {
    "customers": "144",
    "addresses": "153",
    "countries": "180",
    "states": "182",
    "order_states": "060",
    "carriers": "185",
    "currencies": "183",
}
ODD_TEXTS = [
    "Zoë & Søn <GmbH>",
    "Müller 🎁",
    "]]>&amp;&#39;",
    "日本",
    "a\u00a0b",
    'O\'Neill "x"',
    "",
]


@cache
def recorded_orders(version: str) -> dict[str, Row]:
    """The orders that the recordings show in full."""
    shop = RecordedShop(version=version)
    rows = [row for name in ("022", "026", "168") for row in shop.body(name)["orders"]]
    return {str(row["id"]): row for row in rows}


@cache
def template(version: str, resource: str) -> Row:
    row: Row = RecordedShop(version=version).body(SOURCES[resource])[resource][0]
    return row


@cache
def settings_body(version: str) -> str:
    return str(RecordedShop(version=version).recording("200")["response"]["body"])


async def read(
    order: Row, *, version: str = "9.1", gone: frozenset[str] = frozenset(), **rows: Row
) -> dict[str, Any]:
    """`order.get` on a shop that has this order, and a record for each id it names."""

    def answer(request: httpx.Request) -> httpx.Response:
        _, _, resource, *rest = request.url.path.split("/")
        assert dict(parse_qsl(request.url.query.decode()))["display"]
        if resource == "configurations":
            return httpx.Response(200, text=settings_body(version))
        if resource in gone:
            return httpx.Response(404) if rest else httpx.Response(200, text="[]")
        if resource == "orders":
            found = order
        elif resource in ("order_histories", "order_payments"):
            return httpx.Response(200, text="[]")
        else:
            found = {**template(version, resource), **rows.get(resource, {})}
            if rest:
                found["id"] = rest[0]
        headers = {"PSWS-Version": "9.1.4"}
        return httpx.Response(200, text=json.dumps({resource: [found]}), headers=headers)

    def with_version(request: httpx.Request) -> httpx.Response:
        response = answer(request)
        response.headers["PSWS-Version"] = "9.1.4"
        return response

    http = httpx.AsyncClient(transport=httpx.MockTransport(with_version))
    ctx = context(RecordedShop(version=version), http=http)
    result = await get_order(ctx, {"order_id": str(order["id"])})
    # What leaves must survive the journal.
    output: dict[str, Any] = loads(dumps(result.output))
    promised().validate(json.loads(json.dumps(output, default=float)))
    return output


@cache
def promised() -> Draft202012Validator:
    from connectors.catalog import default_catalog

    connector = default_catalog().connector("prestashop")
    assert connector is not None
    spec = next(
        one for one in connector.manifest["operations"] if one["name"] == "prestashop.order.get"
    )
    return Draft202012Validator(spec["output"])


@pytest.mark.parametrize(
    ("version", "order_id"),
    [(version, id_) for version in VERSIONS for id_ in sorted(recorded_orders(version))],
)
async def test_every_recorded_order_is_read(version: str, order_id: str) -> None:
    order = recorded_orders(version)[order_id]
    got = (await read(order, version=version))["order"]
    assert got["id"] == order_id
    assert Decimal(str(got["total_paid"])) == Decimal(order["total_paid"])
    assert len(got["lines"]) == len(order["associations"]["order_rows"])


def scalar(value: Any) -> st.SearchStrategy[Any]:
    """The same value as other versions of the shop and other PHP settings send it."""
    text = str(value)
    same: list[Any] = [value, text]
    if text.isdigit():
        same.append(int(text))
    try:
        number = float(text)
    except ValueError:
        return st.sampled_from(same)
    if number == 0:
        same += ["", False, 0, None]
    return st.sampled_from([*same, number]) if "." in text else st.sampled_from(same)


MONEY = [name for name in recorded_orders("9.1")["1"] if name.startswith("total_")]


@given(data=st.data())
async def test_numbers_mean_the_same_in_every_spelling(data: st.DataObject) -> None:
    order = recorded_orders("9.1")["1"]
    names = [*MONEY, "id_carrier", "id_customer", "current_state", "valid", "id_currency"]
    spelled = {**order, **{name: data.draw(scalar(order[name])) for name in names}}
    assert await read(spelled) == await read(order)


OPTIONAL = [
    name
    for name in recorded_orders("9.1")["1"]
    if name
    in ("note", "gift_message", "associations", "shipping_number", "module", "delivery_number")
]


@given(missing=st.sets(st.sampled_from(OPTIONAL)), text=st.sampled_from(ODD_TEXTS))
async def test_optional_fields_may_be_missing_and_texts_odd(missing: set[str], text: str) -> None:
    order = {
        name: value for name, value in recorded_orders("9.1")["1"].items() if name not in missing
    }
    got = await read({**order, "payment": text}, addresses={"city": text, "company": text})
    assert got["order"]["payment"] == text
    assert got["delivery"]["city"] == text
    assert bool(got["order"]["lines"]) is ("associations" not in missing)


@pytest.mark.parametrize("empty", [None, [], {}, {"order_rows": []}, {"order_rows": None}])
async def test_an_order_without_rows(empty: Any) -> None:
    order = {**recorded_orders("9.1")["1"], "associations": empty}
    assert (await read(order))["order"]["lines"] == []


@pytest.mark.parametrize("count", [1, 400])
async def test_one_row_or_many(count: int) -> None:
    order = recorded_orders("9.1")["1"]
    row = order["associations"]["order_rows"][0]
    rows = [{**row, "id": at + 1, "product_quantity": 2_000_000_000} for at in range(count)]
    got = await read({**order, "associations": {"order_rows": rows}})
    assert [one["quantity"] for one in got["order"]["lines"]] == [2_000_000_000] * count


@pytest.mark.parametrize("name", ["date_add", "date_upd"])
@pytest.mark.parametrize("value", ["0000-00-00 00:00:00", "0000-00-00", "", None])
async def test_a_null_date_is_none(name: str, value: Any) -> None:
    assert (await read({**recorded_orders("9.1")["1"], name: value}))["order"][name] is None


@pytest.mark.parametrize("reference", [None, "", 123456789])
async def test_an_imported_order_may_lack_a_reference(reference: Any) -> None:
    got = await read({**recorded_orders("9.1")["1"], "reference": reference})
    assert got["order"]["reference"] == str(reference or "")


@pytest.mark.parametrize("value", ["2026-02-30 10:00:00", "yesterday"])
async def test_an_impossible_date_is_a_broken_contract(value: str) -> None:
    with pytest.raises(ContractError):
        await read({**recorded_orders("9.1")["1"], "date_add": value})


async def test_all_that_an_order_names_may_be_gone() -> None:
    """A guest who was erased, a carrier and a state that were removed."""
    gone = frozenset(SOURCES)
    got = await read(recorded_orders("9.1")["1"], gone=gone)
    assert got["customer"]["email"] is None
    assert got["delivery"] == got["invoice"]
    assert got["carrier"] == {"id": None, "name": None}
    assert got["currency"] == {"iso_code": None}


async def test_a_virtual_order_has_no_carrier_and_no_delivery() -> None:
    order = {**recorded_orders("9.1")["1"], "id_carrier": 0, "id_address_delivery": "0"}
    got = await read(order)
    assert got["carrier"]["id"] is None
    assert got["delivery"]["id"] is None
    assert got["invoice"]["id"] is not None


async def test_an_order_that_was_deleted_before_the_run_is_named() -> None:
    with pytest.raises(NotFoundError) as caught:
        await read(recorded_orders("9.1")["1"], gone=frozenset({"orders"}))
    assert "no record 1 in orders" in caught.value.message
    assert caught.value.fix


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ([{"id": "1", "value": ""}, {"id": "2", "value": "Espagne"}], "Espagne"),
        ([{"id": 1, "value": "Spain"}, {"id": 2, "value": "Espagne"}], "Spain"),
        ("Spain", "Spain"),
        ([], ""),
    ],
)
async def test_names_in_one_language_or_several(name: Any, expected: str) -> None:
    got = await read(recorded_orders("9.1")["1"], countries={"name": name})
    assert got["delivery"]["country_name"] == expected


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=6
    )
)
def test_amounts_keep_their_value_and_two_decimals(number: Decimal) -> None:
    got = decimal(f"{number:f}")
    assert got == number
    assert -int(got.as_tuple().exponent) >= 2


@pytest.mark.parametrize(
    ("value", "written"),
    [("1200", "1200.00"), ("60.670000", "60.67"), ("1E+3", "1000.00"), (5e-05, "0.00005")],
)
def test_amounts_are_written_plainly(value: Mapping[str, Any] | Any, written: str) -> None:
    assert str(decimal(value)) == written


@pytest.mark.parametrize("value", ["1E+999999999", "NaN", "Infinity", "12,50", "abc"])
def test_what_is_no_amount_is_refused(value: str) -> None:
    with pytest.raises(ContractError):
        decimal(value)
