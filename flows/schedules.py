"""Schedules at work: each tick of a deployed schedule becomes one trigger event.

No cursor is kept. A tick's event has the tick as its version, so that it is one row whoever
finds it, and the last of these rows says how far a schedule has come. Several sweeps at once, in
several processes, do no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from django.utils import timezone

from flows.dispatch.accepting import announce_accepted, is_full
from flows.dispatch.listeners import Hearer, new_run
from flows.engine.cron import DEFAULT_MOST, GRACE, Cron, CronError, Missed, due
from flows.engine.nodes.start import SCHEDULE_TYPE, cron_of
from flows.models import Deployment, Listener
from flows.store.accepting import NewEvent, Parcel, insert
from flows.store.backlogs import lane_room
from flows.store.claims import instant_text
from flows.store.payloads import row_text
from flows.store.pool import Connection, pool

log = structlog.get_logger(__name__)
ENTITY: Final = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Schedule:
    hearer: Hearer
    environment_id: UUID
    name: str
    since: datetime

    @property
    def params(self) -> Mapping[str, Any]:
        return self.hearer.params


_SCHEDULES: Final = """
SELECT l.node, l.params, d.id, d.flow_id, d.version_id, f.workspace_id, d.backlog_cap,
       d.environment_id, f.slug, d.deployed_at
FROM flows_listener l
JOIN flows_deployment d ON d.id = l.deployment_id
JOIN flows_flow f ON f.id = d.flow_id
WHERE l.connection_id IS NULL AND l.trigger_type = %(type)s AND d.retired_at IS NULL
ORDER BY l.id
"""
_LAST: Final = """
SELECT max(version) FROM flows_triggerevent
WHERE environment_id = %(environment)s AND type = %(type)s AND system = '' AND entity = %(entity)s
  AND entity_id = %(name)s AND source = 'schedule'
"""

# By deployment and node when its next tick is; before that nothing is asked.
_rests: dict[tuple[UUID, str], datetime] = {}


async def start_due(now: datetime | None = None) -> int:
    """Start every tick that is due; how many runs that made."""
    now = now or timezone.now()
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(_SCHEDULES, {"type": SCHEDULE_TYPE})
        schedules = [_schedule(row) for row in await cursor.fetchall()]
    current = {(one.hearer.deployment_id, one.hearer.node) for one in schedules}
    for gone in _rests.keys() - current:
        del _rests[gone]
    started = 0
    for one in schedules:
        try:
            started += await _start(one, now)
        except CronError as error:
            # Checked when the flow was published; a zone may have left the system's tables.
            log.error("schedule cannot be followed", schedule=one.name, problem=str(error))
        except psycopg.OperationalError:
            raise  # the next sweep finds the same ticks
        except Exception:
            log.exception("schedule failed in our own code", schedule=one.name)
    return started


def _schedule(row: Sequence[Any]) -> _Schedule:
    return _Schedule(
        hearer=Hearer(
            node=row[0],
            trigger_type=SCHEDULE_TYPE,
            params=row[1],
            deployment_id=row[2],
            flow_id=row[3],
            version_id=row[4],
            workspace_id=row[5],
            backlog_cap=row[6],
        ),
        environment_id=row[7],
        name=f"{row[8]}.{row[0]}",
        since=row[9],
    )


async def _start(one: _Schedule, now: datetime) -> int:
    key = (one.hearer.deployment_id, one.hearer.node)
    rest = _rests.get(key)
    if rest is not None and now < rest:
        return 0
    cron = cron_of(one.params)
    async with (await pool()).connection() as connection:
        if await is_full(connection, one.hearer.deployment_id, one.hearer.backlog_cap):
            log.warning("schedule waits for its flow's backlog", schedule=one.name)
            return 0
        last = await _last(connection, one) or one.since
    ticks = due(
        cron,
        after=max(one.since, last),
        now=now,
        missed=Missed(one.params.get("missed", Missed.SKIP)),
        most=int(one.params.get("max_missed", DEFAULT_MOST)),
    )
    # Made before the transaction: a plan may have to be read, over a connection of its own.
    events = [await _event(one, cron, tick, now) for tick in ticks]
    new: list[tuple[UUID, UUID]] = []
    if events:
        parcel = Parcel(connection_id=None, delivery_id=None, events=events)
        async with (await pool()).connection() as connection, connection.transaction():
            if (await lane_room(connection, [parcel])).take(parcel) is not None:
                log.warning("schedule waits for its lane's backlog", schedule=one.name)
                return 0
            _, new = await insert(connection, [parcel])
    announce_accepted(new)
    _rests[key] = cron.upcoming(now, 1)[0]
    return len(new)


async def _last(connection: Connection, one: _Schedule) -> datetime | None:
    cursor = await connection.execute(
        _LAST,
        {
            "environment": one.environment_id,
            "type": SCHEDULE_TYPE,
            "entity": ENTITY,
            "name": one.name,
        },
    )
    row = await cursor.fetchone()
    return datetime.fromisoformat(row[0]) if row and row[0] else None


async def _event(one: _Schedule, cron: Cron, tick: datetime, now: datetime) -> NewEvent:
    local = cron.local(tick).isoformat()
    data = {
        "tick": instant_text(tick),
        "local": local,
        "zone": cron.zone,
        "missed": now - tick > GRACE,
    }
    trigger = {
        "type": SCHEDULE_TYPE,
        "change": "tick",
        "entity": ENTITY,
        "entity_id": one.name,
        "version": instant_text(tick),
        "business_key": local,
        "occurred_at": instant_text(tick),
        "data": data,
    }
    return NewEvent(
        environment_id=one.environment_id,
        connection_id=None,
        source="schedule",
        type=SCHEDULE_TYPE,
        change="tick",
        system="",
        entity=ENTITY,
        entity_id=one.name,
        version=instant_text(tick),
        business_key=local,
        data=row_text(data),
        source_time=tick,
        source_sequence=0,
        runs=[await new_run(one.hearer, trigger)],
    )


def next_ticks(
    deployments: Sequence[Deployment], *, now: datetime, count: int = 3
) -> list[dict[str, Any]]:
    """The next ticks of deployed schedules, soonest first: node, environment, at, local, zone."""
    rows = []
    listeners = Listener.objects.filter(
        deployment__in=deployments, trigger_type=SCHEDULE_TYPE
    ).select_related("deployment__environment")
    for one in listeners:
        try:
            cron = cron_of(one.params)
        except CronError:
            continue  # the sweep tells of it
        rows += [
            {
                "node": one.node,
                "environment": one.deployment.environment.slug,
                "at": tick,
                "local": cron.local(tick).isoformat(),
                "zone": cron.zone,
            }
            for tick in cron.upcoming(now, count)
        ]
    return sorted(rows, key=lambda row: (row["at"], row["environment"], row["node"]))
