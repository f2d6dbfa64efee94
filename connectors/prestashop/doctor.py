"""What a check looks at in a shop, one finding each, with the remedy in words."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.prestashop.client import Rights, ShopClient
from connectors.prestashop.doctor_shops import look_at_shops
from connectors.prestashop.reference import Reference
from connectors.prestashop.rights import USUAL
from connectors.prestashop.transforms import flag, local_text, text
from connectors.sdk.connector import Finding, Level
from connectors.sdk.errors import FarSideError
from connectors.sdk.operation import OperationContext

_CLOCK_TOLERANCE = 5
_GRANT = "In the shop's back office open Advanced Parameters, Webservice, and grant the key"
_NEVER_MAIL = "3"
_SETTINGS = "[CAUSEWAY_FAILED|CAUSEWAY_URL|CAUSEWAY_VERSION|PS_MAIL_METHOD]"
# Before it the module told of orders only.
_MODULE_NOW = (1, 1)
_PACK = "`causeway far-side prestashop --out causeway.zip`"
# Asked for a change in this order: what flows change most.
_CHANGED = ("order_carriers", "stock_availables", "customers", "products")


def look_at_rights(
    rights: Rights, missing: Mapping[str, Sequence[tuple[str, str]]]
) -> list[Finding]:
    """What the key may do; for each resource that a usual operation misses, which verbs."""
    ready = sum(not one for one in missing.values())
    found = [
        Finding(
            id="key",
            level=Level.OK,
            says=f"The shop takes the key; {ready} of {len(missing)} operations have their rights.",
        )
    ]
    verbs: dict[str, set[str]] = {}
    needed: dict[str, set[str]] = {}
    for name in sorted(USUAL):
        for resource, verb in missing[name]:
            verbs.setdefault(resource, set()).add(verb)
            needed.setdefault(resource, set()).add(name.removeprefix("prestashop."))
    for resource, lacks in sorted(verbs.items()):
        wanted = ", ".join(sorted(lacks))
        found.append(
            Finding(
                id=f"rights.{resource}",
                level=Level.WARN,
                says=f"The key may not {wanted} {resource}, which "
                f"{', '.join(sorted(needed[resource]))} needs.",
                remedy=f"{_GRANT}: {resource} {wanted}.",
            )
        )
    further = {name: one for name, one in missing.items() if one and name not in USUAL}
    if further:
        wanted = ", ".join(sorted({" ".join(each) for one in further.values() for each in one}))
        found.append(
            Finding(
                id="rights.further",
                level=Level.OK,
                says=f"{len(further)} operations more lack rights; a flow may never need them.",
                remedy=f"For those that a flow uses: {_GRANT.lower()[:1]}{_GRANT[1:]}: {wanted}.",
            )
        )
    return found


def look_at_clock(rights: Rights, now: datetime) -> Finding:
    """How the shop's clock stands to ours: events are ordered by the shop's time."""
    if rights.server_time is None:
        return Finding(id="clock", level=Level.OK, says="The shop's server does not tell its time.")
    seconds = round((rights.server_time - now).total_seconds())
    if abs(seconds) <= _CLOCK_TOLERANCE:
        return Finding(id="clock", level=Level.OK, says="The shop's clock agrees with ours.")
    word = "ahead of" if seconds > 0 else "behind"
    return Finding(
        id="clock",
        level=Level.WARN,
        says=f"The shop's clock is {abs(seconds)} s {word} ours.",
        remedy="Let the shop's server and this one set their clocks by NTP.",
    )


async def look_around(
    ctx: OperationContext, client: ShopClient, rights: Rights, change: str
) -> list[Finding]:
    """What takes further requests, as far as the key may ask."""
    found = [
        Finding(id="url_rewriting", level=Level.OK, says="Friendly URLs lead to the webservice.")
    ]
    if _may_read(rights, "shops"):
        found.append(await _told("multistore", look_at_shops(ctx)))
    changeable = [name for name, verbs in rights.verbs.items() if change in verbs]
    if changeable:
        named = next((one for one in _CHANGED if one in changeable), sorted(changeable)[0])
        found.append(await _told(f"method.{change.lower()}", _method(client, change, named)))
    if _may_read(rights, "orders") and _may_read(rights, "configurations"):
        found.append(await _told("date_filter", _date_filter(ctx, client)))
    if _may_read(rights, "configurations"):
        settings = await _settings(client)
        found += [_module(settings), await _told("mail", _mail(ctx, client, rights, settings))]
    if _may_read(rights, "orders") and not _may_read(rights, "order_payments"):
        found.append(
            Finding(
                id="rights.order_payments",
                level=Level.OK,
                says="Orders are read without their payments.",
                remedy=f"{_GRANT}: order_payments GET.",
            )
        )
    return found


def _may_read(rights: Rights, resource: str) -> bool:
    return "GET" in rights.verbs.get(resource, frozenset())


async def _told(id_: str, looking: Awaitable[Finding]) -> Finding:
    """A look that fails is a finding too."""
    try:
        return await looking
    except FarSideError as error:
        return Finding(
            id=id_,
            level=Level.WARN,
            says=f"Could not be looked at: {error.message}",
            remedy=error.fix,
        )


async def _method(client: ShopClient, method: str, resource: str) -> Finding:
    id_ = f"method.{method.lower()}"
    if await client.passes(method, resource):
        return Finding(id=id_, level=Level.OK, says=f"{method} reaches the shop.")
    if method == "PATCH":
        return Finding(
            id=id_,
            level=Level.WARN,
            says="A server in front of the shop blocks PATCH; changes go as POST with ps_method.",
            remedy="Nothing has to be done; allow PATCH for /api in the web server if you can.",
        )
    return Finding(
        id=id_,
        level=Level.FAIL,
        says=f"A server in front of the shop blocks {method}: nothing can be changed.",
        remedy=f"Allow {method} for /api in the web server or its firewall.",
    )


async def _date_filter(ctx: OperationContext, client: ShopClient) -> Finding:
    zone = (await Reference(ctx, client).facts()).zone
    since = local_text(ctx.now() - timedelta(days=1), zone)
    try:
        await client.rows(
            "orders",
            shape="record",
            display="[id,date_upd]",
            filters={"date_upd": f">[{since}]"},
            sort="[id_DESC]",
            limit="1",
            dates=True,
        )
    except FarSideError as error:
        if error.retryable:
            raise
        return Finding(
            id="date_filter",
            level=Level.FAIL,
            says=f"The shop does not filter orders by date: {error.message}",
            remedy="See whether a module of the shop changes its webservice; without the filter "
            "the poll finds nothing.",
        )
    return Finding(id="date_filter", level=Level.OK, says="Orders can be asked for by date.")


async def _settings(client: ShopClient) -> Mapping[str, str]:
    try:
        found = await client.rows(
            "configurations", display="[name,value]", filters={"name": _SETTINGS}
        )
    except FarSideError:
        return {}
    return {text(one["name"]): text(one["value"]) for one in found.rows}


def _module(settings: Mapping[str, str]) -> Finding:
    version, url = settings.get("CAUSEWAY_VERSION", ""), settings.get("CAUSEWAY_URL", "")
    if not version and not url:
        return Finding(
            id="module",
            level=Level.WARN,
            says="The Causeway module is not installed: news waits for the next poll.",
            remedy=f"Pack it with {_PACK}, install it in the shop and enter this connection's hook "
            "address and secret, for news within seconds.",
        )
    named = f"The Causeway module {version or 'of an unknown version'} is installed"
    if not url:
        return Finding(
            id="module",
            level=Level.WARN,
            says=f"{named} and tells nobody.",
            remedy="Enter this connection's hook address and secret on the module's page.",
        )
    if _numbers(version) < _MODULE_NOW:
        return Finding(
            id="module",
            level=Level.WARN,
            says=f"{named}, which tells of orders only.",
            remedy=f"Update it: pack the new one with {_PACK} and upload it under Modules, Module "
            "Manager; what waits and what is entered stays.",
        )
    failed = settings.get("CAUSEWAY_FAILED", "")
    if failed.isdigit() and int(failed):
        return Finding(
            id="module",
            level=Level.WARN,
            says=f"{named} and gave up {int(failed)} news that we refused or did not answer.",
            remedy="See the last answer on the module's page, then resend what failed; polls bring "
            "the records all the same.",
        )
    return Finding(id="module", level=Level.OK, says=f"{named} and has an address.")


def _numbers(version: str) -> tuple[int, ...]:
    """(1, 1, 0) of "1.1.0"; (0,) where it cannot be told."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(one.isdigit() for one in parts) else (0,)


async def _mail(
    ctx: OperationContext, client: ShopClient, rights: Rights, settings: Mapping[str, str]
) -> Finding:
    if settings.get("PS_MAIL_METHOD") == _NEVER_MAIL:
        return Finding(
            id="mail",
            level=Level.WARN,
            says="The shop sends no mail at all: nobody hears of a new state.",
            remedy="Choose how to send under Advanced Parameters, E-mail.",
        )
    if not _may_read(rights, "order_states"):
        return Finding(
            id="mail", level=Level.OK, says="Which states mail the customer is not told to us."
        )
    states = await Reference(ctx, client).table("order_states")
    mailing = sum(flag(one.get("send_email")) for one in states.values())
    if not mailing:
        return Finding(
            id="mail",
            level=Level.WARN,
            says="No order state mails the customer.",
            remedy="Under Shop Parameters, Order Settings, Statuses, tick the mail of those that "
            "should.",
        )
    return Finding(
        id="mail",
        level=Level.OK,
        says=f"{mailing} of {len(states)} order states mail the customer, when a flow asks for it.",
    )
