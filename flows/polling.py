"""Polls: asking far sides for news that no hook brought."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.utils import timezone

from connectors.sdk import codec
from connectors.sdk.errors import AuthenticationError, FarSideError, RejectedError
from connectors.sdk.quiet import SLOW_PAGE, SLOW_POLL
from connectors.sdk.trigger import PollPage
from flows.dispatch.accepting import Arrival, BacklogFullError, accept_within, announce_accepted
from flows.dispatch.catalog import catalog
from flows.dispatch.reach import Reach
from flows.engine.durations import parse_duration
from flows.engine.operations import QUIET
from flows.models import AwaitedNews, Listener, PollCursor
from flows.store.pool import json_text, pool

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(seconds=60)  # unless the connection's settings say poll_interval
LEASE: Final = timedelta(minutes=2)
_PATIENT: Final = 3  # polls without news before a connection is asked less often
_MOST_PAGES: Final = 20  # in one go; the rest at once in the next
_AT_ONCE: Final = 4
_PATIENCE: Final = 60.0  # seconds; half of it for a turn among the connection's calls
_LONGEST_PAUSE: Final = timedelta(minutes=10)


def ensure_poll_cursors(listeners: Iterable[Listener | AwaitedNews]) -> None:
    """Have a cursor for each listener whose trigger can poll. Call inside the transaction that
    makes the listeners; a cursor that exists keeps its place."""
    wanted = {
        (one.connection_id, one.trigger_type)
        for one in listeners
        if one.connection_id is not None and _pollable(one.trigger_type)
    }
    PollCursor.objects.bulk_create(
        [
            PollCursor(connection_id=connection, trigger_type=type_, due_at=timezone.now())
            for connection, type_ in sorted(wanted, key=str)
        ],
        ignore_conflicts=True,
    )


def _pollable(type_: str) -> bool:
    trigger = catalog().trigger(type_)
    return trigger is not None and trigger.poll is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    id: UUID
    connection_id: UUID
    trigger_type: str
    cursor: Mapping[str, Any] | None
    failures: int
    environment_id: UUID
    system: str
    settings: Mapping[str, Any]


# A cursor that no active deployment listens for rests where it is.
_LEASE: Final = """
UPDATE flows_pollcursor p SET lease_until = now() + %(lease)s
FROM connections_connection c
WHERE p.id = (
    SELECT q.id FROM flows_pollcursor q
    WHERE q.due_at <= now() AND (q.lease_until IS NULL OR q.lease_until < now())
      AND EXISTS (
        SELECT FROM flows_listener l JOIN flows_deployment d ON d.id = l.deployment_id
        WHERE l.connection_id = q.connection_id AND l.trigger_type = q.trigger_type
          AND d.retired_at IS NULL
        UNION ALL
        SELECT FROM flows_awaitednews a JOIN flows_deployment d ON d.id = a.deployment_id
        WHERE a.connection_id = q.connection_id AND a.trigger_type = q.trigger_type
          AND (d.retired_at IS NULL OR EXISTS (
            SELECT FROM flows_wait w
            WHERE w.topic = a.topic AND w.answered_at IS NULL AND w.topic <> ''
          ))
      )
    ORDER BY q.due_at LIMIT 1 FOR UPDATE SKIP LOCKED
) AND c.id = p.connection_id
RETURNING p.id, p.connection_id, p.trigger_type, p.cursor, p.failures, c.environment_id, c.system,
          c.settings
"""
_STORE: Final = """
UPDATE flows_pollcursor
SET cursor = %(cursor)s::jsonb, failures = 0, last_error = '',
    due_at = CASE WHEN %(done)s THEN now() + %(pause)s ELSE now() END,
    lease_until = CASE WHEN %(done)s THEN NULL ELSE now() + %(lease)s END
WHERE id = %(id)s AND lease_until > now()
RETURNING id
"""
_PUT_OFF: Final = """
UPDATE flows_pollcursor
SET failures = %(failures)s, last_error = %(error)s, due_at = now() + %(pause)s,
    lease_until = NULL
