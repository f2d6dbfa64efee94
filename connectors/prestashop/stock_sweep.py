"""News of stock: pushed by the shop's module, and swept, since a shop does not date its stock rows.

Both say how much there is: a quantity that both find is one piece of news.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.prestashop.hook_news import (
    HASHES_SCHEMA,
    ORIGIN_SCHEMAS,
    POLLED,
    HookNews,
    needed,
)
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.sweep import Seen, Sweep
from connectors.prestashop.transforms import id_text, integer
from connectors.sdk.trigger import SourceEvent, Trigger

TYPE = "prestashop.stock_event@1"
REST = timedelta(minutes=5)


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node wants it: with `below`, only when the quantity falls below that."""
    below = params.get("below")
    if below is None:
        return True
    quantity, before = event.data["quantity"], event.data["before"]
    return quantity is not None and quantity < below and (before is None or before >= below)


def read(news: HookNews) -> Sequence[SourceEvent]:
    """The event of a delivery. `before` is what the module told last."""
    if news.change != "deleted":
        needed(news, "quantity", "product_id")
    return [
        _event(
            news.id,
            change=news.change,
            product=news.said("product_id"),
            combination=news.said("combination_id"),
            quantity=None if news.change == "deleted" else news.body["quantity"],
            before=news.body.get("before"),
            at=news.moment,
            since=news.moment,
            extra={**news.origin(), "field_hashes": news.hashes()},
            sequence=news.sequence,
        )
    ]


def _swept(seen: Seen) -> SourceEvent:
    row = seen.row
    return _event(
        seen.id,
        change=seen.change,
        product=id_text(row["id_product"]) if row else "",
        combination=id_text(row["id_product_attribute"]) if row else "",
        quantity=seen.now,
        before=seen.before,
        at=seen.at,
        since=seen.since,
        extra={**POLLED, "field_hashes": {}},
    )


def _event(
    id_: str,
    *,
    change: str,
    product: str,
    combination: str,
    quantity: int | None,
    before: int | None,
    at: datetime,
    since: datetime,
    extra: Mapping[str, Any],
    sequence: int = 0,
) -> SourceEvent:
    state = "gone" if quantity is None else str(quantity)
    return SourceEvent(
        type=TYPE,
        change=change,
        entity="stock",
        entity_id=id_,
        version=state,
        occurred_at=at,
        business_key=product,
        sequence=sequence,
        state=state,
        since=since,
        data={
            "stock_id": id_,
            "change": change,
            "product_id": product,
            "combination_id": combination,
            "quantity": quantity,
            "before": before,
            **extra,
        },
    )


poll = Sweep(
    resource=BY_NAME["stock"].resource,
    display="[id,id_product,id_product_attribute,quantity]",
    rest=REST,
    number=lambda row: integer(row["quantity"], field="quantity"),
    event=_swept,
)
STOCK_EVENT = Trigger(name="prestashop.stock_event", version=1, matches=matches, poll=poll)
ENTRY: dict[str, Any] = {
    "name": "prestashop.stock_event",
    "version": 1,
    "title": "Stock event",
    "summary": "Starts when the quantity of a product or combination changes.",
    "icon": BY_NAME["stock"].icon,
    "entity": "stock",
    "modes": ["hook", "poll"],
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
            **ORIGIN_SCHEMAS,
            "field_hashes": dict(HASHES_SCHEMA),
        },
    },
}
