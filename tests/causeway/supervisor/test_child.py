"""A child's life: output, return after death, an end that leaves nothing."""

import asyncio
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from causeway.errors import StartError
from causeway.spawn import Spawn
from causeway.supervisor.child import Child

WAITS = "import sys, time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITS
PARENT = (
    "import subprocess, sys, time\n"
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid,"
    " flush=True)\n"
    "time.sleep(600)"
)


class Voice:
    """Collects what children say, and waits for a line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.lines.append(line)
        self._news.set()

    async def hear(self, wanted: Callable[[list[str]], bool]) -> None:
        async with asyncio.timeout(20):
            while not wanted(self.lines):
                self._news.clear()
                await self._news.wait()


def child(script: str, voice: Voice) -> Child:
    spawn = Spawn(name="it", argv=[sys.executable, "-c", script])
    return Child("it", lambda: spawn, voice)


async def test_output_comes_line_by_line() -> None:
    voice = Voice()
    it = child("print('one'); import sys; print('two', file=sys.stderr)", voice)
    await it.start()
    assert await it.finish() == 0
    assert sorted(voice.lines) == ["one", "two"]


async def test_a_line_without_end_does_not_stop_the_reading() -> None:
    voice = Voice()
    it = child("print('x' * 300_000); print('after')", voice)
    await it.start()
    await it.finish()
    assert voice.lines[-1] == "after"


async def test_a_killed_child_comes_back_with_another_number() -> None:
    voice = Voice()
    it = child(WAITS, voice)
    await it.start()
    keeper = asyncio.create_task(it.keep())
    await voice.hear(lambda lines: lines.count("up") == 1)
    first = it.pid
    it.kill()
    await voice.hear(lambda lines: lines.count("up") == 2)
    assert it.restarts == 1
    assert it.pid not in (None, first)
    assert any("SIGKILL" in line for line in voice.lines)
    await it.stop(grace=5)
    await keeper
    assert not it.alive()


@pytest.mark.parametrize(
    ("ends", "pauses"),
    [
        ("sys.exit(3)", ["0.1", "0.2", "0.4", "0.4"]),
        ("os.kill(os.getpid(), 9)", ["0.1", "0.2", "0.2", "0.2"]),
    ],
)
async def test_what_was_killed_comes_back_sooner_than_what_gives_up(
    ends: str, pauses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty kills in half a minute had every worker wait for twenty seconds in the end."""
    for name, seconds in (("FIRST_PAUSE", 0.1), ("LONGEST_PAUSE", 0.4)):
        monkeypatch.setattr(f"causeway.supervisor.child.{name}", seconds)
    monkeypatch.setattr("causeway.supervisor.child.LONGEST_PAUSE_KILLED", 0.2)
    voice = Voice()
    it = child(f"import os, sys; {ends}", voice)
    await it.start()
    keeper = asyncio.create_task(it.keep())
    try:
        await voice.hear(lambda lines: len(lines) >= len(pauses))
    finally:
        await it.stop(grace=5)
        await keeper
    assert [line.rsplit(" ", 2)[1] for line in voice.lines[: len(pauses)]] == pauses


async def test_a_child_that_cannot_be_started_again_is_tried_again() -> None:
    voice = Voice()
    tries = 0

    def describe() -> Spawn:
        nonlocal tries
        tries += 1
        if tries == 2:
            raise StartError("The disk is full.", "Free some space.")
        return Spawn(name="it", argv=[sys.executable, "-c", WAITS])

    it = Child("it", describe, voice)
    await it.start()
    keeper = asyncio.create_task(it.keep())
    await voice.hear(lambda lines: "up" in lines)
    it.kill()
    await voice.hear(lambda lines: lines.count("up") == 2)
    assert any("The disk is full." in line for line in voice.lines)
    await it.stop(grace=5)
    await keeper


async def test_a_child_that_does_not_listen_is_killed() -> None:
    voice = Voice()
    it = child(DEAF, voice)
    await it.start()
    keeper = asyncio.create_task(it.keep())
    await voice.hear(lambda lines: "up" in lines)
    await it.stop(grace=0.2)
    await keeper
    assert it.pid is None
    assert any("killed" in line for line in voice.lines)


async def test_grandchildren_go_too() -> None:
    voice = Voice()
    it = child(PARENT, voice)
    await it.start()
    keeper = asyncio.create_task(it.keep())
    await voice.hear(lambda lines: bool(lines))
    grandchild = psutil.Process(int(voice.lines[0]))
    await it.stop(grace=5)
    await keeper
    psutil.wait_procs([grandchild], timeout=10)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


async def test_stopping_what_never_started_is_quiet() -> None:
    voice = Voice()
    await child(WAITS, voice).stop(grace=1)
    assert voice.lines == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's tie is Linux's")
def test_children_die_with_a_killed_supervisor() -> None:
    script = (
        "import asyncio, sys\n"
        "from causeway.spawn import Spawn\n"
        "from causeway.supervisor.child import Child\n"
        "async def main():\n"
        f"    spawn = Spawn(name='it', argv=[sys.executable, '-c', {WAITS!r}])\n"
        "    it = Child('it', lambda: spawn, lambda name, line: print(it.pid, flush=True))\n"
        "    await it.start()\n"
        "    await it.keep()\n"
        "asyncio.run(main())"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    orphan = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    _, alive = psutil.wait_procs([orphan], timeout=10)
    assert not alive
