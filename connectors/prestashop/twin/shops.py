"""Which shops of a multistore a request is for, and what it sees of them.

Recorded with one shop only (204 to 206). The rest is as PrestaShop's source has it
(WebserviceRequest, ObjectModel, Shop): a group goes before a shop; a key is for some shops or for
all; stock belongs to a shop, or to a group that shares it (id_shop 0); orders and customers are
shown of all shops of a group that shares them.
"""

from collections.abc import Mapping

from .errors import WebserviceError
from .store import Row, Store

MAIN = 1
# Their lists follow a group that shares them; a record by its id does not.
SHARED = {"orders": "share_order", "customers": "share_customer", "carts": "share_order"}
BY_SHOP = frozenset({"stock_availables", *SHARED})


class UnknownShopError(Exception):
    """Answered by a redirection to the shop's front page (205)."""


def asked(params: Mapping[str, str], store: Store) -> list[int]:
    """The ids of the shops that a request is for. Raises `UnknownShopError`."""
    group, shop = params.get("id_group_shop", ""), params.get("id_shop")
    every = [int(row["id"]) for row in store.rows("shops")]
    if group.isdigit():
        members = [int(row["id"]) for row in store.find("shops", "id_shop_group", group)]
        if not members:
            raise WebserviceError(500, (999, "This group shop doesn't have shops"))
        return members
    if shop is None:
        return [MAIN]
    if shop == "all":
        return every
    if store.get("shops", shop) is None:
        raise UnknownShopError
    return [int(shop)]


def admit(key: Row, shops: list[int]) -> None:
    """Refuses a key that is for none of the shops; one that names no shops is for all."""
    mine = key.get("shops")
    if mine is not None and not set(mine) & set(shops):
        raise WebserviceError(403, (132, "No permission for this key on this shop"))


def sees(store: Store, shops: list[int], resource: str, row: Row) -> bool:
    """Whether a list of these shops has the row."""
    if resource == "stock_availables":
        return _stock(store, shops, row)
    if resource in SHARED:
        seen = set(shops)
        for one in shops:
            group = store.get("shop_groups", _group(store, one))
            if group is not None and str(group.get(SHARED[resource])) == "1":
                members = store.find("shops", "id_shop_group", group["id"])
                seen |= {int(other["id"]) for other in members}
        return int(row.get("id_shop") or MAIN) in seen
    return True


def by_id(store: Store, shops: list[int], resource: str, row: Row) -> None:
    """Refuses a record of another shop, where the shop itself looks."""
    if resource == "stock_availables" and not _stock(store, shops, row):
        message = f"This StockAvailable ({row['id']}) does not exists on this shop"
        raise WebserviceError(404, (131, message))


def _stock(store: Store, shops: list[int], row: Row) -> bool:
    of = int(row.get("id_shop") or 0)
    if of:
        return of in shops
    return int(row.get("id_shop_group") or 0) in {_group(store, one) for one in shops}


def _group(store: Store, shop: int) -> int:
    row = store.get("shops", shop)
    return int(row["id_shop_group"]) if row is not None else 0
