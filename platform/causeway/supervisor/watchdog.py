"""Notices workers that live and do nothing while runs are due.

A worker can lose its queue without noticing, for example when Redis forgets everything at the
wrong moment. PostgreSQL knows what is due, so it is asked, and no broker has a say.
"""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psycopg

OVERDUE_AFTER: Final = 15  # seconds; the sweep nudges every 2
PATIENCE: Final = 30.0  # seconds without any progress until workers are restarted

# A worker renews the leases of what it holds, and every move of a run takes a number: any of the
# three values moving is progress. What is overdue is asked for as the indexes `run_due` (deployment
# by deployment) and `run_due_alone` have it; parked runs stand behind others and are not due.
_LOOK: Final = """
SELECT EXISTS (
         SELECT FROM flows_deployment d CROSS JOIN (VALUES (false), (true)) AS u(urgent)
         CROSS JOIN LATERAL (
           SELECT FROM flows_run r
            WHERE r.state IN ('pending', 'waiting') AND NOT r.parked AND NOT r.alone
              AND r.urgent = u.urgent AND r.deployment_id = d.id
              AND r.due_at < now() - make_interval(secs => %(overdue)s)
            LIMIT 1
         ) due
       ) OR EXISTS (
         SELECT FROM flows_run
          WHERE state IN ('pending', 'waiting') AND alone
            AND due_at < now() - make_interval(secs => %(overdue)s)
       ),
       (SELECT count(*) FROM flows_run WHERE state = 'running' AND lease_until > now()),
       (SELECT last_value FROM flows_run_revision),
       (SELECT max(lease_until) FROM flows_run WHERE state = 'running')
"""


# What a dead process held needs no lease any more: nobody else can hold it under that name.
_END_LEASES: Final = """
UPDATE flows_run SET lease_until = now()
WHERE state = 'running' AND claimed_by = %(by)s AND lease_until > now()
"""


async def end_leases(address: str, *, pid: int) -> int:
    """Let others take at once what a worker of this host carried that has just died; how many runs
    those are. Raises `psycopg.Error` when the database cannot be told: then the leases run out."""
    session = await psycopg.AsyncConnection.connect(address, connect_timeout=5, autocommit=True)
    async with session:
        cursor = await session.execute(_END_LEASES, {"by": f"{socket.gethostname()}:{pid}"[:120]})
        return cursor.rowcount


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at the database showed. `mark` changes whenever runs move."""

    overdue: bool
    mark: tuple[object, ...]


async def look(address: str) -> Look:
    """Ask PostgreSQL. Raises `psycopg.Error` when it cannot be asked."""
    session = await psycopg.AsyncConnection.connect(address, connect_timeout=5, autocommit=True)
    async with session:
        cursor = await session.execute(_LOOK, {"overdue": OVERDUE_AFTER})
        row = await cursor.fetchone()
    if row is None:
        raise psycopg.DataError("a SELECT without FROM gave no row")
    return Look(overdue=bool(row[0]), mark=tuple(row[1:]))


class Watchdog:
    """Decides from look to look whether the workers have stalled."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mark: tuple[object, ...] | None = None
        self._since = clock()

    def stalled(self, seen: Look) -> bool:
        """True once for every `PATIENCE` seconds in which work was overdue and nothing moved."""
        now = self._clock()
        if not seen.overdue or seen.mark != self._mark:
            self._mark = seen.mark
            self._since = now
            return False
        if now - self._since < PATIENCE:
            return False
        self._since = now
        return True
