"""The private Redis: a socket file, nothing on disk. Losing its content loses nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import redis

from causeway.embedded import binaries
from causeway.embedded.account import give, server_account
from causeway.errors import StartError
from causeway.spawn import Spawn
from causeway.state import StateFolder

_READY_WITHIN: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis:
    """One private server."""

    state: StateFolder

    def prepare(self) -> Spawn:
        """Make its folders and say how to start it. Raises `StartError` with the remedy."""
        program = binaries.redis_server()
        account = server_account()
        give(self.state.redis_dir, account)
        give(self.state.socket_dir, account)
        self.state.redis_socket.unlink(missing_ok=True)  # a new server does not take it over
        return Spawn(
            name="redis",
            argv=[
                str(program),
                *("--port", "0"),
                *("--unixsocket", str(self.state.redis_socket)),
                *("--unixsocketperm", "700"),
                *("--dir", str(self.state.redis_dir)),
                *("--save", ""),
                *("--appendonly", "no"),
                *("--maxmemory-policy", "noeviction"),
                *("--daemonize", "no"),
                *("--loglevel", "warning"),
            ],
            cwd=self.state.redis_dir,
            account=account,
        )

    def wait_ready(self, alive: Callable[[], bool]) -> None:
        """Return when it answers. `alive` says whether the process still runs."""
        end = time.monotonic() + _READY_WITHIN
        with redis.Redis.from_url(self.state.redis_url, socket_timeout=2) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if not alive():
                        raise StartError(
                            "The private Redis ended while starting.", "The lines above say why."
                        ) from None
                    if time.monotonic() > end:
                        raise StartError(
                            f"The private Redis was not ready within {_READY_WITHIN:.0f} s.",
                            "The machine may be overloaded: start again in a minute.",
                        ) from None
                    time.sleep(0.05)
