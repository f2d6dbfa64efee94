"""When workers count as stalled."""

import asyncio
import socket
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from causeway.supervisor import watchdog
from causeway.supervisor.watchdog import PATIENCE, Look, Watchdog, end_leases, look
from tests.flows.world import make_backlog, make_runs, make_world


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dog(clock: Clock) -> Watchdog:
    return Watchdog(clock=clock)


def seen(mark: int, *, overdue: bool = True) -> Look:
    return Look(overdue=overdue, mark=(mark,))


def test_overdue_work_without_progress_is_a_stall(dog: Watchdog, clock: Clock) -> None:
    assert not dog.stalled(seen(1))
    clock.now = PATIENCE - 1
    assert not dog.stalled(seen(1))
    clock.now = PATIENCE
    assert dog.stalled(seen(1))


def test_a_restart_is_given_time_to_help(dog: Watchdog, clock: Clock) -> None:
    dog.stalled(seen(1))
    clock.now = PATIENCE
    assert dog.stalled(seen(1))
    clock.now += PATIENCE - 1
    assert not dog.stalled(seen(1))
    clock.now += 1
    assert dog.stalled(seen(1))


def test_progress_is_no_stall_however_long_the_backlog(dog: Watchdog, clock: Clock) -> None:
    for mark in range(100):
        clock.now += PATIENCE - 1
        assert not dog.stalled(seen(mark))


def test_nothing_due_is_no_stall(dog: Watchdog, clock: Clock) -> None:
    dog.stalled(seen(1, overdue=False))
    clock.now = PATIENCE * 10
    assert not dog.stalled(seen(1, overdue=False))
    assert not dog.stalled(seen(1)), "patience begins when work becomes overdue"


@pytest.mark.django_db(transaction=True)
async def test_an_empty_database_shows_nothing_overdue() -> None:
    assert not (await look(settings.CAUSEWAY.database_url)).overdue


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("row", "overdue"),
    [
        ({}, True),
        ({"urgent": True}, True),
        ({"alone": True}, True),
        ({"state": "waiting"}, True),
        ({"parked": True}, False),
        ({"state": "succeeded"}, False),
        ({"due_at": timezone.now() + timedelta(hours=1)}, False),
    ],
)
def test_what_is_due_and_nobody_takes_is_overdue(row: dict[str, object], overdue: bool) -> None:
    make_runs(make_world(), [row])
    assert asyncio.run(look(settings.CAUSEWAY.database_url)).overdue is overdue


@pytest.mark.django_db(transaction=True)
def test_a_look_reads_no_finished_runs() -> None:
    """One look every few seconds must not read a million stored runs."""
    make_backlog(make_world().deployment, 20_000, state="succeeded")
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + watchdog._LOOK, {"overdue": watchdog.OVERDUE_AFTER})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on flows_run " not in plan
    assert "run_by_revision" not in plan


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_carried_is_free_at_once_and_nothing_else() -> None:
    """Waiting for the lease of a process that was seen to die helps nobody."""
    here = socket.gethostname()
    later = timezone.now() + timedelta(seconds=15)
    held = {"state": "running", "lease_until": later}
    dead, alive, elsewhere, waiting = make_runs(
        make_world(),
        [
            {**held, "claimed_by": f"{here}:4711"},
            {**held, "claimed_by": f"{here}:47112"},
            {**held, "claimed_by": "another-host:4711"},
            {"state": "waiting", "claimed_by": f"{here}:4711", "lease_until": later},
        ],
    )
    assert asyncio.run(end_leases(settings.CAUSEWAY.database_url, pid=4711)) == 1
    for run, ended in ((dead, True), (alive, False), (elsewhere, False), (waiting, False)):
        run.refresh_from_db()
        assert run.lease_until is not None
        assert (run.lease_until <= timezone.now()) is ended


def test_without_a_database_the_leases_run_out() -> None:
    with pytest.raises(psycopg.Error):
        asyncio.run(end_leases("postgresql://nobody@127.0.0.1:1/none", pid=1))
