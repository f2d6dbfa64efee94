"""Names for the states of records that their far side does not date, such as rows of stock.

A hook and a sweep that both find a quantity of 7 have no date to name it by. What they share is the
record's history with us: the name is made of the state and of the name before it. Told again, a
state that is the newest one known gets the name it has, and so is no news; two who tell the same
change at the same moment make the same name, and one of them is inserted.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from flows.store.accepting import Key, NewEvent, Parcel
from flows.store.pool import Connection

_Record = Key  # with an empty version

# Lateral, and ordered by what no index knows: a record's own rows of the index of the names are
# read, whatever the planner believes of the table.
_NEWEST: Final = """
SELECT k.place, e.version, e.accepted_at
FROM unnest(%(k0)b::uuid[], %(k1)b::text[], %(k2)b::text[], %(k3)b::text[], %(k4)b::text[])
    WITH ORDINALITY AS k(environment_id, type, system, entity, entity_id, place)
CROSS JOIN LATERAL (
    SELECT version, accepted_at FROM flows_triggerevent
    WHERE environment_id = k.environment_id AND type = k.type AND system = k.system
      AND entity = k.entity AND entity_id = k.entity_id
    ORDER BY (accepted_at + interval '0') DESC, id::text DESC LIMIT 1
) e
"""


async def named_by_state(connection: Connection, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
    """The parcels, with a version for each event that tells its `state` instead of one."""
    records = sorted(
        {_record(one) for parcel in parcels for one in parcel.events if one.state}, key=str
    )
    if not records:
        return parcels
    cursor = await connection.execute(
        _NEWEST, {f"k{part}": [record[part] for record in records] for part in range(5)}
    )
    newest: dict[_Record, tuple[str, datetime | None]] = {
        records[place - 1]: (version, accepted_at)
        for place, version, accepted_at in await cursor.fetchall()
    }
    named = []
    for parcel in parcels:
        events = []
        for event in parcel.events:
            if event.state:
                version = _version(event, newest.get(_record(event)))
                # Of the same batch: accepted now, which is never before `since`.
                newest[_record(event)] = (version, None)
                event = replace(event, version=version)
            events.append(event)
        named.append(replace(parcel, events=events))
    return named


def _record(event: NewEvent) -> _Record:
    return (*event.key[:5], "")


def _version(event: NewEvent, newest: tuple[str, datetime | None] | None) -> str:
    if newest is None:
        return f"{event.state}@0"
    version, accepted_at = newest
    told_since = accepted_at is None or event.since is None or accepted_at >= event.since
    if told_since and version.rpartition("@")[0] == event.state:
        return version
    return f"{event.state}@{blake2b(version.encode(), digest_size=8).hexdigest()}"
