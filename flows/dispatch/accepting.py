"""Acceptance: the promise that news will end in a finished run, a dead letter or a decision.

`accept` returns after commit. Hooks share group commits; a poll brings its own transaction, in
which its cursor moves too.
"""

import asyncio
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog

from connectors.sdk.trigger import SourceEvent
from flows.dispatch.announce import announcer
from flows.dispatch.listeners import Hearer, awaited_as, hearers, new_runs
from flows.nudges import nudge
from flows.store.accepting import Accepted, NewEvent, Parcel, insert
from flows.store.backlogs import FullLane, lane_room
from flows.store.group import GroupCommit
from flows.store.payloads import row_text
from flows.store.pool import Connection, pool
from flows.store.states import named_by_state

log = structlog.get_logger(__name__)

_CAP_FRESH: Final = 1.0  # seconds for which a measured backlog counts
_LIMITS: Final = {"type": 120, "change": 16, "entity": 64, "entity_id": 200, "version": 200}


class BacklogFullError(Exception):
    """A flow that listens has as many runs waiting as it may; come back later."""

    retry_after: Final = timedelta(seconds=15)
    code = "backlog_full"

    def __str__(self) -> str:
        return "A flow that listens has a full backlog."


class LaneFullError(BacklogFullError):
    """One key of a flow's lane has as many unfinished runs as it may; others go on."""

    code = "lane_backlog_full"

    def __init__(self, full: FullLane) -> None:
        self.full = full

    def __str__(self) -> str:
        return (
            f"The lane {self.full.name!r} has {self.full.cap} unfinished runs for the key "
            f"{self.full.key!r} and takes no more for now."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """News at the rim: the events of one delivery of a connection, or of one poll's page.

    `system` is the connection's. Raises `ValueError` for an event whose names are longer than
    the tables hold or that carries U+0000.
    """

    environment_id: UUID
    connection_id: UUID
    source: str
    system: str
    events: Sequence[SourceEvent]
    delivery_id: str | None = None

    def __post_init__(self) -> None:
        for event in self.events:
            for name, most in _LIMITS.items():
                value: str = getattr(event, name)
                if len(value) > most:
                    raise ValueError(f"The event's {name} is longer than {most} characters.")
                if "\x00" in value:
                    raise ValueError(f"The event's {name} holds the character U+0000.")


async def accept(arrival: Arrival) -> Accepted:
    """Store the arrival together with what else comes in at this moment; returns after commit.

    Raises `BacklogFullError`, and `flows.store.group.TooBusyError` when the database does not
    keep up.
    """
    return await _acceptor().submit(arrival)


async def accept_within(
    connection: Connection, arrivals: Sequence[Arrival]
) -> tuple[list[Accepted | BacklogFullError], list[tuple[UUID, UUID]]]:
    """Store the arrivals inside the caller's transaction; call `announce_accepted` with the new
    (environment, run) pairs after its commit."""
    listening = await hearers(connection, {one.connection_id for one in arrivals})
    full = await _full_deployments(connection, listening)
    made = [
        await _parcel(arrival, listening.get(arrival.connection_id, ())) for arrival in arrivals
    ]
    room = await lane_room(connection, made)
    answers: list[Accepted | BacklogFullError | None] = []
    parcels: list[Parcel] = []
    for parcel in made:
        if any(run.deployment_id in full for one in parcel.events for run in one.runs):
            answers.append(BacklogFullError())
        elif (lane := room.take(parcel)) is not None:
            answers.append(LaneFullError(lane))
        else:
            answers.append(None)
            parcels.append(parcel)
    accepted, new = await insert(connection, await named_by_state(connection, parcels))
    rest = iter(accepted)
    return [next(rest) if answer is None else answer for answer in answers], new


def announce_accepted(new: Sequence[tuple[UUID, UUID]]) -> None:
    """Wake workers and viewers; nothing is lost when that fails."""
    if new:
        nudge()
        announcer().runs_moved(new)


async def _parcel(arrival: Arrival, listeners: Sequence[Hearer]) -> Parcel:
    events = []
    for event in arrival.events:
        runs = await new_runs(event, listeners)
        awaited = awaited_as(event, listeners)
        if runs or awaited:
            events.append(
                NewEvent(
                    environment_id=arrival.environment_id,
                    connection_id=arrival.connection_id,
                    source=arrival.source,
                    type=event.type,
                    change=event.change,
                    system=arrival.system,
                    entity=event.entity,
                    entity_id=event.entity_id,
                    version=event.version,
                    business_key=event.business_key.replace("\x00", "")[:200],
                    data=row_text(event.data),
                    source_time=event.occurred_at,
                    source_sequence=event.sequence,
                    runs=runs,
                    awaited=awaited,
                    state=event.state,
                    since=event.since,
                )
            )
    return Parcel(
        connection_id=arrival.connection_id, delivery_id=arrival.delivery_id, events=events
    )


_BACKLOG: Final = """
SELECT count(*) FROM (
    SELECT FROM flows_run WHERE deployment_id = %(deployment)s AND state = 'pending'
    LIMIT %(cap)s
) waiting
"""


class _Backlogs:
    """Which deployments are full; measured at most once a second, never beyond the cap."""

    def __init__(self) -> None:
        self._full: dict[UUID, tuple[float, bool]] = {}

    async def full(self, connection: Connection, deployment: UUID, cap: int) -> bool:
        measured = self._full.get(deployment)
        if measured is not None and time.monotonic() - measured[0] < _CAP_FRESH:
            return measured[1]
        cursor = await connection.execute(_BACKLOG, {"deployment": deployment, "cap": cap})
        row = await cursor.fetchone()
        full = row is not None and row[0] >= cap
        if len(self._full) > 10_000:
            self._full.clear()
        self._full[deployment] = (time.monotonic(), full)
        return full


_backlogs = _Backlogs()


async def is_full(connection: Connection, deployment: UUID, cap: int) -> bool:
    """Whether a deployment has as many runs waiting as it may; measured at most once a second."""
    return await _backlogs.full(connection, deployment, cap)


async def _full_deployments(
    connection: Connection, listening: Mapping[UUID, Sequence[Hearer]]
) -> set[UUID]:
    caps = {
        one.deployment_id: one.backlog_cap
        for some in listening.values()
        for one in some
        if not one.topic
    }
    return {
        deployment for deployment, cap in caps.items() if await is_full(connection, deployment, cap)
    }


async def _flush(arrivals: Sequence[Arrival]) -> Sequence[Accepted | Exception]:
    try:
        return await _commit(arrivals)
    except psycopg.OperationalError as error:
        # Perhaps it was committed: then the second try finds all of it there.
        log.warning("news not written, trying once more", error=type(error).__name__)
        return await _commit(arrivals)
    except psycopg.Error as error:
        if len(arrivals) == 1:
            return [error]
        answers: list[Accepted | Exception] = []
        for arrival in arrivals:
            answers.extend(await _flush([arrival]))
        return answers


async def _commit(arrivals: Sequence[Arrival]) -> Sequence[Accepted | Exception]:
    async with (await pool()).connection() as connection, connection.transaction():
        answers, new = await accept_within(connection, arrivals)
    announce_accepted(new)
    return answers


_Acceptor = GroupCommit[Arrival, Accepted]
_acceptors: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Acceptor]" = (
    weakref.WeakKeyDictionary()
)


def _acceptor() -> _Acceptor:
    loop = asyncio.get_running_loop()
    found = _acceptors.get(loop)
    if found is None:
        found = _acceptors[loop] = GroupCommit(_flush, gather=0.003, queue=5_000)
    return found