WHERE id = %(id)s
"""


async def poll_due(reach: Reach) -> int:
    """Poll everything that is due, a few at a time; returns how many runs that started."""
    return sum(await asyncio.gather(*(_poll_until_none_due(reach) for _ in range(_AT_ONCE))))


async def _poll_until_none_due(reach: Reach) -> int:
    news = 0
    while (due := await _lease_one()) is not None:
        try:
            news += await _poll(reach, due)
        except FarSideError as error:
            if error.code == QUIET:
                until = datetime.fromisoformat(str(error.detail["until"]))
                await _put_off(due, error.message, until - timezone.now(), counts=False)
                continue
            if isinstance(error, AuthenticationError):
                await reach.refused(due.connection_id, error)
            await _put_off(due, error.message)
        except BacklogFullError as error:
            await _put_off(due, str(error), error.retry_after)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            log.exception("poll failed in our own code", trigger=due.trigger_type)
            await _put_off(due, f"Causeway itself failed: {type(error).__name__}.")
    return news


async def _lease_one() -> _Due | None:
    async with (await pool()).connection() as connection:
        row = await (await connection.execute(_LEASE, {"lease": LEASE})).fetchone()
    if row is None:
        return None
    return _Due(
        id=row[0],
        connection_id=row[1],
        trigger_type=row[2],
        cursor=row[3],
        failures=row[4],
        environment_id=row[5],
        system=row[6],
        settings=row[7],
    )


async def _poll(reach: Reach, due: _Due) -> int:
    trigger = catalog().trigger(due.trigger_type)
    if trigger is None or trigger.poll is None:
        await _put_off(due, f"The trigger {due.trigger_type} is not installed here.")
        return 0
    key = f"poll:{due.trigger_type}"
    hold = await reach.hold(due.connection_id, key)
    if hold is not None:
        # Not a failure of the poll: it comes when the connection lets calls through again.
        pause = max(hold.until - timezone.now(), timedelta(seconds=1))
        await _put_off(due, "The connection holds calls back.", pause, counts=False)
        return 0
    context = await reach.context(due.connection_id)
    cursor = due.cursor
    news = 0
    slow = await reach.is_slow(due.connection_id)
    most = 1 if slow else _MOST_PAGES
    for count in range(1, most + 1):
        async with reach.turn(
            due.connection_id,
            key=key,
            type_=due.trigger_type,
            cost=1.0,
            within=_PATIENCE,
            can_wait=True,
        ):
            page = await trigger.poll(context, cursor)
        done = not page.more or page.cursor == cursor  # a page that leads to itself is the last
        if done:
            pause = max(pause_after(page, due.settings), SLOW_POLL if slow else timedelta(0))
        else:
            pause = SLOW_PAGE if slow else timedelta(0)
        accepted = await _store(due, page, done=done or count == most, pause=pause)
        if accepted is None:
            return news  # the lease is gone: somebody else polls
        news += accepted
        if done:
            break
        cursor = page.cursor
    await reach.answered(due.connection_id)
    return news


async def _store(due: _Due, page: PollPage, *, done: bool, pause: timedelta) -> int | None:
    """News and cursor in one transaction. Raises `BacklogFullError`, and `RejectedError` for a
    record that is too large for a run; then it stores neither."""
    _refuse_large(page)
    async with (await pool()).connection() as connection, connection.transaction():
        cursor = await connection.execute(
            _STORE,
            {
                "id": due.id,
                "cursor": json_text(page.cursor),
                "done": done,
                "pause": pause,
                "lease": LEASE,
            },
        )
        if await cursor.fetchone() is None:
            return None
        [answer], new = await accept_within(
            connection,
            [
                Arrival(
                    environment_id=due.environment_id,
                    connection_id=due.connection_id,
                    source="poll",
                    system=due.system,
                    events=page.events,
                )
            ],
        )
        if isinstance(answer, BacklogFullError):
            raise answer
    announce_accepted(new)
    return len(new)


def pause_after(page: PollPage, settings: Mapping[str, Any]) -> timedelta:
    """How long to pause after a page: the connection's pause, longer while nothing comes."""
    base = interval(settings, page.every, default=page.default or EVERY)
    if page.quiet < _PATIENT:
        return base
    slowest = max(base, interval(settings, "poll_idle"))
    return min(base * (1 << min(page.quiet - _PATIENT + 1, 16)), slowest)


def interval(
    settings: Mapping[str, Any], name: str = "poll_interval", *, default: timedelta = EVERY
) -> timedelta:
    """How often a connection is polled: its `poll_interval` (ISO 8601 or seconds), or once a
    minute. Never more often than every second. `name` and `default` of another such setting."""
    given = settings.get(name)
    try:
        if isinstance(given, str) and given:
            found = parse_duration(given)
        elif given:
            found = timedelta(seconds=float(given))
        else:
            return default
    except (TypeError, ValueError, ArithmeticError):
        return default
    return max(found, timedelta(seconds=1))


def _refuse_large(page: PollPage) -> None:
    most: int = settings.CAUSEWAY.payload_max_bytes
    for event in page.events:
        size = len(codec.dumps(event.data))
        if size > most:
            raise RejectedError(
                f"{event.entity} {event.entity_id} has {size} bytes; a run takes at most {most}. "
                "Make it smaller over there, or raise CAUSEWAY_PAYLOAD_MAX_BYTES.",
                code="payload_too_large",
            )


async def _put_off(
    due: _Due, error: str, pause: timedelta | None = None, *, counts: bool = True
) -> None:
    failures = due.failures + counts
    wait = pause or min(interval(due.settings) * 2 ** min(failures, 10), _LONGEST_PAUSE)
    async with (await pool()).connection() as connection:
        await connection.execute(
            _PUT_OFF, {"id": due.id, "failures": failures, "error": error[:500], "pause": wait}
        )
