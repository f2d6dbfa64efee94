"""Tables that are split by the day: the journal, and the payloads that it names.

A run's journal lies in the day on which the run was made, a payload in that of the rows that name
it. What is over is dropped as a table, in no time and without a trace in the other days, however
many rows it has. Rows of that day that are still needed (those of dead letters nobody dealt with,
of runs that still wait) are moved to a small table of their own first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, LiteralString

from psycopg import errors
from psycopg.sql import SQL, Identifier, Literal

from flows.store.days import bounds_of, floor_of, midnight
from flows.store.pool import Connection, pool

AHEAD: Final = 3  # days that are prepared
_KEPT: Final = "_kept"

# Neither a day is made nor one dropped twice at once.
_LOCK: Final = 0x_CA05E_DA15
_PARTITIONS: Final = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = %(table)s::regclass ORDER BY c.relname
"""
# Whoever writes does not wait long for a table to go; the next pass tries again.
_PATIENCE: Final = "SET LOCAL lock_timeout = '1s'"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTable:
    """A table with one partition a day by its `column`, between what `bounds` says of the day.

    `needed` is a condition on a row `e` of the day whose run ids are from %(low)s to %(high)s.
    """

    name: str
    column: str
    bounds: Callable[[date], tuple[object, object]]
    needed: LiteralString

    @property
    def rest(self) -> str:
        """The partition for what no other takes: empty as long as days are prepared in time."""
        return f"{self.name}_rest"

    @property
    def before(self) -> str:
        """What was there before there were days; its comment says up to when."""
        return f"{self.name}_before"

    def partition(self, day: date) -> str:
        return f"{self.name}_{day:%Y%m%d}"


JOURNAL: Final = DayTable(
    name="flows_runevent",
    column="run_id",
    bounds=bounds_of,
    needed="EXISTS (SELECT FROM flows_run r WHERE r.id = e.run_id)",
)
# Named by a value of a journal entry, or in place of an event's data.
PAYLOADS: Final = DayTable(
    name="flows_payload",
    column="day",
    bounds=lambda day: (day, day + timedelta(days=1)),
    needed="""
    e.digest = ANY(ARRAY(
        SELECT decode(substring(one.value ->> '$payload' FROM 10), 'hex')
        FROM flows_runevent j CROSS JOIN LATERAL jsonb_each(j.data) one
        WHERE j.run_id >= %(low)s AND j.run_id < %(high)s
          AND jsonb_typeof(one.value) = 'object' AND one.value ->> '$payload' LIKE '________-%%'
        UNION
        SELECT decode(substring(t.data ->> '$payload' FROM 10), 'hex')
        FROM flows_triggerevent t
        WHERE t.id >= %(low)s AND t.id < %(high)s
          AND jsonb_typeof(t.data) = 'object' AND t.data ->> '$payload' LIKE '________-%%'
    ))
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One day's table. `kept` says that it was cleared of what is over."""

    name: str
    day: date
    kept: bool


async def prepare_days(table: DayTable, now: datetime) -> list[date]:
    """Make the partitions of today and the next days; which ones were missing."""
    async with (await pool()).connection() as connection:
        known = {one.day for one in await _days(connection, table)}
        until = await _before_until(connection, table)
        wanted = [now.astimezone(UTC).date() + timedelta(days=n) for n in range(AHEAD + 1)]
        missing = [
            day for day in wanted if day not in known and (until is None or midnight(day) >= until)
        ]
        for day in missing:
            await _make(connection, table, day)
    return missing


async def drop_days(table: DayTable, before: datetime) -> list[str]:
    """Drop the days that ended before this moment, but for rows that are still needed.

    Call it when the runs that are over are gone. Returns the names of the tables dropped. A table
    that somebody writes to at the moment stays for the next time.
    """
    dropped = []
    async with (await pool()).connection() as connection:
        for one in await _days(connection, table):
            if midnight(one.day) + timedelta(days=1) > before:
                continue
            try:
                gone = await _clear(connection, table, one)
            except errors.LockNotAvailable:
                continue
            if gone:
                dropped.append(one.name)
        until = await _before_until(connection, table)
        if until is not None and until <= before and not await _has_runs(connection, until):
            async with connection.transaction():
                await connection.execute(_PATIENCE)
                await connection.execute(SQL("DROP TABLE {}").format(Identifier(table.before)))
            dropped.append(table.before)
    return dropped


async def uncleared_days(table: DayTable) -> set[date]:
    """The days of which whatever is over was not removed yet."""
    async with (await pool()).connection() as connection:
        return {one.day for one in await _days(connection, table) if not one.kept}


async def _clear(connection: Connection, table: DayTable, one: Partition) -> bool:
    async with connection.transaction():
        await connection.execute(_PATIENCE)
        await connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
        name = Identifier(one.name)
        await connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(name))
        any_needed = SQL("SELECT EXISTS (SELECT FROM {} e WHERE {})").format(
            name, SQL(table.needed)
        )
        row = await (await connection.execute(any_needed, _runs_of(one.day))).fetchone()
        some = bool(row and row[0])
        if some and one.kept:
            return False
        if some:
            await _move_needed(connection, table, one)
        else:
            await connection.execute(SQL("DROP TABLE {}").format(name))
    return True


