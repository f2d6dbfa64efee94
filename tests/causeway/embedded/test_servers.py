"""The private servers start from whatever an earlier start left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from causeway.embedded import binaries
from causeway.embedded.account import give, server_account
from causeway.embedded.postgres import Postgres
from causeway.embedded.servers import Servers
from causeway.errors import StartError
from causeway.state import StateFolder


@pytest.fixture
def state() -> Iterator[StateFolder]:
    """Not pytest's folder: as root the server account could not pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="causeway-servers-"))
    folder.chmod(0o711)
    yield StateFolder(folder)
    shutil.rmtree(folder)


def servers(state: StateFolder) -> Servers:
    return Servers(state, durable=False)


def write(servers: Servers, text: str) -> None:
    with psycopg.connect(servers.database_url) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        session.execute("INSERT INTO kept VALUES (%s)", (text,))


def kept(servers: Servers) -> list[str]:
    with psycopg.connect(servers.database_url) as session:
        return [row[0] for row in session.execute("SELECT text FROM kept").fetchall()]


def test_a_second_start_finds_the_data_and_nothing_stays_behind(state: StateFolder) -> None:
    first = servers(state)
    first.start()
    pids = list(first.pids)
    write(first, "one")
    with redis.Redis.from_url(first.redis_url) as client:
        assert client.ping()
    first.stop()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    second = servers(state)
    second.start()
    try:
        assert kept(second) == ["one"]
    finally:
        second.stop()


def test_the_database_asks_for_its_password(state: StateFolder) -> None:
    running = servers(state)
    running.start()
    try:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host=str(state.socket_dir), user="causeway", dbname="causeway", passfile="/none"
            )
    finally:
        running.stop()


def test_only_the_server_account_enters_its_folders(state: StateFolder) -> None:
    running = servers(state)
    running.start()
    try:
        account = server_account()
        owner = account.uid if account else os.getuid()
        for folder in (state.postgres_data, state.redis_dir, state.socket_dir):
            found = folder.stat()
            assert (found.st_uid, found.st_mode & 0o077) == (owner, 0)
    finally:
        running.stop()


def test_an_interrupted_initdb_is_made_again(state: StateFolder) -> None:
    fresh = servers(state)
    give(state.postgres_data.parent, server_account())
    draft = state.postgres_data.with_name("data.draft")
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18")
    fresh.start()
    try:
        write(fresh, "whole")
        assert kept(fresh) == ["whole"]
        assert not draft.exists()
    finally:
        fresh.stop()


def test_an_empty_data_folder_is_filled(state: StateFolder) -> None:
    fresh = servers(state)
    give(state.postgres_data, server_account())
    fresh.start()
    fresh.stop()
    assert (state.postgres_data / "PG_VERSION").exists()


def test_a_foreign_data_folder_is_refused_and_left_alone(state: StateFolder) -> None:
    fresh = servers(state)
    give(state.postgres_data, server_account())
    (state.postgres_data / "diary.txt").write_text("mine")
    with pytest.raises(StartError, match="not a PostgreSQL data folder") as refused:
        fresh.start()
    assert "backup" in refused.value.remedy
    assert (state.postgres_data / "diary.txt").read_text() == "mine"


def test_data_of_another_version_is_refused(state: StateFolder) -> None:
    fresh = servers(state)
    give(state.postgres_data, server_account())
    (state.postgres_data / "PG_VERSION").write_text("16\n")
    with pytest.raises(StartError, match="made by PostgreSQL 16"):
        fresh.start()


def test_stale_pid_files_with_a_living_number_are_removed(state: StateFolder) -> None:
    """After a reboot the number in the file may belong to anybody."""
    first = servers(state)
    first.start()
    write(first, "one")
    first.stop()
    line = f"{os.getpid()}\n{state.postgres_data}\n1\n5432\n{state.socket_dir}\n\n"
    for path in (
        state.postgres_data / "postmaster.pid",
        state.socket_dir / ".s.PGSQL.5432.lock",
        state.socket_dir / "redis.sock",
    ):
        path.write_text(line)
        if account := server_account():
            os.chown(path, account.uid, account.gid)
    second = servers(state)
    second.start()
    try:
        assert kept(second) == ["one"]
    finally:
        second.stop()


def test_a_server_that_outlived_its_supervisor_is_replaced(state: StateFolder) -> None:
    first = servers(state)
    first.start()
    second = servers(state)
    try:
        write(first, "one")
        old = first.pids[0]
        second.start()
        assert second.pids[0] != old
        assert kept(second) == ["one"]
    finally:
        second.stop()
        first.stop()


def test_a_full_disk_is_told_before_anything_is_made(
    state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = servers(state)
    usage = type("Usage", (), {"free": 10 * 1024 * 1024})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StartError, match="nearly full"):
        fresh.start()
    assert not state.postgres_data.exists()


def test_a_wrong_password_file_is_told(state: StateFolder) -> None:
    first = servers(state)
    first.start()
    first.stop()
    state.secrets_file.unlink()
    with pytest.raises(StartError, match="does not accept the password"):
        servers(state).start()


def test_a_missing_redis_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(binaries, "_package_folder", lambda _: None)
    with pytest.raises(StartError, match="no redis-server") as refused:
        binaries.redis_server()
    assert "package manager" in refused.value.remedy


def test_a_missing_postgres_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_package_folder", lambda _: None)
    with pytest.raises(StartError, match="missing") as refused:
        binaries.postgres_bin()
    assert "make env" in refused.value.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's tie is Linux's")
def test_servers_die_with_a_killed_parent(state: StateFolder) -> None:
    script = (
        "import sys; from pathlib import Path; from causeway.state import StateFolder\n"
        "from causeway.embedded.servers import Servers\n"
        f"servers = Servers(StateFolder(Path({str(state.path)!r})), durable=False)\n"
        "servers.start(); print(*servers.pids, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def test_a_prepared_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "real")
    with pytest.raises(StartError, match="somebody else"):
        give(tmp_path / "run", None)


def test_preparing_twice_changes_nothing(state: StateFolder) -> None:
    fresh = servers(state)
    postgres = Postgres(state=state, secrets=fresh.secrets, durable=False)
    first = postgres.prepare()
    inode = state.postgres_data.stat().st_ino
    assert postgres.prepare() == first
    assert state.postgres_data.stat().st_ino == inode
