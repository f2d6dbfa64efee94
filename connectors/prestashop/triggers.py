"""News of orders: pushed by the shop's module, or polled by `date_upd`.

A poll does not see a new tracking number: it leaves `orders.date_upd` alone (observed).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.client import Rows, ShopClient
from connectors.prestashop.reference import Reference
from connectors.prestashop.schemas import hook_validator
from connectors.prestashop.transforms import Row, id_text, instant, local_text, text
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ContractError
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

ORDER_EVENT_TYPE = "prestashop.order_event@1"
PAGE = 50
# Rows of a second may still be committed after a poll has seen that second.
OVERLAP = timedelta(seconds=30)
_CHANGES = {"order.created": "created", "order.updated": "updated"}
_SECOND = timedelta(seconds=1)


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


async def poll(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    """Orders changed since the cursor, oldest first; the first poll only takes its place.

    Cursor: `since` (the shop's local time up to which all is known) and `seen` (id to `date_upd`
    of what the overlap would bring again). Between the pages of one poll also `window` (local
    time from which orders count as new) and, while a second holds more orders than a page,
    `after_id` within that second.
    """
    client = ShopClient(ctx)
    zone = (await Reference(ctx, client).facts()).zone
    if cursor is None:
        # Asks for nothing; what counts is the shop's clock in the answer.
        found = await _ask(client, {"date_upd": ">[9999-01-01 00:00:00]"}, limit=1)
        now = found.server_time or ctx.now()
        return PollPage(events=(), cursor={"since": local_text(now, zone), "seen": {}})
    since = str(cursor["since"])
    window = cursor.get("window")
    if window and cursor.get("after_id"):
        return await _rest_of_second(client, zone, cursor)
    start = since if window else _start(since, zone, ctx.now())
    window = str(window or start)
    seen: Mapping[str, str] = cursor.get("seen") or {}
    found = await _ask(client, {"date_upd": f">[{_shifted(start, -_SECOND)}]"}, limit=PAGE)
    fresh = [row for row in found.rows if seen.get(id_text(row["id"])) != row["date_upd"]]
    return PollPage(
        events=_events(fresh, window, zone),
        cursor=_next(found.rows, since, window, seen),
        more=_full(found.rows),
    )


def _next(rows: Sequence[Row], since: str, window: str, seen: Mapping[str, str]) -> dict[str, Any]:
    """The cursor behind a page. Between polls it never moves backwards."""
    first, last = (str(rows[0]["date_upd"]), str(rows[-1]["date_upd"])) if rows else ("", since)
    if _full(rows) and first == last:
        after = id_text(rows[-1]["id"])
        return {"since": last, "seen": {}, "window": window, "after_id": after}
    floor = last if _full(rows) else max(since, last)
    # What the next overlap reaches, the repeated hour included.
    keep = _shifted(floor, -OVERLAP - timedelta(hours=1, seconds=1))
    known = {**seen, **{id_text(row["id"]): str(row["date_upd"]) for row in rows}}
    cursor: dict[str, Any] = {
        "since": floor,
        "seen": {id_: at for id_, at in known.items() if at >= keep},
    }
    if _full(rows):
        cursor["window"] = window
    return cursor


async def _rest_of_second(
    client: ShopClient, zone: ZoneInfo, cursor: Mapping[str, Any]
) -> PollPage:
    second, window = str(cursor["since"]), str(cursor["window"])
    found = await _ask(
        client,
        {"date_upd": f"[{second},{second}]", "id": f">[{cursor['after_id']}]"},
        limit=PAGE,
        sort="[id_ASC]",
    )
    following = {"since": _shifted(second, _SECOND), "seen": {}, "window": window}
    if _full(found.rows):
        after = id_text(found.rows[-1]["id"])
        following = {"since": second, "seen": {}, "window": window, "after_id": after}
    return PollPage(events=_events(found.rows, window, zone), cursor=following, more=True)


def _start(since: str, zone: ZoneInfo, now: datetime) -> str:
    """Where to read from: the cursor less an overlap, and within two hours after clocks went
    back also less that hour, whose local times come twice."""
    went_back = _offset(now - timedelta(hours=2), zone) - _offset(now, zone)
    if went_back > timedelta():
        earliest = min(since, local_text(now, zone))
        return _shifted(earliest, -OVERLAP - went_back)
    return _shifted(since, -OVERLAP)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _shifted(local: str, by: timedelta) -> str:
    """A local time text, moved. Wall clock arithmetic: the shop compares texts, not instants."""
    moment = datetime.fromisoformat(local) + by
    return moment.strftime("%Y-%m-%d %H:%M:%S")


async def _ask(
    client: ShopClient,
    filters: Mapping[str, str],
    *,
    limit: int,
    sort: str = "[date_upd_ASC,id_ASC]",
) -> Rows:
    return await client.rows(
        "orders",
        shape="order_news",
        display="[id,reference,current_state,date_add,date_upd]",
        filters=filters,
        sort=sort,
        limit=str(limit),
        dates=True,
    )


def _full(rows: Sequence[Row]) -> bool:
    return len(rows) >= PAGE


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
                occurred_at=_moment(at, zone),
                origin="",
            )
            for change, version, at in kinds
        ]
    return events


def _moment(local: str, zone: ZoneInfo) -> datetime:
    moment = instant(local, zone)
    if moment is None:
        raise ContractError(
            "The shop sent an order without a date.",
            code="not_a_date",
            detail={"expected": "YYYY-MM-DD HH:MM:SS", "received": local[:40]},
        )
    return moment


ORDER_EVENT = Trigger(name="prestashop.order_event", version=1, matches=matches, poll=poll)
