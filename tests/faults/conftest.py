"""A demo of its own for tests that break things, and workers that break themselves."""

import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.breaking import COMPILER
from tests.faults.crowd import far_side, port_of_far_side
from tests.faults.nursery import Nursery, nursery
from tests.faults.rounds import Place
from tests.stack.harness import Stack, start


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start(tmp_path_factory.mktemp("faults"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def kept() -> Iterator[Nursery]:
    """Mortal workers with a twin of Notes and a far side."""
    with port_of_far_side() as listening, far_side(listening, seed=3) as far, nursery(far) as made:
        yield made


@pytest.fixture(scope="package")
def listening() -> Iterator[socket.socket]:
    """For the far side of `place`."""
    with port_of_far_side() as found:
        yield found


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory, listening: socket.socket) -> Iterator[Place]:
    """A platform whose clock can be set, and the far side that it calls."""
    folder = tmp_path_factory.mktemp("many")
    folder.chmod(0o755)  # PostgreSQL runs as another account
    clock = folder / "clock"
    clock.write_bytes(struct.pack("=q", 0))
    clock.chmod(0o644)
    environment = {"CAUSEWAY_EGRESS_ALLOW": f"127.0.0.1:{listening.getsockname()[1]}"}
    if COMPILER:
        library = folder / "clock.so"
        source = str(Path(__file__).with_name("clock.c"))
        subprocess.run(
            [COMPILER, "-shared", "-fPIC", "-O2", "-o", str(library), source], check=True
        )
        library.chmod(0o755)
        environment |= {"LD_PRELOAD": str(library), "CAUSEWAY_TEST_CLOCK": str(clock)}
    with far_side(listening, seed=11) as far:
        stack = start(folder, environment=environment)
        try:
            yield Place(stack=stack, far=far)
        finally:
            stack.stop()
