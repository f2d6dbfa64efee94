"""`prestashop.stock.set`: the absolute quantity of a product or combination."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.prestashop.client import ShopClient, clean_id, exact
from connectors.prestashop.transforms import Row, flag, id_text, integer, text
from connectors.sdk.compare import as_number, compare_field
from connectors.sdk.errors import NotFoundError, PermissionDeniedError, RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt

RANGE = range(-(2**31), 2**31)


async def set_stock(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Set it, unless it is so already, and read it back.

    Idempotent: the value is absolute. Raises `NotFoundError` when the shop has no such stock,
    `RejectedError` when the params do not name exactly one row, or name the row in which the
    shop keeps the sum of a product's combinations.
    """
    client = ShopClient(ctx)
    quantity = _quantity(params.get("quantity"))
    row = await stock_row(client, params)
    known = integer(row["quantity"])
    if known == quantity:
        return _result(ctx, row, quantity, previous=known, action="unchanged")
    if ctx.dry_run:
        output = _output(row, quantity, previous=known, changed=True)
        return OperationResult(
            output=output,
            prediction=f"would set stock of {stock_name(row)} {known} → {quantity}",
        )
    await client.change(
        "stock_availables",
        "stock_available",
        id_text(row["id"]),
        {"quantity": quantity},
        base=row,
    )
    row = await read_back(same_row(client, row))
    return _result(ctx, row, quantity, previous=known, action="updated")


