"""`prestashop.order.set_tracking`: the tracking number of an order's parcel."""

from collections.abc import Mapping
from typing import Any

from connectors.prestashop.client import MAIL_OR_SAVE_FAILED, ShopClient, clean_id
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import FieldResult, Receipt


async def _parcel(client: ShopClient, order_id: str) -> Row:
    """The order's row in `order_carriers`; of several, the oldest, which is the one that the
    shop itself shows. Raises `NotFoundError` or `RejectedError`."""
    found = await client.rows("order_carriers", filters={"id_order": f"[{order_id}]"})
    if found.rows:
        return min(found.rows, key=lambda one: int(id_text(one["id"])))
    await client.row(
        "orders", order_id, shape="order_position", display="[id,reference,current_state,date_upd]"
    )
    raise RejectedError(
        f"Order {order_id} has no parcel to track.",
        code="no_parcel",
        fix="Orders of virtual products are not shipped: filter them out in the flow.",
    )


async def set_tracking(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Write the number, unless it is there, and read it back.

    Raises `NotFoundError` for an unknown order, `RejectedError` for one without a parcel and
    for a number that the shop refuses.
    """
    client = ShopClient(ctx)
    order_id = clean_id(params["order_id"], what="order_id")
    wanted = str(params["tracking_number"]).strip()
    if not wanted:
        raise RejectedError("The tracking number is empty.", code="empty_tracking")
    parcel = await _parcel(client, order_id)
    known = text(parcel["tracking_number"])
    if known == wanted:
        return _result(ctx, order_id, wanted, parcel, action="unchanged")
    if ctx.dry_run:
        return OperationResult(
            output={
                "order_id": order_id,
                "order_carrier_id": id_text(parcel["id"]),
                "tracking_number": wanted,
                "changed": True,
            },
            prediction=f"would set order {order_id} tracking number {known or 'none'} → {wanted}",
        )
    try:
        await client.change(
            "order_carriers",
            "order_carrier",
            id_text(parcel["id"]),
            {"tracking_number": wanted},
            send_email=bool(params.get("send_email")),
            base=parcel,
        )
    except RejectedError as error:
        if error.detail.get("shop_code") != MAIL_OR_SAVE_FAILED:
            raise
        parcel = await read_back(_parcel(client, order_id))
        if text(parcel["tracking_number"]) != wanted:
            raise
        return _result(ctx, order_id, wanted, parcel, action="updated")
    parcel = await read_back(_parcel(client, order_id))
    return _result(ctx, order_id, wanted, parcel, action="updated")


def _result(
    ctx: OperationContext, order_id: str, wanted: str, parcel: Row, *, action: str
) -> OperationResult:
    parcel_id = id_text(parcel["id"])
    read_back = text(parcel["tracking_number"])
    return OperationResult(
        output={
            "order_id": order_id,
            "order_carrier_id": parcel_id,
            "tracking_number": read_back,
            "changed": action == "updated",
        },
        receipt=Receipt(
            system=ctx.connection.system,
            entity="order_carrier",
            record_id=parcel_id,
            action=action,
            fields=(compare_field("tracking_number", wanted, read_back, text_only=True),),
        ),
    )


async def probe_tracking(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the parcel carries the number."""
    client = ShopClient(ctx)
    order_id = clean_id(params["order_id"], what="order_id")
    wanted = str(params["tracking_number"]).strip()
    parcel = await _parcel(client, order_id)
    result = _result(ctx, order_id, wanted, parcel, action="updated")
    there = all(
        one.result is not FieldResult.DIVERGED
        for one in (result.receipt.fields if result.receipt else ())
    )
    return ProbeResult(happened=True, result=result) if there else ProbeResult(happened=False)


SET_TRACKING = Operation(
    name="prestashop.order.set_tracking", version=1, run=set_tracking, probe=probe_tracking
)
