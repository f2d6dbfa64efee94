"""`prestashop.order.ship`: the parcel's tracking number first, then the state.

In this order the shop's mail about the new state carries the number.
"""

from collections.abc import Mapping
from typing import Any

from connectors.prestashop.actions.order_state import probe_state, set_state
from connectors.prestashop.actions.order_tracking import probe_tracking, set_tracking
from connectors.sdk.errors import FarSideError, UncertainError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.receipt import Receipt


async def ship(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Write the number, then move the order; what is so already is left alone.

    Only the state's mail is asked for: one shipment, one mail. Raises what its two parts raise;
    when the number is written and the state then refused, the next try begins where it ended.
    """
    tracking, state = _parts(params)
    parcel = await set_tracking(ctx, tracking)
    try:
        moved = await set_state(ctx, state)
    except FarSideError as error:
        if isinstance(error, UncertainError) or not parcel.output["changed"] or ctx.dry_run:
            raise
        error.detail["tracking_number"] = "written before the state was refused"
        raise
    return _result(ctx, parcel, moved)


async def probe_ship(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether both parts have happened; a half is done again without harm."""
    tracking, state = _parts(params)
    parcel = await probe_tracking(ctx, tracking)
    if not parcel.happened or parcel.result is None:
        return ProbeResult(happened=False)
    moved = await probe_state(ctx, state)
    if not moved.happened or moved.result is None:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=_result(ctx, parcel.result, moved.result))


def _parts(params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    order = params["order_id"]
    return (
        {"order_id": order, "tracking_number": params["tracking_number"]},
        {
            "order_id": order,
            "state_id": params["state_id"],
            "send_email": params.get("send_email"),
        },
    )


def _result(
    ctx: OperationContext, parcel: OperationResult, moved: OperationResult
) -> OperationResult:
    output = {
        **parcel.output,
        **moved.output,
        "changed": parcel.output["changed"] or moved.output["changed"],
    }
    told = [one.prediction for one in (parcel, moved) if one.prediction]
    receipts = [one.receipt for one in (parcel, moved) if one.receipt is not None]
    if told or not receipts:
        return OperationResult(output=output, prediction="; then ".join(told) or None)
    return OperationResult(
        output=output,
        receipt=Receipt(
            system=ctx.connection.system,
            entity="order",
            record_id=moved.output["order_id"],
            action="updated" if output["changed"] else "unchanged",
            fields=tuple(field for one in receipts for field in one.fields),
        ),
    )


SHIP = Operation(name="prestashop.order.ship", version=1, run=ship, probe=probe_ship)
