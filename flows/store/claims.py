"""Claims: which runs this process may carry now, and for how long."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from flows.store import turns
from flows.store.pool import pool
from flows.store.superseding import SUPERSEDED, SupersededRun, supersede

LEASE: Final = timedelta(seconds=15)
WINDOW: Final = 512  # due runs looked at at once
_NARROW: Final = 2  # due runs looked at first, for each run that is wanted
_LOOKS: Final = 40  # in one claim
_CLAIM_LOCK: Final = 0x_CA05E_C1A1


def clock() -> float:
    """Seconds, for comparing with each other in this process. They go on while it is stopped,
    and on Linux while the machine sleeps."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(slots=True)
class Lease:
    """How long a run is surely ours, told without asking PostgreSQL.

    `since` is from before the statement that took or prolonged it was sent, so this ends before
    the row's own lease does.
    """

    since: float

    def holds(self) -> bool:
        return clock() < self.since + LEASE.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRun:
    """A run that is ours until its lease ends or `token` no longer matches.

    `next_seq` above 1 says that the run has a history. `trigger` is what its expressions see, but
    that large data is only named there (`flows.store.payloads.with_data`).
    """

    id: UUID
    token: UUID
    workspace_id: UUID
    environment_id: UUID
    version_id: UUID
    deployment_id: UUID
    event_id: UUID
    trigger_node: str
    next_seq: int
    alone: bool
    trigger: Mapping[str, Any]
    lease: Lease


# Only one process claims at a time: two with snapshots of different age could otherwise each
# take another run of the same lane. It is held for one statement; whoever waited for it while
# the holder was frozen has a `now()` of before, so leases begin by the clock.
_LOCK: Final = "SELECT pg_advisory_xact_lock(%(lock)s)"

_BLOCKED: Final = """
    w.lane <> '' AND (
        EXISTS (
            SELECT FROM flows_run a
            WHERE a.environment_id = w.environment_id AND a.lane = w.lane
              AND a.lane_key = w.lane_key AND a.state = 'running' AND a.lane <> ''
        ) OR EXISTS (
            SELECT FROM flows_run a
            WHERE a.environment_id = w.environment_id AND a.lane = w.lane
              AND a.lane_key = w.lane_key AND a.state IN ('pending', 'running', 'waiting')
              AND (a.source_time, a.source_sequence, a.id)
                < (w.source_time, w.source_sequence, w.id)
              AND (a.state = 'pending' OR a.due_at <= now() OR a.holds_lane)
        )
    )
"""

# What is due comes from `flows.store.turns`. A queue is walled when it has more, but all that was
# looked at of it stands behind others. All of them are when nothing that was looked at is free and
# the window left no room for some. Rows are looked up by arrays, since a plan that was made for an
# empty table may turn a join around.
_CLAIM: Final[LiteralString] = """
{due}, ahead AS MATERIALIZED (
    SELECT w.*, {blocked} AS blocked FROM due w
), looked AS MATERIALIZED (
    SELECT w.id, w.turn, w.urgent, w.deployment_id, w.share, w.found, w.blocked,
           CASE WHEN w.supersedable AND NOT w.blocked AND %(latest)s THEN {superseded}
           ELSE false END AS stale
    FROM ahead w
), taken AS (
    SELECT r.id FROM flows_run r
    WHERE r.id = ANY(ARRAY(SELECT id FROM looked WHERE NOT blocked AND NOT stale ORDER BY turn
                           LIMIT %(limit)s))
    FOR NO KEY UPDATE OF r SKIP LOCKED
), claimed AS (
    UPDATE flows_run r
    SET state = 'running', claim_token = gen_random_uuid(), claimed_by = %(by)s,
        lease_until = clock_timestamp() + %(lease)s, claims = r.claims + 1,
        started_at = coalesce(r.started_at, now()), revision = nextval('flows_run_revision')
    WHERE r.id = ANY(ARRAY(SELECT id FROM taken)) AND r.state IN ('pending', 'waiting')
    RETURNING r.*
)
SELECT c.id, c.claim_token, c.workspace_id, c.environment_id, c.version_id, c.deployment_id,
       c.event_id, c.trigger_node, c.next_seq, c.alone,
       e.type, e.change, e.entity, e.entity_id, e.version, e.business_key, e.source_time,
       coalesce(c.trigger_data, e.data), s.stale, s.walled
FROM (
    SELECT array_agg(id) FILTER (WHERE stale) AS stale,
           array_agg(id) FILTER (WHERE walled) AS walled
    FROM (
        SELECT id, stale, bool_and(blocked) OVER queue AND
                   (found >= share OR found > count(*) OVER queue)
               OR bool_and(blocked) OVER () AND count(*) OVER () >= %(window)s AS walled
        FROM looked WINDOW queue AS (PARTITION BY urgent, deployment_id)
    ) one
) s
LEFT JOIN (
    claimed c CROSS JOIN LATERAL (
        SELECT * FROM flows_triggerevent WHERE id = c.event_id OFFSET 0
    ) e
) ON true
"""
_CLAIM_COMPANY: Final[LiteralString] = _CLAIM.format(
    due=turns.COMPANY, blocked=_BLOCKED, superseded=SUPERSEDED
)
_CLAIM_SUSPECTS: Final[LiteralString] = _CLAIM.format(
    due=turns.SUSPECTS.format(blocked=_BLOCKED), blocked=_BLOCKED, superseded=SUPERSEDED
)

