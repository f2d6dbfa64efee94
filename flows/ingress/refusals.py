"""Refused deliveries of connections, noted without slowing down whoever floods an address.

They are summed up by connection and reason and told to the database every few seconds: a flood
costs one short transaction in that time, and a page shows what came and what to do about it.
"""

import asyncio
import weakref
from contextlib import suppress
from typing import Final
from uuid import UUID

import structlog

from flows.store.pool import AWAY
from flows.store.refusals import Refusal, add_refusals

log = structlog.get_logger(__name__)

EVERY: Final = 2.0  # seconds
_MOST: Final = 1000  # sums that wait
_LONGEST: Final = {"detail": 300, "delivery_id": 200}


class Refusals:
    """Those of this process that are not told yet; one for each event loop."""

    def __init__(self) -> None:
        self._sums: dict[tuple[UUID, str], Refusal] = {}
        self._task: asyncio.Task[None] | None = None
        self._telling = asyncio.Lock()

    def note(
        self, connection_id: UUID, *, code: str, detail: str, delivery_id: str, size: str
    ) -> None:
        """One more. `delivery_id` and `size` are what the sender says, whoever that is."""
        key = (connection_id, code[:40])
        known = self._sums.get(key)
        if known is None and len(self._sums) >= _MOST:
            return
        self._sums[key] = Refusal(
            connection_id=connection_id,
            code=key[1],
            detail=detail[: _LONGEST["detail"]],
            delivery_id=_plain(delivery_id)[: _LONGEST["delivery_id"]],
            size=int(size) if size.isascii() and size.isdigit() and len(size) < 18 else None,
            count=1 + (known.count if known else 0),
        )
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_telling())

    async def flush(self) -> None:
        """Tell the database now; what is being told already is told when this returns."""
        async with self._telling:
            told, self._sums = self._sums, {}
            if not told:
                return
            try:
                await add_refusals(list(told.values()))
            except AWAY as error:
                log.warning("refused deliveries not kept", error=type(error).__name__)
            except asyncio.CancelledError:  # `close` tells them once more
                self._sums = {**told, **self._sums}
                raise

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self.flush()

    async def _keep_telling(self) -> None:
        """The first at once, so that who tries a sender sees it; then now and then."""
        while self._sums:
            try:
                await self.flush()
            except Exception:
                # What people see of refusals must never be what stops deliveries.
                log.exception("refused deliveries not kept")
            await asyncio.sleep(EVERY)


_here: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Refusals]" = (
    weakref.WeakKeyDictionary()
)


def refusals_here() -> Refusals:
    """Those of the running loop."""
    loop = asyncio.get_running_loop()
    found = _here.get(loop)
    if found is None:
        found = _here[loop] = Refusals()
    return found


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isprintable())
