"""`prestashop.order.set_state`: move an order to a state, once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.prestashop.client import MAIL_OR_SAVE_FAILED, ShopClient, clean_id
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, flag, id_text
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import FieldReceipt, FieldResult, Receipt

_MARKS = "prestashop.state_marks"
_MAX_MARKS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Position:
    """Where an order stands: its state, and its history by ascending id."""

    state: str
    history: tuple[Row, ...]

    @property
    def last_id(self) -> int:
        return int(id_text(self.history[-1]["id"])) if self.history else 0

    def entry_after(self, mark: int, state: str) -> Row | None:
        """The newest history entry for `state` that is younger than `mark`."""
        return next(
            (
                one
                for one in reversed(self.history)
                if int(id_text(one["id"])) > mark and id_text(one["id_order_state"]) == state
            ),
            None,
        )

    def before(self, entry: Row) -> str | None:
        """The state that an entry replaced."""
        older = [one for one in self.history if int(id_text(one["id"])) < int(id_text(entry["id"]))]
        return id_text(older[-1]["id_order_state"]) if older else None


async def _position(client: ShopClient, order_id: str) -> _Position:
    order, history = await asyncio.gather(
        client.row(
            "orders",
            order_id,
            shape="order_position",
            display="[id,reference,current_state,date_upd]",
        ),
        client.rows("order_histories", filters={"id_order": f"[{order_id}]"}, sort="[id_ASC]"),
    )
    rows = tuple(sorted(history.rows, key=lambda one: int(id_text(one["id"]))))
    return _Position(state=id_text(order["current_state"]), history=rows)


async def set_state(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Move the order, unless it is already there, and read it back.

    The state is looked up first: on a state that it does not have the shop answers with an
    empty 500 after it moved stock (observed on 8.2 and 9.1). Setting the same state again would
    add a history entry and run its side effects once more.

    Raises `NotFoundError` for an unknown order, `RejectedError` for an unknown state.
    """
    client = ShopClient(ctx)
    order_id = clean_id(params["order_id"], what="order_id")
    state_id = clean_id(params["state_id"], what="state_id")
    known, before = await asyncio.gather(
        Reference(ctx, client).listed("order_states", state_id), _position(client, order_id)
    )
    if known is None or flag(known["deleted"]):
        raise RejectedError(
            f"The shop has no order state {state_id}.",
            code="unknown_state",
            fix="Correct the status crosswalk, or the node's state.",
            detail={"state_id": state_id},
        )
    if before.state == state_id:
        return _result(ctx, order_id, state_id, before, mark=0, action="unchanged")
    if ctx.dry_run:
        return OperationResult(
            output={
                "order_id": order_id,
                "state_id": state_id,
                "previous_state_id": before.state,
                "history_id": None,
                "changed": True,
            },
            prediction=f"would set order {order_id} state {before.state} → {state_id}",
        )
    _remember(ctx, before.last_id)
    try:
        await client.create(
            "order_histories",
            "order_history",
            {"id_order_state": state_id, "id_order": order_id},
            send_email=bool(params.get("send_email")),
        )
    except RejectedError as error:
        if error.detail.get("shop_code") != MAIL_OR_SAVE_FAILED:
            raise
        # The mail could not be sent; the state may well have changed before that.
        after = await read_back(_position(client, order_id))
        if after.entry_after(before.last_id, state_id) is None:
            raise
        return _result(
            ctx, order_id, state_id, after, mark=before.last_id, note="the mail was not sent"
        )
    after = await read_back(_position(client, order_id))
    return _result(ctx, order_id, state_id, after, mark=before.last_id)


def _remember(ctx: OperationContext, mark: int) -> None:
    """Keep the last history id from before the write, so that a probe in the same process can
    tell our entry from older ones."""
    marks: dict[str, int] = ctx.session.setdefault(_MARKS, {})
    while len(marks) >= _MAX_MARKS:
        marks.pop(next(iter(marks)))
    marks[ctx.effect_key] = mark


def _result(
    ctx: OperationContext,
    order_id: str,
    state_id: str,
    position: _Position,
    *,
    mark: int,
    action: str = "updated",
    note: str = "",
) -> OperationResult:
    entry = position.entry_after(mark, state_id)
    receipt = compare_field("current_state", state_id, position.state, text_only=True)
    if receipt.result is FieldResult.DIVERGED and entry is not None:
        note = "reached, and changed again since"
    if note:
        receipt = FieldReceipt(
            field=receipt.field,
            sent=receipt.sent,
            read_back=receipt.read_back,
            result=receipt.result,
            note=note,
        )
    changed = action == "updated"
    previous = position.before(entry) if entry is not None and changed else position.state
    return OperationResult(
        output={
            "order_id": order_id,
            "state_id": state_id,
            "previous_state_id": previous,
            "history_id": id_text(entry["id"]) if entry is not None else None,
            "changed": changed,
        },
        receipt=Receipt(
            system=ctx.connection.system,
            entity="order",
            record_id=order_id,
            action=action,
            fields=(receipt,),
        ),
    )


async def probe_state(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the order has reached the state: it is in it, or its history has an entry for it
    that is younger than the lost request."""
    client = ShopClient(ctx)
    order_id = clean_id(params["order_id"], what="order_id")
    state_id = clean_id(params["state_id"], what="state_id")
    position = await _position(client, order_id)
    mark = ctx.session.get(_MARKS, {}).get(ctx.effect_key)
    reached = position.state == state_id or (
        mark is not None and position.entry_after(mark, state_id) is not None
    )
    if not reached:
        return ProbeResult(happened=False)
    return ProbeResult(
        happened=True, result=_result(ctx, order_id, state_id, position, mark=mark or 0)
    )


SET_STATE = Operation(
    name="prestashop.order.set_state", version=1, run=set_state, probe=probe_state
)
