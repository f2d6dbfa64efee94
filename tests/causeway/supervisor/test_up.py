"""`causeway up` as a person starts it: real processes, killed and stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

pytestmark = pytest.mark.stack

ROOT = Path(__file__).resolve().parents[3]


class Up:
    """One `causeway up`."""

    def __init__(self, state: Path, port: int) -> None:
        self.state = state
        self.address = f"http://127.0.0.1:{port}"
        self.log = state / "up.log"
        kept = {name: text for name, text in os.environ.items() if not name.startswith("CAUSEWAY_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "causeway.cli", "up", "--port", str(port)],
                cwd=ROOT,
                env={**kept, "CAUSEWAY_STATE_DIR": str(state)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def named(self, mark: str) -> list[psutil.Process]:
        found = []
        for one in self.children():
            try:
                if any(mark in part for part in one.cmdline()):
                    found.append(one)
            except psutil.Error:
                continue
        return found

    def kill_and_see_return(self, mark: str) -> None:
        (victim,) = self.named(mark)
        victim.kill()
        self.until(lambda: [one for one in self.named(mark) if one != victim])

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def said(self, text: str) -> bool:
        return text in self.log.read_text()

    def until(self, look: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not look():
            assert time.monotonic() < end, self.log.read_text()[-4000:]
            time.sleep(0.1)

    def end(self, number: signal.Signals) -> int:
        """Send the signal; the exit code, after making sure that nothing is left."""
        children = self.children()
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
        return code


@pytest.fixture
def state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="causeway-up-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(state: Path, port: int) -> Iterator[Callable[[], Up]]:
    started: list[Up] = []

    def start() -> Up:
        started.append(Up(state, port))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGTERM)


def test_children_come_back_and_leave_with_their_supervisor(start: Callable[[], Up]) -> None:
    up = start()
    up.until(up.ready)

    for mark in ("worker-1@", "causeway.server", "redis-server"):
        up.kill_and_see_return(mark)
    up.until(up.ready)

    second = start()
    assert second.process.wait(timeout=60) == 1
    assert second.said(f"causeway: Causeway already runs from {up.state} (process ")

    assert up.end(signal.SIGINT) == 0
    assert up.said("stopping")


def test_a_stop_in_the_middle_of_the_start_leaves_nothing(start: Callable[[], Up]) -> None:
    up = start()
    up.until(lambda: up.named("bin/postgres"))
    assert up.end(signal.SIGTERM) == 0


def test_a_killed_supervisor_takes_its_children_along_and_the_next_one_starts(
    start: Callable[[], Up],
) -> None:
    up = start()
    up.until(lambda: up.said("ready at"))
    up.end(signal.SIGKILL)
    again = start()
    again.until(lambda: again.log.read_text().count("ready at") == 2)
    assert again.end(signal.SIGTERM) == 0


def test_a_taken_port_is_one_sentence_and_no_process(start: Callable[[], Up], port: int) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", port))
        held.listen()
        up = start()
        assert up.process.wait(timeout=30) == 1
    assert up.log.read_text().startswith(f"causeway: Port {port} for the web process is in use")
    assert up.log.read_text().count("\n") == 1
