import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from flows.nudges import Nudger


class Producer:
    """Stands in for Celery's producer: counts messages, and lets tests wait for them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.arrived = threading.Semaphore(0)

    def send_task(self, name: str, *, queue: str, **_: Any) -> None:
        self.sent.append((name, queue))
        self.arrived.release()


@pytest.fixture
def address() -> str:
    """A database of its own: the nudges of earlier tests, sent by the process's own thread, may
    still be on their way."""
    return str(settings.CAUSEWAY.redis_url).replace("db=0", "db=15")


@pytest.fixture
def client(address: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(address) as found:
        found.delete("causeway:nudged:runs")
        yield found


@pytest.fixture
def nudger(client: redis.Redis, address: str) -> tuple[Nudger, Producer]:
    made = Nudger(redis_url=address, broker_url=settings.CAUSEWAY.broker_url)
    producer = Producer()
    made._app = producer  # type: ignore[assignment]  # only what the nudger uses of it
    return made, producer


def test_a_nudge_is_sent_to_the_workers_of_runs(nudger: tuple[Nudger, Producer]) -> None:
    one, producer = nudger
    one.ask()
    assert producer.arrived.acquire(timeout=5)
    assert producer.sent == [("flows.tasks.drain", "runs")]


def test_until_a_worker_takes_it_one_nudge_stands_for_all(
    nudger: tuple[Nudger, Producer], client: redis.Redis
) -> None:
    one, producer = nudger
    for _ in range(50):
        one.ask()
        one._send()
    # Asked or sent: whoever came first may not be through yet.
    assert producer.arrived.acquire(timeout=5)
    assert len(producer.sent) == 1
    one.taken()
    one._send()
    assert producer.arrived.acquire(timeout=5)
    assert len(producer.sent) == 2


def test_a_nudge_that_got_lost_blocks_the_next_for_a_moment_only(
    nudger: tuple[Nudger, Producer], client: redis.Redis
) -> None:
    one, producer = nudger
    one._send()
    remaining = client.pttl("causeway:nudged:runs")
    assert 0 < int(remaining) <= 1000
    client.flushdb()
    one._send()
    assert len(producer.sent) == 2


def test_asking_does_not_fail_while_redis_is_away() -> None:
    nobody = "redis://127.0.0.1:1/0"
    one = Nudger(redis_url=nobody, broker_url=nobody)
    one._send()
    one.taken()
    one.ask()