_PARK: Final = """
UPDATE flows_run SET parked = true
WHERE id = ANY(%(ids)b::uuid[]) AND state = 'pending' AND NOT alone
"""

Tell = Callable[[Sequence[SupersededRun]], None]


def _tell_nobody(_: Sequence[SupersededRun]) -> None:
    pass


async def claim(limit: int, *, by: str, tell: Tell = _tell_nobody) -> list[ClaimedRun]:
    """Up to `limit` due runs, no two of one lane; `by` names this process for people. `tell` hears
    of the runs that ended on the way, since a newer one of their lane takes their place."""
    return await _claim(_CLAIM_COMPANY, limit, by, tell)


async def claim_suspects(limit: int, *, by: str) -> list[ClaimedRun]:
    """Runs whose worker died, to be carried while this process carries nothing else.

    Up to `limit` of them, for nearly all are innocent; one, if its worker died again since.
    """
    return await _claim(_CLAIM_SUSPECTS, limit, by, _tell_nobody)


async def _claim(statement: LiteralString, limit: int, by: str, tell: Tell) -> list[ClaimedRun]:
    """Looks at few runs first: what stands in lanes is rare, and each run looked at costs.

    Looks further while all it saw stands behind other runs. Looks again when it only called runs
    off.
    """
    window = min(limit * _NARROW, WINDOW)
    latest = True
    for _ in range(_LOOKS):
        look = await _look(statement, limit, by, window=window, latest=latest)
        if look.superseded:
            tell(look.superseded)
        if look.claimed:
            return look.claimed
        if look.stale:
            # Where nothing could be called off somebody has the newer run in hand.
            latest = bool(look.superseded)
        elif look.walled and (look.parked or window < WINDOW):
            window = WINDOW
        else:
            break
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one statement came to: whether some runs were `stale` and some queues `walled`, and how
    many runs it parked there, so that the next look sees past them.

    A look that claims nothing parks only if it is as wide as it gets: a wider one may do without.
    """

    claimed: list[ClaimedRun]
    stale: bool
    superseded: Sequence[SupersededRun]
    walled: bool
    parked: int


async def _look(
    statement: LiteralString, limit: int, by: str, *, window: int, latest: bool
) -> _Look:
    since = clock()
    params = {"limit": limit, "window": window, "by": by[:120], "lease": LEASE, "latest": latest}
    parked = 0
    async with (
        (await pool()).connection() as connection,
        connection.pipeline(),
        connection.transaction(),
    ):
        await connection.execute(_LOCK, {"lock": _CLAIM_LOCK})
        cursor = await connection.execute(statement, params)
        rows = await cursor.fetchall()
        claimed = [_claimed(row, since) for row in rows if row[0] is not None]
        stale, walled = rows[0][-2:]
        superseded = await supersede(connection, stale) if stale else []
        if walled and (claimed or window == WINDOW):
            parked = (await connection.execute(_PARK, {"ids": walled})).rowcount
    return _Look(
        claimed=claimed,
        stale=bool(stale),
        superseded=superseded,
        walled=bool(walled),
        parked=parked,
    )


def _claimed(row: Sequence[Any], since: float) -> ClaimedRun:
    return ClaimedRun(
        id=row[0],
        token=row[1],
        workspace_id=row[2],
        environment_id=row[3],
        version_id=row[4],
        deployment_id=row[5],
        event_id=row[6],
        trigger_node=row[7],
        next_seq=row[8],
        alone=row[9],
        trigger={
            "type": row[10],
            "change": row[11],
            "entity": row[12],
            "entity_id": row[13],
            "version": row[14],
            "business_key": row[15],
            "occurred_at": instant_text(row[16]),
            "data": row[17],
        },
        lease=Lease(since),
    )


def instant_text(instant: datetime) -> str:
    """An instant as expressions see it: ISO 8601 in UTC, ending in Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


_EXTEND: Final = """
UPDATE flows_run r SET lease_until = now() + %(lease)s
FROM unnest(%(ids)b::uuid[], %(tokens)b::uuid[]) AS held(id, token)
WHERE r.id = held.id AND r.claim_token = held.token AND r.state = 'running'
RETURNING r.id
"""


async def extend(held: Mapping[UUID, UUID]) -> set[UUID]:
    """Prolong the leases of the runs `held` (id to token); returns the ids that were lost."""
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(
            _EXTEND, {"lease": LEASE, "ids": list(held), "tokens": list(held.values())}
        )
        kept = {row[0] for row in await cursor.fetchall()}
    return set(held) - kept


_RELEASE: Final = """
UPDATE flows_run
SET state = 'pending', claim_token = NULL, claimed_by = '', lease_until = NULL, due_at = now(),
    revision = nextval('flows_run_revision')
WHERE id = %(id)s AND claim_token = %(token)s AND state = 'running'
"""


async def release(run: ClaimedRun) -> None:
    """Give a run back that could not be carried for no fault of its own."""
    async with (await pool()).connection() as connection:
        await connection.execute(_RELEASE, {"id": run.id, "token": run.token})


async def anything_due() -> bool:
    """Whether some run waits to be claimed (it may stand behind another of its lane)."""
    async with (await pool()).connection() as connection:
        row = await (await connection.execute(turns.ANY_DUE)).fetchone()
    return bool(row and row[0])
