"""One running demo for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.stack.harness import Stack, start


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start(tmp_path_factory.mktemp("demo"))
    try:
        yield running
    finally:
        running.stop()