async def _move_needed(connection: Connection, table: DayTable, one: Partition) -> None:
    name, kept = Identifier(one.name), Identifier(one.name + _KEPT)
    whole = Identifier(table.name)
    await connection.execute(SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(kept, whole))
    await connection.execute(
        SQL("INSERT INTO {} SELECT * FROM {} e WHERE {}").format(kept, name, SQL(table.needed)),
        _runs_of(one.day),
    )
    await connection.execute(SQL("ALTER TABLE {} DETACH PARTITION {}").format(whole, name))
    await _attach(connection, table, one.name + _KEPT, one.day)
    await connection.execute(SQL("DROP TABLE {}").format(name))


async def _make(connection: Connection, table: DayTable, day: date) -> None:
    """What already lies in the rest moves along: a day that was prepared late loses nothing."""
    name, rest, whole = (
        Identifier(table.partition(day)),
        Identifier(table.rest),
        Identifier(table.name),
    )
    low, high = table.bounds(day)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
        if any(one.day == day for one in await _days(connection, table)):
            return
        await connection.execute(SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(name, whole))
        await connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(rest))
        await connection.execute(
            SQL(
                "WITH moved AS (DELETE FROM {} WHERE {column} >= {} AND {column} < {} RETURNING *)"
                " INSERT INTO {} SELECT * FROM moved"
            ).format(rest, Literal(low), Literal(high), name, column=Identifier(table.column))
        )
        await _attach(connection, table, table.partition(day), day)


async def _attach(connection: Connection, table: DayTable, name: str, day: date) -> None:
    low, high = table.bounds(day)
    await connection.execute(
        SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            Identifier(table.name), Identifier(name), Literal(str(low)), Literal(str(high))
        )
    )


async def _names(connection: Connection, table: DayTable) -> Sequence[str]:
    cursor = await connection.execute(_PARTITIONS, {"table": table.name})
    return [str(row[0]) for row in await cursor.fetchall()]


async def _days(connection: Connection, table: DayTable) -> list[Partition]:
    pattern = re.compile(rf"{table.name}_(\d{{8}})({_KEPT})?")
    found = [(name, pattern.fullmatch(name)) for name in await _names(connection, table)]
    return [
        Partition(
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
_ANY_RUN: Final = "SELECT EXISTS (SELECT FROM flows_run WHERE id >= %(low)s AND id < %(high)s)"


async def _before_until(connection: Connection, table: DayTable) -> datetime | None:
    """Up to when the runs of the table from before were made; None where there is none."""
    row = await (await connection.execute(_UNTIL, {"name": table.before})).fetchone()
    return None if row is None else datetime.fromisoformat(row[0])


async def _has_runs(connection: Connection, until: datetime) -> bool:
    bounds = {"low": floor_of(datetime.fromtimestamp(0, UTC)), "high": floor_of(until)}
    row = await (await connection.execute(_ANY_RUN, bounds)).fetchone()
    return bool(row and row[0])


def _runs_of(day: date) -> dict[str, object]:
    low, high = bounds_of(day)
    return {"low": low, "high": high}
