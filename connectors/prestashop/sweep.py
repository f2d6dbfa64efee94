"""Sweeps of records that the shop does not date: all are read, and compared with before.

A sweep reads them by id, a thousand a request and a request a poll, and then rests. What was seen
travels in the cursor, packed.
"""

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.prestashop.client import ShopClient
from connectors.prestashop.transforms import Row, id_text, iso
from connectors.sdk import codec
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent

PAGE = 1000  # rows a request

Known = dict[str, int]  # what each row was, as a number, by its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A row that is not as it was. `row` is empty for one that is gone, `now` and `before` are None
    where there was nothing. `since` is when the row was as before, `at` when it is as now."""

    id: str
    row: Row
    now: int | None
    before: int | None
    since: datetime
    at: datetime

    @property
    def change(self) -> str:
        return "created" if self.before is None else "deleted" if self.now is None else "updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The sweep of one resource. `number` says what a row is now, `event` makes its news, `rest`
    lies between the beginnings of two sweeps.

    Cursor: `known` (packed), `after` (the last id of the sweep under way, "" between two), `begun`
    (when it began), `before` (when the one before it began), `first` while nothing was swept yet.
    """

    resource: str
    display: str
    rest: timedelta
    number: Callable[[Row], int]
    event: Callable[[Seen], SourceEvent]

    async def __call__(self, ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
        """The changes of the next thousand rows. The first sweep only learns what is there."""
        now = ctx.now()
        state = cursor or {"known": "", "after": "", "begun": "", "first": True}
        after = str(state["after"])
        last_begun = str(state["begun"])
        if not after and last_begun and now < datetime.fromisoformat(last_begun) + self.rest:
            return PollPage(events=(), cursor=state)
        begun = last_begun if after else iso(now)
        before = str((state.get("before") if after else last_begun) or begun)
        found = await ShopClient(ctx).rows(
            self.resource,
            shape="record",
            display=self.display,
            filters={"id": f">[{after or 0}]"},
            sort="[id_ASC]",
            limit=str(PAGE),
        )
        rows = [row for row in found.rows if int(id_text(row["id"])) > int(after or 0)]
        more = len(found.rows) >= PAGE and bool(rows)
        known = unpacked(str(state["known"]))
        last = id_text(rows[-1]["id"]) if more else ""
        seen = self._compare(
            rows,
            known,
            after=int(after or 0),
            last=last,
            since=datetime.fromisoformat(before),
            at=found.server_time or now,
        )
        return PollPage(
            events=() if state["first"] else [self.event(one) for one in seen],
            cursor={
                "known": packed(known),
                "after": last,
                "begun": begun,
                "before": before,
                "first": bool(state["first"]) and more,
            },
            more=more,
        )

    def _compare(
        self,
        rows: Sequence[Row],
        known: Known,
        *,
        after: int,
        last: str,
        since: datetime,
        at: datetime,
    ) -> list[Seen]:
        """What is different, oldest id first; `known` is brought up to date."""
        found = []
        there = set()
        for row in rows:
            id_ = id_text(row["id"])
            there.add(id_)
            now, before = self.number(row), known.get(id_)
            if now == before:
                continue
            known[id_] = now
            found.append(Seen(id=id_, row=row, now=now, before=before, since=since, at=at))
        upto = int(last) if last else None
        gone = [
            id_
            for id_ in known
            if id_ not in there and int(id_) > after and (upto is None or int(id_) <= upto)
        ]
        return found + [
            Seen(id=id_, row={}, now=None, before=known.pop(id_), since=since, at=at)
            for id_ in sorted(gone, key=int)
        ]


def packed(known: Known) -> str:
    """Ids as distances, numbers beside them, compressed."""
    ids = sorted(known, key=int)
    steps = [int(one) - int(last) for one, last in zip(ids, ["0", *ids], strict=False)]
    data = codec.dumps([steps, [known[one] for one in ids]])
    return base64.b85encode(zlib.compress(data, 6)).decode()


def unpacked(text: str) -> Known:
    """Raises `ValueError` for what `packed` did not make."""
    if not text:
        return {}
    try:
        steps, numbers = codec.loads(zlib.decompress(base64.b85decode(text)))
    except (zlib.error, ValueError, TypeError) as error:
        raise ValueError("This is no list of what was swept.") from error
    known: Known = {}
    id_ = 0
    for step, number in zip(steps, numbers, strict=True):
        id_ += step
        known[str(id_)] = number
    return known
