"""What pages are told of the protection of connections: one round trip for all of them.

Also the one thing that a page does: have a connection that was repaired tried at once.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import redis
import structlog
from django.conf import settings

from flows.protection.board import KEPT, PREFIX, SWAP
from flows.protection.circuit import Phase
from flows.protection.policy import Policy, policy_of
from flows.protection.record import Record, Resume, from_bytes, to_bytes

log = structlog.get_logger(__name__)

_PATIENCE: Final = 0.3
_TRIES: Final = 5


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)


def circuits(connections: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the API says of each connection (id to its settings). Without Redis: what is known,
    which is the limit."""
    records = _records(list(connections))
    now = time.time()
    return {
        id_: described(records.get(id_), policy_of(given), now=now)
        for id_, given in connections.items()
    }


def learnt_pace(connection: str) -> float | None:
    """Requests a second that the far side was found to bear; None where that is not known."""
    record = _records([connection]).get(connection)
    return None if record is None else record.pace.rate


def described(record: Record | None, policy: Policy, *, now: float) -> dict[str, Any]:
    """One connection: state, cause, since, next_try_at, limit, cap, in_flight, p95_ms."""
    if record is None:
        record = Record.new(policy, now)
        since = None
    else:
        since = _instant(record.circuit.since)
    circuit = record.circuit
    closed = circuit.phase is Phase.CLOSED
    return {
        "state": circuit.phase.value,
        "cause": circuit.cause.value,
        "since": since,
        "next_try_at": None if closed else _instant(circuit.next_try_at),
        "limit": record.permits(policy),
        "cap": policy.cap,
        "in_flight": record.in_flight(now),
        "p95_ms": record.concurrency.p95_ms(),
    }


def resume(connection: str) -> None:
    """Somebody repaired or checked it: the next step that asks may probe. Never raises."""
    try:
        client = _client(settings.CAUSEWAY.redis_url)
        for _ in range(_TRIES):
            found: Any = client.hmget(PREFIX + connection, "version", "record")
            version, raw = found
            record = from_bytes(raw) if raw else None
            if record is None or record.circuit.phase in (Phase.CLOSED, Phase.HALF_OPEN):
                return
            record.apply(Resume(at=time.time()), cap=1)
            answer: Any = client.eval(
                SWAP,
                1,
                PREFIX + connection,
                version,
                secrets.token_hex(6),
                to_bytes(record),
                str(KEPT),
            )
            if answer[0]:
                return
    except redis.RedisError as error:
        log.warning("connection is tried at its next interval", error=type(error).__name__)


def _records(ids: Sequence[str]) -> dict[str, Record]:
    if not ids:
        return {}
    try:
        batch = _client(settings.CAUSEWAY.redis_url).pipeline(transaction=False)
        for id_ in ids:
            batch.hget(PREFIX + id_, "record")
        answers = batch.execute()
    except redis.RedisError as error:
        log.warning("circuits are not known now", error=type(error).__name__)
        return {}
    found = {id_: from_bytes(raw) for id_, raw in zip(ids, answers, strict=True) if raw}
    return {id_: record for id_, record in found.items() if record is not None}


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