async def probe_stock(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the row holds the quantity."""
    row = await stock_row(ShopClient(ctx), params)
    quantity = _quantity(params.get("quantity"))
    known = integer(row["quantity"])
    if known != quantity:
        return ProbeResult(happened=False)
    return ProbeResult(
        happened=True, result=_result(ctx, row, quantity, previous=known, action="updated")
    )


def _quantity(value: Any) -> int:
    number = as_number(value)
    if number is None or number != number.to_integral_value() or int(number) not in RANGE:
        raise RejectedError(
            f"The quantity is not a whole number that a shop can hold: {str(value)[:40]!r}.",
            code="bad_quantity",
        )
    return int(number)


def _optional_id(params: Mapping[str, Any], name: str) -> str:
    """An id, or "0" where none is given."""
    value = params.get(name)
    if value is None or str(value).strip() in ("", "0"):
        return "0"
    return clean_id(value, what=name)


async def stock_row(client: ShopClient, params: Mapping[str, Any]) -> Row:
    """The one row that the params name."""
    product = _optional_id(params, "product_id")
    combination = _optional_id(params, "combination_id")
    reference = str(params.get("reference") or "").strip()
    if combination == "0" and reference:
        product, combination = await _by_reference(client, reference, product)
    if product == "0" and combination == "0":
        raise RejectedError(
            "Neither a product, a combination nor a reference is given.",
            code="nothing_named",
            fix="Map product_id, combination_id or reference.",
        )
    if product == "0":
        filters = {"id_product_attribute": f"[{combination}]"}
    else:
        filters = {"id_product": f"[{product}]"}
    found = (await client.rows("stock_availables", filters=filters)).rows
    named = [one for one in found if id_text(one["id_product_attribute"]) == combination]
    if len(named) > 1:
        kept = await _counting(client, named)
        found = [one for one in found if one not in named or one in kept]
    return _choose(found, product, combination)


async def _counting(client: ShopClient, rows: Sequence[Row]) -> Sequence[Row]:
    """Of a shop's own row and one that its group shares, the one that counts.

    A group that began or ceased to share its stock leaves the other rows behind. Where the key may
    not ask, or several shops are meant, all of them.
    """
    own = [one for one in rows if id_text(one.get("id_shop")) != "0"]
    shared = [one for one in rows if one not in own]
    if len(own) != 1 or len(shared) != 1:
        return rows
    try:
        shop = await client.row("shops", id_text(own[0]["id_shop"]), shape="record")
        group_id = id_text(shop.get("id_shop_group"))
        group = await client.row("shop_groups", group_id, shape="record")
    except (PermissionDeniedError, NotFoundError):
        return rows
    return shared if flag(group.get("share_stock")) else own


def _choose(rows: Sequence[Row], product: str, combination: str) -> Row:
    name = f"product {product}" if combination == "0" else f"combination {combination}"
    chosen = [one for one in rows if id_text(one["id_product_attribute"]) == combination]
    if combination == "0" and any(id_text(one["id_product_attribute"]) != "0" for one in rows):
        raise RejectedError(
            f"Product {product} has combinations: the stock of the product itself is their sum.",
            code="sum_of_combinations",
            fix="Name the combination whose stock is meant.",
        )
    if not chosen:
        raise NotFoundError(f"The shop keeps no stock of {name}.", detail={"product": product})
    if len(chosen) > 1:
        raise RejectedError(
            f"The shop keeps several stocks of {name}, one for each of its shops.",
            code="several_stocks",
            fix="Name the shop on the step or the connection, and let the key GET shops and "
            "shop_groups, so that what a group shares is told from what a shop left behind.",
        )
    return chosen[0]


async def _by_reference(client: ShopClient, reference: str, product: str) -> tuple[str, str]:
    """Product and combination that carry the reference; combinations first, since each of them
    may carry its product's."""
    wanted = exact(reference)
    combinations, products = await asyncio.gather(
        client.rows(
            "combinations", display="[id,id_product,reference]", filters={"reference": wanted}
        ),
        client.rows("products", display="[id,reference]", filters={"reference": wanted}),
    )
    # The database compares without regard to case; a reference is exact.
    hits = {
        (id_text(one["id_product"]), id_text(one["id"]))
        for one in combinations.rows
        if text(one["reference"]) == reference and product in ("0", id_text(one["id_product"]))
    } or {
        (id_text(one["id"]), "0")
        for one in products.rows
        if text(one["reference"]) == reference and product in ("0", id_text(one["id"]))
    }
    if not hits:
        raise NotFoundError(
            f"The shop has no product or combination with the reference {reference!r}.",
            detail={"reference": reference},
        )
    if len(hits) > 1:
        raise RejectedError(
            f"{len(hits)} products or combinations carry the reference {reference!r}.",
            code="ambiguous_reference",
            fix="Give each its own reference in the shop, or name the combination by its id.",
            detail={"reference": reference},
        )
    return hits.pop()


async def same_row(client: ShopClient, row: Row) -> Row:
    """The row, read again."""
    product, combination = id_text(row["id_product"]), id_text(row["id_product_attribute"])
    found = await client.rows(
        "stock_availables",
        filters={"id_product": f"[{product}]", "id_product_attribute": f"[{combination}]"},
    )
    same = [one for one in found.rows if id_text(one["id"]) == id_text(row["id"])]
    return _choose(same, product, combination)


def stock_name(row: Row) -> str:
    """What people call the row."""
    combination = id_text(row["id_product_attribute"])
    product = f"product {id_text(row['id_product'])}"
    return product if combination == "0" else f"{product} combination {combination}"


def _output(row: Row, quantity: int, *, previous: int, changed: bool) -> dict[str, Any]:
    return {
        "stock_available_id": id_text(row["id"]),
        "product_id": id_text(row["id_product"]),
        "combination_id": id_text(row["id_product_attribute"]),
        "quantity": quantity,
        "previous_quantity": previous,
        "changed": changed,
    }


def _result(
    ctx: OperationContext, row: Row, quantity: int, *, previous: int, action: str
) -> OperationResult:
    read_back = integer(row["quantity"])
    return OperationResult(
        output=_output(row, read_back, previous=previous, changed=action == "updated"),
        receipt=Receipt(
            system=ctx.connection.system,
            entity="stock_available",
            record_id=id_text(row["id"]),
            action=action,
            fields=(compare_field("quantity", quantity, read_back),),
        ),
    )


SET_STOCK = Operation(name="prestashop.stock.set", version=1, run=set_stock, probe=probe_stock)
