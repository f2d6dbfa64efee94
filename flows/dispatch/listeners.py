"""Who listens to a connection, and what an event means to them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog

from connectors.sdk.trigger import SourceEvent
from flows.dispatch.catalog import catalog
from flows.dispatch.plans import plans
from flows.engine.plan import Plan
from flows.store.accepting import NewRun
from flows.store.claims import instant_text
from flows.store.pool import Connection

log = structlog.get_logger(__name__)
_KEY_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearer:
    """A trigger node of an active deployment, or a node that waits for news: that has a `topic`,
    and `match` says what of the news is the key."""

    node: str
    trigger_type: str
    params: Mapping[str, Any]
    deployment_id: UUID
    flow_id: UUID
    version_id: UUID
    workspace_id: UUID
    backlog_cap: int
    topic: str = ""
    match: str = ""

    def wants(self, event: SourceEvent) -> bool:
        """Whether the node's params ask for this event."""
        if self.trigger_type != event.type:
            return False
        trigger = catalog().trigger(event.type)
        return trigger is not None and trigger.matches(self.params, event)


_LISTENERS: Final = """
SELECT l.connection_id, l.node, l.trigger_type, l.params, d.id, d.flow_id, d.version_id,
       f.workspace_id, d.backlog_cap, '' AS topic, '' AS match
FROM flows_listener l
JOIN flows_deployment d ON d.id = l.deployment_id
JOIN flows_flow f ON f.id = d.flow_id
WHERE l.connection_id = ANY(%(connections)b::uuid[]) AND d.retired_at IS NULL
UNION ALL
SELECT a.connection_id, a.node, a.trigger_type, a.params, d.id, d.flow_id, d.version_id,
       f.workspace_id, d.backlog_cap, a.topic, a.match
FROM flows_awaitednews a
JOIN flows_deployment d ON d.id = a.deployment_id
JOIN flows_flow f ON f.id = d.flow_id
WHERE a.connection_id = ANY(%(connections)b::uuid[]) AND (
    d.retired_at IS NULL OR d.retired_at > now() - interval '1 day' OR EXISTS (
        SELECT FROM flows_wait w
        WHERE w.topic = a.topic AND w.answered_at IS NULL AND w.topic <> ''
    )
)
ORDER BY 5, 2
"""


async def hearers(
    connection: Connection, connection_ids: Iterable[UUID]
) -> dict[UUID, list[Hearer]]:
    """The listeners of each connection, as they are now."""
    cursor = await connection.execute(_LISTENERS, {"connections": list(connection_ids)})
    found: dict[UUID, list[Hearer]] = defaultdict(list)
    for row in await cursor.fetchall():
        found[row[0]].append(
            Hearer(
                node=row[1],
                trigger_type=row[2],
                params=row[3],
                deployment_id=row[4],
                flow_id=row[5],
                version_id=row[6],
                workspace_id=row[7],
                backlog_cap=row[8],
                topic=row[9],
                match=row[10],
            )
        )
    return found


def trigger_of(event: SourceEvent) -> dict[str, Any]:
    """The event under the name `trigger`, as expressions see it."""
    return {
        "type": event.type,
        "change": event.change,
        "entity": event.entity,
        "entity_id": event.entity_id,
        "version": event.version,
        "business_key": event.business_key,
        "occurred_at": instant_text(event.occurred_at),
        "data": event.data,
    }


async def new_runs(event: SourceEvent, listeners: Sequence[Hearer]) -> list[NewRun]:
    """The runs that this event starts."""
    wanting = [one for one in listeners if not one.topic and one.wants(event)]
    if not wanting:
        return []
    trigger = trigger_of(event)
    return [await new_run(one, trigger) for one in wanting]


def awaited_as(event: SourceEvent, listeners: Sequence[Hearer]) -> list[tuple[str, str]]:
    """Topic and key under which steps may wait for this event."""
    found: dict[tuple[str, str], None] = {}
    for one in listeners:
        if one.topic and one.wants(event):
            key: str = getattr(event, one.match)
            key = key.replace("\x00", "")[:_KEY_LENGTH]
            if key:
                found[one.topic, key] = None
    return list(found)


async def new_run(listener: Hearer, trigger: Mapping[str, Any]) -> NewRun:
    """The run that one listener makes of its news, `trigger` being what expressions see."""
    plan = await _plan(listener)
    lane = _lane(plan, listener, trigger)
    return NewRun(
        workspace_id=listener.workspace_id,
        flow_id=listener.flow_id,
        version_id=listener.version_id,
        deployment_id=listener.deployment_id,
        trigger_node=listener.node,
        lane=lane.name,
        lane_key=fitting(lane.key),
        responds=() if plan is None else plan.responds,
        supersedable=lane.latest,
        lane_cap=lane.cap,
        holds_lane=lane.hold,
    )


async def _plan(listener: Hearer) -> Plan | None:
    """None when the version can no longer run: news is accepted in any case, and the run shows
    what is wrong with the flow."""
    try:
        return (await plans.get(listener.version_id)).plan
    except Exception as error:
        _log_unknown(listener, error)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lane:
    """Where a run stands, whether only the latest there counts, how many may stand there, and
    whether one that waits keeps its place."""

    name: str
    key: str
    latest: bool = False
    cap: int | None = None
    hold: bool = False


def _lane(plan: Plan | None, listener: Hearer, trigger: Mapping[str, Any]) -> _Lane:
    """The lane that the plan says. When it cannot say, the record has a lane of its own in this
    flow."""
    if plan is not None:
        try:
            name, key = plan.lane(trigger)
            return _Lane(
                name=name,
                key=key,
                latest=plan.lane_latest,
                cap=plan.lane_cap,
                hold=plan.lane_hold,
            )
        except Exception as error:
            _log_unknown(listener, error)
    return _Lane(name=f"flow-{listener.flow_id}", key=str(trigger["entity_id"]))


def _log_unknown(listener: Hearer, error: Exception) -> None:
    log.warning("lane not known", flow_version=str(listener.version_id), error=type(error).__name__)


def fitting(key: str) -> str:
    """The key itself, or where the column is too short for it its beginning and a digest."""
    if len(key) <= _KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"{key[: _KEY_LENGTH - 33]}:{digest}"
