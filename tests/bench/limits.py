"""What the machine itself can do, measured in the same invocation."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psycopg

from tests.bench import load
from tests.bench.stack import Stack

_SECONDS: Final = 2.0
_CONNECTIONS: Final = 8
_HELLOS: Final = 10_000


def _commit_for(url: str, table_row: int, end: float) -> int:
    count = 0
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end:
            connection.execute("UPDATE bench_limit SET n = n + 1 WHERE id = %s", (table_row,))
            count += 1
    return count


def commits_per_second(url: str, connections: int) -> int:
    """Durable one-row transactions, each connection with a row of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_limit")
        connection.execute(
            "CREATE TABLE bench_limit AS SELECT id, 0 AS n FROM generate_series(1, 64) AS id"
        )
    end = time.monotonic() + _SECONDS
    with ThreadPoolExecutor(connections) as threads:
        counts = threads.map(lambda row: _commit_for(url, row, end), range(1, connections + 1))
        total = sum(counts)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE bench_limit")
    return round(total / _SECONDS)


def hellos_per_second(port: int) -> int:
    """Answers of a bare ASGI app to POSTs of 3 KB, with our own load generator."""
    body = b"x" * 3000
    sent = asyncio.run(
        load.send(
            port=port, path="/", make=lambda _: (body, {}), numbers=range(_HELLOS), senders=64
        )
    )
    return round(_HELLOS / sent.seconds)


def measure(stack: Stack) -> dict[str, int]:
    """The limits by name."""
    return {
        "commits_per_second_1": commits_per_second(stack.database_url, 1),
        f"commits_per_second_{_CONNECTIONS}": commits_per_second(stack.database_url, _CONNECTIONS),
        "bare_asgi_per_second": hellos_per_second(stack.stub_port),
    }
