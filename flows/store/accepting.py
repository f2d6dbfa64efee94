"""Writing accepted news: deliveries, trigger events and their runs, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from causeway.base.ids import new_id
from flows.models.packing import Packed, day_of, pack
from flows.store import payloads
from flows.store.pool import Connection
from flows.store.waits import News, hear

Key = tuple[UUID, str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run that one listener makes of an event; `responds` are the nodes that will answer the
    sender. A lane with `lane_cap` unfinished runs is full. With `holds_lane` it keeps its place in
    the lane while it waits."""

    workspace_id: UUID
    flow_id: UUID
    version_id: UUID
    deployment_id: UUID
    trigger_node: str
    lane: str
    lane_key: str
    responds: tuple[str, ...] = ()
    supersedable: bool = False
    lane_cap: int | None = None
    holds_lane: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """News that somebody listens to; `data` is JSON text
    (`payloads.row_text`). Without a connection it is our own."""

    environment_id: UUID
    connection_id: UUID | None
    source: str
    type: str
    change: str
    system: str
    entity: str
    entity_id: str
    version: str
    business_key: str
    data: str
    source_time: datetime
    source_sequence: int
    runs: Sequence[NewRun]
    awaited: Sequence[tuple[str, str]] = ()  # topic and key under which steps may wait for it
    state: str = ""  # of a record without dates: its version is made of this
    since: datetime | None = None

    @property
    def key(self) -> Key:
        """What makes it the same news, whoever reports it."""
        return (
            self.environment_id,
            self.type,
            self.system,
            self.entity,
            self.entity_id,
            self.version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What comes in together: the events of one delivery, or of one page of a poll.

    `delivery_id` is None where there is no delivery; with one there is a connection.
    """

    connection_id: UUID | None
    delivery_id: str | None
    events: Sequence[NewEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of a parcel. `fresh` is False when all of it was known before. `responds` are
    the nodes of these runs that answer the sender."""

    event_id: UUID | None
    run_ids: Sequence[UUID]
    fresh: bool
    responds: tuple[str, ...] = ()


@dataclass(slots=True)
class _Proposal:
    id: UUID
    event: NewEvent


async def insert(
    connection: Connection, parcels: Sequence[Parcel]
) -> tuple[list[Accepted], list[tuple[UUID, UUID]]]:
    """Store the parcels inside the caller's transaction; the answers in order, and the
    (environment, run) pairs that are new, or waited for this news.

    Rows are locked in a sorted order, deliveries before events: two processes that get the
    same news at the same time wait for each other, never in a circle.
    """
    first_event: dict[int, UUID] = {}
    proposals: dict[Key, _Proposal] = {}
    known = await _known_deliveries(connection, parcels, proposals, first_event)
    mine = [proposals[key] for key in sorted(proposals, key=str)]
    inserted = await _insert_events(connection, mine)
    ids = {one.event.key: one.id for one in mine}
    await _find_existing(connection, ids, [one for one in mine if one.id not in inserted])
    await _point_deliveries(connection, parcels, known, first_event, ids)
    fresh = [one for one in mine if one.id in inserted]
    runs = await _insert_runs(connection, fresh)
    new = [(one.event.environment_id, run) for one in mine for run in runs.get(one.id, ())]
    woken = await hear(
        connection,
        [
            News(topic=topic, key=key, event_id=one.id)
            for one in fresh
            for topic, key in one.event.awaited
        ],
    )
    answers = await _answers(connection, parcels, known, ids, inserted, runs)
    return answers, [*new, *woken]


_DELIVERIES: Final = """
INSERT INTO flows_delivery (id, connection_id, delivery_id, event_id, received_at)
SELECT id, connection_id, delivery_id, event_id, now()
FROM unnest(%(ids)b::uuid[], %(connections)b::uuid[], %(deliveries)b::text[], %(events)b::uuid[])
    AS d(id, connection_id, delivery_id, event_id)
ORDER BY connection_id, delivery_id
ON CONFLICT (connection_id, delivery_id) DO NOTHING
RETURNING id
"""
_DELIVERED: Final = """
SELECT d.connection_id, d.delivery_id, d.event_id FROM flows_delivery d
JOIN unnest(%(connections)b::uuid[], %(deliveries)b::text[]) AS k(connection_id, delivery_id)
    ON d.connection_id = k.connection_id AND d.delivery_id = k.delivery_id
"""


async def _known_deliveries(
    connection: Connection,
    parcels: Sequence[Parcel],
    proposals: dict[Key, _Proposal],
    first_event: dict[int, UUID],
) -> dict[int, UUID | None]:
    """Stores the deliveries; of those that were there already, the event they brought, by the
    index of the parcel. The others' events go into `proposals`."""
    rows: list[tuple[UUID, int, Parcel]] = []
    for index, parcel in enumerate(parcels):
        for event in parcel.events:
            # An event may repeat within the batch: one row stands for all.
            proposal = proposals.setdefault(event.key, _Proposal(new_id(), event))
            first_event.setdefault(index, proposal.id)
        if parcel.delivery_id is not None:
            rows.append((new_id(), index, parcel))
    if not rows:
        return {}
    cursor = await connection.execute(
        _DELIVERIES,
        {
            "ids": [id_ for id_, _, _ in rows],
            "connections": [parcel.connection_id for _, _, parcel in rows],
            "deliveries": [parcel.delivery_id for _, _, parcel in rows],
            "events": [first_event.get(index) for _, index, _ in rows],
        },
    )
    stored = {row[0] for row in await cursor.fetchall()}
    repeated = [(index, parcel) for id_, index, parcel in rows if id_ not in stored]
    if not repeated:
        return {}
    cursor = await connection.execute(
        _DELIVERED,
        {
            "connections": [parcel.connection_id for _, parcel in repeated],
            "deliveries": [parcel.delivery_id for _, parcel in repeated],
        },
    )
    found = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
    known = {
        index: found.get((parcel.connection_id, parcel.delivery_id)) for index, parcel in repeated
    }
    wanted = {
        event.key
        for index, parcel in enumerate(parcels)
        if index not in known
        for event in parcel.events
    }
    for key in [key for key in proposals if key not in wanted]:
        del proposals[key]
    return known


_EVENTS: Final = """
INSERT INTO flows_triggerevent (id, environment_id, connection_id, source, type, change, system,
    entity, entity_id, version, business_key, data, source_time, source_sequence, accepted_at)
SELECT id, environment_id, connection_id, source, type, change, system, entity, entity_id,
       version, business_key, data::jsonb, source_time, source_sequence, now()
FROM unnest(%(ids)b::uuid[], %(environment_ids)b::uuid[], %(connection_ids)b::uuid[],
            %(sources)b::text[], %(types)b::text[], %(changes)b::text[], %(systems)b::text[],
            %(entitys)b::text[], %(entity_ids)b::text[], %(versions)b::text[],
            %(business_keys)b::text[], %(datas)b::text[], %(source_times)b::timestamptz[],
            %(source_sequences)b::bigint[]) WITH ORDINALITY
    AS e(id, environment_id, connection_id, source, type, change, system, entity, entity_id,
         version, business_key, data, source_time, source_sequence, place)
ORDER BY place
ON CONFLICT (environment_id, type, system, entity, entity_id, version) DO NOTHING
RETURNING id
"""
_EVENT_COLUMNS: Final = (
    "environment_id",
    "connection_id",
    "source",
    "type",
    "change",
    "system",
    "entity",
    "entity_id",
    "version",
    "business_key",
    "data",
    "source_time",
    "source_sequence",
)


async def _insert_events(connection: Connection, proposals: Sequence[_Proposal]) -> set[UUID]:
    if not proposals:
        return set()
    params: dict[str, list[Any]] = {
        f"{name}s": [getattr(one.event, name) for one in proposals] for name in _EVENT_COLUMNS
    }
    packed: dict[UUID, list[Packed]] = {one.id: [] for one in proposals}
    params["datas"] = [
        pack(one.event.data, day=day_of(one.id), keep=packed[one.id].append) for one in proposals
    ]
    cursor = await connection.execute(_EVENTS, {"ids": [one.id for one in proposals], **params})
    inserted = {row[0] for row in await cursor.fetchall()}
    await payloads.store(connection, (one for id_ in inserted for one in packed[id_]))
    return inserted


# Lateral: each event is looked up by its whole name, whatever the planner believes of the table. A
# poll tells again what hooks have told, so that this is asked all the time.
_EXISTING: Final = """
SELECT k.environment_id, k.type, k.system, k.entity, k.entity_id, k.version, e.id
FROM unnest(%(k0)b::uuid[], %(k1)b::text[], %(k2)b::text[], %(k3)b::text[], %(k4)b::text[],
            %(k5)b::text[]) AS k(environment_id, type, system, entity, entity_id, version)
CROSS JOIN LATERAL (
    SELECT id FROM flows_triggerevent
    WHERE environment_id = k.environment_id AND type = k.type AND system = k.system
      AND entity = k.entity AND entity_id = k.entity_id AND version = k.version
    LIMIT 1
) e
"""


async def _find_existing(
    connection: Connection, ids: dict[Key, UUID], known: Sequence[_Proposal]
) -> None:
    """Replace the proposed ids of known events by those they have."""
    if not known:
        return
    keys = [one.event.key for one in known]
    cursor = await connection.execute(
        _EXISTING, {f"k{part}": [key[part] for key in keys] for part in range(6)}
    )
    for row in await cursor.fetchall():
        ids[(row[0], row[1], row[2], row[3], row[4], row[5])] = row[6]


_POINT: Final = """
UPDATE flows_delivery d SET event_id = k.event_id
FROM unnest(%(connections)b::uuid[], %(deliveries)b::text[], %(events)b::uuid[])
    AS k(connection_id, delivery_id, event_id)
WHERE d.connection_id = k.connection_id AND d.delivery_id = k.delivery_id
"""


async def _point_deliveries(
    connection: Connection,
    parcels: Sequence[Parcel],
    known: dict[int, UUID | None],
    first_event: dict[int, UUID],
    ids: dict[Key, UUID],
) -> None:
    """A delivery that brings known news points to the event that is there."""
    moved = [
        (parcel, ids[parcel.events[0].key])
        for index, parcel in enumerate(parcels)
        if parcel.delivery_id is not None
        and index not in known
        and parcel.events
        and ids[parcel.events[0].key] != first_event[index]
    ]
    if moved:
        await connection.execute(
            _POINT,
            {
                "connections": [parcel.connection_id for parcel, _ in moved],
                "deliveries": [parcel.delivery_id for parcel, _ in moved],
                "events": [event for _, event in moved],
            },
        )


_RUNS: Final = """
INSERT INTO flows_run (id, workspace_id, environment_id, flow_id, version_id, deployment_id,
    event_id, trigger_node, business_key, state, outcome, lane, lane_key, source_time,
    source_sequence, due_at, claimed_by, claims, supersedable, holds_lane, parked, alone,
    suspicion, next_seq, revision, created_at)
SELECT r.id, r.workspace_id, e.environment_id, r.flow_id, r.version_id, r.deployment_id, e.id,
       r.trigger_node, e.business_key, 'pending', '', r.lane, r.lane_key, e.source_time,
       e.source_sequence, now(), '', 0, r.supersedable, r.holds_lane, false, false, 0, 1,
       nextval('flows_run_revision'), now()
FROM unnest(%(ids)b::uuid[], %(events)b::uuid[], %(workspaces)b::uuid[], %(flows)b::uuid[],
            %(versions)b::uuid[], %(deployments)b::uuid[], %(nodes)b::text[], %(lanes)b::text[],
            %(lane_keys)b::text[], %(supersedables)b::bool[], %(holds)b::bool[])
    AS r(id, event_id, workspace_id, flow_id, version_id, deployment_id, trigger_node, lane,
         lane_key, supersedable, holds_lane)
JOIN flows_triggerevent e ON e.id = r.event_id
"""


async def _insert_runs(
    connection: Connection, proposals: Sequence[_Proposal]
) -> dict[UUID, list[UUID]]:
    """One run for each listener of each new event; their ids by event."""
    rows = [(new_id(), one.id, run) for one in proposals for run in one.event.runs]
    made: dict[UUID, list[UUID]] = {one.id: [] for one in proposals}
    if not rows:
        return made
    await connection.execute(
        _RUNS,
        {
            "ids": [id_ for id_, _, _ in rows],
            "events": [event for _, event, _ in rows],
            "workspaces": [run.workspace_id for _, _, run in rows],
            "flows": [run.flow_id for _, _, run in rows],
            "versions": [run.version_id for _, _, run in rows],
            "deployments": [run.deployment_id for _, _, run in rows],
            "nodes": [run.trigger_node for _, _, run in rows],
            "lanes": [run.lane for _, _, run in rows],
            "lane_keys": [run.lane_key for _, _, run in rows],
            "supersedables": [run.supersedable for _, _, run in rows],
            "holds": [run.holds_lane for _, _, run in rows],
        },
    )
    for id_, event, _ in rows:
        made[event].append(id_)
    return made


_RUNS_OF: Final = """
SELECT event_id, id FROM flows_run
WHERE event_id = ANY(%(events)b::uuid[]) AND replay_number = 0 ORDER BY id
"""


async def _answers(
    connection: Connection,
    parcels: Sequence[Parcel],
    known: dict[int, UUID | None],
    ids: dict[Key, UUID],
    inserted: set[UUID],
    runs: dict[UUID, list[UUID]],
) -> list[Accepted]:
    events_of: list[list[UUID]] = []
    for index, parcel in enumerate(parcels):
        if index in known:
            event = known[index]
            events_of.append([event] if event else [])
        else:
            events_of.append(list(dict.fromkeys(ids[event.key] for event in parcel.events)))
    missing = {event for events in events_of for event in events if event not in runs}
    if missing:
        cursor = await connection.execute(_RUNS_OF, {"events": list(missing)})
        for event, run in await cursor.fetchall():
            runs.setdefault(event, []).append(run)
    answered: set[UUID] = set()  # of the same news twice in a batch only the first is fresh
    result = []
    for index, events in enumerate(events_of):
        fresh = index not in known and (
            not events or any(one in inserted and one not in answered for one in events)
        )
        answered.update(events)
        result.append(
            Accepted(
                event_id=events[0] if events else None,
                run_ids=[run for event in events for run in runs.get(event, ())],
                fresh=fresh,
                responds=tuple(
                    dict.fromkeys(
                        node
                        for event in parcels[index].events
                        for run in event.runs
                        for node in run.responds
                    )
                ),
            )
        )
    return result
