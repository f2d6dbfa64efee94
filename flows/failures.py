"""Failures of runs as news: each one starts the flows that listen to failures, once.

What was not told yet is a mark on the run's row, found through an index of its own. So a failure
is told whoever ended the run and however, and a process that dies in between leaves it to the next
sweep. Several sweeps at once do no harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from flows.dispatch.accepting import announce_accepted, is_full
from flows.dispatch.listeners import Hearer, new_run
from flows.engine.nodes.start import FAILED_TYPE
from flows.store.accepting import NewEvent, Parcel, insert
from flows.store.backlogs import lane_room
from flows.store.claims import instant_text
from flows.store.payloads import row_text
from flows.store.pool import pool

log = structlog.get_logger(__name__)

MOST: Final = 200  # in one sweep; the next one goes on
ENTITY: Final = "flow"

_UNTOLD: Final = """
SELECT r.id, r.environment_id, r.flow_id, f.slug, v.number, r.state, r.error, r.business_key,
       coalesce(r.ended_at, r.created_at), coalesce(v.document->'settings'->>'on_error', ''),
       e.type = %(type)s, r.item
FROM flows_run r
JOIN flows_flow f ON f.id = r.flow_id
JOIN flows_flowversion v ON v.id = r.version_id
JOIN flows_triggerevent e ON e.id = r.event_id
WHERE r.state IN ('dead', 'failed') AND NOT r.failure_told
ORDER BY r.id LIMIT %(most)s
"""
_LISTENERS: Final = """
SELECT d.environment_id, f.slug, l.node, l.params, d.id, d.flow_id, d.version_id, f.workspace_id,
       d.backlog_cap
FROM flows_listener l
JOIN flows_deployment d ON d.id = l.deployment_id
JOIN flows_flow f ON f.id = d.flow_id
WHERE l.trigger_type = %(type)s AND d.retired_at IS NULL
  AND d.environment_id = ANY(%(environments)b::uuid[])
ORDER BY l.id
"""
_TOLD: Final = """
UPDATE flows_run SET failure_told = true WHERE id = ANY(%(ids)b::uuid[]) AND NOT failure_told
RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    run_id: UUID
    environment_id: UUID
    flow_id: UUID
    flow: str
    version: int
    state: str
    error: Any
    business_key: str
    at: datetime
    on_error: str
    of_failure: bool  # started by a failure itself: nobody hears of it
    item: str

    @property
    def identity(self) -> str:
        """What makes it the same failure. The dead letter of a loop item may be one again."""
        return f"{self.run_id}@{instant_text(self.at)}" if self.item else str(self.run_id)

    @property
    def code(self) -> str:
        return str((self.error or {}).get("code", ""))

    def data(self) -> dict[str, Any]:
        error = dict(self.error or {})
        return {
            "run_id": str(self.run_id),
            "flow": self.flow,
            "version": self.version,
            "state": self.state,
            "business_key": self.business_key,
            "node": error.pop("node", ""),
            "path": error.pop("path", ""),
            "error": error,
            "page": f"/runs/{self.run_id}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    environment_id: UUID
    flow: str
    hearer: Hearer

    def wants(self, one: _Failure) -> bool:
        if one.of_failure or self.environment_id != one.environment_id:
            return False
        params = self.hearer.params
        if self.hearer.flow_id == one.flow_id or one.state not in params.get(
            "states", ("dead", "failed")
        ):
            return False
        if params.get("codes") and one.code not in params["codes"]:
            return False
        if one.on_error == self.flow:
            return True
        if params.get("named_only"):
            return False
        return not params.get("flows") or one.flow in params["flows"]


async def tell() -> int:
    """Start what listens to failures that were not told yet; how many runs that made."""
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(_UNTOLD, {"type": FAILED_TYPE, "most": MOST})
        failures = [_failure(row) for row in await cursor.fetchall()]
        if not failures:
            return 0
        environments = list({one.environment_id for one in failures})
        cursor = await connection.execute(
            _LISTENERS, {"type": FAILED_TYPE, "environments": environments}
        )
        listeners = [_listener(row) for row in await cursor.fetchall()]
        full = {
            one.hearer.deployment_id
            for one in listeners
            if await is_full(connection, one.hearer.deployment_id, one.hearer.backlog_cap)
        }
    started = 0
    quiet: list[UUID] = []
    for one in failures:
        wanting = [listener for listener in listeners if listener.wants(one)]
        if not wanting:
            quiet.append(one.run_id)
        elif any(listener.hearer.deployment_id in full for listener in wanting):
            log.warning("failure waits for a flow's backlog", run=str(one.run_id))
        else:
            started += await _start(one, [listener.hearer for listener in wanting])
    if quiet:
        async with (await pool()).connection() as connection:
            await connection.execute(_TOLD, {"ids": quiet})
    return started


async def _start(one: _Failure, hearers: Sequence[Hearer]) -> int:
    # Made before the transaction: a plan may have to be read, over a connection of its own.
    parcel = Parcel(connection_id=None, delivery_id=None, events=[await _event(one, hearers)])
    async with (await pool()).connection() as connection, connection.transaction():
        if (await lane_room(connection, [parcel])).take(parcel) is not None:
            log.warning("failure waits for a lane's backlog", run=str(one.run_id))
            return 0
        cursor = await connection.execute(_TOLD, {"ids": [one.run_id]})
        if await cursor.fetchone() is None:
            return 0  # another sweep was faster
        _, new = await insert(connection, [parcel])
    announce_accepted(new)
    return len(new)


async def _event(one: _Failure, hearers: Sequence[Hearer]) -> NewEvent:
    data = one.data()
    trigger = {
        "type": FAILED_TYPE,
        "change": one.state,
        "entity": ENTITY,
        "entity_id": one.flow,
        "version": one.identity,
        "business_key": one.business_key,
        "occurred_at": instant_text(one.at),
        "data": data,
    }
    return NewEvent(
        environment_id=one.environment_id,
        connection_id=None,
        source="failure",
        type=FAILED_TYPE,
        change=one.state,
        system="",
        entity=ENTITY,
        entity_id=one.flow,
        version=one.identity,
        business_key=one.business_key,
        data=row_text(data),
        source_time=one.at,
        source_sequence=0,
        runs=[await new_run(hearer, trigger) for hearer in hearers],
    )


def _failure(row: Sequence[Any]) -> _Failure:
    return _Failure(
        run_id=row[0],
        environment_id=row[1],
        flow_id=row[2],
        flow=row[3],
        version=row[4],
        state=row[5],
        error=row[6],
        business_key=row[7],
        at=row[8],
        on_error=row[9],
        of_failure=row[10],
        item=row[11],
    )


def _listener(row: Sequence[Any]) -> _Listener:
    return _Listener(
        environment_id=row[0],
        flow=row[1],
        hearer=Hearer(
            node=row[2],
            trigger_type=FAILED_TYPE,
            params=row[3],
            deployment_id=row[4],
            flow_id=row[5],
            version_id=row[6],
            workspace_id=row[7],
            backlog_cap=row[8],
        ),
    )
