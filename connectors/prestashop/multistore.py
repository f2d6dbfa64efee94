"""Which of a multistore's shops is meant: the connection's, or the one that an operation names.

The webservice takes `id_shop` (an id, or `all`) or `id_group_shop`; without either it answers for
the main shop. Recorded: 204 to 206. From PrestaShop's source (WebserviceRequest, 8 and 9): a group
goes before a shop, a key that is not for the shop gets 403 with code 132, and stock that a group of
shops shares is one row with id_shop 0 and the group's id, which each of them sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from connectors.prestashop.client import clean_id
from connectors.prestashop.transforms import id_text
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.trigger import ReadHook, SourceEvent

ALL: Final = "all"
_SESSIONS: Final = "prestashop.of_shops"
# What differs from shop to shop, or is found by values and not by its id.
SCOPED: Final = ("prestashop.stock.", "prestashop.product.", "prestashop.resource.")
INPUT: Final[Mapping[str, Any]] = {
    "type": ["string", "integer", "null"],
    "title": "Shop of a multistore",
    "description": "Its id, or all. Empty: the connection's.",
    "pattern": "^([1-9][0-9]{0,8}|all)?$",
}


def is_scoped(name: str) -> bool:
    """Whether an operation lets a flow name the shop."""
    return name.startswith(SCOPED) or name.endswith(".search")


def with_shop(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest entry of an operation, with `shop_id` among the inputs where it is scoped."""
    if not is_scoped(entry["name"]):
        return dict(entry)
    given = entry["input"]
    return {**entry, "input": {**given, "properties": {**given["properties"], "shop_id": INPUT}}}


def scoped(operation: Operation) -> Operation:
    """The operation, asking in the shop that its params name."""
    if not is_scoped(operation.name):
        return operation
    inner, inner_probe = operation.run, operation.probe

    async def run(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
        return await inner(_in_shop(ctx, params), params)

    async def probe(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
        assert inner_probe is not None  # noqa: S101 - only given where there is one
        return await inner_probe(_in_shop(ctx, params), params)

    return replace(operation, run=run, probe=probe if inner_probe is not None else None)


def _in_shop(ctx: OperationContext, params: Mapping[str, Any]) -> OperationContext:
    """Raises `RejectedError` for what is no id. What a shop says of itself is kept by shop."""
    shop = str(params.get("shop_id") or "").strip()
    if not shop or shop == shop_of(ctx.connection):
        return ctx
    if shop != ALL:
        shop = clean_id(shop, what="shop_id")
    settings = {**ctx.connection.settings, "shop_id": shop}
    sessions = ctx.session.setdefault(_SESSIONS, {})
    return replace(
        ctx,
        connection=replace(ctx.connection, settings=settings),
        session=sessions.setdefault(shop, {}),
    )


def shop_of(connection: ConnectionConfig) -> str:
    """The shop's id, "all", or "" where the settings name none."""
    return str(connection.settings.get("shop_id") or "")


def own_shop(connection: ConnectionConfig) -> str:
    """The id of the one shop that the connection is for; "" where there is no one."""
    shop = shop_of(connection)
    return "" if shop == ALL else shop


def of_its_shop(read_hook: ReadHook) -> ReadHook:
    """Deliveries that name another shop than the connection's are news for nobody."""

    def read(connection: ConnectionConfig, body: Mapping[str, Any]) -> Sequence[SourceEvent]:
        events = read_hook(connection, body)
        own, named = own_shop(connection), id_text(body.get("id_shop"))
        return () if own and named not in ("0", "", own) else events

    return read
