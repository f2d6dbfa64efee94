"""Workers die, the broker forgets everything, the far sides break: nothing is lost or doubled."""

import itertools
import random
import threading
import time

import psutil
import pytest
import redis

from tests.stack.harness import Stack, eventually

ORDERS = 50
SHIPPED = "4"


def kill_a_worker(stack: Stack, chance: random.Random) -> int | None:
    """SIGKILL one process that carries runs; the supervisor has to bring it back."""
    alive = stack.workers()
    if not alive:
        return None
    victim = chance.choice(alive)
    try:
        victim.kill()
    except psutil.NoSuchProcess:
        return None
    return int(victim.pid)


def flush_broker(stack: Stack) -> None:
    client = redis.Redis.from_url((stack.state / "redis.url").read_text().strip())
    client.flushall()
    client.close()


def carry_through(stack: Stack, count: int, tag: str, disturb: list[threading.Thread]) -> None:
    """Orders out, statuses back, with the disturbances running beside; then count everything."""
    for one in disturb:
        one.start()
    references = stack.place_orders(count)

    def arrived() -> bool:
        records = stack.order_records()
        return all(one in records for one in references)

    eventually(arrived, seconds=180, every=0.5, what=f"{count} Order Records")
    records = stack.order_records()
    stack.ship((records[one][0]["unid"], f"{tag}-{one}") for one in references)

    def shipped() -> bool:
        orders = stack.orders()
        return all(str(orders[one]["state"]["id"]) == SHIPPED for one in references)

    eventually(shipped, seconds=180, every=0.5, what=f"{count} shipped orders")
    for one in disturb:
        one.join()
    api = stack.api("operator")
    eventually(
        lambda: (
            not any(
                api.get("runs", params={"environment": "demo", "state": state}).json()["results"]
                for state in ("pending", "running", "waiting")
            )
        ),
        seconds=120,
        every=0.5,
        what="every run ended",
    )
    records = stack.order_records()
    doubled = {one: len(found) for one, found in records.items() if len(found) != 1}
    assert not doubled
    orders = stack.orders()
    assert all(orders[one]["tracking"] == f"{tag}-{one}" for one in references)
    histories = {one: orders[one].get("states_written", []) for one in references}
    twice = {
        one: states
        for one, states in histories.items()
        if any(len(list(same)) > 1 for _, same in itertools.groupby(states))
    }
    assert not twice, "the same state was written twice in a row"


def killing(stack: Stack, times: int, seed: int) -> threading.Thread:
    chance = random.Random(seed)

    def kill() -> None:
        for _ in range(times):
            time.sleep(chance.uniform(0.3, 1.5))
            kill_a_worker(stack, chance)

    return threading.Thread(target=kill, daemon=True)


def flushing(stack: Stack, times: int) -> threading.Thread:
    def flush() -> None:
        for _ in range(times):
            time.sleep(0.5)
            flush_broker(stack)

    return threading.Thread(target=flush, daemon=True)


@pytest.mark.stack
def test_two_killed_workers_lose_and_double_nothing(stack: Stack) -> None:
    carry_through(stack, 20, "K", [killing(stack, 2, seed=7)])


@pytest.mark.stack
def test_a_flushed_broker_loses_and_doubles_nothing(stack: Stack) -> None:
    carry_through(stack, 20, "F", [flushing(stack, 3)])


@pytest.mark.faults
@pytest.mark.parametrize("round_", range(10))
def test_a_worker_killed_in_the_middle_of_50_orders(stack: Stack, round_: int) -> None:
    carry_through(stack, ORDERS, f"K{round_}", [killing(stack, 1, seed=round_)])


@pytest.mark.faults
def test_ten_kills_during_50_orders(stack: Stack) -> None:
    carry_through(stack, ORDERS, "KK", [killing(stack, 10, seed=99)])


@pytest.mark.faults
def test_a_flushed_broker_in_the_middle_of_50_orders(stack: Stack) -> None:
    carry_through(stack, ORDERS, "FF", [flushing(stack, 6)])
