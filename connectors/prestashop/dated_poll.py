"""Polls of records that the shop dates: what was changed since, oldest first, nothing twice.

The shop compares local times of whole seconds, commits a second's rows a little later than their
time says, and repeats an hour each autumn: hence the overlap and the list of what it brings again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.client import Rows, ShopClient
from connectors.prestashop.multistore import own_shop
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, id_text, instant, local_text
from connectors.sdk.errors import ContractError
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent

PAGE = 50
# Rows of a second may still be committed after a poll has seen that second.
OVERLAP = timedelta(seconds=30)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedPoll:
    """The poll of one resource.

    `mark` names the state of a row beginning with its `date_upd`: two changes within a second
    have different marks. `events` makes the news of rows; `window` is the local time from which
    a record counts as new. `of_shop` says that a record belongs to one shop: shops that share
    orders or customers show each other's.

    Cursor: `since` (the shop's local time up to which all is known) and `seen` (id to mark of
    what the overlap would bring again). Between the pages of one poll also `window` and, while a
    second holds more records than a page, `after_id` within that second.
    """

    resource: str
    shape: str
    display: str
    mark: Callable[[Row], str]
    events: Callable[[Sequence[Row], str, ZoneInfo], list[SourceEvent]]
    of_shop: bool = False

    async def __call__(self, ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
        """Records changed since the cursor; the first poll only takes its place."""
        client = ShopClient(ctx)
        own = own_shop(ctx.connection) if self.of_shop else ""
        zone = (await Reference(ctx, client).facts()).zone
        if cursor is None:
            # Asks for nothing; what counts is the shop's clock in the answer.
            found = await self._ask(client, own, {"date_upd": ">[9999-01-01 00:00:00]"}, limit=1)
            now = found.server_time or ctx.now()
            return PollPage(events=(), cursor={"since": local_text(now, zone), "seen": {}})
        since = str(cursor["since"])
        window = cursor.get("window")
        if window and cursor.get("after_id"):
            return await self._rest_of_second(client, own, zone, cursor)
        start = since if window else _start(since, zone, ctx.now())
        window = str(window or start)
        seen: Mapping[str, str] = cursor.get("seen") or {}
        found = await self._ask(
            client, own, {"date_upd": f">[{_shifted(start, -_SECOND)}]"}, limit=PAGE
        )
        fresh = [row for row in found.rows if seen.get(id_text(row["id"])) != self.mark(row)]
        return PollPage(
            events=self.events(fresh, window, zone),
            cursor=self._next(found.rows, since, window, seen),
            more=_full(found.rows),
        )

    def _next(
        self, rows: Sequence[Row], since: str, window: str, seen: Mapping[str, str]
    ) -> dict[str, Any]:
        """The cursor behind a page. Between polls it never moves backwards."""
        first, last = (str(rows[0]["date_upd"]), str(rows[-1]["date_upd"])) if rows else ("", since)
        if _full(rows) and first == last:
            after = id_text(rows[-1]["id"])
            return {"since": last, "seen": {}, "window": window, "after_id": after}
        floor = last if _full(rows) else max(since, last)
        # What the next overlap reaches, the repeated hour included.
        keep = _shifted(floor, -OVERLAP - timedelta(hours=1, seconds=1))
        known = {**seen, **{id_text(row["id"]): self.mark(row) for row in rows}}
        cursor: dict[str, Any] = {
            "since": floor,
            "seen": {id_: at for id_, at in known.items() if at >= keep},
        }
        if _full(rows):
            cursor["window"] = window
        return cursor

    async def _rest_of_second(
        self, client: ShopClient, own: str, zone: ZoneInfo, cursor: Mapping[str, Any]
    ) -> PollPage:
        second, window = str(cursor["since"]), str(cursor["window"])
        found = await self._ask(
            client,
            own,
            {"date_upd": f"[{second},{second}]", "id": f">[{cursor['after_id']}]"},
            limit=PAGE,
            sort="[id_ASC]",
        )
        following = {"since": _shifted(second, _SECOND), "seen": {}, "window": window}
        if _full(found.rows):
            after = id_text(found.rows[-1]["id"])
            following = {"since": second, "seen": {}, "window": window, "after_id": after}
        return PollPage(events=self.events(found.rows, window, zone), cursor=following, more=True)

    async def _ask(
        self,
        client: ShopClient,
        own: str,
        filters: Mapping[str, str],
        *,
        limit: int,
        sort: str = "[date_upd_ASC,id_ASC]",
    ) -> Rows:
        return await client.rows(
            self.resource,
            shape=self.shape,
            display=self.display,
            filters={**filters, "id_shop": f"[{own}]"} if own else filters,
            sort=sort,
            limit=str(limit),
            dates=True,
        )


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


def _full(rows: Sequence[Row]) -> bool:
    return len(rows) >= PAGE


def moment_of(local: str, zone: ZoneInfo) -> datetime:
    """Raises `ContractError` for what is no date."""
    moment = instant(local, zone)
    if moment is None:
        raise ContractError(
            "The shop sent a record without a date.",
            code="not_a_date",
            detail={"expected": "YYYY-MM-DD HH:MM:SS", "received": local[:40]},
        )
    return moment
