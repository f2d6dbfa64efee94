"""News of parcels: a new tracking number or carrier. The shop's module alone tells it.

A tracking number leaves `orders.date_upd` alone (097a), and the shop does not say when a parcel was
changed (104c): no poll can find it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.prestashop.hook_news import (
    HASHES_SCHEMA,
    ORIGIN_SCHEMAS,
    HookNews,
    needed,
)
from connectors.prestashop.nouns import BY_NAME
from connectors.sdk.trigger import SourceEvent, Trigger

TYPE = "prestashop.tracking_event@1"
CHANGES = ("created", "updated")


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node wants it: parcels with a number only, unless told otherwise."""
    if event.change == "deleted":
        return False
    return bool(event.data["tracking_number"] or params.get("without_number"))


def read(news: HookNews) -> Sequence[SourceEvent]:
    if news.change != "deleted":
        needed(news, "order_id", "tracking_number")
    return [
        SourceEvent(
            type=TYPE,
            change=news.change,
            entity="order_carrier",
            entity_id=news.id,
            # Nothing else reports it: every delivery is news of its own.
            version=f"{news.moment.isoformat()}/{news.sequence}",
            occurred_at=news.moment,
            business_key=news.said("reference"),
            sequence=news.sequence,
            data={
                "parcel_id": news.id,
                "change": news.change,
                "order_id": news.said("order_id"),
                "reference": news.said("reference"),
                "carrier_id": news.said("carrier_id"),
                "tracking_number": news.said("tracking_number"),
                **news.origin(),
                "field_hashes": news.hashes(),
            },
        )
    ]


TRACKING_EVENT = Trigger(name="prestashop.tracking_event", version=1, matches=matches)
ENTRY: dict[str, Any] = {
    "name": "prestashop.tracking_event",
    "version": 1,
    "title": "Tracking event",
    "summary": "Starts when an order's parcel gets a tracking number or another carrier. "
    "Needs the module.",
    "icon": BY_NAME["order_carrier"].icon,
    "entity": "order_carrier",
    "modes": ["hook"],
    "params": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "without_number": {
                "type": "boolean",
                "default": False,
                "title": "Also parcels without a number",
            }
        },
    },
    "output": {
        "type": "object",
        "properties": {
            "parcel_id": {"type": "string"},
            "change": {"enum": list(CHANGES)},
            "order_id": {"type": "string"},
            "reference": {"type": "string"},
            "carrier_id": {"type": "string"},
            "tracking_number": {"type": "string"},
            **ORIGIN_SCHEMAS,
            "field_hashes": dict(HASHES_SCHEMA),
        },
    },
}
