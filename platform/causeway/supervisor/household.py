"""Which processes make up an installation, each as a command."""

import sys
from collections.abc import Sequence
from pathlib import Path

from causeway.config import ROOT, Config
from causeway.spawn import Spawn

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "causeway.settings",
    "PYTHONUNBUFFERED": "1",
    "NOSETPS": "1",  # Celery leaves the names of its processes alone: the command says more
}
_WEB_POOL = 10


def web(config: Config) -> Spawn:
    """The one ASGI process."""
    pool = config.database_pool_size or _WEB_POOL
    return python("web", "-m", "causeway.server", CAUSEWAY_DATABASE_POOL_SIZE=str(pool))


def workers(config: Config) -> list[Spawn]:
    """`worker_processes` for runs, and one each for the sweep and the polls.

    Each is one process (pool solo): runs are concurrent on its event loop, a kill takes all of
    it, and the sweep never waits behind a backlog or a slow far side.
    """
    runs = [_worker(f"worker-{n}", "runs") for n in range(1, config.worker_processes + 1)]
    return [*runs, _worker("sweeper", "sweep"), _worker("poller", "poll")]


def beat() -> Spawn:
    """The clock that nudges sweep and poll."""
    return python("beat", "-m", "celery", "--quiet", "-A", "causeway.celery", "beat", "--pidfile=")


def migrate() -> Spawn:
    """Brings the tables up to date; ends by itself."""
    return python("migrate", "-m", "django", "migrate", "--noinput", "--verbosity=0")


def command(name: str, *arguments: str, **variables: str) -> Spawn:
    """A management command of ours; ends by itself."""
    return python(name, "-m", "django", *arguments, **variables)


def twin(system: str, *, port: int, data: Path, world: Path) -> Spawn:
    """An imitated far side."""
    return python(
        {"prestashop": "shop", "notes": "notes"}[system],
        *("-m", "causeway.cli", "twin", system),
        *("--port", str(port), "--data", str(data), "--world", str(world)),
    )


def _worker(name: str, queue: str) -> Spawn:
    return python(
        name,
        *("-m", "celery", "--quiet", "-A", "causeway.celery", "worker"),
        *("-n", f"{name}@%h", "-Q", queue),
        *("--pool=solo", "--loglevel=INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )


def python(name: str, *arguments: str, **variables: str) -> Spawn:
    """This interpreter, with the settings named."""
    argv: Sequence[str] = (sys.executable, *arguments)
    return Spawn(name=name, argv=argv, variables={**SETTINGS, **variables}, cwd=ROOT)
