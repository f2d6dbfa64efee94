"""The order of starting, the watch, the order of stopping."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar

import httpx
import psycopg

from causeway.config import Config
from causeway.embedded.postgres import Postgres
from causeway.embedded.redis import Redis
from causeway.errors import StartError
from causeway.spawn import Spawn
from causeway.state import read_secrets, write_private
from causeway.supervisor import household, ports, watchdog
from causeway.supervisor.child import Child
from causeway.supervisor.forks import POSSIBLE, ForkServer
from causeway.supervisor.lock import only_one

_WATCH_EVERY: Final = 5.0
_READY_WITHIN: Final = 90.0
_GRACE: Final = 10.0
_GRACE_SERVERS: Final = 20.0
_NAME_WIDTH: Final = 9

T = TypeVar("T")
WhenReady = Callable[["Supervisor"], Awaitable[None]]


class Stopped(Exception):
    """Somebody asked for the end before the start was complete."""


class Supervisor:
    """Runs one installation until a signal ends it.

    `beside` are further children (the twins), started before the platform's own; `when_ready`
    is awaited once the platform carries runs. The configuration is one of `begin()`.
    """

    def __init__(
        self,
        config: Config,
        *,
        beside: Sequence[Spawn] = (),
        when_ready: WhenReady | None = None,
    ) -> None:
        self.config = config
        self._beside = beside
        self._when_ready = when_ready
        self._servers: list[Child] = []
        self._children: list[Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._forks: ForkServer | None = None
        self._stop = asyncio.Event()
        self._signals = 0

    async def run(self) -> int:
        """Start, watch, stop; the exit code. Raises `StartError` when the start fails, with
        nothing left running."""
        with only_one(self.config.state), self._listening_for_signals():
            try:
                self._check_ports()
                if POSSIBLE:
                    self._forks = ForkServer()
                    await self._forks.start(household.python("forks"))
                if self.config.embedded:
                    secrets = read_secrets(self.config.state)
                    postgres = Postgres(state=self.config.state, secrets=secrets)
                    await self._start_server("postgres", postgres)
                    await self._start_server("redis", Redis(state=self.config.state))
                    write_private(self.config.state.redis_url_file, self.config.redis_url + "\n")
                for spawn in self._beside:  # they need no tables, and start meanwhile
                    await self._start(spawn)
                await self.finish(household.migrate(), trouble="The tables cannot be set up.")
                for spawn in (
                    household.web(self.config),
                    *household.workers(self.config),
                    household.beat(),
                ):
                    await self._start(spawn)
                await self._until_ready()
                if self._when_ready is not None:
                    await self._when_ready(self)
                await self._watch()
            except Stopped:
                self.say("causeway", "stopped before the start was complete")
            finally:
                await self._stop_all()
        return 0

    def say(self, name: str, line: str) -> None:
        """One line of output under the name of a child."""
        print(f"{name:<{_NAME_WIDTH}}| {line}", flush=True)  # noqa: T201  the supervisor's output

    async def finish(self, spawn: Spawn, *, trouble: str) -> None:
        """Run a command that ends by itself. Raises `StartError` when it fails."""
        child = Child(spawn.name, lambda: spawn, self.say, self._forks)
        await child.start()
        try:
            code = await self._unless_stopped(child.finish())
        except BaseException:
            await child.stop(grace=1)
            raise
        if code != 0:
            raise StartError(trouble, "The lines above say why.")

    @contextlib.contextmanager
    def _listening_for_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._on_signal)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _on_signal(self) -> None:
        self._signals += 1
        if self._signals == 1:
            self._stop.set()
            self.say("causeway", "stopping; once more to stop at once")
            return
        for child in self._children:
            child.kill()

    def _check_ports(self) -> None:
        ports.require_free(
            self.config.host,
            self.config.port,
            purpose="the web process",
            remedy="Stop that one, or choose another with --port or CAUSEWAY_PORT.",
        )

    async def _start_server(self, name: str, server: Postgres | Redis) -> None:
        child = Child(name, server.prepare, self.say)
        self._servers.append(child)
        await child.start()
        await self._unless_stopped(asyncio.to_thread(server.wait_ready, child.alive))
        self._keepers.append(asyncio.create_task(child.keep()))

    async def _start(self, spawn: Spawn) -> None:
        carries = spawn.name.startswith("worker-")
        when_dead = self._end_leases if carries else None
        child = Child(spawn.name, lambda: spawn, self.say, self._forks, when_dead)
        self._children.append(child)
        await child.start()
        self._keepers.append(asyncio.create_task(child.keep()))

    async def _end_leases(self, pid: int) -> None:
        try:
            await watchdog.end_leases(self.config.database_url, pid=pid)
        except psycopg.Error as error:
            self.say("watchdog", f"leases not ended: {type(error).__name__}")

    async def _until_ready(self) -> None:
        """Return when /readyz says so."""
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        here = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104  no bind
        address = f"http://{here}:{self.config.port}/readyz"
        last = "it did not answer"
        loop = asyncio.get_running_loop()
        end = loop.time() + _READY_WITHIN
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while loop.time() < end:
                try:
                    answer = await self._unless_stopped(client.get(address))
                    if answer.status_code == 200:
                        return
                    last = answer.text[:300]
                except httpx.HTTPError:
                    pass
                await self._unless_stopped(asyncio.sleep(0.2))
        raise StartError(
            f"Causeway was not ready within {_READY_WITHIN:.0f} s: {last}.",
            "The lines above say why.",
        )

    async def _watch(self) -> None:
        """Until a signal comes: restart workers that stall. Dead ones come back by themselves."""
        dog = watchdog.Watchdog()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _WATCH_EVERY)
            if self._stop.is_set():
                return
            try:
                seen = await watchdog.look(self.config.database_url)
            except psycopg.Error as error:
                self.say("watchdog", f"the database cannot be asked: {type(error).__name__}")
                continue
            if dog.stalled(seen):
                self.say("watchdog", "runs are due and none moves: restarting the workers")
                for child in self._children:
                    if child.name.startswith("worker-") or child.name == "sweeper":
                        child.kill()

    async def _stop_all(self) -> None:
        """The platform first, its servers last; nothing is left behind."""
        await asyncio.gather(*(child.stop(grace=_GRACE) for child in self._children))
        if self._forks is not None:
            await self._forks.stop()
        for child in reversed(self._servers):
            await child.stop(grace=_GRACE_SERVERS)
        await asyncio.gather(*self._keepers)

    async def _unless_stopped(self, work: Awaitable[T]) -> T:
        """The result of `work`. Raises `Stopped` when a signal comes first."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Stopped
        finally:
            stop.cancel()
            task.cancel()


def run(supervisor: Callable[[], Supervisor]) -> int:
    """Run a supervisor in an event loop of its own."""

    async def main() -> int:
        return await supervisor().run()

    return asyncio.run(main())
