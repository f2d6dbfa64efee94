"""Ready means that runs would be carried."""

from collections.abc import Iterator

import pytest
import redis
from django.test import Client

from causeway.base import health


@pytest.fixture
def client_of_redis() -> Iterator[redis.Redis]:
    with health.broker() as client:
        yield client
        for key in client.scan_iter(match=f"{health.HEARTBEAT_PREFIX}*"):
            client.delete(key)


def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_without_a_worker_for_runs_it_is_not_ready(
    client: Client, client_of_redis: redis.Redis
) -> None:
    health.beat_heart(client_of_redis, queues="sweep", worker="sweeper@here")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert [checks[name]["ok"] for name in ("database", "redis", "workers")] == [True, True, False]


@pytest.mark.django_db
def test_with_everything_there_it_is_ready(client: Client, client_of_redis: redis.Redis) -> None:
    health.beat_heart(client_of_redis, queues="runs", worker="worker-1@here")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


@pytest.mark.django_db
def test_a_silent_worker_is_forgotten(client_of_redis: redis.Redis) -> None:
    health.beat_heart(client_of_redis, queues="runs", worker="worker-1@here")
    left = client_of_redis.ttl(f"{health.HEARTBEAT_PREFIX}runs:worker-1@here")
    assert 0 < int(str(left)) <= health.HEARTBEAT_KEPT
