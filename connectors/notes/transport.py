"""Which way leads into a connection's database: asked for, or found out by looking.

`auto` takes the first that lets us in: the Domino REST API where a scope is named (it locks
exactly and reads many documents at once), else Domino Data Service, else the agent endpoint. Only a
plain refusal sends us on to the next: a server that is down is down, and must not make a flow
change its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.notes.client import NotesClient
from connectors.notes.dds.client import DdsClient
from connectors.notes.endpoint.client import EndpointClient
from connectors.notes.rest.client import RestClient
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    FarSideError,
    PermissionDeniedError,
)
from connectors.sdk.operation import OperationContext

AUTO = "auto"
_CHOICE_SLOT = "notes.transport"
_CHOICE_LIFE = timedelta(minutes=15)  # an administrator may open or close a way meanwhile
_WAYS: dict[str, Callable[[OperationContext], NotesClient]] = {
    RestClient.name: RestClient,
    DdsClient.name: DdsClient,
    EndpointClient.name: EndpointClient,
}
# What a server says that lets nobody in this way. Anything else may pass.
_REFUSALS = (ConfigurationError, PermissionDeniedError, AuthenticationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way into the database and what came of trying it; `error` is None when it is open."""

    name: str
    title: str
    error: FarSideError | None = None


def wanted(connection: ConnectionConfig) -> str:
    """auto, dds, drapi or agent."""
    return str(connection.settings.get("transport") or AUTO)


async def connect(ctx: OperationContext) -> NotesClient:
    """The way into the connection's database. Raises `ConfigurationError`,
    `PermissionDeniedError` or `AuthenticationError` where none is open, and `UnavailableError`
    where that cannot be found out."""
    name = wanted(ctx.connection)
    if name == AUTO:
        known: tuple[str, datetime] | None = ctx.session.get(_CHOICE_SLOT)
        name = known[0] if known and ctx.now() < known[1] else await _choose(ctx)
    return _WAYS[name](ctx)


async def try_ways(ctx: OperationContext) -> Sequence[Way]:
    """Every way that the connection may take, tried, in the order of preference; the first open
    one is used from now on. Raises what is no refusal."""
    ctx.session.pop(_CHOICE_SLOT, None)
    tried = [await _try(ctx, name) for name in _candidates(ctx.connection)]
    opened = next((one.name for one in tried if one.error is None), None)
    if opened and wanted(ctx.connection) == AUTO:
        _keep(ctx, opened)
    return tried


def _candidates(connection: ConnectionConfig) -> Sequence[str]:
    if (name := wanted(connection)) != AUTO:
        return [name]
    named = [RestClient.name] if connection.settings.get("scope") else []
    return [*named, DdsClient.name, EndpointClient.name]


def _keep(ctx: OperationContext, name: str) -> None:
    ctx.session[_CHOICE_SLOT] = (name, ctx.now() + _CHOICE_LIFE)


async def _choose(ctx: OperationContext) -> str:
    refused: list[FarSideError] = []
    for name in _candidates(ctx.connection):
        way = await _try(ctx, name)
        if way.error is None:
            _keep(ctx, name)
            return name
        refused.append(way.error)
        if name == DdsClient.name and isinstance(way.error, AuthenticationError):
            break  # the agent stands behind the same login: failing twice may lock the user out
    raise _no_way(refused)


async def _try(ctx: OperationContext, name: str) -> Way:
    client = _WAYS[name](ctx)
    try:
        await client.prove()
    except _REFUSALS as error:
        return Way(name=name, title=client.title, error=error)
    return Way(name=name, title=client.title)


def _no_way(refused: Sequence[FarSideError]) -> FarSideError:
    """The first refusal: the way that an administrator most likely meant to open."""
    first = refused[0]
    others: list[dict[str, Any]] = [{"code": o.code, "message": o.message} for o in refused[1:]]
    first.detail["other_ways"] = others
    return first
