"""Backlogs of lanes: how many unfinished runs stand under a key, as far as that matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flows.store.accepting import Key, Parcel
from flows.store.pool import Connection

_Lane = tuple[UUID, str, str]  # environment, name, key


@dataclass(frozen=True, slots=True, kw_only=True)
class FullLane:
    """A key of a lane that takes no more."""

    name: str
    key: str
    cap: int


class LaneRoom:
    """What the capped lanes of a batch hold; grows with the parcels that are taken."""

    def __init__(self, standing: Mapping[_Lane, int]) -> None:
        self._standing = dict(standing)
        self._seen: set[Key] = set()

    def take(self, parcel: Parcel) -> FullLane | None:
        """The first lane that was full before the parcel came; then nothing is taken.

        A parcel that finds room goes in whole: one that is larger than a cap would otherwise
        never come in.
        """
        if not self._standing:
            return None
        news = [event for event in parcel.events if event.key not in self._seen]
        runs = [
            ((event.environment_id, run.lane, run.lane_key), run)
            for event in news
            for run in event.runs
        ]
        for lane, run in runs:
            if run.lane_cap is not None and self._standing[lane] >= run.lane_cap:
                return FullLane(name=run.lane, key=run.lane_key, cap=run.lane_cap)
        self._seen.update(event.key for event in news)
        for lane, _ in runs:
            if lane in self._standing:
                self._standing[lane] += 1
        return None


# Each count walks the index `run_lane_order` and ends at the lane's cap.
_STANDING: Final = """
SELECT k.environment_id, k.lane, k.lane_key, (
    SELECT count(*) FROM (
        SELECT FROM flows_run r
        WHERE r.environment_id = k.environment_id AND r.lane = k.lane AND r.lane_key = k.lane_key
          AND r.state IN ('pending', 'running', 'waiting')
        LIMIT k.cap
    ) unfinished
)
FROM unnest(%(environments)b::uuid[], %(lanes)b::text[], %(keys)b::text[], %(caps)b::int[])
    AS k(environment_id, lane, lane_key, cap)
"""


async def lane_room(connection: Connection, parcels: Sequence[Parcel]) -> LaneRoom:
    """Look at all capped lanes that the parcels come to, at once; at none where there is no cap."""
    caps: dict[_Lane, int] = {}
    for parcel in parcels:
        for event in parcel.events:
            for run in event.runs:
                if run.lane and run.lane_cap is not None:
                    lane = (event.environment_id, run.lane, run.lane_key)
                    caps[lane] = max(run.lane_cap, caps.get(lane, 0))
    if not caps:
        return LaneRoom({})
    cursor = await connection.execute(
        _STANDING,
        {
            "environments": [lane[0] for lane in caps],
            "lanes": [lane[1] for lane in caps],
            "keys": [lane[2] for lane in caps],
            "caps": list(caps.values()),
        },
    )
    return LaneRoom({(row[0], row[1], row[2]): row[3] for row in await cursor.fetchall()})
