"""The load that Causeway puts on a far side, as its connection page tells it. Sums of minutes and
hours: the cost of the answer does not grow with what is remembered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection as database
from django.db.models import Sum

from causeway.base.actors import Actor
from causeway.base.ids import new_id
from causeway.base.permissions import check
from connectors.connections.models import Connection
from connectors.sdk.meter import Meter
from connectors.sdk.quiet import quiet_hours
from flows.models import ConnectionLoad
from flows.protection.policy import policy_of
from flows.protection.reading import learnt_pace

CHECK: Final = "check"  # the operation under which checks are counted
_SUMS: Final = ("calls", "requests", "failed", "throttled", "ms")
_MINUTES: Final = 60
_HOURS: Final = 24


def load_of(actor: Actor, connection: Connection, *, now: datetime) -> dict[str, Any]:
    """Requests in the last whole minute, 60 minutes and 24 hours, against the cap; mean time of an
    answer, share by operation, and the series behind it.

    What a worker asked in the last five seconds may be missing. Raises `PermissionDenied` without
    `read_connections`.
    """
    check(actor, "read_connections", connection.workspace)
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    hour = minute.replace(minute=0)
    minutes = _rows(connection, "m", minute - timedelta(minutes=_MINUTES - 1))
    hours = _rows(connection, "h", hour - timedelta(hours=_HOURS - 1))
    policy = policy_of(connection.settings)
    learnt = learnt_pace(str(connection.id))
    cap = None if policy.rate is None else round(policy.rate * 60, 2)
    return {
        "minute": _sum([one for one in minutes if one["at"] == minute - timedelta(minutes=1)]),
        "hour": _sum(minutes),
        "day": _sum(hours),
        "cap_per_minute": cap,
        "learnt_per_minute": None if learnt is None else round(learnt * 60, 2),
        "operations": _shares(hours),
        "minutes": _series(minutes, minute, timedelta(minutes=1), _MINUTES),
        "hours": _series(hours, hour, timedelta(hours=1), _HOURS),
    }


def quiet_of(connection: Connection, *, now: datetime) -> dict[str, Any] | None:
    """The connection's quiet hours: `mode`, `zone`, and `until` when they are over while it is in
    them. None without any."""
    hours = quiet_hours(connection.settings, zone=str(connection.facts.get("time_zone") or ""))
    if not hours.week:
        return None
    return {
        "mode": "slow" if hours.slow else "pause",
        "zone": hours.zone.key,
        "until": hours.until(now),
    }


def note_check(connection: Connection, meter: Meter, *, failed: bool, now: datetime) -> None:
    """What a check asked, which no worker carried."""
    if not meter.requests:
        return
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    with database.cursor() as cursor:
        for grain, at in (("h", minute.replace(minute=0)), ("m", minute)):
            cursor.execute(
                _ADD,
                [
                    new_id(),
                    connection.id,
                    grain,
                    at,
                    CHECK,
                    meter.requests,
                    int(failed),
                    round(meter.ms),
                ],
            )


_ADD: Final = """
INSERT INTO flows_connectionload AS l
    (id, connection_id, grain, at, operation, calls, requests, failed, throttled, ms)
VALUES (%s, %s, %s, %s, %s, 1, %s, %s, 0, %s)
ON CONFLICT (connection_id, grain, at, operation) DO UPDATE
SET calls = l.calls + 1, requests = l.requests + EXCLUDED.requests,
    failed = l.failed + EXCLUDED.failed, ms = l.ms + EXCLUDED.ms
"""


def _rows(connection: Connection, grain: str, since: datetime) -> list[dict[str, Any]]:
    rows = (
        ConnectionLoad.objects.filter(connection=connection, grain=grain, at__gte=since)
        .values("at", "operation")
        .annotate(**{f"{name}_": Sum(name) for name in _SUMS})
    )
    return [dict(one) for one in rows]


def _sum(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = {name: sum(int(one[f"{name}_"]) for one in rows) for name in _SUMS}
    ms = found.pop("ms")
    return {**found, "mean_ms": round(ms / found["requests"]) if found["requests"] else None}


def _shares(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By operation, the one that asks most first; `share` in percent."""
    total = sum(int(one["requests_"]) for one in rows)
    by_operation: dict[str, list[Mapping[str, Any]]] = {}
    for one in rows:
        by_operation.setdefault(str(one["operation"]), []).append(one)
    found = [
        {
            "operation": name,
            **(sums := _sum(some)),
            "share": round(100 * sums["requests"] / total, 1) if total else 0.0,
        }
        for name, some in by_operation.items()
    ]
    return sorted(found, key=lambda one: (-int(one["requests"]), str(one["operation"])))


def _series(
    rows: Sequence[Mapping[str, Any]], last: datetime, step: timedelta, count: int
) -> list[int]:
    """Requests of each minute or hour, oldest first, those without any included."""
    by_time: dict[datetime, int] = {}
    for one in rows:
        by_time[one["at"]] = by_time.get(one["at"], 0) + int(one["requests_"])
    return [by_time.get(last - step * back, 0) for back in range(count - 1, -1, -1)]
