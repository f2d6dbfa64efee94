"""News of orders: pushed by the shop's module, or polled by `date_upd`.

Neither sees a new tracking number, which leaves `orders.date_upd` alone (observed): that is news of
its own (`tracking_news`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.dated_poll import DatedPoll, moment_of
from connectors.prestashop.hook_news import POLLED, HookNews
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.trigger import SourceEvent, Trigger

ORDER_EVENT_TYPE = "prestashop.order_event@1"


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node listens to this kind of change; placed orders unless told otherwise."""
    return event.change in (params.get("changes") or ["created"])


def read(news: HookNews) -> Sequence[SourceEvent]:
    """The events of an order's delivery: named as the poll names them."""
    changes = {news.change: news.version or _name_of_10(news)}
    if news.change == "created":
        changes = {"created": "created"}
        if news.changed_since_created:
            changes["updated"] = news.version
    elif news.change == "deleted":
        changes = {"deleted": "deleted"}
    return [
        _event(
            change=change,
            order_id=news.id,
            reference=news.said("reference"),
            state=id_text(news.body.get("current_state")),
            version=version,
            occurred_at=news.moment,
            origin=news.origin(),
            hashes=news.hashes(),
            sequence=news.sequence,
        )
        for change, version in changes.items()
    ]


def _name_of_10(news: HookNews) -> str:
    """Module 1.0 does not say whether a second holds two changes: each of its deliveries is one."""
    state = id_text(news.body.get("current_state"))
    return f"{news.body.get('date_upd')}/{state}/{news.sequence}"


def _event(
    *,
    change: str,
    order_id: str,
    reference: str,
    state: str,
    version: str,
    occurred_at: datetime,
    origin: Mapping[str, Any],
    hashes: Mapping[str, str],
    sequence: int = 0,
) -> SourceEvent:
    return SourceEvent(
        type=ORDER_EVENT_TYPE,
        change=change,
        entity="order",
        entity_id=order_id,
        version=version,
        occurred_at=occurred_at,
        business_key=reference,
        sequence=sequence,
        data={
            "order_id": order_id,
            "change": change,
            "reference": reference,
            "current_state": state,
            **origin,
            "field_hashes": dict(hashes),
        },
    )


def _events(rows: Sequence[Row], window: str, zone: ZoneInfo) -> list[SourceEvent]:
    """A placed order is one event of version "created", the same that its hook carries; a later
    change is another. An order that was placed and changed within the window is both."""
    events = []
    for row in rows:
        placed, changed = str(row["date_add"]), str(row["date_upd"])
        state = id_text(row["current_state"])
        kinds = []
        if placed >= window:
            kinds.append(("created", "created", placed))
        if changed != placed:
            kinds.append(("updated", f"{changed}/{state}", changed))
        events += [
            _event(
                change=change,
                order_id=id_text(row["id"]),
                reference=text(row["reference"]),
                state=state,
                version=version,
                occurred_at=moment_of(at, zone),
                origin=POLLED,
                hashes={},
            )
            for change, version, at in kinds
        ]
    return events


poll = DatedPoll(
    resource="orders",
    shape="order_news",
    display="[id,reference,current_state,date_add,date_upd]",
    mark=lambda row: f"{row['date_upd']}/{id_text(row['current_state'])}",
    events=_events,
    of_shop=True,
)
ORDER_EVENT = Trigger(name="prestashop.order_event", version=1, matches=matches, poll=poll)
