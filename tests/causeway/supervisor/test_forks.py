"""Forked children live as started ones do, and are the supervisor's."""

import asyncio
import importlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from causeway.spawn import Spawn
from causeway.supervisor import forkserver
from causeway.supervisor.child import Child
from causeway.supervisor.forks import POSSIBLE, ForkServer
from tests.causeway.supervisor.test_child import Voice

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="fork servers are for Linux")

TELLS = """
import os, sys
print("argv", *sys.argv[1:])
print("variable", os.environ.get("TOLD"), os.getcwd())
print("session", os.getsid(0) == os.getpid())
print("preloaded", "celery.app" in sys.modules, __name__)
print("input", sys.stdin.read() == "")
print("error", file=sys.stderr)
sys.exit(7)
"""
WAITS = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    (tmp_path / "forked_tells.py").write_text(TELLS)
    (tmp_path / "forked_waits.py").write_text(WAITS)
    return tmp_path


@pytest.fixture
async def forks(modules: Path) -> AsyncIterator[ForkServer]:
    server = ForkServer()
    path = os.pathsep.join([str(modules), *sys.path])
    await server.start(Spawn(name="forks", argv=[], variables={"PYTHONPATH": path}))
    yield server
    await server.stop()


def child(module: str, voice: Voice, forks: ForkServer, modules: Path, *arguments: str) -> Child:
    spawn = Spawn(
        name="it",
        argv=[sys.executable, "-m", module, *arguments],
        variables={"TOLD": "yes", "PYTHONUNBUFFERED": "1"},
        cwd=modules,
    )
    return Child("it", lambda: spawn, voice, forks)


async def test_it_has_the_surroundings_of_a_started_process(
    forks: ForkServer, modules: Path
) -> None:
    voice = Voice()
    it = child("forked_tells", voice, forks, modules, "a", "b")
    await it.start()
    assert await it.finish() == 7
    assert sorted(voice.lines) == [
        "argv a b",
        "error",
        "input True",
        "preloaded True __main__",
        "session True",
        f"variable yes {modules}",
    ]


async def test_it_is_our_child_and_comes_back_when_killed(forks: ForkServer, modules: Path) -> None:
    voice = Voice()
    it = child("forked_waits", voice, forks, modules)
    await it.start()
    assert it.pid is not None
    assert psutil.Process(it.pid).ppid() == os.getpid()
    keeper = asyncio.create_task(it.keep())
    await voice.hear(lambda lines: lines.count("up") == 1)
    first = it.pid
    it.kill()
    await voice.hear(lambda lines: lines.count("up") == 2)
    assert it.pid not in (None, first)
    await it.stop(grace=5)
    await keeper
    assert not psutil.pid_exists(first)
    assert not it.alive()


async def test_the_death_of_the_fork_server_harms_nobody(forks: ForkServer, modules: Path) -> None:
    voice = Voice()
    it = child("forked_waits", voice, forks, modules)
    await it.start()
    await voice.hear(lambda lines: "up" in lines)
    assert forks._process is not None
    forks._process.send_signal(signal.SIGKILL)
    await forks._process.wait()
    assert it.alive()
    again = child("forked_tells", voice, forks, modules)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(modules), *sys.path])
    try:
        await again.start()
        assert await again.finish() == 7
    finally:
        del os.environ["PYTHONPATH"]
    assert any("without the fork server" in line for line in voice.lines)
    await it.stop(grace=5)


async def test_it_dies_with_the_supervisor(modules: Path) -> None:
    """A supervisor that is killed leaves nothing behind."""
    script = (
        "import asyncio, sys\n"
        "from causeway.spawn import Spawn\n"
        "from causeway.supervisor.forks import ForkServer\n"
        "async def main():\n"
        "    forks = ForkServer()\n"
        "    await forks.start(Spawn(name='forks', argv=[]))\n"
        "    spawn = Spawn(name='it', argv=[sys.executable, '-m', 'forked_waits'])\n"
        "    it = await forks.fork(spawn, limit=1000)\n"
        "    print(it.pid, forks._process.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    path = os.pathsep.join([str(modules), *sys.path])
    supervisor = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert supervisor.stdout is not None
    told = await supervisor.stdout.readline()
    pids = [int(number) for number in told.split()]
    assert all(psutil.pid_exists(pid) for pid in pids)
    supervisor.kill()
    await supervisor.wait()
    await asyncio.to_thread(_until_gone, pids)


def _until_gone(pids: list[int]) -> None:
    end = time.monotonic() + 10
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < end, "it outlived its supervisor"
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_what_is_no_module_or_runs_as_another_is_started_the_usual_way() -> None:
    assert ForkServer.takes(Spawn(name="it", argv=[sys.executable, "-m", "celery"]))
    assert not ForkServer.takes(Spawn(name="it", argv=[sys.executable, "-c", "pass"]))
    assert not ForkServer.takes(Spawn(name="it", argv=["/bin/true", "-m", "x"]))


def test_what_is_loaded_before_forking_is_there() -> None:
    """A name that cannot be imported is passed over at a start, and would go unseen."""
    for name in forkserver._LIBRARIES:
        importlib.import_module(name)
