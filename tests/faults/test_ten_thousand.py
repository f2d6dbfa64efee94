"""Ten thousand orders while everything around them breaks.

Each fault runs beside the orders of one round; the first round has none and gives the rate that
the others are compared with. Pass: one effect for each order and version, versions never in the
wrong order, every accepted delivery a run that succeeded, nothing left over.
"""

import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.faults import breaking
from tests.faults.breaking import beside, database, unfinished
from tests.faults.crowd import Far, bring, far_side, install, orders, port_of_far_side, replace
from tests.stack.harness import Stack, eventually, start

MANY = 10_000
DRAINED = 600.0  # seconds
_COMPILER = shutil.which("cc")
_HOUR = 3600

Disturb = Callable[[Stack, str], threading.Thread]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running platform with a clock that can be set, and the far side."""

    stack: Stack
    far: Far
    clock: Path


@pytest.fixture(scope="module")
def listening() -> Iterator[socket.socket]:
    with port_of_far_side() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, listening: socket.socket) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("many")
    folder.chmod(0o755)  # PostgreSQL runs as another account
    clock = folder / "clock"
    clock.write_bytes(struct.pack("=q", 0))
    clock.chmod(0o644)
    environment = {"CAUSEWAY_EGRESS_ALLOW": f"127.0.0.1:{listening.getsockname()[1]}"}
    if _COMPILER:
        library = folder / "clock.so"
        source = str(Path(__file__).with_name("clock.c"))
        subprocess.run(
            [_COMPILER, "-shared", "-fPIC", "-O2", "-o", str(library), source], check=True
        )
        library.chmod(0o755)
        environment |= {"LD_PRELOAD": str(library), "CAUSEWAY_TEST_CLOCK": str(clock)}
    with far_side(listening, seed=11) as far:
        stack = start(folder, environment=environment)
        try:
            yield Place(stack=stack, far=far, clock=clock)
        finally:
            stack.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How a round went: seconds from the first delivery to the last run's end, and from the end of
    the last fault to there."""

    seconds: float
    after_faults: float
    statuses: dict[int, int]
    told: dict[str, Any]

    @property
    def rate(self) -> float:
        return MANY / self.seconds


_rates: dict[str, float] = {}


def carried(
    place: Place, slug: str, disturb: Sequence[Disturb] = (), *, count: int = MANY
) -> Round:
    hook = install(place.stack, place.far, slug)
    before = place.far.effects()
    began = time.monotonic()
    disturbing = [one(place.stack, slug) for one in disturb]
    for one in disturbing:
        one.start()
    statuses = bring(place.stack, hook, orders(count, slug, seed=5))
    for one in disturbing:
        one.join()
    last_fault = time.monotonic()

    def drained() -> bool:
        with suppress(Exception), database(place.stack) as session:
            return unfinished(session) == 0
        return False

    eventually(drained, seconds=DRAINED, every=0.25, what="the last run to end")
    end = time.monotonic()
    told = place.far.effects()
    with database(place.stack) as session:
        states = dict(
            session.execute(
                "SELECT r.state, count(*) FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id"
                " WHERE f.slug = %s GROUP BY r.state",
                [slug],
            ).fetchall()
        )
        holes = session.execute(
            "SELECT e.run_id FROM flows_runevent e JOIN flows_run r ON r.id = e.run_id"
            " JOIN flows_flow f ON f.id = r.flow_id WHERE f.slug = %s"
            " GROUP BY e.run_id HAVING count(*) <> max(e.seq)",
            [slug],
        ).fetchall()
    assert states == {"succeeded": count}
    assert holes == []
    assert told["effects"] - before["effects"] == count, "an order has more or less than one effect"
    assert told["orders"] == told["effects"]
    assert told["twice"] == []
    assert told["inverted"] == []
    found = Round(seconds=end - began, after_faults=end - last_fault, statuses=statuses, told=told)
    _rates[slug] = count / found.seconds
    _print(slug, found, count)
    return found


def _print(slug: str, found: Round, count: int) -> None:
    quiet = _rates.get("quiet")
    share = f", {_rates[slug] / quiet:.0%} of the quiet rate" if quiet else ""
    print(  # noqa: T201
        f"\n{slug}: {count} orders in {found.seconds:.1f} s ({_rates[slug]:.0f}/s{share}), "
        f"{found.after_faults:.1f} s after the last fault; statuses {found.statuses}, "
        f"far side asked {found.told['asked']}, misbehaved {found.told['misbehaved']}"
    )


def again(work: Callable[[Stack, int], None], times: int, every: float) -> Disturb:
    """`work` so many times, each `every` seconds after the last."""

    def made(stack: Stack, _slug: str) -> threading.Thread:
        def run() -> None:
            for number in range(times):
                time.sleep(every)
                with suppress(psutil.NoSuchProcess, IndexError):
                    work(stack, number)

        return beside(run)

    return made


def kill_a_worker(stack: Stack, number: int) -> None:
    alive = stack.workers()
    alive[number % len(alive)].kill()


def forget_all(stack: Stack, _number: int) -> None:
    with breaking.broker(stack) as client:
        client.flushall()


def set_clock(place: Place, shift: int) -> None:
    """In place: the running programs have the file in their memory."""
    with place.clock.open("r+b") as file:
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
    beat = next(
        one
        for one in psutil.Process(place.stack.process.pid).children()
        if "beat" in " ".join(one.cmdline())
    )
    second = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "causeway.celery", "beat", "--pidfile="],
        env={**beat.environ()},
        cwd=beat.cwd(),
    )
    try:
        carried(place, "beats")
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
@pytest.mark.skipif(_COMPILER is None, reason="needs a C compiler")
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
