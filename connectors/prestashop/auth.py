"""Whether a connection works, and for which operations."""

from collections.abc import Mapping

from connectors.prestashop.client import Rights, ShopClient
from connectors.prestashop.nouns import NOUNS
from connectors.prestashop.reference import Reference
from connectors.sdk.connector import CheckResult
from connectors.sdk.errors import FarSideError
from connectors.sdk.operation import OperationContext

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
# What a shop is usually connected for; that another operation lacks a right is no news, and the
# facts tell it.
_USUAL = frozenset(
    {
        "prestashop.order_event",
        "prestashop.order.get",
        "prestashop.order.set_state",
        "prestashop.order.set_tracking",
        "prestashop.order.ship",
        "prestashop.stock.set",
    }
)
_OLDEST = (1, 7, 8)
_CLOCK_TOLERANCE = 5


async def check(ctx: OperationContext) -> CheckResult:
    """Ask the shop who we are and what we may do.

    Good when at least one operation can be used; `facts` tell the version, the zone and what
    each other operation lacks.
    """
    client = ShopClient(ctx)
    try:
        rights = await client.rights()
        change = "PUT" if client.version and client.version < (8,) else "PATCH"
        lacking = {name: _lacking(rights, needs, change) for name, needs in NEEDS.items()}
        zone = ""
        if "GET" in rights.verbs.get("configurations", frozenset()):
            ctx.session.pop("prestashop.reference", None)
            zone = (await Reference(ctx, client).facts()).zone.key
    except FarSideError as error:
        return CheckResult(ok=False, message=error.message, fix=error.fix)
    facts = {
        "shop": rights.shop_name,
        "version": rights.version,
        "time_zone": zone,
        "clock": _clock(rights, ctx),
        "operations": {
            name: f"needs {', '.join(missing)}" if missing else "ready"
            for name, missing in lacking.items()
        },
    }
    if client.version and client.version < _OLDEST:
        return CheckResult(
            ok=False,
            message=f"PrestaShop {rights.version} is too old.",
            fix="Update the shop to 1.7.8 or newer.",
            facts=facts,
        )
    unusable = sorted(name for name, missing in lacking.items() if missing)
    name = f"PrestaShop {rights.version}, {rights.shop_name}".rstrip(", ")
    told = [one for one in unusable if one in _USUAL]
    missing = sorted({one for each in told for one in lacking[each]})
    fix = ""
    if told:
        fix = (
            "In the shop's back office open Advanced Parameters, Webservice, and grant the key: "
            f"{'; '.join(missing)}."
        )
    if len(unusable) == len(lacking):
        message = f"{name}: the key may do nothing that a flow needs."
        return CheckResult(ok=False, message=message, fix=fix, facts=facts)
    message = f"{name}. Not granted: {', '.join(told)}." if told else f"{name}."
    return CheckResult(ok=True, message=message, fix=fix, facts=facts)


def _clock(rights: Rights, ctx: OperationContext) -> str:
    """How the shop's clock stands to ours, with the remedy when it is off: events are ordered by
    the shop's time."""
    if rights.server_time is None:
        return "not told"
    seconds = round((rights.server_time - ctx.now()).total_seconds())
    if abs(seconds) <= _CLOCK_TOLERANCE:
        return "agrees"
    word = "ahead" if seconds > 0 else "behind"
    return f"{abs(seconds)} s {word}: let the shop's server and this one set their clocks by NTP"


def _lacking(rights: Rights, needs: Mapping[str, frozenset[str]], change: str) -> list[str]:
    """Rights that are missing, as "order_histories POST". `change` is the verb with which this
    version changes records: the one right does not stand for the other."""
    found = []
    for resource, verbs in sorted(needs.items()):
        granted = rights.verbs.get(resource, frozenset())
        for verb in sorted(verbs):
            wanted = change if verb == "CHANGE" else verb
            if wanted not in granted:
                found.append(f"{resource} {wanted}")
    return found
