"""What the tests of this folder do to a running platform, and how they count afterwards."""

import itertools
import json
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import psycopg
import redis

from causeway.state import POSTGRES_PORT, StateFolder, read_secrets
from flows.store.claims import LEASE
from tests.stack.harness import Stack, eventually

COMPILER = shutil.which("cc")  # for the clock that can be set
SHIPPED = "4"
FROZEN = LEASE.total_seconds() + 6  # until the sweep has given the runs away, and longer
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
MOST = 240.0  # seconds for 50 orders one way, with everything that goes wrong on it


def database(stack: Stack) -> psycopg.Connection[Any]:
    """A session in the platform's own PostgreSQL."""
    folder = StateFolder(stack.state)
    return psycopg.connect(folder.database_url(read_secrets(folder)), autocommit=True)


def broker(stack: Stack) -> "redis.Redis":
    return redis.Redis.from_url((stack.state / "redis.url").read_text().strip())


# -- breaking -----------------------------------------------------------------------------------


def beside(work: Callable[[], None], *, wait: float = 0.0) -> threading.Thread:
    """A disturbance: `work` in a thread, `wait` seconds after the orders began."""

    def run() -> None:
        time.sleep(wait)
        work()

    return threading.Thread(target=run, daemon=True)


def killing(stack: Stack, times: int, seed: int) -> threading.Thread:
    """SIGKILL one process that carries runs, again and again; the supervisor brings it back."""
    chance = random.Random(seed)

    def kill() -> None:
        for _ in range(times):
            time.sleep(chance.uniform(0.3, 1.5))
            if alive := stack.workers():
                with suppress(psutil.NoSuchProcess):
                    chance.choice(alive).kill()

    return beside(kill)


def flushing(stack: Stack, times: int) -> threading.Thread:
    """Redis forgets everything, and lives on."""

    def flush() -> None:
        for _ in range(times):
            time.sleep(0.5)
            with broker(stack) as client:
                client.flushall()

    return beside(flush)


def freezing(stack: Stack, wait: float = 0.6) -> threading.Thread:
    """SIGSTOP one of the processes that carry runs for longer than its leases, then SIGCONT."""

    def freeze() -> None:
        carriers = stack.workers("runs")
        assert len(carriers) > 1, "somebody has to go on"
        victim = carriers[0]
        victim.suspend()
        try:
            time.sleep(FROZEN)
        finally:
            victim.resume()

    return beside(freeze, wait=wait)


def restarting_postgres(stack: Stack, times: int, how: signal.Signals) -> threading.Thread:
    """The postmaster gets a signal (SIGINT: fast shutdown, SIGQUIT: as if it crashed), the
    supervisor starts it again."""

    def restart() -> None:
        for _ in range(times):
            time.sleep(1.0)
            server(stack, "postgres").send_signal(how)
            eventually(lambda: answers(stack), seconds=60, what="PostgreSQL to be back")

    return beside(restart)


def cutting(stack: Stack, times: int) -> threading.Thread:
    """Every session of the database is ended from the server's side."""

    def cut() -> None:
        for _ in range(times):
            time.sleep(0.4)
            with database(stack) as session:
                session.execute(CUT)

    return beside(cut)


def out_of_reach(stack: Stack, seconds: float, *, at_once: bool = False) -> threading.Thread:
    """For a while nobody finds the socket of PostgreSQL, and all sessions are ended; from now on if
    `at_once`, so that a few orders do not get through before."""
    socket = StateFolder(stack.state).socket_dir / f".s.PGSQL.{POSTGRES_PORT}"

    def hide() -> None:
        with database(stack) as session:
            socket.rename(socket.with_name("elsewhere"))
            session.execute(CUT)

    def hold() -> None:
        if not at_once:
            time.sleep(0.2)
            hide()
        time.sleep(seconds)
        socket.with_name("elsewhere").rename(socket)

    if at_once:
        hide()
    return beside(hold)


def restarting_redis(stack: Stack, times: int) -> threading.Thread:
    """SIGKILL Redis: it comes back empty, and every connection to it is gone."""

    def restart() -> None:
        for _ in range(times):
            time.sleep(1.0)
            server(stack, "redis").kill()
            eventually(lambda: pongs(stack), seconds=60, what="Redis to be back")

    return beside(restart)


