"""`prestashop.order.create`: an order through a cart, once, its totals held against ours.

The shop makes an order out of a cart and computes everything itself; what it is sent as totals
it only compares: where they differ the order is there all the same, in the state of a payment
error, and no stock is reserved (166b).
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from connectors.prestashop.actions.order_lines import asked_lines, resolved_lines
from connectors.prestashop.client import Members, ShopClient, clean_id
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, decimal, id_text, integer, text
from connectors.prestashop.wire import wanted_value
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import FarSideError, UncertainError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt

# The state for a total that is not the shop's (166b); its id is the same in every shop.
_PAYMENT_ERROR: Final = "8"
_MODULE: Final = "ps_wirepayment"
_PAYMENT: Final = "Bank transfer"


async def create_order(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Fill a cart, order it, read the order back.

    The cart carries our effect key in its gift message, which is how a repeated call finds it and
    its order; the order's copy of it is emptied. Raises `NotFoundError` for a customer or a
    reference that is not there, `RejectedError` for lines that name nothing and for a module
    that the shop lacks; a total that is not the shop's diverges in the receipt.
    """
    client = ShopClient(ctx)
    total = _total(params)
    asked = asked_lines(params["lines"])
    cart, order = await _placed(client, _mark(ctx))
    if order is not None:
        return _result(ctx, order, total, asked, params, action="found")
    lines = await resolved_lines(client, asked)
    if ctx.dry_run:
        return OperationResult(
            output=_output(None, None),
            prediction=f"would place an order of {len(lines)} lines over {total} "
            f"for customer {params['customer_id']}",
        )
    facts = await _facts(ctx, client, params)
    if cart is None:
        customer = await client.row("customers", facts["id_customer"])
        shop = {name: id_text(customer.get(name)) for name in ("id_shop", "id_shop_group")}
        cart = await _fill_cart(client, _mark(ctx), {**facts, **shop}, lines)
    await client.create("orders", "order", _order_fields(params, facts, cart, total))
    order = await read_back(_order_of(client, cart))
    if order is None:
        raise UncertainError(
            f"The shop took an order for cart {cart}; it has none.",
            code="unverified",
            fix="Look into the shop's PHP error log.",
        )
    await _tidy(client, order, _mark(ctx))
    return _result(ctx, order, total, lines, params, action="created")


