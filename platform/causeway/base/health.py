"""Is the process up, and can the platform carry runs?"""

import time
from collections.abc import Callable
from typing import Any, Final

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

HEARTBEAT_PREFIX: Final = "causeway:heartbeat:"
HEARTBEAT_SECONDS: Final = 5.0
HEARTBEAT_KEPT: Final = 20  # seconds until a silent worker counts as gone


def healthz(_request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers; asks nobody else."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database, Redis and at least one worker for runs are there, else 503."""
    checks = {
        name: _tried(look)
        for name, look in (("database", _database), ("redis", _redis), ("workers", _workers))
    }
    ready = all(one["ok"] for one in checks.values())
    return JsonResponse(
        {"status": "ready" if ready else "not ready", "checks": checks},
        status=200 if ready else 503,
    )


def broker() -> redis.Redis:
    """A client of the configured Redis that gives up soon. The caller closes it."""
    return redis.Redis.from_url(
        settings.CAUSEWAY.redis_url, socket_timeout=2, socket_connect_timeout=2
    )


def beat_heart(client: redis.Redis, *, queues: str, worker: str) -> None:
    """Say that the worker `worker` of these queues is alive."""
    client.set(f"{HEARTBEAT_PREFIX}{queues}:{worker}", int(time.time()), ex=HEARTBEAT_KEPT)


def _tried(look: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"ok": True, "detail": look()}
    except (DatabaseError, redis.RedisError, LookupError) as error:
        return {"ok": False, "detail": type(error).__name__}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        (count,) = cursor.fetchone()
    return f"{count} migrations"


def _redis() -> str:
    with broker() as client:
        client.ping()
    return "answers"


def _workers() -> str:
    with broker() as client:
        count = sum(1 for _ in client.scan_iter(match=f"{HEARTBEAT_PREFIX}runs:*"))
    if not count:
        raise LookupError("no worker for runs")
    return f"{count} for runs"
