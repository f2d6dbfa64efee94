"""The disk of PostgreSQL is full: hooks say 503 and when to come back, nothing is stored halfway,
and everything goes on by itself when there is room again."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from causeway.state import StateFolder
from tests.faults.breaking import beside
from tests.faults.crowd import far_side, port_of_far_side
from tests.faults.rounds import Disturb, Place, carried_after_503
from tests.stack.harness import Stack, start

_ROOM = "700m"  # of PostgreSQL's disk


def _mounted(folder: Path) -> bool:
    """A small disk of its own for a folder; False where this machine does not let us."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    options = f"size={_ROOM},mode=0755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder of an installation whose PostgreSQL has a small disk."""
    state = tmp_path_factory.mktemp("cramped")
    small = StateFolder(state).servers_dir / "postgres"
    small.mkdir(parents=True, exist_ok=True)
    if not _mounted(small):
        pytest.skip("a small disk can only be mounted by root, and not in every container")
    try:
        yield state
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.fixture(scope="module")
def place(disk: Path) -> Iterator[Place]:
    with port_of_far_side() as listening, far_side(listening, seed=12) as far:
        allowed = f"127.0.0.1:{listening.getsockname()[1]}"
        stack = start(disk, environment={"CAUSEWAY_EGRESS_ALLOW": allowed})
        try:
            yield Place(stack=stack, far=far)
        finally:
            stack.stop()


def fill(stack: Stack) -> Path:
    """Take what is left of the disk; the file that does."""
    ballast = StateFolder(stack.state).servers_dir / "postgres" / "ballast"
    size = 1 << 24
    with ballast.open("wb") as file:
        while size:
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
            except OSError:
                size >>= 1
    return ballast


def full(seconds: float) -> Disturb:
    """There is no room for so long, from now on."""

    def begin(stack: Stack, _slug: str) -> threading.Thread:
        ballast = fill(stack)

        def free() -> None:
            time.sleep(seconds)
            ballast.unlink()

        return beside(free)

    return begin


@pytest.mark.stack
def test_a_full_disk_loses_and_doubles_nothing(place: Place) -> None:
    carried_after_503(place, "full-small", full(3.0), count=400)


@pytest.mark.faults
def test_a_full_disk_during_ten_thousand_orders(place: Place) -> None:
    carried_after_503(place, "full", full(20.0))
