"""One supervised process: its output, its restarts, its end."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Final

from causeway.spawn import Spawn
from causeway.supervisor.forks import Forked, ForkError, ForkServer

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 20.0  # of what ends by itself again and again: something is in its way
LONGEST_PAUSE_KILLED: Final = 1.0  # of what was killed: it did work, and others wait for it
STEADY_AFTER: Final = 30.0  # seconds alive that make earlier deaths forgotten
_LONGEST_LINE: Final = 64 * 1024

Say = Callable[[str, str], None]  # (name of the child, line)
WhenDead = Callable[[int], Awaitable[None]]  # (number of the process that ended by itself)


class Child:
    """Started with `start()`, then kept alive by `keep()` until `stop()`.

    `describe` is asked before every start, so that a server can tidy up after a crash. With
    `forks` it is forked where that is possible. `when_dead` hears of each process that ended
    without being told to, and may not raise.
    """

    def __init__(
        self,
        name: str,
        describe: Callable[[], Spawn],
        say: Say,
        forks: ForkServer | None = None,
        when_dead: WhenDead | None = None,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._describe = describe
        self._say = say
        self._forks = forks
        self._when_dead = when_dead
        self._process: asyncio.subprocess.Process | Forked | None = None
        self._reader: asyncio.Task[None] | None = None
        self._stop_signal = signal.SIGTERM
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Of the living process."""
        return self._process.pid if self._process and self.alive() else None

    def alive(self) -> bool:
        """Whether the process runs; exact only while the event loop turns."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start once. Raises what `describe` raises, `OSError` when the program is missing."""
        spawn = self._describe()
        self._stop_signal = spawn.stop_signal
        self._process = await self._launch(spawn)
        self._reader = asyncio.create_task(self._read(self._process))

    async def _launch(self, spawn: Spawn) -> asyncio.subprocess.Process | Forked:
        if self._forks is not None and self._forks.takes(spawn):
            try:
                return await self._forks.fork(spawn, limit=_LONGEST_LINE)
            except ForkError as error:
                self._say(self.name, f"started without the fork server: {error}")
        # Forked in the main thread: the kernel ties the child to the thread that made it.
        return await asyncio.create_subprocess_exec(
            *spawn.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_LONGEST_LINE,
            **spawn.options(),
        )

    async def keep(self) -> None:
        """Start again, after a growing pause, whenever it ends. Returns once stopped."""
        pause = FIRST_PAUSE
        while self._process is not None:
            began = time.monotonic()
            code = await self._process.wait()
            await self._end_of_output()
            if self._stopping:
                return
            if time.monotonic() - began > STEADY_AFTER:
                pause = FIRST_PAUSE
            if code < 0:
                pause = min(pause, LONGEST_PAUSE_KILLED)
            self._say(self.name, f"ended ({_how(code)}); starting it again in {pause:.1f} s")
            if self._when_dead is not None:
                await self._when_dead(self._process.pid)
            await asyncio.sleep(pause)
            if self._stopping:
                return
            pause = min(pause * 2, LONGEST_PAUSE)
            self.restarts += 1
            await self._start_again(pause)

    async def _start_again(self, pause: float) -> None:
        while not self._stopping:
            try:
                await self.start()
                return
            except Exception as error:
                # Whatever is in the way (a full disk, say) may pass: keep the others running.
                self._say(self.name, f"cannot be started: {error}")
                await asyncio.sleep(pause)

    async def finish(self) -> int:
        """Wait for a command that ends by itself; its exit code."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        code = await self._process.wait()
        await self._end_of_output()
        return code

    def kill(self) -> None:
        """End it at once, with all that it started."""
        self._signal_group(signal.SIGKILL)

    async def stop(self, *, grace: float) -> None:
        """Ask it to end, wait, and kill its whole process group if it does not listen."""
        self._stopping = True
        if self._process is None:
            return
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self._stop_signal)
            try:
                await asyncio.wait_for(self._process.wait(), grace)
            except TimeoutError:
                self._say(self.name, f"did not end within {grace:.0f} s: killed")
        self._signal_group(signal.SIGKILL)  # also what it may have left behind
        await self._process.wait()
        await self._end_of_output()

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    async def _read(self, process: asyncio.subprocess.Process | Forked) -> None:
        stream = process.stdout
        if stream is None:
            return
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                line = b"(a line longer than 64 KiB was left out)"
            if not line:
                return
            self._say(self.name, line.decode(errors="replace").rstrip())

    async def _end_of_output(self) -> None:
        if self._reader is not None:
            # A grandchild may hold the pipe open: its output is not waited for.
            await asyncio.wait([self._reader], timeout=1)
            self._reader.cancel()


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
