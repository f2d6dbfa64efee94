"""How this process reaches far sides: one guarded HTTP client, and what belongs to a connection."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import httpx
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from connectors.connections.models import Connection
from connectors.connections.service import load_connection
from connectors.connections.vault import VaultError
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import AuthenticationError, ConfigurationError
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext
from flows.store.pool import pool

log = structlog.get_logger(__name__)

CONFIG_FRESH: Final = 3.0  # seconds until a changed credential is noticed
AT_ONCE: Final = 8  # calls to one connection from one process

_NEEDS_ATTENTION: Final = """
UPDATE connections_connection
SET state = 'needs_attention', state_message = %(message)s, checked_at = now()
WHERE id = %(id)s AND (state <> 'needs_attention' OR state_message <> %(message)s)
"""
_WELL_AGAIN: Final = """
UPDATE connections_connection SET state = 'healthy', state_message = '', checked_at = now()
WHERE id = %(id)s AND state = 'needs_attention'
"""


@dataclass(slots=True)
class _Known:
    config: ConnectionConfig
    since: float
    session: dict[str, Any] = field(default_factory=dict)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    unwell: bool = False


def utcnow() -> datetime:
    """The clock that operations and the engine are given."""
    return datetime.now(UTC)


class Reach:
    """One for each event loop of a process that talks to far sides."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        """`client` replaces the guarded one (tests)."""
        self.client = client or build_client(allow=settings.CAUSEWAY.egress_allow)
        self._known: dict[UUID, _Known] = {}

    async def context(
        self, connection_id: UUID, *, effect_key: str = "", dry_run: bool = False
    ) -> OperationContext:
        """What an operation over this connection gets.

        Raises `ConfigurationError` when the connection is gone or its secrets cannot be opened.
        """
        known = await self._load(connection_id)
        return OperationContext(
            connection=known.config,
            http=self.client,
            effect_key=effect_key,
            now=utcnow,
            dry_run=dry_run,
            session=known.session,
        )

    async def gate(self, connection_id: UUID) -> asyncio.Semaphore:
        """Bounds the calls that this process makes over the connection at the same time."""
        return (await self._load(connection_id)).gate

    async def refused(self, connection_id: UUID, error: AuthenticationError) -> None:
        """The far side did not accept the credentials: people must see that."""
        known = self._known.get(connection_id)
        if known is not None:
            known.unwell = True
            known.since = 0.0  # a repaired credential counts from the next call on
            known.session.clear()
        log.warning("connection needs attention", connection=str(connection_id), code=error.code)
        await self._execute(_NEEDS_ATTENTION, {"id": connection_id, "message": error.message[:500]})

    async def answered(self, connection_id: UUID) -> None:
        """A call over the connection went through."""
        known = self._known.get(connection_id)
        if known is not None and known.unwell:
            known.unwell = False
            await self._execute(_WELL_AGAIN, {"id": connection_id})

    async def aclose(self) -> None:
        await self.client.aclose()

    async def _load(self, connection_id: UUID) -> _Known:
        known = self._known.get(connection_id)
        if known is not None and time.monotonic() - known.since < CONFIG_FRESH:
            return known
        config = await _config(connection_id)
        if known is None:
            known = self._known[connection_id] = _Known(config=config, since=time.monotonic())
        else:
            if known.config != config:
                known.session.clear()  # a login of the old credentials is worth nothing
                known.config = config
            known.since = time.monotonic()
        return known

    async def _execute(self, statement: LiteralString, params: Mapping[str, Any]) -> None:
        async with (await pool()).connection() as connection:
            await connection.execute(statement, params)


async def _config(connection_id: UUID) -> ConnectionConfig:
    try:
        return await sync_to_async(_load)(connection_id)
    except Connection.DoesNotExist:
        raise ConfigurationError(
            "The connection that the deployment names is gone.",
            code="connection_missing",
            fix="Deploy the flow again with a connection that exists.",
        ) from None
    except VaultError as error:
        raise ConfigurationError(
            f"The secrets of the connection cannot be opened: {error}",
            code="vault",
            fix="Give every process the key file with which the secrets were sealed.",
        ) from error


def _load(connection_id: UUID) -> ConnectionConfig:
    # The thread outlives many database connections; one that broke must not stay.
    close_old_connections()
    return load_connection(connection_id)
