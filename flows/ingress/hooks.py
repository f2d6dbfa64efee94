"""From a request at a hook to verified news of a connection."""

import asyncio
import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from causeway.base.problems import Problem
from connectors.connections.hook_secret import PREVIOUS
from connectors.connections.models import Connection
from connectors.connections.service import config_of
from connectors.sdk import codec
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.standard_webhooks import TEST_EVENT, SignatureError, verify
from connectors.sdk.trigger import SourceEvent
from flows.dispatch.catalog import catalog

log = structlog.get_logger(__name__)

FRESH: Final = 2.0  # seconds for which a connection counts as known, or as unknown
_MOST: Final = 10_000
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_ID_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The connection behind an address."""

    connection_id: UUID
    environment_id: UUID
    config: ConnectionConfig


class Hooks:
    """Connections by hook token, remembered for a moment; so are tokens that lead nowhere."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, Hook | None]] = OrderedDict()
        self._looking: dict[str, asyncio.Task[Hook | None]] = {}

    async def find(self, token: str) -> Hook | None:
        """None when no connection has this address."""
        if not _TOKEN.fullmatch(token):
            return None
        known = self._known.get(token)
        if known is not None and time.monotonic() - known[0] < FRESH:
            return known[1]
        # All that arrive while a connection is looked up wait for the same answer: one look costs
        # some milliseconds of a single thread, and hundreds may arrive at once.
        looking = self._looking.get(token)
        if looking is None or looking.get_loop() is not asyncio.get_running_loop():
            looking = asyncio.create_task(self._look_up(token))
            self._looking[token] = looking
        # Whoever hangs up takes the answer away from nobody.
        return await asyncio.shield(looking)

    async def _look_up(self, token: str) -> Hook | None:
        try:
            hook = await sync_to_async(_load)(token)
        finally:
            if self._looking.get(token) is asyncio.current_task():
                del self._looking[token]
        self._known[token] = (time.monotonic(), hook)
        self._known.move_to_end(token)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return hook

    def forget(self) -> None:
        self._known.clear()


def _load(token: str) -> Hook | None:
    close_old_connections()
    row = (
        Connection.objects.filter(hook_token=token)
        .prefetch_related("credentials__data_key")
        .first()
    )
    if row is None:
        return None
    return Hook(connection_id=row.id, environment_id=row.environment_id, config=config_of(row))


def check_sender(hook: Hook, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """The delivery's id, when who holds the connection's secret sent it.

    Raises a 401 `Problem`. `headers` has lower-case names.
    """
    secret = hook.config.secrets.get("webhook_secret", "")
    if not secret:
        raise Problem(
            401, "hook_without_secret", "The connection has no webhook_secret to check with."
        )
    if "x-causeway-secret" in headers:
        return _check_shared(hook, secret, headers, body)
    try:
        delivery_id = verify(
            secrets=[secret, *filter(None, [hook.config.secrets.get(PREVIOUS)])],
            headers=headers,
            body=body,
            now=now,
            window=settings.CAUSEWAY.hook_window,
        )
    except SignatureError as error:
        raise Problem(401, error.code, str(error)) from None
    except ValueError as error:
        raise Problem(401, "hook_secret_unusable", f"The webhook_secret: {error}.") from None
    return _fitting(delivery_id)


def _check_shared(hook: Hook, secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The weaker kind, for far sides that cannot compute an HMAC."""
    if hook.config.settings.get("webhook_auth") != "shared_secret":
        raise Problem(
            401, "shared_secret_not_allowed", "This connection takes signed deliveries only."
        )
    if not hmac.compare_digest(headers["x-causeway-secret"].encode(), secret.encode()):
        raise Problem(401, "bad_secret", "The shared secret is not the connection's.")
    # Without an id the body itself tells repetitions from news.
    given = headers.get("webhook-id", "")
    return _fitting(given or "sha256:" + hashlib.sha256(body).hexdigest())


def _fitting(delivery_id: str) -> str:
    if len(delivery_id) > _ID_LENGTH or "\x00" in delivery_id:
        raise Problem(
            400, "delivery_id", f"A delivery id has at most {_ID_LENGTH} printable characters."
        )
    return delivery_id


def read_news(hook: Hook, body: bytes) -> Sequence[SourceEvent]:
    """The events in a verified body. Raises a 400 `Problem` for what the connector's far side
    does not send."""
    try:
        document: Any = codec.loads(body)
    except ValueError as error:
        raise Problem(400, "not_json", f"The body is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise Problem(400, "hook_body", "The body is JSON, but not an object.")
    if document.get("event") == TEST_EVENT:
        return ()  # noted as a delivery, news for nobody
    connector = catalog().connector(hook.config.connector)
    if connector is None or connector.read_hook is None:
        raise Problem(400, "hook_not_used", "Connections of this kind take no deliveries.")
    try:
        return connector.read_hook(hook.config, document)
    except ValueError as error:
        raise Problem(400, "hook_body", str(error)) from None
