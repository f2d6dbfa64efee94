"""Both private servers in one go, for tests and tools that need no supervisor."""

import subprocess
from collections.abc import Sequence
from typing import IO, Final

from causeway.embedded.postgres import Postgres
from causeway.embedded.redis import Redis
from causeway.spawn import Spawn
from causeway.state import StateFolder, prepare

_STOP_WITHIN: Final = 20.0


class Servers:
    """Start with `start()`, end with `stop()`; the state folder must be this process's own."""

    def __init__(self, state: StateFolder, *, durable: bool) -> None:
        self.state = state
        self.secrets = prepare(state)
        self.database_url = state.database_url(self.secrets)
        self.redis_url = state.redis_url
        self._durable = durable
        self._running: list[tuple[Spawn, subprocess.Popen[bytes]]] = []
        self._log: IO[bytes] | None = None

    def start(self) -> None:
        """Return when both are ready. Raises `StartError`, with nothing left running."""
        self._log = (self.state.path / "servers.log").open("ab")
        try:
            self._start_one(Postgres(state=self.state, secrets=self.secrets, durable=self._durable))
            self._start_one(Redis(state=self.state))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End both, the last started first."""
        for spawn, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(spawn.stop_signal)
            try:
                process.wait(timeout=_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        if self._log is not None:
            self._log.close()
            self._log = None

    @property
    def pids(self) -> Sequence[int]:
        """Process numbers, PostgreSQL first."""
        return [process.pid for _, process in self._running]

    def _start_one(self, server: Postgres | Redis) -> None:
        process = self._run(server.prepare())
        server.wait_ready(lambda: process.poll() is None)

    def _run(self, spawn: Spawn) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            spawn.argv,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            **spawn.options(),
        )
        self._running.append((spawn, process))
        return process
