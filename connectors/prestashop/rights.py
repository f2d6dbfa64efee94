"""Which rights of a webservice key each operation needs."""

from collections.abc import Mapping

from connectors.prestashop.client import Rights
from connectors.prestashop.nouns import NOUNS

_READ = frozenset({"GET"})
# "CHANGE" stands for PATCH, or PUT on shops before 8.0.
NEEDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "prestashop.order_event": {"orders": _READ, "configurations": _READ},
    "prestashop.order.get": dict.fromkeys(
        (
            "orders",
            "customers",
            "addresses",
            "carriers",
            "countries",
            "states",
            "currencies",
            "order_states",
            "configurations",
        ),
        _READ,
    ),
    "prestashop.order.set_state": {
        "orders": _READ,
        "order_states": _READ,
        "order_histories": frozenset({"GET", "POST"}),
    },
    "prestashop.order.set_tracking": {
        "orders": _READ,
        "order_carriers": frozenset({"GET", "CHANGE"}),
    },
    "prestashop.order.ship": {
        "orders": _READ,
        "order_states": _READ,
        "order_carriers": frozenset({"GET", "CHANGE"}),
        "order_histories": frozenset({"GET", "POST"}),
    },
    "prestashop.stock.set": {
        "stock_availables": frozenset({"GET", "CHANGE"}),
        "products": _READ,
        "combinations": _READ,
    },
    "prestashop.stock.adjust": {
        "stock_availables": frozenset({"GET", "CHANGE"}),
        "products": _READ,
        "combinations": _READ,
    },
    "prestashop.order.create": {
        "carts": frozenset({"GET", "POST"}),
        "orders": frozenset({"GET", "POST", "CHANGE"}),
        "customers": _READ,
        "products": _READ,
        "combinations": _READ,
        "configurations": _READ,
    },
    "prestashop.order.add_message": {
        "orders": _READ,
        "customers": _READ,
        "customer_threads": frozenset({"GET", "POST"}),
        "customer_messages": frozenset({"GET", "POST"}),
    },
    "prestashop.customer.upsert": {
        "customers": frozenset({"GET", "POST", "CHANGE"}),
        "configurations": _READ,
    },
    "prestashop.address.upsert": {
        "addresses": frozenset({"GET", "POST", "CHANGE"}),
        "countries": _READ,
        "states": _READ,
        "orders": _READ,
        "configurations": _READ,
    },
    "prestashop.product.upsert": {
        "products": frozenset({"GET", "POST", "CHANGE"}),
        "languages": _READ,
        "configurations": _READ,
    },
    **{noun.operation: {noun.resource: _READ, "configurations": _READ} for noun in NOUNS},
}
# What a shop is usually connected for; that another operation lacks a right is no news.
USUAL = frozenset(
    {
        "prestashop.order_event",
        "prestashop.order.get",
        "prestashop.order.set_state",
        "prestashop.order.set_tracking",
        "prestashop.order.ship",
        "prestashop.stock.set",
    }
)


def lacking(
    rights: Rights, needs: Mapping[str, frozenset[str]], change: str
) -> list[tuple[str, str]]:
    """Rights that are missing, as resource and verb. `change` is the verb with which this version
    changes records: the one right does not stand for the other."""
    found = []
    for resource, verbs in sorted(needs.items()):
        granted = rights.verbs.get(resource, frozenset())
        for verb in sorted(verbs):
            wanted = change if verb == "CHANGE" else verb
            if wanted not in granted:
                found.append((resource, wanted))
    return found
