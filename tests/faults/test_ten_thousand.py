"""Ten thousand orders while everything around them breaks.

Each fault runs beside the orders of one round; the first round has none and gives the rate that
the others are compared with. Pass: one effect for each order and version, versions never in the
wrong order, every accepted delivery a run that succeeded, nothing left over.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest
import redis

from tests.faults import breaking
from tests.faults.breaking import COMPILER, beside
from tests.faults.crowd import replace
from tests.faults.rounds import MANY, Disturb, Place, carried, carried_after_503
from tests.stack.harness import ROOT, Stack

_HOUR = 3600


def again(work: Callable[[Stack, int], None], times: int, every: float) -> Disturb:
    """`work` so many times, each `every` seconds after the last."""

    def made(stack: Stack, _slug: str) -> threading.Thread:
        def run() -> None:
            for number in range(times):
                time.sleep(every)
                with suppress(psutil.NoSuchProcess, redis.RedisError):  # gone already
                    work(stack, number)

        return beside(run)

    return made


def kill_a_worker(stack: Stack, number: int) -> None:
    if alive := stack.workers():
        alive[number % len(alive)].kill()


def forget_all(stack: Stack, _number: int) -> None:
    with breaking.broker(stack) as client:
        client.flushall()


def set_clock(place: Place, shift: int) -> None:
    """In place: the running programs have the file in their memory."""
    with (place.stack.state / "clock").open("r+b") as file:
        file.write(struct.pack("=q", shift))


@pytest.mark.faults
def test_without_a_fault(place: Place) -> None:
    carried(place, "quiet")


@pytest.mark.faults
def test_fifty_workers_killed(place: Place) -> None:
    found = carried(place, "kills", [again(kill_a_worker, 50, 0.5)])
    assert found.after_faults < 60


@pytest.mark.faults
def test_redis_forgets_everything_ten_times_and_is_killed(place: Place) -> None:
    def restart(stack: Stack, _slug: str) -> threading.Thread:
        return breaking.restarting_redis(stack, 2)

    found = carried(place, "flushes", [again(forget_all, 10, 0.5), restart])
    assert found.after_faults < 60


@pytest.mark.faults
def test_postgresql_restarted_and_its_sessions_cut(place: Place) -> None:
    def restart(stack: Stack, _slug: str) -> threading.Thread:
        return breaking.restarting_postgres(stack, 2, signal.SIGINT)

    def cut(stack: Stack, _slug: str) -> threading.Thread:
        return breaking.cutting(stack, 10)

    found = carried(place, "sessions", [cut])
    assert found.after_faults < 60
    found = carried(place, "restarts", [restart])
    assert found.after_faults < 60


def out_of_reach(seconds: float, *, at_once: bool = False) -> Disturb:
    return lambda stack, _slug: breaking.out_of_reach(stack, seconds, at_once=at_once)


@pytest.mark.faults
def test_postgresql_out_of_reach(place: Place) -> None:
    carried_after_503(place, "reach", out_of_reach(20.0))


@pytest.mark.faults
def test_every_nudge_twice(place: Place) -> None:
    with breaking.nudging_twice(place.stack) as repeated:
        carried(place, "nudges")
    assert repeated


@pytest.mark.faults
def test_a_far_side_that_refuses_hangs_loses_answers_and_says_later(place: Place) -> None:
    place.far.misbehave(refuse=0.3, lose=0.05, hang=0.005, hang_seconds=7.0, later=0.001)
    try:
        carried(place, "moody", count=MANY // 5)
    finally:
        place.far.misbehave()


@pytest.mark.faults
def test_five_hundred_lost_answers(place: Place) -> None:
    lost = place.far.effects()["misbehaved"].get("lose", 0)
    place.far.misbehave(lose=0.1)
    try:
        carried(place, "lost", count=MANY // 2)
    finally:
        place.far.misbehave()
    assert place.far.effects()["misbehaved"]["lose"] - lost >= 450


@pytest.mark.faults
def test_two_beats(place: Place) -> None:
    """A second clock beside the first nudges everything once more."""
    second = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "causeway.celery", "beat", "--pidfile="],
        env={
            **os.environ,
            "CAUSEWAY_STATE_DIR": str(place.stack.state),
            "DJANGO_SETTINGS_MODULE": "causeway.settings",
        },
        cwd=ROOT,
    )
    try:
        carried(place, "beats")
        assert second.poll() is None, "the second beat did not run"
    finally:
        second.terminate()
        second.wait()


@pytest.mark.faults
def test_a_deployment_replaced_in_the_middle(place: Place) -> None:
    def swap(stack: Stack, slug: str) -> threading.Thread:
        def run() -> None:
            for number in (2, 3, 4):
                time.sleep(2.0)
                replace(stack, slug, number)

        return beside(run)

    carried(place, "replaced", [swap])


@pytest.mark.faults
@pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")
def test_the_clock_steps_by_an_hour(place: Place) -> None:
    """Forward, back behind the start, and home: for the platform, its PostgreSQL and its Redis."""

    def step(stack: Stack, _slug: str) -> threading.Thread:
        def run() -> None:
            for shift in (_HOUR, -_HOUR, 0):
                time.sleep(3.0)
                set_clock(place, shift)

        return beside(run)

    try:
        found = carried(place, "clock", [step])
    finally:
        set_clock(place, 0)
    assert found.after_faults < 120


@pytest.mark.stack
def test_a_crowd_of_five_hundred_and_two_kills(place: Place) -> None:
    """The small version of all this."""
    place.far.misbehave(refuse=0.1, lose=0.05)
    try:
        carried(place, "small", [again(kill_a_worker, 2, 0.5)], count=500)
    finally:
        place.far.misbehave()


@pytest.mark.stack
def test_a_database_out_of_reach_loses_and_doubles_nothing(place: Place) -> None:
    carried_after_503(place, "reach-small", out_of_reach(3.0, at_once=True), count=400)
