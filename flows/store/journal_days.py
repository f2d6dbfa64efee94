"""The journal's partitions: one a day, by the day on which the run was made.

What is over is dropped as a table, in no time and without a trace in the other days, however many
entries it has. Runs of that day that stay (dead letters nobody dealt with, runs that still wait)
are moved to a small table of their own first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from psycopg import errors
from psycopg.sql import SQL, Identifier, Literal

from flows.store.days import bounds_of, floor_of, midnight
from flows.store.pool import Connection, pool

AHEAD: Final = 3  # days that are prepared
TABLE: Final = "flows_runevent"
# What no other partition takes: nothing, as long as days are prepared in time.
REST: Final = f"{TABLE}_rest"
# What was there before there were days; a migration says up to when.
BEFORE: Final = f"{TABLE}_before"
_KEPT: Final = "_kept"
_NAME: Final = re.compile(rf"{TABLE}_(\d{{8}})({_KEPT})?")

# Neither a day is made nor one dropped twice at once.
_LOCK: Final = 0x_CA05E_DA15
_PARTITIONS: Final = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = %(table)s::regclass ORDER BY c.relname
"""
_ANY_RUN: Final = "SELECT EXISTS (SELECT FROM flows_run WHERE id >= %(low)s AND id < %(high)s)"
# Whoever writes to the journal does not wait long for a table to go; the next pass tries again.
_PATIENCE: Final = "SET LOCAL lock_timeout = '1s'"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDay:
    """One partition: the runs made on `day`. `kept` says that it was cleared of what is over."""

    name: str
    day: date
    kept: bool


async def prepare_days(now: datetime) -> list[date]:
    """Make the partitions of today and the next days; which ones were missing."""
    async with (await pool()).connection() as connection:
        known = {one.day for one in await _days(connection)}
        until = await _before_until(connection)
        wanted = [now.astimezone(UTC).date() + timedelta(days=n) for n in range(AHEAD + 1)]
        missing = [
            day for day in wanted if day not in known and (until is None or midnight(day) >= until)
        ]
        for day in missing:
            await _make(connection, day)
    return missing


async def drop_days(before: datetime) -> list[str]:
    """Drop the days that ended before this moment, but for runs that are still there.

    Call it when the runs that are over are gone. Returns the names of the tables dropped. A table
    that somebody writes to at the moment stays for the next time.
    """
    dropped = []
    async with (await pool()).connection() as connection:
        for one in await _days(connection):
            if midnight(one.day) + timedelta(days=1) > before:
                continue
            try:
                gone = await _clear(connection, one)
            except errors.LockNotAvailable:
                continue
            if gone:
                dropped.append(one.name)
        until = await _before_until(connection)
        if until is not None and until <= before and not await _has_runs_before(connection, until):
            async with connection.transaction():
                await connection.execute(_PATIENCE)
                await connection.execute(SQL("DROP TABLE {}").format(Identifier(BEFORE)))
            dropped.append(BEFORE)
    return dropped


async def _clear(connection: Connection, one: JournalDay) -> bool:
    low, high = bounds_of(one.day)
    async with connection.transaction():
        await connection.execute(_PATIENCE)
        await connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
        table = Identifier(one.name)
        await connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))
        row = await (await connection.execute(_ANY_RUN, {"low": low, "high": high})).fetchone()
        some = bool(row and row[0])
        if some and one.kept:
            return False
        if some:
            await _move_kept(connection, one)
        else:
            await connection.execute(SQL("DROP TABLE {}").format(table))
    return True


async def _move_kept(connection: Connection, one: JournalDay) -> None:
    table, kept = Identifier(one.name), Identifier(one.name + _KEPT)
    await connection.execute(
        SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(kept, Identifier(TABLE))
    )
    await connection.execute(
        SQL(
            "INSERT INTO {} SELECT * FROM {} e"
            " WHERE EXISTS (SELECT FROM flows_run r WHERE r.id = e.run_id)"
        ).format(kept, table)
    )
    await connection.execute(
        SQL("ALTER TABLE {} DETACH PARTITION {}").format(Identifier(TABLE), table)
    )
    await _attach(connection, one.name + _KEPT, one.day)
    await connection.execute(SQL("DROP TABLE {}").format(table))


async def _make(connection: Connection, day: date) -> None:
    """What already lies in the rest moves along: a day that was prepared late loses nothing."""
    name = f"{TABLE}_{day:%Y%m%d}"
    low, high = bounds_of(day)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
        if any(one.day == day for one in await _days(connection)):
            return
        await connection.execute(
            SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                Identifier(name), Identifier(TABLE)
            )
        )
        await connection.execute(
            SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(Identifier(REST))
        )
        await connection.execute(
            SQL(
                "WITH moved AS (DELETE FROM {} WHERE run_id >= {} AND run_id < {} RETURNING *)"
                " INSERT INTO {} SELECT * FROM moved"
            ).format(Identifier(REST), Literal(low), Literal(high), Identifier(name))
        )
        await _attach(connection, name, day)


async def _attach(connection: Connection, name: str, day: date) -> None:
    low, high = bounds_of(day)
    await connection.execute(
        SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            Identifier(TABLE), Identifier(name), Literal(str(low)), Literal(str(high))
        )
    )


async def _names(connection: Connection) -> Sequence[str]:
    cursor = await connection.execute(_PARTITIONS, {"table": TABLE})
    return [str(row[0]) for row in await cursor.fetchall()]


async def _days(connection: Connection) -> list[JournalDay]:
    found = [(name, _NAME.fullmatch(name)) for name in await _names(connection)]
    return [
        JournalDay(
            name=name,
            day=datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date(),
            kept=match[2] is not None,
        )
        for name, match in found
        if match is not None
    ]


_UNTIL: Final = """
SELECT obj_description(c.oid, 'pg_class') FROM pg_class c WHERE c.oid = to_regclass(%(name)s)
"""


async def _before_until(connection: Connection) -> datetime | None:
    """Up to when the runs of the table from before were made; None where there is none."""
    row = await (await connection.execute(_UNTIL, {"name": BEFORE})).fetchone()
    return None if row is None else datetime.fromisoformat(row[0])


async def _has_runs_before(connection: Connection, until: datetime) -> bool:
    bounds = {"low": floor_of(datetime.fromtimestamp(0, UTC)), "high": floor_of(until)}
    row = await (await connection.execute(_ANY_RUN, bounds)).fetchone()
    return bool(row and row[0])
