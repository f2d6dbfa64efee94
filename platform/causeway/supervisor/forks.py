"""Children that a fork server makes: loaded at once, with the memory of libraries shared."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Final

from causeway.spawn import Spawn
from causeway.supervisor.forkserver import LARGEST, READY

_PR_SET_CHILD_SUBREAPER: Final = 36
_LOADED_WITHIN: Final = 30.0
_FORKED_WITHIN: Final = 10.0

POSSIBLE: Final = sys.platform == "linux" and hasattr(os, "pidfd_open")


class ForkError(Exception):
    """The fork server does not answer; the usual way of starting is still there."""


class Forked:
    """A running child, with what `asyncio.subprocess.Process` has for our needs."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        self._descriptor = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._descriptor, self._reap)

    async def wait(self) -> int:
        """The exit code, negative for a signal."""
        await self._ended.wait()
        assert self.returncode is not None  # noqa: S101 - set with the event
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Raises `ProcessLookupError` when it has ended."""
        signal.pidfd_send_signal(self._descriptor, number)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._ended.set()

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


class ForkServer:
    """Starts `python -m …` commands. Belongs to one event loop."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._loading: asyncio.Task[None] | None = None

    @staticmethod
    def takes(spawn: Spawn) -> bool:
        """Whether the command is one that can be forked."""
        return (
            POSSIBLE and spawn.account is None and tuple(spawn.argv[:2]) == (sys.executable, "-m")
        )

    async def start(self, surroundings: Spawn) -> None:
        """Load the libraries; `surroundings` gives variables and folder. Returns at once, the
        first `fork` waits for the end of the loading."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            ours.setblocking(False)
            self._channel = ours
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "causeway.supervisor.forkserver", str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                **surroundings.options(),
            )
        await self._turn.acquire()
        self._loading = asyncio.create_task(self._until_loaded())

    async def _until_loaded(self) -> None:
        try:
            told = await self._hear(_LOADED_WITHIN)
            if told != READY:
                self._close()
        except ForkError:
            self._close()
        finally:
            self._turn.release()

    async def fork(self, spawn: Spawn, *, limit: int) -> Forked:
        """Start the command; lines of its output are up to `limit` bytes long. Raises
        `ForkError` when that is not possible this way."""
        order = {
            "argv": list(spawn.argv[1:]),
            "env": {**os.environ, **spawn.variables},
            "cwd": str(spawn.cwd) if spawn.cwd else "",
            "death_signal": int(spawn.death_signal),
        }
        message = json.dumps(order).encode()
        if len(message) > LARGEST:
            raise ForkError("the environment is too large")
        async with self._turn:
            if self._channel is None:
                raise ForkError("the fork server is gone")
            reading, writing = os.pipe()
            try:
                with _inheriting():
                    try:
                        socket.send_fds(self._channel, [message], [writing])
                    except OSError as error:
                        raise ForkError(str(error)) from error
                    finally:
                        os.close(writing)
                    pid = int(await self._hear(_FORKED_WITHIN))
            except (ForkError, ValueError) as error:
                os.close(reading)
                self._close()
                raise ForkError(str(error)) from error
        return Forked(pid, await _reader(reading, limit))

    async def stop(self) -> None:
        """End it; what it forked goes on."""
        self._close()
        if self._loading is not None:
            self._loading.cancel()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _hear(self, within: float) -> bytes:
        if self._channel is None:
            raise ForkError("the fork server is gone")
        try:
            async with asyncio.timeout(within):
                told = await asyncio.get_running_loop().sock_recv(self._channel, 64)
        except (TimeoutError, OSError) as error:
            raise ForkError(f"no answer: {type(error).__name__}") from error
        if not told:
            raise ForkError("it ended")
        return told

    def _close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None


@contextlib.contextmanager
def _inheriting() -> Iterator[None]:
    """Meanwhile we inherit the orphans below us: that is how a forked process becomes our child.
    Not for longer: what a server leaves behind after a crash is for init."""
    prctl: Callable[..., int] = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


async def _reader(descriptor: int, limit: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=limit)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    return reader
