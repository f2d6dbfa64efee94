"""`prestashop.order.get`: one order with everything a flow needs about it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from connectors.prestashop import transforms
from connectors.prestashop.client import ShopClient, clean_id
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, id_text
from connectors.sdk.errors import NotFoundError
from connectors.sdk.operation import Operation, OperationContext, OperationResult


async def get_order(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Read it: two requests one after the other, the rest beside each other; what the shop keeps
    for years (states, carriers, countries, currencies) usually comes from memory.

    Raises `NotFoundError` when there is no such order.
    """
    client = ShopClient(ctx)
    reference = Reference(ctx, client)
    order_id = clean_id(params["order_id"], what="order_id")
    row, facts = await asyncio.gather(client.row("orders", order_id), reference.facts())
    delivery_id = id_text(row["id_address_delivery"])
    invoice_id = id_text(row["id_address_invoice"])
    state_id = id_text(row["current_state"])
    customer, delivery, invoice, state, carrier, currency = await asyncio.gather(
        _row_or_none(client, "customers", id_text(row["id_customer"])),
        _address(client, reference, delivery_id, facts.language),
        _address(client, reference, invoice_id, facts.language)
        if invoice_id != delivery_id
        else _nothing(),
        reference.listed("order_states", state_id),
        reference.listed("carriers", id_text(row["id_carrier"])),
        reference.listed("currencies", id_text(row["id_currency"])),
    )
    return OperationResult(
        output={
            "order": transforms.order_output(row, facts.zone),
            "state": transforms.state_output(state_id, state, facts.language),
            "customer": transforms.customer_output(customer),
            "delivery": delivery,
            "invoice": invoice if invoice is not None else dict(delivery),
            "carrier": transforms.carrier_output(carrier),
            "currency": {"iso_code": transforms.text(currency["iso_code"]) if currency else None},
            "shop": {"system": ctx.connection.system},
        }
    )


async def _nothing() -> None:
    return None


async def _row_or_none(client: ShopClient, resource: str, id_: str) -> Row | None:
    """A customer or address that was erased leaves an order behind."""
    if id_ == "0":
        return None
    try:
        return await client.row(resource, id_)
    except NotFoundError:
        return None


async def _address(
    client: ShopClient, reference: Reference, id_: str, language: str
) -> dict[str, Any]:
    row = await _row_or_none(client, "addresses", id_)
    if row is None:
        return transforms.address_output(None, None, None, language)
    country, state = await asyncio.gather(
        reference.single("countries", id_text(row["id_country"])),
        reference.single("states", id_text(row["id_state"])),
    )
    return transforms.address_output(row, country, state, language)


GET = Operation(name="prestashop.order.get", version=1, run=get_order)
