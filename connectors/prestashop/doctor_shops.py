"""What a check says of a multistore: which shops there are, and which of them the key may see."""

import asyncio
from collections.abc import Collection
from dataclasses import replace

from connectors.prestashop.client import ShopClient
from connectors.prestashop.multistore import shop_of
from connectors.prestashop.transforms import Row, flag, id_text, text
from connectors.sdk.connector import Finding, Level
from connectors.sdk.errors import NotFoundError, PermissionDeniedError
from connectors.sdk.operation import OperationContext

_ID = "multistore"
_MOST = 10  # shops that are named
_ASKED = 5  # shops of which it is asked, all at once, whether the key may see them


async def look_at_shops(ctx: OperationContext) -> Finding:
    """One request, and with several shops one more for each of the first five."""
    chosen, group = shop_of(ctx.connection), str(ctx.connection.settings.get("shop_group_id") or "")
    found = await ShopClient(ctx).rows("shops", shape="record")
    shops = {id_text(one["id"]): one for one in found.rows}
    if group and not chosen:
        members = [one for one in shops.values() if id_text(one["id_shop_group"]) == group]
        if not members:
            return Finding(
                id=_ID,
                level=Level.FAIL,
                says=f"No shop is in the group {group}.",
                remedy="Set a group that has shops on the connection, or one shop.",
            )
        says = f"Asked are the shops of the group {group}: {_named(members)}."
        return Finding(id=_ID, level=Level.OK, says=says)
    if len(shops) <= 1:
        return Finding(id=_ID, level=Level.OK, says="There is one shop, and no multistore.")
    return await _several(ctx, shops, chosen)


async def _several(ctx: OperationContext, shops: dict[str, Row], chosen: str) -> Finding:
    first = list(shops.items())[:_ASKED]
    seen = await asyncio.gather(*(_may_see(_in(ctx, id_)) for id_, _ in first))
    closed = [one for (_, one), open_ in zip(first, seen, strict=True) if not open_]
    says = f"A multistore of {len(shops)} shops: {_named(shops.values())}."
    if closed:
        says += f" The key may not see {_named(closed)}."
    if chosen:
        what = "all of them are" if chosen not in shops else f"{_named([shops[chosen]])} is"
        return Finding(id=_ID, level=Level.OK, says=f"{says} Asked {what}.")
    return Finding(
        id=_ID,
        level=Level.WARN,
        says=f"{says} The connection names none: the main shop alone is asked.",
        remedy="Set the shop on the connection; make one connection for each shop whose orders "
        "you want.",
    )


async def _may_see(client: ShopClient) -> bool:
    try:
        await client.rows("shops", shape="record", display="[id]", limit="1")
    except (PermissionDeniedError, NotFoundError):
        return False
    return True


def _in(ctx: OperationContext, shop: str) -> ShopClient:
    settings = {**ctx.connection.settings, "shop_id": shop}
    return ShopClient(replace(ctx, connection=replace(ctx.connection, settings=settings)))


def _named(shops: Collection[Row]) -> str:
    parts = []
    for one in list(shops)[:_MOST]:
        off = "" if flag(one.get("active")) else ", switched off"
        parts.append(f"{id_text(one['id'])} ({text(one.get('name'))}{off})")
    more = len(shops) - _MOST
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")
