"""News of orders: pushed by the shop's module, or polled by `date_upd`.

A poll does not see a new tracking number: it leaves `orders.date_upd` alone (observed).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.dated_poll import DatedPoll, moment_of
from connectors.prestashop.schemas import hook_validator
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.trigger import SourceEvent, Trigger

ORDER_EVENT_TYPE = "prestashop.order_event@1"
_CHANGES = {"order.created": "created", "order.updated": "updated"}


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node listens to this kind of change; placed orders unless told otherwise."""
    return event.change in (params.get("changes") or ["created"])


def read_hook(connection: ConnectionConfig, body: Mapping[str, Any]) -> Sequence[SourceEvent]:
    """The events of a delivery from the shop's module; none for stock, which no trigger takes.

    Raises `ValueError` with a sentence for another body.
    """
    error = next(hook_validator().iter_errors(body), None)
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "the body"
        raise ValueError(f"Not a delivery of the shop's module: {place}: {error.message[:200]}")
    change = _CHANGES.get(str(body["event"]))
    if change is None:
        return []
    order_id = id_text(body["id"])
    state = id_text(body.get("current_state"))
    try:
        sequence = int(body.get("sequence") or 0)
        moment = datetime.fromisoformat(str(body["occurred_at"]))
    except ValueError as broken:
        raise ValueError(f"Not a delivery of the shop's module: {broken}") from broken
    if moment.tzinfo is None:
        raise ValueError("Not a delivery of the shop's module: occurred_at has no offset.")
    version = "created" if change == "created" else f"{body.get('date_upd')}/{state}/{sequence}"
    return [
        _event(
            change=change,
            order_id=order_id,
            reference=text(body.get("reference")),
            state=state,
            version=version,
            occurred_at=moment.astimezone(UTC),
            origin=text(body.get("origin")),
            sequence=sequence,
        )
    ]


def _event(
    *,
    change: str,
    order_id: str,
    reference: str,
    state: str,
    version: str,
    occurred_at: datetime,
    origin: str,
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
            "origin": origin,
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
                origin="",
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
