"""A demo of its own for tests that break things, and workers that break themselves."""

from collections.abc import Iterator

import pytest

from tests.faults.crowd import far_side, port_of_far_side
from tests.faults.nursery import Nursery, nursery
from tests.stack.harness import Stack, start


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start(tmp_path_factory.mktemp("faults"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def kept() -> Iterator[Nursery]:
    """Mortal workers with a twin of Notes and a far side."""
    with port_of_far_side() as listening, far_side(listening, seed=3) as far, nursery(far) as made:
        yield made
