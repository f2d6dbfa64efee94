"""Others write too, and shops do not always do what they say: what an operation reports of it."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.client import ShopClient
from connectors.prestashop.tests.imitated import imitated
from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    FarSideError,
    Happened,
    PermissionDeniedError,
    UncertainError,
)
from connectors.sdk.operation import OperationContext, OperationResult
from connectors.sdk.receipt import Verdict

SHIRT = {"reference": "demo_1", "price": "12.345678"}
STOCK = {"product_id": "1", "combination_id": "1", "quantity": 7}
EDITS = 500
EDIT = {"path": "/api/products"}
THEIRS = ("ean13", "upc", "isbn", "mpn", "supplier_reference", "location")


async def run(ctx: OperationContext, name: str, params: dict[str, Any]) -> OperationResult:
    operation = CONNECTOR.operation(f"prestashop.{name}@1")
    assert operation is not None
    return await operation.run(ctx, params)


async def broken(ctx: OperationContext, **faults: Any) -> None:
    answer = await ctx.http.post("http://shop.example/_twin/faults", json=faults)
    assert answer.status_code == 200, answer.text


async def test_a_stock_write_that_the_shop_ignored_is_not_confirmed() -> None:
    async with imitated("9.1.4") as ctx:
        await broken(ctx, stock_ignored=True)
        got = await run(ctx, "stock.set", STOCK)
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.DIVERGED


async def test_a_price_that_the_shop_rounded_is_not_confirmed() -> None:
    async with imitated("9.1.4") as ctx:
        await broken(ctx, price_rounded=True)
        got = await run(ctx, "product.upsert", SHIRT)
    assert got.receipt is not None
    (price,) = got.receipt.fields
    assert (price.sent, price.read_back) == (Decimal("12.345678"), Decimal("12.35"))
    assert got.receipt.verdict is Verdict.DIVERGED


@pytest.mark.parametrize(
    ("fault", "error", "happened"),
    [
        ("forbidden", PermissionDeniedError, Happened.NO),
        ("not_found", ConfigurationError, Happened.NO),
        ("read_only", UncertainError, Happened.UNKNOWN),
    ],
)
async def test_what_stands_in_front_of_the_shop_is_told(
    fault: str, error: type[FarSideError], happened: Happened
) -> None:
    """A 503 proves nothing about a write; the probe then finds that it did not happen."""
    operation = CONNECTOR.operation("prestashop.stock.set@1")
    assert operation is not None
    assert operation.probe is not None
    async with imitated("9.1.4") as ctx:
        await broken(ctx, **{fault: {"method": "PATCH"}})
        with pytest.raises(error) as caught:
            await operation.run(ctx, STOCK)
        probed = await operation.probe(ctx, STOCK)
    assert caught.value.happened is happened
    assert probed.happened is False


@pytest.mark.parametrize("version", ["9.1.4", "8.2.1", "1.7.8.11"])
async def test_an_edit_of_another_field_since_the_look_up_is_kept(version: str) -> None:
    """Before 8.0 the record is read once more right before it is put."""
    async with imitated(version) as ctx:
        await ShopClient(ctx).row("products", "1")
        await broken(
            ctx, edited_after_read={"path": "/api/products", "field": "ean13", "value": "1"}
        )
        got = await run(ctx, "product.upsert", SHIRT)
        row = await ShopClient(ctx).row("products", "1")
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    assert str(row["ean13"]) == "1"


async def test_an_edit_of_our_own_field_since_the_look_up_is_a_conflict_before_8() -> None:
    async with imitated("1.7.8.11") as ctx:
        await ShopClient(ctx).row("products", "1")
        await broken(
            ctx, edited_after_read={"path": "/api/products", "field": "price", "value": "9"}
        )
        with pytest.raises(ConflictError):
            await run(ctx, "product.upsert", SHIRT)
        row = await ShopClient(ctx).row("products", "1")
    assert Decimal(str(row["price"])) == 9


class SecondWriter(httpx.AsyncBaseTransport):
    """Hands requests on; at random moments between them somebody else writes the same product.

    Before our write they change fields that we do not own, after it any field: between a look-up
    and its PATCH the webservice can hold nothing against an edit of the very same field.
    """

    def __init__(self, inner: Callable[..., Any], chance: random.Random) -> None:
        self.inner = inner
        self.chance = chance
        self.kept: dict[str, str] = {}
        self.edits = 0
        self.written = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "/api/products" in request.url.path and self.chance.random() < 0.7:
            await self._edit(dict(request.headers))
        response: httpx.Response = await self.inner(request)
        self.written |= request.method == "PATCH"
        return response

    async def _edit(self, headers: dict[str, str]) -> None:
        fields = (*THEIRS, "price") if self.written else THEIRS
        name = self.chance.choice(fields)
        value = str(self.chance.randrange(1, 10**6))
        body = f"<prestashop><product><id>1</id><{name}>{value}</{name}></product></prestashop>"
        sent = httpx.Request(
            "PATCH",
            "http://shop.example/api/products/1?output_format=JSON",
            headers={"authorization": headers["authorization"], "content-type": "text/xml"},
            content=body.encode(),
        )
        answer = await self.inner(sent)
        assert answer.status_code == 200
        self.kept[name] = value
        self.edits += 1


@pytest.mark.parametrize("version", ["9.1.4", "8.2.1"])
async def test_random_edits_of_a_second_writer_are_not_lost_and_ours_not_confirmed_in_vain(
    version: str,
) -> None:
    chance = random.Random(20261127)
    confirmed = 0
    async with imitated(version) as ctx:
        other = SecondWriter(ctx.http._transport.handle_async_request, chance)
        async with httpx.AsyncClient(transport=other) as http:
            ours = replace(ctx, http=http)
            while other.edits < EDITS:
                other.written = False
                wanted = {"reference": "demo_1", "price": f"{chance.randrange(1, 10**6)}.25"}
                got = await run(ours, "product.upsert", wanted)
                row = await ShopClient(ctx).row("products", "1")
                assert got.receipt is not None
                there = Decimal(str(row["price"])) == Decimal(wanted["price"])
                if got.receipt.verdict is not Verdict.DIVERGED:
                    confirmed += 1
                    assert there, "confirmed, and not there"
                    other.kept.pop("price", None)
                else:
                    assert "price" in other.kept
                for name, value in other.kept.items():
                    assert Decimal(str(row[name])) == Decimal(value), f"{name} of theirs is lost"
    assert confirmed > 20
