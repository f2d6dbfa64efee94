"""The journal's days: made ahead, dropped when they are over, with nothing lost on the way."""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection as django_connection

from flows.models import Run, RunEvent
from flows.store import day_tables, history
from flows.store.day_tables import JOURNAL, PAYLOADS
from flows.store.days import floor_of, midnight
from flows.store.pool import pool
from tests.flows.world import World, make_runs

prepare_days = partial(day_tables.prepare_days, JOURNAL)
drop_days = partial(day_tables.drop_days, JOURNAL)
NOW = datetime(2031, 5, 6, 12, tzinfo=UTC)


def run_id(moment: datetime) -> UUID:
    """As `new_id` would have made it then."""
    return UUID(int=floor_of(moment).int | (7 << 76) | (uuid.uuid4().int & ((1 << 76) - 1)))


@sync_to_async
def made(hot: World, moment: datetime, **more: Any) -> UUID:
    """A run made at that moment with two entries in its journal."""
    [run] = make_runs(
        hot, [{"id": run_id(moment), "created_at": moment, "lane_key": str(moment), **more}]
    )
    RunEvent.objects.bulk_create(
        RunEvent(run_id=run.id, seq=seq, type="run_started", at=moment, data={"n": seq})
        for seq in (1, 2)
    )
    return run.id


@sync_to_async
def table_of(run: UUID) -> set[str]:
    with django_connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tableoid::regclass::text FROM flows_runevent WHERE run_id = %s", [run]
        )
        return {row[0] for row in cursor.fetchall()}


@sync_to_async
def forget(*runs: UUID) -> None:
    Run.objects.filter(pk__in=runs)._raw_delete("default")


@pytest.fixture
async def days(hot: World) -> AsyncIterator[World]:
    """No day of another test stays."""
    yield hot
    async with (await pool()).connection() as connection:
        for table in (JOURNAL, PAYLOADS):
            for name in await day_tables._names(connection, table):
                if name != table.rest:
                    await connection.execute(f"DROP TABLE {name}".encode())
        await connection.execute("DELETE FROM flows_payload")


async def test_today_and_the_next_days_are_made_once(days: World) -> None:
    first = await prepare_days(NOW)
    assert [one.isoformat() for one in first] == [
        "2031-05-06", "2031-05-07", "2031-05-08", "2031-05-09"
    ]  # fmt: skip
    assert await prepare_days(NOW) == []
    assert [one.isoformat() for one in await prepare_days(NOW + timedelta(days=1))] == [
        "2031-05-10"
    ]


async def test_each_run_lies_in_its_day(days: World) -> None:
    await prepare_days(NOW)
    late = await made(days, midnight(NOW.date()) + timedelta(days=1, milliseconds=-1))
    early = await made(days, midnight(NOW.date()) + timedelta(days=1))
    assert await table_of(late) == {"flows_runevent_20310506"}
    assert await table_of(early) == {"flows_runevent_20310507"}


async def test_what_came_before_its_day_was_made_moves_along(days: World) -> None:
    run = await made(days, NOW)
    other = await made(days, NOW - timedelta(days=30))
    assert await table_of(run) == {JOURNAL.rest}
    await prepare_days(NOW)
    assert await table_of(run) == {"flows_runevent_20310506"}
    assert await table_of(other) == {JOURNAL.rest}
    assert await RunEvent.objects.filter(run_id=run).acount() == 2


async def test_a_day_without_runs_is_dropped_and_others_stay(days: World) -> None:
    await prepare_days(NOW)
    gone, stays = await made(days, NOW), await made(days, NOW + timedelta(days=1))
    await forget(gone)
    assert await drop_days(midnight(NOW.date())) == []
    assert await drop_days(NOW + timedelta(days=1)) == ["flows_runevent_20310506"]
    assert await RunEvent.objects.filter(run_id=gone).acount() == 0
    assert await RunEvent.objects.filter(run_id=stays).acount() == 2


async def test_what_still_has_its_run_survives_its_day(days: World) -> None:
    await prepare_days(NOW)
    gone, dead = await made(days, NOW), await made(days, NOW, state="dead")
    await forget(gone)
    later = NOW + timedelta(days=1)
    assert await drop_days(later) == ["flows_runevent_20310506"]
    assert await table_of(dead) == {"flows_runevent_20310506_kept"}
    assert await RunEvent.objects.filter(run_id=gone).acount() == 0
    # It may go on: its journal takes entries as before, and is not moved again.
    await sync_to_async(RunEvent.objects.create)(
        run_id=dead, seq=3, type="run_started", at=NOW, data={}
    )
    assert await drop_days(later) == []
    assert [one.seq async for one in RunEvent.objects.filter(run_id=dead).order_by("seq")] == [
        1, 2, 3
    ]  # fmt: skip
    await forget(dead)
    assert await drop_days(later) == ["flows_runevent_20310506_kept"]
    assert await table_of(dead) == set()


async def test_a_day_that_somebody_writes_to_waits_for_the_next_pass(days: World) -> None:
    await prepare_days(NOW)
    await made(days, NOW)
    run = await made(days, NOW, state="dead")
    async with (await pool()).connection() as writing, writing.transaction():
        await writing.execute(
            "INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)"
            " VALUES (%s, 3, 'run_started', '', '', now(), '{}')",
            [run],
        )
        assert await drop_days(NOW + timedelta(days=1)) == []
    assert await RunEvent.objects.filter(run_id=run).acount() == 3
    assert await drop_days(NOW + timedelta(days=1)) == ["flows_runevent_20310506"]
    assert await RunEvent.objects.filter(run_id=run).acount() == 3


async def test_what_was_there_before_there_were_days_goes_when_its_runs_are_gone(
    days: World,
) -> None:
    until = midnight(NOW.date()) + timedelta(days=2)
    async with (await pool()).connection() as connection:
        await connection.execute(
            f"CREATE TABLE {JOURNAL.before} PARTITION OF flows_runevent"
            f" FOR VALUES FROM (MINVALUE) TO ('{floor_of(until)}');"
            f"COMMENT ON TABLE {JOURNAL.before} IS '{until.isoformat()}'".encode()
        )
    # It takes what is made today and tomorrow; days begin after it.
    assert [one.isoformat() for one in await prepare_days(NOW)] == ["2031-05-08", "2031-05-09"]
    run = await made(days, NOW)
    assert await table_of(run) == {JOURNAL.before}
    assert await drop_days(until - timedelta(hours=1)) == []
    assert await drop_days(until) == []
    await forget(run)
    assert await drop_days(until) == [JOURNAL.before]


async def test_a_run_is_read_from_its_day_alone(days: World) -> None:
    """However many days are kept."""
    await prepare_days(NOW)
    await prepare_days(NOW + timedelta(days=4))
    run = await made(days, NOW)
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(
            "EXPLAIN (ANALYZE) " + history._EVENTS, {"run": run, "after": 0, "most": None}
        )
        plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert set(re.findall(r"on (flows_runevent_\w+)", plan)) == {"flows_runevent_20310506"}
