"""The sweep: finds what nobody carries any more. Twice at once does no harm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.sql import SQL, Identifier

from connectors.sdk.errors import UnexpectedError
from flows.engine.events import EventType
from flows.store import sql
from flows.store.pool import Connection, json_text, pool
from flows.store.waits import wake_answered

DEATHS: Final = 3  # of workers that carried one run and nothing else
# Before suspects go again, and between two deaths in solitude. By then the worker is back: one run
# never has all of them down. The first is shorter, since nearly all who wait for it are innocent.
BACK: Final = timedelta(seconds=2)
APART: Final = timedelta(seconds=5)
DELIVERIES_KEPT: Final = timedelta(days=30)
NEWS_KEPT: Final = timedelta(days=30)  # for steps that come to wait for it
_MOST: Final = 1000
_SWEEP_LOCK: Final = 0x_CA05E_53EE


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep found: runs given back, quarantined, lanes woken, deliveries trimmed.

    `changed` are (environment, run) pairs whose rows moved.
    """

    orphaned: int = 0
    quarantined: int = 0
    woken: int = 0
    trimmed: int = 0
    changed: tuple[tuple[UUID, UUID], ...] = ()


_TRY_LOCK: Final = "SELECT pg_try_advisory_xact_lock(%(lock)s)"

# A death among other suspects says little and counts as one; alone with its worker, as one more
# than that at least. Company is whoever the same worker held.
_ORPHANS: Final = """
WITH orphan AS (
    SELECT id, alone, suspicion, claimed_by FROM flows_run
    WHERE state = 'running' AND lease_until < now()
    ORDER BY lease_until LIMIT %(most)s
    FOR NO KEY UPDATE SKIP LOCKED
), judged AS (
    SELECT o.id,
           CASE WHEN NOT o.alone THEN 0
                WHEN o.suspicion > 0 OR NOT EXISTS (
                    SELECT FROM flows_run c
                    WHERE c.state = 'running' AND c.claimed_by = o.claimed_by AND c.id <> o.id
                ) THEN greatest(o.suspicion, 1) + 1
                ELSE 1 END AS suspicion
    FROM orphan o
)
UPDATE flows_run r
SET suspicion = j.suspicion, alone = true,
    state = CASE WHEN j.suspicion > %(deaths)s THEN 'dead' ELSE 'pending' END,
    error = CASE WHEN j.suspicion > %(deaths)s THEN %(error)s::jsonb END,
    ended_at = CASE WHEN j.suspicion > %(deaths)s THEN now() END,
    next_seq = r.next_seq + CASE WHEN j.suspicion > %(deaths)s THEN 1 ELSE 0 END,
    claim_token = NULL, claimed_by = '', lease_until = NULL,
    due_at = now() + CASE WHEN j.suspicion > 1 THEN %(apart)s::interval ELSE %(back)s::interval END,
    revision = nextval('flows_run_revision')
FROM judged j WHERE r.id = j.id
RETURNING r.environment_id, r.id, r.state, r.next_seq
"""

_BURY: Final = """
INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)
SELECT id, seq, %(type)s, '', '', now(), %(data)s::jsonb
FROM unnest(%(ids)b::uuid[], %(seqs)b::int[]) AS dead(id, seq)
"""

# A jump from lane to lane through the index: what stands behind in a lane is not read.
_WAKE_IDLE_LANES: Final = """
WITH RECURSIVE lanes AS (
    (SELECT environment_id, lane, lane_key FROM flows_run WHERE parked
     ORDER BY environment_id, lane, lane_key LIMIT 1)
    UNION ALL
    SELECT n.environment_id, n.lane, n.lane_key
    FROM lanes l CROSS JOIN LATERAL (
        SELECT environment_id, lane, lane_key FROM flows_run
        WHERE parked
          AND (environment_id, lane, lane_key) > (l.environment_id, l.lane, l.lane_key)
        ORDER BY environment_id, lane, lane_key LIMIT 1
    ) n
)
UPDATE flows_run SET parked = false
WHERE id IN (
    SELECT head.id
    FROM lanes l CROSS JOIN LATERAL (
        SELECT p.id FROM flows_run p
        WHERE p.parked AND p.state = 'pending' AND p.environment_id = l.environment_id
          AND p.lane = l.lane AND p.lane_key = l.lane_key
        ORDER BY p.source_time, p.source_sequence, p.id LIMIT 1
    ) head
    WHERE NOT EXISTS (
        SELECT FROM flows_run a
        WHERE a.environment_id = l.environment_id AND a.lane = l.lane
          AND a.lane_key = l.lane_key AND a.state = 'running' AND a.lane <> ''
    )
)
"""

