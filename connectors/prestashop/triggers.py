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
    sequence = int(body.get("sequence") or 0)
    moment = datetime.fromisoformat(str(body["occurred_at"]))
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

    Cursor: `since` (the shop's local time up to which all is known), `seen` (id to `date_upd`
    of what the overlap would bring again), and while a second holds more orders than a page,
    `after_id` within that second.
    """
    client = ShopClient(ctx)
    zone = (await Reference(ctx, client).facts()).zone
    if cursor is None:
        found = await _ask(client, _from(datetime(9999, 1, 1, tzinfo=UTC), UTC), limit=1)
        now = found.server_time or ctx.now()
        return PollPage(events=(), cursor={"since": local_text(now, zone), "seen": {}})
    since = str(cursor["since"])
    if cursor.get("after_id"):
        return await _rest_of_second(client, zone, since, str(cursor["after_id"]))
    seen: Mapping[str, str] = cursor.get("seen") or {}
    continuing = bool(cursor.get("continuing"))
    start = since if continuing else _start(since, zone, ctx.now())
    found = await _ask(client, f">[{_shifted(start, -_SECOND)}]", limit=PAGE)
    fresh = [row for row in found.rows if seen.get(id_text(row["id"])) != row["date_upd"]]
    events = _events(fresh, start, zone)
    return PollPage(events=events, cursor=_next(found, since, start, seen), more=_full(found))


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


def _from(moment: datetime, zone: Any) -> str:
    return f">[{moment.astimezone(zone).strftime('%Y-%m-%d %H:%M:%S')}]"


async def _ask(client: ShopClient, since: str, *, limit: int) -> Rows:
    return await client.rows(
        "orders",
        shape="order_news",
        display="[id,reference,current_state,date_add,date_upd]",
        filters={"date_upd": since},
        sort="[date_upd_ASC,id_ASC]",
        limit=str(limit),
        dates=True,
    )


def _full(found: Rows) -> bool:
    return len(found.rows) >= PAGE


def _next(found: Rows, since: str, start: str, seen: Mapping[str, str]) -> dict[str, Any]:
    """The cursor behind a page. It never moves backwards, and keeps what the overlap covers."""
    last = str(found.rows[-1]["date_upd"]) if found.rows else since
    if _full(found):
        if last == str(found.rows[0]["date_upd"]):
            # More orders in one second than fit on a page: go on by id within it.
            return {"since": last, "seen": {}, "after_id": id_text(found.rows[-1]["id"])}
        known = {id_text(one["id"]): one["date_upd"] for one in found.rows}
        return {
            "since": last,
            "seen": {**seen, **known},
            "continuing": True,
        }
    floor = max(since, last)
    keep = _shifted(floor, -OVERLAP - timedelta(hours=1, seconds=1))
    known = {**seen, **{id_text(one["id"]): str(one["date_upd"]) for one in found.rows}}
    return {"since": floor, "seen": {id_: at for id_, at in known.items() if at >= keep}}


async def _rest_of_second(
    client: ShopClient, zone: ZoneInfo, second: str, after_id: str
) -> PollPage:
    found = await client.rows(
        "orders",
        shape="order_news",
        display="[id,reference,current_state,date_add,date_upd]",
        filters={"date_upd": f"[{second},{second}]", "id": f">[{after_id}]"},
        sort="[id_ASC]",
        limit=str(PAGE),
        dates=True,
    )
    events = _events(found.rows, second, zone)
    if _full(found):
        cursor: dict[str, Any] = {
            "since": second,
            "seen": {},
            "after_id": id_text(found.rows[-1]["id"]),
        }
    else:
        cursor = {"since": _shifted(second, _SECOND), "seen": {}, "continuing": True}
    return PollPage(events=events, cursor=cursor, more=True)


def _events(rows: Sequence[Row], start: str, zone: ZoneInfo) -> list[SourceEvent]:
    """A placed order is one event of version "created", the same that its hook carries; a later
    change is another. An order that was placed and changed within the window is both."""
    events = []
    for row in rows:
        placed, changed = str(row["date_add"]), str(row["date_upd"])
        state = id_text(row["current_state"])
        kinds = []
        if placed >= start:
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
                occurred_at=instant(at, zone) or datetime.now(UTC),
                origin="",
            )
            for change, version, at in kinds
        ]
    return events


ORDER_EVENT = Trigger(name="prestashop.order_event", version=1, matches=matches, poll=poll)