@contextmanager
def nudging_twice(stack: Stack) -> Iterator[list[str]]:
    """Every message in the queue of runs is delivered a second time; yields their ids."""
    repeated: list[str] = []
    ended = threading.Event()
    watching = threading.Event()

    def repeat() -> None:
        # redis-py has no types for it.
        with broker(stack) as client, broker(stack).monitor() as monitor:  # type: ignore[no-untyped-call]
            watching.set()
            for command in monitor.listen():
                if ended.is_set():
                    return
                verb, _, rest = command["command"].partition(" ")
                queue, _, message = rest.partition(" ")
                if verb.upper() != "LPUSH" or queue != "runs":
                    continue
                found = str(json.loads(message)["headers"]["id"])
                if found not in repeated:
                    repeated.append(found)
                    client.lpush("runs", message)

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    assert watching.wait(10)
    try:
        yield repeated
    finally:
        ended.set()
        with broker(stack) as client:
            client.ping()  # something to see, so that the thread looks up
        thread.join(timeout=10)


def server(stack: Stack, name: str) -> psutil.Process:
    """The main process of PostgreSQL or Redis."""
    for one in psutil.Process(stack.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if one.name().startswith(name) or name in one.cmdline()[0].rsplit("/", 1)[-1]:
                return one
    raise AssertionError(f"{name} does not run")


def answers(stack: Stack) -> bool:
    try:
        with database(stack) as session:
            session.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def pongs(stack: Stack) -> bool:
    try:
        with broker(stack) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


# -- counting -----------------------------------------------------------------------------------


def carry_through(
    stack: Stack, count: int, tag: str, disturb: Sequence[threading.Thread] = ()
) -> None:
    """Orders out, statuses back, with the disturbances running beside; then count everything."""
    for one in disturb:
        one.start()
    references = stack.place_orders(count)

    def arrived() -> bool:
        records = stack.order_records()
        return all(one in records for one in references)

    eventually(arrived, seconds=MOST, every=0.5, what=f"{count} Order Records")
    records = stack.order_records()
    stack.ship((records[one][0]["unid"], f"{tag}-{one}") for one in references)

    def shipped() -> bool:
        orders = stack.orders()
        return all(str(orders[one]["state"]["id"]) == SHIPPED for one in references)

    eventually(shipped, seconds=MOST, every=0.5, what=f"{count} shipped orders")
    for one in disturb:
        one.join()
    with database(stack) as session:
        eventually(lambda: unfinished(session) == 0, seconds=120, every=0.5, what="the last run")
        assert dead_letters(session, references) == []
        assert journals_with_holes(session) == []
    records = stack.order_records()
    assert set(references) <= set(records)
    doubled = {one: len(found) for one, found in records.items() if len(found) != 1}
    assert not doubled
    orders = stack.orders()
    assert all(orders[one]["tracking"] == f"{tag}-{one}" for one in references)
    twice = {
        one: orders[one]["states_written"]
        for one in references
        if any(len(list(same)) > 1 for _, same in itertools.groupby(orders[one]["states_written"]))
    }
    assert not twice, "the same state was written twice in a row"


def unfinished(session: psycopg.Connection[Any]) -> int:
    [number] = session.execute(
        "SELECT count(*) FROM flows_run WHERE state IN ('pending', 'running', 'waiting')"
    ).fetchone() or [-1]
    return int(number)


def dead_letters(session: psycopg.Connection[Any], keys: Sequence[str]) -> list[Any]:
    return session.execute(
        "SELECT business_key, state, error FROM flows_run "
        "WHERE state IN ('dead', 'failed') AND business_key = ANY(%s)",
        [list(keys)],
    ).fetchall()


def journals_with_holes(session: psycopg.Connection[Any]) -> list[Any]:
    """Runs whose events are not numbered 1, 2, 3 … without a gap."""
    return session.execute(
        "SELECT run_id, count(*), max(seq) FROM flows_runevent "
        "GROUP BY run_id HAVING count(*) <> max(seq)"
    ).fetchall()
