"""`prestashop.order.get`: one order with everything a flow needs about it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.prestashop import transforms
from connectors.prestashop.client import ShopClient, clean_id, exact
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, id_text
from connectors.sdk.errors import NotFoundError, PermissionDeniedError, RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult

MOST_ROWS = 100


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
    (
        (customer, delivery, invoice),
        (state, carrier, currency),
        (histories, payments),
    ) = await asyncio.gather(
        asyncio.gather(
            _row_or_none(client, "customers", id_text(row["id_customer"])),
            _address(client, reference, delivery_id, facts.language),
            _address(client, reference, invoice_id, facts.language)
            if invoice_id != delivery_id
            else _nothing(),
        ),
        asyncio.gather(
            reference.listed("order_states", state_id),
            reference.listed("carriers", id_text(row["id_carrier"])),
            reference.listed("currencies", id_text(row["id_currency"])),
        ),
        asyncio.gather(
            _at_most(client, "order_histories", "id_order", order_id),
            _at_most(
                client, "order_payments", "order_reference", transforms.text(row["reference"])
            ),
        ),
    )
    states = {} if histories is None else await _states(reference, histories)
    return OperationResult(
        output={
            "order": transforms.order_output(row, facts.zone),
            "state": transforms.state_output(state_id, state, facts.language),
            "customer": transforms.customer_output(customer),
            "delivery": delivery,
            "invoice": invoice if invoice is not None else dict(delivery),
            "carrier": transforms.carrier_output(carrier),
            "histories": None
            if histories is None
            else [
                transforms.history_output(one, states, facts.zone, facts.language)
                for one in histories
            ],
            "payments": None
            if payments is None
            else [transforms.payment_output(one, facts.zone) for one in payments],
            "currency": {"iso_code": transforms.text(currency["iso_code"]) if currency else None},
            "shop": {"system": ctx.connection.system},
        }
    )


async def _at_most(
    client: ShopClient, resource: str, field: str, value: str
) -> Sequence[Row] | None:
    """The order's newest rows of a kind, oldest first, at most a hundred; None where the key may
    not read them, or where the order's reference cannot be asked for."""
    if not value:
        return ()
    try:
        found = await client.rows(
            resource, filters={field: exact(value)}, sort="[id_DESC]", limit=str(MOST_ROWS)
        )
    except PermissionDeniedError:
        return None
    except RejectedError as error:
        if error.code != "not_searchable":
            raise
        return None
    return sorted(found.rows, key=lambda one: int(id_text(one["id"])))


async def _states(reference: Reference, histories: Sequence[Row]) -> dict[str, Row | None]:
    ids = {id_text(one["id_order_state"]) for one in histories}
    return {id_: await reference.listed("order_states", id_) for id_ in sorted(ids)}


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
