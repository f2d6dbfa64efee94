"""The private PostgreSQL 18: its data folder, its command, and when it is ready.

It listens on a socket file alone. The caller holds the lock of the state folder: whatever
process or file of an earlier start is found here is ours to end or remove.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from causeway.embedded import binaries
from causeway.embedded.account import give, server_account
from causeway.errors import StartError
from causeway.spawn import Spawn
from causeway.state import POSTGRES_PORT, Secrets, StateFolder

_SPACE_NEEDED: Final = 300 * 1024 * 1024
_READY_WITHIN: Final = 60.0
_GONE_WITHIN: Final = 30.0
_SETTINGS: Final = {
    "listen_addresses": "",
    "port": str(POSTGRES_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
    "idle_in_transaction_session_timeout": "60s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One private server. `durable` False gives up crash safety for speed: tests only."""

    state: StateFolder
    secrets: Secrets
    durable: bool = True

    def prepare(self) -> Spawn:
        """Make everything that the server needs, and say how to start it.

        Raises `StartError` with the remedy.
        """
        programs = binaries.postgres_bin()
        account = server_account()
        data = self.state.postgres_data
        give(data.parent, account)
        give(self.state.socket_dir, account)
        if shutil.disk_usage(data.parent).free < _SPACE_NEEDED:
            raise StartError(
                f"The disk that holds {data.parent} is nearly full.",
                f"Free at least {_SPACE_NEEDED // 2**20} MB there, or name another folder in "
                "CAUSEWAY_STATE_DIR.",
            )
        _clear_leftovers(data, self.state.socket_dir)
        if not _is_complete(data):
            self._make_cluster(programs, data)
        settings = dict(_SETTINGS)
        settings["unix_socket_directories"] = str(self.state.socket_dir)
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Spawn(
            name="postgres",
            argv=[str(programs / "postgres"), "-D", str(data), *options],
            variables={"LC_ALL": "C", "TZ": "UTC"},
            cwd=data.parent,
            account=account,
            stop_signal=signal.SIGINT,  # fast: roll back and end, wait for nobody
            death_signal=signal.SIGINT,
        )

    def wait_ready(self, alive: Callable[[], bool]) -> None:
        """Return when the database takes connections and exists. `alive` says if it still runs."""
        address = self.state.database_url(self.secrets)
        entrance = make_conninfo(address, dbname="postgres", connect_timeout=2)
        end = time.monotonic() + _READY_WITHIN
        while True:
            try:
                with psycopg.connect(entrance, autocommit=True) as session:
                    _create_database(session, "causeway")
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise StartError(
                        "The private PostgreSQL does not accept the password in "
                        f"{self.state.secrets_file}.",
                        "Restore that file from the backup that its data came from.",
                    ) from None
                if not alive():
                    raise StartError(
                        "The private PostgreSQL ended while starting.",
                        "The lines above say why; `causeway doctor` checks the usual reasons.",
                    ) from None
                if time.monotonic() > end:
                    raise StartError(
                        f"The private PostgreSQL was not ready within {_READY_WITHIN:.0f} s.",
                        "It may still be recovering: start again in a minute.",
                    ) from None
                time.sleep(0.05)

    def _make_cluster(self, programs: Path, data: Path) -> None:
        """`initdb` into a draft that is renamed when it is complete."""
        draft = data.with_name("data.draft")
        shutil.rmtree(draft, ignore_errors=True)
        account = server_account()
        password = data.with_name("password.draft")
        password.write_text(self.secrets.database_password)
        password.chmod(0o600)
        if account is not None:
            os.chown(password, account.uid, account.gid)
        spawn = Spawn(
            name="initdb",
            argv=[
                str(programs / "initdb"),
                f"--pgdata={draft}",
                "--username=causeway",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                *([] if self.durable else ["--no-sync"]),
            ],
            variables={"LC_ALL": "C", "TZ": "UTC"},
            cwd=data.parent,
            account=account,
        )
        try:
            done = subprocess.run(
                spawn.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                **spawn.options(),
            )
        finally:
            password.unlink(missing_ok=True)
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise _initdb_failed(done.stdout, data)
        draft.rename(data)


def _is_complete(data: Path) -> bool:
    """Whether there is a cluster of our version. Raises `StartError` for anything else in place."""
    if not data.exists():
        return False
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        if not any(data.iterdir()):
            data.rmdir()
            return False
        raise StartError(
            f"{data} is not a PostgreSQL data folder, or a damaged one.",
            "Restore it from a backup, or move it away to begin afresh.",
        ) from None
    if version != binaries.POSTGRES_MAJOR:
        raise StartError(
            f"{data} was made by PostgreSQL {version}, this is {binaries.POSTGRES_MAJOR}.",
            "Dump it with the old version and restore it here, or move it away to begin afresh.",
        )
    return True


def _initdb_failed(output: str, data: Path) -> StartError:
    if "No space left on device" in output:
        return StartError(
            f"The disk that holds {data.parent} is full.", "Free some space and start again."
        )
    last = next((line for line in reversed(output.splitlines()) if "error" in line.lower()), "")
    return StartError(
        f"The database could not be created in {data.parent}: {last.strip() or 'no reason given'}.",
        "Repair that and start again; nothing half-made was left.",
    )


def _clear_leftovers(data: Path, sockets: Path) -> None:
    """End a server that outlived its supervisor; remove pid files whose process is gone.

    PostgreSQL itself trusts any living process with the number in the pid file, and after a
    reboot or in a container numbers come back.
    """
    for process in _processes_in(data):
        with contextlib.suppress(psutil.Error):  # gone by now
            if str(data) in process.cmdline():  # the one that commands the others
                process.send_signal(signal.SIGINT)
    end = time.monotonic() + _GONE_WITHIN
    while _processes_in(data):
        if time.monotonic() > end:
            raise StartError(
                f"A PostgreSQL from an earlier start still uses {data} and does not end.",
                "End it by hand (its number is in postmaster.pid there) and start again.",
            )
        time.sleep(0.1)
    for leftover in (
        data / "postmaster.pid",
        sockets / f".s.PGSQL.{POSTGRES_PORT}",
        sockets / f".s.PGSQL.{POSTGRES_PORT}.lock",
    ):
        leftover.unlink(missing_ok=True)


def _processes_in(data: Path) -> list[psutil.Process]:
    """Server processes of this data folder; each of them works in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith("postgres") and process.cwd() == str(data):
                found.append(process)
        except psutil.Error:
            continue  # gone meanwhile, or another account's: not one of ours
    return found


def _create_database(session: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    known = session.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    if known is None:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
