"""News of combinations: pushed by the shop's module, and swept, since a shop does not date them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.prestashop.hook_news import HASHES_SCHEMA, ORIGIN_SCHEMAS, POLLED, HookNews
from connectors.prestashop.marks import field_hashes, mark
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.record_triggers import ALL_CHANGES, CHANGES, matches
from connectors.prestashop.sweep import Seen, Sweep
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.trigger import SourceEvent, Trigger

TYPE = "prestashop.combination_event@1"
REST = timedelta(minutes=15)
# The module hashes the same.
TOLD = ("id_product", "reference", "ean13", "price", "weight", "minimal_quantity")
# Of 48 bits 32 travel in the cursor: it holds one such number for each combination there is.
_DIGITS = 8


def _hashes(row: Row) -> dict[str, str]:
    return field_hashes("combination", id_text(row["id"]), row, TOLD)


def _number(row: Row) -> int:
    return int(mark(_hashes(row))[:_DIGITS], 16)


def read(news: HookNews) -> Sequence[SourceEvent]:
    """The event of a delivery of the module."""
    hashes = news.hashes()
    return [
        _event(
            news.id,
            change=news.change,
            product=news.said("product_id"),
            reference=news.said("reference"),
            state="gone" if news.change == "deleted" else mark(hashes)[:_DIGITS],
            at=news.moment,
            since=news.moment,
            extra={**news.origin(), "field_hashes": hashes},
            sequence=news.sequence,
        )
    ]


def _swept(seen: Seen) -> SourceEvent:
    row = seen.row
    return _event(
        seen.id,
        change=seen.change,
        product=id_text(row["id_product"]) if row else "",
        reference=text(row["reference"]) if row else "",
        state="gone" if seen.now is None else f"{seen.now:0{_DIGITS}x}",
        at=seen.at,
        since=seen.since,
        extra={**POLLED, "field_hashes": _hashes(row) if row else {}},
    )


def _event(
    id_: str,
    *,
    change: str,
    product: str,
    reference: str,
    state: str,
    at: datetime,
    since: datetime,
    extra: Mapping[str, Any],
    sequence: int = 0,
) -> SourceEvent:
    return SourceEvent(
        type=TYPE,
        change=change,
        entity="combination",
        entity_id=id_,
        version=state,
        occurred_at=at,
        business_key=reference or id_,
        sequence=sequence,
        state=state,
        since=since,
        data={
            "combination_id": id_,
            "change": change,
            "product_id": product,
            "reference": reference,
            **extra,
        },
    )


poll = Sweep(
    resource=BY_NAME["combination"].resource,
    display=f"[{','.join(('id', *TOLD))}]",
    rest=REST,
    number=_number,
    event=_swept,
)
COMBINATION_EVENT = Trigger(
    name="prestashop.combination_event", version=1, matches=matches, poll=poll
)
ENTRY: dict[str, Any] = {
    "name": "prestashop.combination_event",
    "version": 1,
    "title": "Combination event",
    "summary": "Starts when a combination of a product is added or changed.",
    "icon": BY_NAME["combination"].icon,
    "entity": "combination",
    "modes": ["hook", "poll"],
    "params": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "changes": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"enum": list(ALL_CHANGES)},
                "default": list(CHANGES),
                "title": "Listen to",
            }
        },
    },
    "output": {
        "type": "object",
        "properties": {
            "combination_id": {"type": "string"},
            "change": {"enum": list(ALL_CHANGES)},
            "product_id": {"type": "string"},
            "reference": {"type": "string"},
            **ORIGIN_SCHEMAS,
            "field_hashes": dict(HASHES_SCHEMA),
        },
    },
}
