"""News of stock. A shop does not date its stock rows: they are swept, and compared with before.

A sweep reads them by id, a thousand a request and a request a poll, and then rests. What was seen
travels in the cursor, packed: some three bytes a row.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.prestashop.client import ShopClient
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.transforms import Row, id_text, integer, iso
from connectors.sdk import codec
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

TYPE = "prestashop.stock_event@1"
PAGE = 1000  # rows a request
REST = timedelta(minutes=5)  # between the beginnings of two sweeps
_DISPLAY = "[id,id_product,id_product_attribute,quantity]"

Known = dict[str, int]  # quantity by row id


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node wants it: with `below`, only when the quantity falls below that."""
    below = params.get("below")
    if below is None:
        return True
    quantity, before = event.data["quantity"], event.data["before"]
    return quantity is not None and quantity < below and (before is None or before >= below)


async def poll(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    """The changes of the next thousand rows. The first sweep only learns what is there.

    Cursor: `known` (packed), `after` (the last id of the sweep under way, "" between two),
    `begun` (when it began), `first` while nothing was swept before.
    """
    now = ctx.now()
    state = cursor or {"known": "", "after": "", "begun": "", "first": True}
    after = str(state["after"])
    if not after and state["begun"] and now < datetime.fromisoformat(state["begun"]) + REST:
        return PollPage(events=(), cursor=state)
    begun = state["begun"] if after else iso(now)
    found = await ShopClient(ctx).rows(
        BY_NAME["stock"].resource,
        shape="record",
        display=_DISPLAY,
        filters={"id": f">[{after or 0}]"},
        sort="[id_ASC]",
        limit=str(PAGE),
    )
    rows = [row for row in found.rows if int(id_text(row["id"])) > int(after or 0)]
    more = len(found.rows) >= PAGE and bool(rows)
    known = unpacked(str(state["known"]))
    last = id_text(rows[-1]["id"]) if more else ""
    events = _compare(rows, known, after=int(after or 0), last=last, at=found.server_time or now)
    return PollPage(
        events=() if state["first"] else events,
        cursor={
            "known": packed(known),
            "after": last,
            "begun": begun,
            "first": bool(state["first"]) and more,
        },
        more=more,
    )


def _compare(
    rows: Sequence[Row], known: Known, *, after: int, last: str, at: datetime
) -> list[SourceEvent]:
    """What is different, oldest id first; `known` is brought up to date."""
    events = []
    there = set()
    for row in rows:
        id_ = id_text(row["id"])
        there.add(id_)
        quantity = integer(row["quantity"], field="quantity")
        before = known.get(id_)
        if quantity == before:
            continue
        known[id_] = quantity
        events.append(_event(id_, row, quantity, before, at))
    upto = int(last) if last else None
    gone = [
        id_
        for id_ in known
        if id_ not in there and int(id_) > after and (upto is None or int(id_) <= upto)
    ]
    return events + [_event(id_, {}, None, known.pop(id_), at) for id_ in sorted(gone, key=int)]


def _event(
    id_: str, row: Row, quantity: int | None, before: int | None, at: datetime
) -> SourceEvent:
    change = "created" if before is None else "deleted" if quantity is None else "updated"
    product = id_text(row["id_product"]) if row else ""
    return SourceEvent(
        type=TYPE,
        change=change,
        entity="stock",
        entity_id=id_,
        version=f"{before}/{quantity}/{iso(at)}",
        occurred_at=at,
        business_key=product,
        data={
            "stock_id": id_,
            "change": change,
            "product_id": product,
            "combination_id": id_text(row["id_product_attribute"]) if row else "",
            "quantity": quantity,
            "before": before,
        },
    )


def packed(known: Known) -> str:
    """Ids as distances, quantities beside them, compressed."""
    ids = sorted(known, key=int)
    steps = [int(one) - int(last) for one, last in zip(ids, ["0", *ids], strict=False)]
    data = codec.dumps([steps, [known[one] for one in ids]])
    return base64.b85encode(zlib.compress(data, 6)).decode()


def unpacked(text: str) -> Known:
    """Raises `ValueError` for what `packed` did not make."""
    if not text:
        return {}
    try:
        steps, quantities = codec.loads(zlib.decompress(base64.b85decode(text)))
    except (zlib.error, ValueError, TypeError) as error:
        raise ValueError("This is no list of stock.") from error
    known: Known = {}
    id_ = 0
    for step, quantity in zip(steps, quantities, strict=True):
        id_ += step
        known[str(id_)] = quantity
    return known


STOCK_EVENT = Trigger(name="prestashop.stock_event", version=1, matches=matches, poll=poll)
ENTRY: dict[str, Any] = {
    "name": "prestashop.stock_event",
    "version": 1,
    "title": "Stock event",
    "summary": "Starts when the quantity of a product or combination changes.",
    "icon": BY_NAME["stock"].icon,
    "entity": "stock",
    "modes": ["poll"],
    "params": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "below": {
                "type": "integer",
                "title": "Only below",
                "description": "Starts once when the quantity falls below this.",
            }
        },
    },
    "output": {
        "type": "object",
        "properties": {
            "stock_id": {"type": "string"},
            "change": {"enum": ["created", "updated", "deleted"]},
            "product_id": {"type": "string"},
            "combination_id": {"type": "string", "description": "0 for the product itself."},
            "quantity": {"type": ["integer", "null"]},
            "before": {"type": ["integer", "null"]},
        },
    },
}
