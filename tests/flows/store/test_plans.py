"""Plans of the hot path's statements, made while the planner knows the tables as empty."""

import re
from typing import Final, LiteralString

import pytest
from asgiref.sync import sync_to_async
from django.db import connection as django_connection

from flows.store import accepting, claims, sql, states, superseding, sweep, turns
from flows.store.pool import Connection, pool
from tests.flows.world import World, make_backlog

MANY: Final = 50_000
_STATEMENTS: Final[dict[str, LiteralString]] = {
    "claim": claims._CLAIM_COMPANY,
    "claim suspects": claims._CLAIM_SUSPECTS,
    "supersede": superseding._SUPERSEDE_OLDER,
    "due": turns.ANY_DUE,
    "fence": sql.FENCE,
    "end": sql.END_RUNS,
    "roll up": sql.ROLL_UP,
    "wake lanes": sql.WAKE_LANES,
    "extend": claims._EXTEND,
    "orphans": sweep._ORPHANS,
    "wake idle lanes": sweep._WAKE_IDLE_LANES,
    "newest states": states._NEWEST,
}


def _know_as_empty() -> None:
    with django_connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE flows_run, flows_triggerevent")


async def _generic_plan(connection: Connection, statement: LiteralString) -> str:
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    text = re.sub(r"%\((\w+)\)[sb]", number, statement)
    cursor = await connection.execute(f"EXPLAIN (GENERIC_PLAN) {text}".encode())
    return "\n".join(row[0] for row in await cursor.fetchall())


@pytest.mark.parametrize("name", _STATEMENTS)
async def test_no_plan_reads_the_whole_run_table(hot: World, name: str) -> None:
    await sync_to_async(_know_as_empty)()
    async with (await pool()).connection() as connection:
        plan = await _generic_plan(connection, _STATEMENTS[name])
    assert "Seq Scan on flows_run" not in plan
    assert "Seq Scan on flows_triggerevent" not in plan


@pytest.mark.parametrize("statement", [states._NEWEST, accepting._EXISTING])
async def test_events_are_looked_up_by_their_names(hot: World, statement: LiteralString) -> None:
    await sync_to_async(_know_as_empty)()
    async with (await pool()).connection() as connection:
        plan = await _generic_plan(connection, statement)
    read = re.search(r"Scan using trigger_event_unique .*\n\s+Index Cond: (.*)", plan)
    assert read is not None, plan
    assert all(name in read[1] for name in ("environment_id", "type", "system", "entity_id")), plan


async def test_the_claim_takes_the_indexes_made_for_it(hot: World) -> None:
    await sync_to_async(_know_as_empty)()
    async with (await pool()).connection() as connection:
        plan = await _generic_plan(connection, claims._CLAIM_COMPANY)
    assert plan.count("using run_due on") == 2
    assert "run_one_active_in_lane" in plan
    assert "run_lane_order" in plan
    reads = re.findall(r"Scan using (\w+) on flows_\w+.*\n((?:\s+Index Cond:.*)?)", plan)
    # Walked from end to end is only an index of few rows: runs at work, deployments; and what is
    # pending, for flows that supersede, until the sweep has the table analysed.
    walked = {index for index, condition in reads if not condition.strip()}
    assert walked <= {"run_one_active_in_lane", "flows_deployment_pkey", "run_backlog"}, plan


async def test_runs_inserted_into_an_empty_table_are_claimed_without_reading_it(
    hot: World,
) -> None:
    """Seen: half a second a claim, until the table was analysed again."""
    await sync_to_async(_know_as_empty)()
    for _ in range(6):  # from the fifth on the session keeps the plan
        assert await claims.claim(16, by="me") == []
    await sync_to_async(make_backlog)(hot.deployment, MANY, analyse=False)
    before = await _whole_reads()
    for _ in range(6):
        assert len(await claims.claim(16, by="me")) == 16
    assert await _whole_reads() == before


async def test_a_table_that_outgrew_what_the_planner_knows_is_analysed_once(hot: World) -> None:
    await sync_to_async(_know_as_empty)()
    assert await sweep.analyse_outgrown() == []
    await sync_to_async(make_backlog)(hot.deployment, 5_000, analyse=False)
    assert set(await sweep.analyse_outgrown()) == {"flows_run", "flows_triggerevent"}
    assert await sweep.analyse_outgrown() == []


async def _whole_reads() -> int:
    async with (await pool()).connection() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await connection.execute("SELECT 1")
        row = await (
            await connection.execute(
                "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'flows_run'"
            )
        ).fetchone()
    assert row is not None
    return int(row[0])
