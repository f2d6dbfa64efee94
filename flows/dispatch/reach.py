"""How this process reaches far sides: one guarded HTTP client, and what belongs to a connection."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    FarSideError,
    UnavailableError,
)
from connectors.sdk.http import build_client
from connectors.sdk.meter import metered
from connectors.sdk.operation import OperationContext
from connectors.sdk.quiet import SLOW_GAP, quiet_hours
from flows.dispatch.load import LoadBook
from flows.dispatch.table_board import TableBoard
from flows.engine.operations import QUIET, Hold
from flows.protection.circuit import Cause, Outcome, Seen
from flows.protection.guard import Guard, HeldError
from flows.protection.outcome import outcome_of
from flows.protection.policy import Policy, policy_of
from flows.protection.shared import Protection
from flows.store.pool import pool

log = structlog.get_logger(__name__)

CONFIG_FRESH: Final = 3.0  # seconds until a changed credential is noticed
QUIET_LOOK: Final = timedelta(hours=1)  # at the latest, what waits for their end looks again
_WAIT_SHARE: Final = 0.5  # of a call's time may pass until its turn comes
_TIMED_OUT: Final = 0.95  # of its time: who is cancelled later than that had no answer

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
    policy: Policy
    session: dict[str, Any] = field(default_factory=dict)
    unwell: bool = False
    slowly: asyncio.Lock = field(default_factory=asyncio.Lock)


def utcnow() -> datetime:
    """The clock that operations and the engine are given."""
    return datetime.now(UTC)


class Reach:
    """One for each event loop of a process that talks to far sides."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        """`client` replaces the guarded one (tests)."""
        self.client = client or build_client(allow=settings.CAUSEWAY.egress_allow)
        self._known: dict[UUID, _Known] = {}
        self.protection = Protection(
            settings.CAUSEWAY.redis_url,
            processes=settings.CAUSEWAY.worker_processes,
            instead=TableBoard(),
        )
        self.load = LoadBook()

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

    async def hold(self, connection_id: UUID, key: str) -> Hold | None:
        """Why nothing may leave over the connection now; None when the step `key` may call."""
        return await self.protection.hold(await self._guard(connection_id), key)

    async def is_slow(self, connection_id: UUID) -> bool:
        """Whether what can wait goes on slowly now."""
        config = (await self._load(connection_id)).config
        hours = quiet_hours(config.settings, zone=config.time_zone)
        return hours.slow and hours.until(utcnow()) is not None

    @asynccontextmanager
    async def turn(
        self,
        connection_id: UUID,
        *,
        key: str,
        type_: str,
        cost: float,
        within: float,
        can_wait: bool = False,
    ) -> AsyncIterator[None]:
        """One call within the limits of the connection, and what became of it noted.

        `within` (seconds) bounds the call, enforced by the caller; half of it may pass until
        its turn comes. Raises `UnavailableError` with code `connection_busy` or `circuit_open`
        when it had none. What `can_wait` for the end of quiet hours gets `quiet_hours` in them,
        or goes slowly, one of it after the other.
        """
        async with AsyncExitStack() as stack:
            gap = 0.0
            if can_wait and await self._slow(connection_id):
                await self._line_up(stack, self._known[connection_id].slowly, within)
                # Of the call's time enough is left for ten answers.
                gap = min(SLOW_GAP, within / 40)
            turn = self._turn(connection_id, key, type_, cost, within, gap=gap)
            await stack.enter_async_context(turn)
            yield

    async def _slow(self, connection_id: UUID) -> bool:
        """Whether what can wait goes slowly now. Raises `UnavailableError` with code
        `quiet_hours` where it has to wait."""
        config = (await self._load(connection_id)).config
        hours = quiet_hours(config.settings, zone=config.time_zone)
        until = hours.until(utcnow())
        if until is not None and not hours.slow:
            raise UnavailableError(
                "The connection's quiet hours hold polls and bulk reads back.",
                code=QUIET,
                fix="Nothing to do: it goes on when they are over.",
                # Somebody may shorten the hours meanwhile.
                detail={"until": min(until, utcnow() + QUIET_LOOK).isoformat()},
            )
        return until is not None

    async def _line_up(self, stack: AsyncExitStack, lock: asyncio.Lock, within: float) -> None:
        try:
            async with asyncio.timeout(within * _WAIT_SHARE):
                await lock.acquire()
        except TimeoutError:
            raise _busy() from None
        stack.callback(lock.release)

    @asynccontextmanager
    async def _turn(
        self, connection_id: UUID, key: str, type_: str, cost: float, within: float, *, gap: float
    ) -> AsyncIterator[None]:
        guard = await self._guard(connection_id)
        if guard.record.circuit.cause is Cause.CREDENTIALS:
            # Whichever process saw the refusal: this call, the probe, tells whether it is over.
            self._known[connection_id].unwell = True
        asked = time.monotonic()
        try:
            # Within the caller's own limit: a call that never had its turn is not uncertain.
            async with asyncio.timeout(within * _WAIT_SHARE):
                started = await self.protection.enter(guard, key=key, cost=cost)
        except TimeoutError:
            raise _busy() from None
        except HeldError:
            raise UnavailableError(
                "Calls over the connection are held back: the far side does not answer.",
                code="circuit_open",
                fix="Nothing to do: it goes on by itself when the far side answers again.",
            ) from None
        ended: tuple[Outcome, float | None] = (Outcome.NOT_SENT, None)
        metering = metered(gap=gap)
        meter = metering.__enter__()
        try:
            yield
            ended = (Outcome.ANSWERED, None)
        except asyncio.CancelledError:
            if time.monotonic() - asked >= within * _TIMED_OUT:
                ended = (Outcome.FAILED, None)
            raise
        except FarSideError as error:
            ended = outcome_of(error)
            raise
        finally:
            metering.__exit__(None, None, None)
            outcome, after = ended
            guard.leave(
                Seen(
                    at=self.protection.now(),
                    started=started + meter.waited,
                    outcome=outcome,
                    key=key,
                    type=type_,
                    retry_after=after,
                    requests=meter.requests,
                ),
                paid=cost,
            )
            self.load.note(connection_id, type_, meter, outcome)

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
        await self.load.aclose()
        await self.protection.aclose()
        await self.client.aclose()

    async def _guard(self, connection_id: UUID) -> Guard:
        known = await self._load(connection_id)
        return self.protection.guard(str(connection_id), known.policy)

    async def _load(self, connection_id: UUID) -> _Known:
        known = self._known.get(connection_id)
        if known is not None and time.monotonic() - known.since < CONFIG_FRESH:
            return known
        config = await _config(connection_id)
        if known is None:
            known = self._known[connection_id] = _Known(
                config=config, since=time.monotonic(), policy=policy_of(config.settings)
            )
        else:
            if known.config != config:
                known.session.clear()  # a login of the old credentials is worth nothing
                known.config = config
                known.policy = policy_of(config.settings)
                guard = self.protection.guard(str(connection_id), known.policy)
                guard.repaired(self.protection.now())
            known.since = time.monotonic()
        return known

    async def _execute(self, statement: LiteralString, params: Mapping[str, Any]) -> None:
        async with (await pool()).connection() as connection:
            await connection.execute(statement, params)


def _busy() -> UnavailableError:
    return UnavailableError(
        "The connection was busy with other calls for too long.",
        code="connection_busy",
        fix="Nothing to do: it is tried again. If it stays, the far side is slow.",
    )


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
