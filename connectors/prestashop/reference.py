"""What changes rarely in a shop: its zone and language, states, carriers, countries, currencies.

Kept in `ctx.session` for a while, fetched once however many operations ask at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.prestashop.client import ShopClient, exact
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.errors import ContractError, NotFoundError
from connectors.sdk.operation import OperationContext

TTL = timedelta(minutes=10)
_CACHE = "prestashop.reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """`language` is the id of the shop's default language."""

    zone: ZoneInfo
    language: str


class Reference:
    """Look-ups of one shop, cached per connection and process."""

    def __init__(self, ctx: OperationContext, client: ShopClient) -> None:
        self._ctx = ctx
        self._client = client
        self._cache: dict[str, tuple[datetime, Any]] = ctx.session.setdefault(_CACHE, {})
        self._locks: dict[str, asyncio.Lock] = ctx.session.setdefault(f"{_CACHE}.locks", {})

    async def _cached(self, key: str, fetch: Callable[[], Awaitable[Any]]) -> Any:
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._cache.get(key)
            if known is None or known[0] <= self._ctx.now():
                known = (self._ctx.now() + TTL, await fetch())
                # What is missing may be added any moment.
                if known[1] is not None:
                    self._cache[key] = known
            return known[1]

    async def facts(self) -> ShopFacts:
        """The shop's zone and default language.

        Raises `ContractError` for a zone that nobody knows.
        """
        facts: ShopFacts = await self._cached("facts", self._fetch_facts)
        return facts

    async def _fetch_facts(self) -> ShopFacts:
        found = await self._client.rows(
            "configurations",
            display="[name,value]",
            filters={"name": "[PS_TIMEZONE|PS_LANG_DEFAULT|PS_CURRENCY_DEFAULT]"},
        )
        # With several shops a name comes once more for each; the oldest row is the global one.
        values: dict[str, str] = {}
        for row in found.rows:
            values.setdefault(text(row["name"]), text(row["value"]))
        zone = values.get("PS_TIMEZONE", "")
        try:
            return ShopFacts(zone=ZoneInfo(zone), language=values.get("PS_LANG_DEFAULT", "1"))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ContractError(
                f"The shop's time zone is unknown: {zone[:60]!r}.",
                code="unknown_zone",
                fix="Set the time zone in the shop under International, Localization.",
                detail={"expected": "an IANA zone in PS_TIMEZONE", "received": zone[:60]},
            ) from error

    async def listed(self, resource: str, id_: str) -> Row | None:
        """A row of a small table, read whole (order_states, carriers, currencies).

        One that is not in the list may have come since, or be kept out of it (a carrier that
        was edited): it is asked for by id. None when the shop has no such row.
        """
        if id_ == "0":
            return None
        table = await self.table(resource)
        return table.get(id_) or await self.single(resource, id_)

    async def table(self, resource: str) -> Mapping[str, Row]:
        """The rows of a small table by id."""
        rows: Mapping[str, Row] = await self._cached(resource, lambda: self._fetch_all(resource))
        return rows

    async def configuration(self, name: str) -> str:
        """One of the shop's own settings; "" when it has none of that name."""
        value: str | None = await self._cached(
            f"configurations/{name}", lambda: self._fetch_setting(name)
        )
        return value or ""

    async def _fetch_setting(self, name: str) -> str | None:
        found = await self._client.rows(
            "configurations", display="[name,value]", filters={"name": exact(name)}
        )
        return text(found.rows[0]["value"]) if found.rows else None

    async def named(self, resource: str, **filters: str) -> Row | None:
        """The first row with these values (a country by its ISO code); None when there is none."""
        key = f"{resource}?{sorted(filters.items())}"
        row: Row | None = await self._cached(key, lambda: self._fetch_named(resource, filters))
        return row

    async def _fetch_named(self, resource: str, filters: Mapping[str, str]) -> Row | None:
        asked = {name: exact(value) for name, value in filters.items()}
        found = await self._client.rows(resource, filters=asked)
        return found.rows[0] if found.rows else None

    async def _fetch_all(self, resource: str) -> dict[str, Row]:
        found = await self._client.rows(resource)
        return {id_text(row["id"]): row for row in found.rows}

    async def single(self, resource: str, id_: str) -> Row | None:
        """A row of a large table (countries, states), by id; None when there is none."""
        if id_ == "0":
            return None
        row: Row | None = await self._cached(
            f"{resource}/{id_}", lambda: self._fetch_one(resource, id_)
        )
        return row

    async def _fetch_one(self, resource: str, id_: str) -> Row | None:
        try:
            return await self._client.row(resource, id_)
        except NotFoundError:
            return None
