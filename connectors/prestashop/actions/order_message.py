"""`prestashop.order.add_message`: a message on an order, written once.

The back office shows an order's messages from `customer_messages`, which hang on a thread
(`customer_threads`) of the order; the old table `messages` it shows no longer. The webservice
sends no mail with them.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.prestashop.client import ShopClient, clean_id
from connectors.prestashop.transforms import Row, flag, id_text, text
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import RejectedError, UncertainError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import FieldResult, Receipt

_FIRST_EMPLOYEE: Final = "1"


async def add_message(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Write the message, unless the order has the same one, and read it back.

    The same text on the same order, private or not, is the same message: who wants it twice
    puts a date into it. Raises `NotFoundError` for an unknown order.
    """
    client = ShopClient(ctx)
    order_id, wanted, private = _asked(params)
    threads = await _threads(client, order_id)
    there = _same(await _messages(client, threads), wanted, private=private)
    if there is not None:
        return _result(ctx, order_id, wanted, there, action="unchanged")
    order = await client.row("orders", order_id, shape="record")
    if ctx.dry_run:
        kind = "a private note" if private else "a message"
        return OperationResult(
            output=_output(order_id, None, None, changed=True),
            prediction=f"would add {kind} of {len(wanted)} characters to order {order_id}",
        )
    if threads:
        thread = id_text(threads[0]["id"])
    else:
        thread = await _new_thread(client, order)
    employee = str(params.get("employee_id") or _FIRST_EMPLOYEE)
    await client.create(
        "customer_messages",
        "customer_message",
        {
            "id_employee": clean_id(employee, what="employee_id"),
            "id_customer_thread": thread,
            "message": wanted,
            "private": "1" if private else "0",
        },
    )
    messages = await read_back(_messages(client, [{"id": thread}]))
    written = _same(messages, wanted, private=private)
    if written is None:
        raise UncertainError(
            f"The shop took the message for order {order_id}; it is not there as it was sent.",
            code="unverified",
            fix="Look at the order's messages in the back office.",
        )
    return _result(ctx, order_id, wanted, written, action="created")


async def probe_message(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the order has the message."""
    client = ShopClient(ctx)
    order_id, wanted, private = _asked(params)
    messages = await _messages(client, await _threads(client, order_id))
    there = _same(messages, wanted, private=private)
    if there is None:
        return ProbeResult(happened=False)
    done = _result(ctx, order_id, wanted, there, action="created")
    return ProbeResult(happened=True, result=done)


def _asked(params: Mapping[str, Any]) -> tuple[str, str, bool]:
    wanted = str(params["message"]).strip()
    if not wanted:
        raise RejectedError("The message is empty.", code="empty_message")
    return clean_id(params["order_id"], what="order_id"), wanted, bool(params.get("private", True))


async def _threads(client: ShopClient, order_id: str) -> Sequence[Row]:
    found = await client.rows(
        "customer_threads",
        shape="record",
        display="[id,id_order]",
        filters={"id_order": f"[{order_id}]"},
        sort="[id_ASC]",
    )
    return found.rows


async def _messages(client: ShopClient, threads: Sequence[Row]) -> Sequence[Row]:
    if not threads:
        return ()
    ids = "|".join(id_text(one["id"]) for one in threads)
    found = await client.rows(
        "customer_messages",
        shape="record",
        display="[id,id_customer_thread,message,private]",
        filters={"id_customer_thread": f"[{ids}]"},
        sort="[id_ASC]",
    )
    return found.rows


def _same(messages: Sequence[Row], wanted: str, *, private: bool) -> Row | None:
    return next(
        (
            one
            for one in messages
            if flag(one.get("private")) == private
            and compare_field("message", wanted, text(one.get("message")), text_only=True).result
            is not FieldResult.DIVERGED
        ),
        None,
    )


async def _new_thread(client: ShopClient, order: Row) -> str:
    customer_id = id_text(order.get("id_customer"))
    email = ""
    if customer_id != "0":
        email = text((await client.row("customers", customer_id))["email"])
    made = await client.create(
        "customer_threads",
        "customer_thread",
        {
            "id_lang": id_text(order.get("id_lang")),
            "id_shop": id_text(order.get("id_shop")),
            "id_customer": customer_id,
            "id_order": id_text(order["id"]),
            "id_product": "0",
            # As the back office does it: of no contact.
            "id_contact": "0",
            "email": email,
            "token": secrets.token_hex(6),
            "status": "open",
        },
    )
    return clean_id(made.get("id"), what="id_customer_thread")


def _output(
    order_id: str, thread: str | None, message: str | None, *, changed: bool
) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "thread_id": thread,
        "message_id": message,
        "changed": changed,
    }


def _result(
    ctx: OperationContext, order_id: str, wanted: str, row: Row, *, action: str
) -> OperationResult:
    thread, message = id_text(row.get("id_customer_thread")), id_text(row["id"])
    return OperationResult(
        output=_output(order_id, thread, message, changed=action == "created"),
        receipt=Receipt(
            system=ctx.connection.system,
            entity="customer_message",
            record_id=message,
            action=action,
            fields=(compare_field("message", wanted, text(row.get("message")), text_only=True),),
        ),
    )


ADD_MESSAGE = Operation(
    name="prestashop.order.add_message", version=1, run=add_message, probe=probe_message
)