async def probe_order(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the cart with our key has become an order."""
    client = ShopClient(ctx)
    _, order = await _placed(client, _mark(ctx))
    if order is None:
        return ProbeResult(happened=False)
    lines = await resolved_lines(client, asked_lines(params["lines"]))
    done = _result(ctx, order, _total(params), lines, params, action="created")
    return ProbeResult(happened=True, result=done)


def _mark(ctx: OperationContext) -> str:
    return f"causeway-{hashlib.sha256(ctx.effect_key.encode()).hexdigest()[:32]}"


def _total(params: Mapping[str, Any]) -> Decimal:
    total: Decimal = wanted_value("money", params.get("total_paid"), name="total_paid")
    return total


async def _placed(client: ShopClient, mark: str) -> tuple[str | None, Row | None]:
    """Our cart and its order, as far as they are there."""
    found = await client.rows(
        "carts",
        shape="record",
        display="[id,gift_message]",
        filters={"gift_message": f"[{mark}]"},
        sort="[id_ASC]",
    )
    for row in found.rows:
        order = await _order_of(client, id_text(row["id"]))
        if order is not None:
            return id_text(row["id"]), order
    return (id_text(found.rows[0]["id"]), None) if found.rows else (None, None)


async def _order_of(client: ShopClient, cart: str) -> Row | None:
    found = await client.rows("orders", filters={"id_cart": f"[{cart}]"}, sort="[id_ASC]")
    return found.rows[0] if found.rows else None


async def _facts(
    ctx: OperationContext, client: ShopClient, params: Mapping[str, Any]
) -> dict[str, str]:
    reference = Reference(ctx, client)
    facts = await reference.facts()
    currency = params.get("currency_id") or await reference.configuration("PS_CURRENCY_DEFAULT")
    delivery = clean_id(params["delivery_address_id"], what="delivery_address_id")
    return {
        "id_customer": clean_id(params["customer_id"], what="customer_id"),
        "id_address_delivery": delivery,
        "id_address_invoice": clean_id(
            params.get("invoice_address_id") or delivery, what="invoice_address_id"
        ),
        "id_carrier": clean_id(params["carrier_id"], what="carrier_id"),
        "id_currency": clean_id(currency or "1", what="currency_id"),
        "id_lang": clean_id(params.get("language_id") or facts.language, what="language_id"),
    }


async def _fill_cart(
    client: ShopClient, mark: str, facts: Mapping[str, str], lines: Sequence[Mapping[str, Any]]
) -> str:
    delivery, carrier = facts["id_address_delivery"], facts["id_carrier"]
    made = await client.create(
        "carts",
        "cart",
        {
            **facts,
            # Without it the shop chooses a carrier by itself (163); its form is that of 160.
            "delivery_option": f'{{"{delivery}":"{carrier},"}}',
            "gift_message": mark,
            "cart_rows": Members(
                node="cart_row",
                rows=[
                    {
                        "id_product": one["product_id"],
                        "id_product_attribute": one["combination_id"],
                        "id_address_delivery": delivery,
                        "quantity": one["quantity"],
                    }
                    for one in lines
                ],
            ),
        },
    )
    return clean_id(made.get("id"), what="id_cart")


def _order_fields(
    params: Mapping[str, Any], facts: Mapping[str, str], cart: str, total: Decimal
) -> dict[str, Any]:
    return {
        **facts,
        "id_cart": cart,
        "module": str(params.get("module") or _MODULE),
        "payment": str(params.get("payment") or _PAYMENT),
        "total_paid": f"{total:f}",
        # Required, and computed by the shop whatever they say (162, 163).
        "total_paid_real": "0",
        "total_products": f"{total:f}",
        "total_products_wt": f"{total:f}",
        "conversion_rate": "1",
    }


async def _tidy(client: ShopClient, order: Row, mark: str) -> None:
    """Take our key out of what the packer reads; where PATCH lacks, it stays."""
    if text(order.get("gift_message")) != mark or client.version < (8,):
        return
    try:
        await client.change("orders", "order", id_text(order["id"]), {"gift_message": ""})
    except FarSideError:
        # The order is placed and proven; what is left of the key harms nobody.
        return


def _output(order: Row | None, total: Decimal | None) -> dict[str, Any]:
    return {
        "order_id": id_text(order["id"]) if order else None,
        "reference": text(order["reference"]) if order else None,
        "cart_id": id_text(order["id_cart"]) if order else None,
        "state_id": id_text(order["current_state"]) if order else None,
        "total_paid": total,
        "changed": True,
    }


def _result(
    ctx: OperationContext,
    order: Row,
    total: Decimal,
    lines: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    *,
    action: str,
) -> OperationResult:
    there = decimal(order["total_paid_tax_incl"], field="total_paid_tax_incl")
    associations = order.get("associations") or {}
    rows = (associations.get("order_rows") if isinstance(associations, Mapping) else None) or []
    state = id_text(order["current_state"])
    sent = sorted(int(one["quantity"]) for one in lines)
    fields = [
        compare_field("total_paid", total, there),
        compare_field("quantities", sent, sorted(integer(one["product_quantity"]) for one in rows)),
        compare_field(
            "id_customer", str(params["customer_id"]), id_text(order["id_customer"]), text_only=True
        ),
        compare_field(
            "id_carrier", str(params["carrier_id"]), id_text(order["id_carrier"]), text_only=True
        ),
        compare_field("payment_accepted", True, state != _PAYMENT_ERROR),
    ]
    output = {**_output(order, there), "changed": action == "created"}
    return OperationResult(
        output=output,
        receipt=Receipt(
            system=ctx.connection.system,
            entity="order",
            record_id=id_text(order["id"]),
            action=action,
            fields=tuple(fields),
        ),
    )


CREATE_ORDER = Operation(
    name="prestashop.order.create", version=1, run=create_order, probe=probe_order
)
