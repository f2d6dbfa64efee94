"""A demo of its own for tests that break things."""

from collections.abc import Iterator

import pytest

from tests.stack.harness import Stack, start


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start(tmp_path_factory.mktemp("faults"))
    try:
        yield running
    finally:
        running.stop()
