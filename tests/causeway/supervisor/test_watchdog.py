"""When workers count as stalled."""

import pytest
from django.conf import settings

from causeway.supervisor.watchdog import PATIENCE, Look, Watchdog, look


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