_TRIM: Final = """
DELETE FROM flows_delivery WHERE id IN (
    SELECT id FROM flows_delivery WHERE received_at < now() - %(kept)s
    ORDER BY received_at LIMIT %(most)s
)
"""
_TRIM_HEARD: Final = """
DELETE FROM flows_heardnews WHERE (topic, key, event_id) IN (
    SELECT topic, key, event_id FROM flows_heardnews WHERE at < now() - %(kept)s
    ORDER BY at LIMIT %(most)s
)
"""
# Plans stay until a table is analysed: one that was analysed when it was small is read as a small
# one. `relpages` is what the planner knew then.
_OUTGROWN: Final = """
SELECT relname FROM pg_class
WHERE oid = ANY(%(tables)b::text[]::regclass[])
  AND pg_relation_size(oid) / 8192 > 64 + 8 * greatest(relpages, 0)
"""
_HOT: Final = ("flows_run", "flows_triggerevent", "flows_runevent", "flows_wait")
_FORGET_WAITS: Final = "DELETE FROM flows_wait WHERE run_id = ANY(%(ids)b::uuid[])"


def quarantine_error() -> Mapping[str, Any]:
    """What stands on a run that took its worker down three times."""
    error = UnexpectedError(
        f"The worker died {DEATHS} times while it carried this run and nothing else.",
        code="quarantined",
        fix="Look at the data of this run and at the workers' log, then replay it.",
    )
    return {**error.to_dict(), "node": "", "path": ""}


async def sweep() -> Swept:
    """One pass. A sweep that meets another one leaves the work to it."""
    async with (await pool()).connection() as connection, connection.transaction():
        cursor = await connection.execute(_TRY_LOCK, {"lock": _SWEEP_LOCK})
        row = await cursor.fetchone()
        if not (row and row[0]):
            return Swept()
        error = json_text(quarantine_error())
        cursor = await connection.execute(
            _ORPHANS,
            {"most": _MOST, "deaths": DEATHS, "back": BACK, "apart": APART, "error": error},
        )
        orphans = await cursor.fetchall()
        dead = [(run, next_seq - 1) for _, run, state, next_seq in orphans if state == "dead"]
        if dead:
            await _bury(connection, dead)
        woken = await connection.execute(_WAKE_IDLE_LANES)
        trimmed = await connection.execute(_TRIM, {"kept": DELIVERIES_KEPT, "most": _MOST})
        await connection.execute(_TRIM_HEARD, {"kept": NEWS_KEPT, "most": _MOST})
        answered = await wake_answered(connection, most=_MOST)
    return Swept(
        orphaned=len(orphans),
        quarantined=len(dead),
        woken=woken.rowcount,
        trimmed=trimmed.rowcount,
        changed=(*((environment, run) for environment, run, _, _ in orphans), *answered),
    )


async def analyse_outgrown() -> list[str]:
    """Have the planner look at hot tables that became many times as large; which ones those are.

    Autovacuum comes a minute later, and all sessions make their plans anew only then.
    """
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(_OUTGROWN, {"tables": list(_HOT)})
        outgrown = [str(row[0]) for row in await cursor.fetchall()]
        for name in outgrown:
            await connection.execute(SQL("ANALYZE {}").format(Identifier(name)))
    return outgrown


async def _bury(connection: Connection, dead: list[tuple[UUID, int]]) -> None:
    ids = [run for run, _ in dead]
    await connection.execute(
        _BURY,
        {
            "ids": ids,
            "seqs": [seq for _, seq in dead],
            "type": EventType.RUN_DEAD.value,
            "data": json_text({"error": quarantine_error(), "node": ""}),
        },
    )
    await connection.execute(sql.ROLL_UP, {"ids": ids})
    await connection.execute(sql.WAKE_LANES, {"ids": ids})
    await connection.execute(_FORGET_WAITS, {"ids": ids})
