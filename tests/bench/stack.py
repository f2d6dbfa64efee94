"""The whole platform for a measurement: servers of its own, fully durable, and what it used."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

from tests.bench import flows, sender

_READY_WITHIN: Final = 60.0
_ENDS_WITHIN: Final = 15.0
_MODULE: Final = "tests.bench.processes"
_FILL_BY: Final = 20_000
_LAST: Final = """
SELECT r.id FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id
WHERE f.slug = 'order' AND r.state = 'succeeded' ORDER BY r.id DESC LIMIT 1
"""
# Only ids, the key and the day of making differ.
_CHANGED: Final = {
    "flows_triggerevent": {"id": "m.event", "version": "m.event::text", "entity_id": "m.key"},
    "flows_run": {
        "id": "m.run",
        "event_id": "m.event",
        "lane_key": "m.key",
        "business_key": "m.key",
        "created_at": "o.created_at - interval '1 day'",
        "revision": "nextval('flows_run_revision')",
    },
    "flows_runevent": {"run_id": "m.run"},
}
_ORIGINAL: Final = {
    "flows_triggerevent": "o.id = (SELECT event_id FROM flows_run WHERE id = %(run)s)",
    "flows_run": "o.id = %(run)s",
    "flows_runevent": "o.run_id = %(run)s",
}


def _copying(connection: psycopg.Connection[Any]) -> str:
    """One statement that copies event, run and journal of `run` as often as `many` says."""
    parts = [
        "made AS MATERIALIZED (SELECT uuidv7() AS run, uuidv7() AS event,"
        " 'filled-' || gen_random_uuid() AS key FROM generate_series(1, %(many)s))"
    ]
    for table, changed in _CHANGED.items():
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        ).fetchall()
        names = [row[0] for row in found]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(changed.get(name, f'o."{name}"') for name in names)
        parts.append(
            f"of_{table} AS (INSERT INTO {table} ({columns})"
            f" SELECT {values} FROM made m, {table} o WHERE {_ORIGINAL[table]})"
        )
    return f"WITH {', '.join(parts)} SELECT 1"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@dataclass(slots=True)
class Used:
    """What the platform had used at a moment: processor seconds by part, commits."""

    cpu: dict[str, float]
    commits: int


@dataclass(slots=True)
class Stack:
    """A running platform; make one with `running()`."""

    port: int
    stub_port: int
    database_url: str
    folder: Path
    postgres_pid: int
    redis_pid: int
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, argv: Sequence[str], **more: Any) -> None:
        log = (self.folder / "platform.log").open("ab")
        self.children[name] = subprocess.Popen(
            [sys.executable, *argv], stdout=log, stderr=log, **more
        )
        log.close()

    def start_web(self) -> None:
        self.start("web", ["-m", _MODULE, "web"])
        _until_answers(f"http://127.0.0.1:{self.port}/healthz")

    def start_workers(self, number: int) -> None:
        from causeway.config import Config
        from causeway.supervisor import household

        config = Config.from_env()
        for place in range(1, number + 1):
            self.start(f"worker-{place}", ["-m", _MODULE, "worker", f"worker-{place}"])
        for spawn in (*household.workers(config)[-2:], household.beat()):
            self.start(spawn.name, spawn.argv[1:], env={**os.environ, **spawn.variables})
        _until_answers(f"http://127.0.0.1:{self.port}/readyz")

    def stop(self, names: Iterable[str]) -> None:
        ending = [self.children.pop(name) for name in list(names)]
        for child in ending:
            child.send_signal(signal.SIGTERM)
        for child in ending:
            try:
                child.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def worker_names(self) -> list[str]:
        return [name for name in self.children if name not in ("web", "stub")]

    def ask(self, statement: str) -> tuple[Any, ...]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return row

    def fill(self, number: int) -> None:
        """Store this many finished runs of the order flow besides, each with event and journal,
        as copies of the last one."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(_LAST.encode()).fetchone()
            assert row is not None
            copying = _copying(connection).encode()
            for start in range(0, number, _FILL_BY):
                connection.execute(copying, {"run": row[0], "many": min(_FILL_BY, number - start)})
            for table in ("flows_run", "flows_runevent", "flows_triggerevent"):
                connection.execute(f"VACUUM ANALYZE {table}".encode())
            connection.execute(b"CHECKPOINT")  # what the filling left to do is not an order's cost

    def used(self) -> Used:
        cpu = {"web": 0.0, "worker": 0.0, "stub": 0.0, "other": 0.0}
        for name, child in self.children.items():
            part = "worker" if name.startswith("worker-") else name if name in cpu else "other"
            cpu[part] += _cpu(psutil.Process(child.pid))
        cpu["postgres"] = _tree_cpu(self.postgres_pid)
        cpu["redis"] = _tree_cpu(self.redis_pid)
        (commits,) = self.ask(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        )
        return Used(cpu=cpu, commits=int(commits))

    def memory(self) -> dict[str, float]:
        """Megabytes by process; pages that several share are counted in parts (PSS)."""
        found = {name: _pss(child.pid) for name, child in self.children.items() if name != "stub"}
        found["postgres"] = sum(_pss(one.pid) for one in _tree(self.postgres_pid))
        found["redis"] = _pss(self.redis_pid)
        found["total"] = sum(found.values())
        return {name: round(value, 1) for name, value in found.items()}


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _tree(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _tree_cpu(pid: int) -> float:
    """Also of children that ended."""
    total = 0.0
    for one in _tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _pss(pid: int) -> float:
    memory = psutil.Process(pid).memory_full_info()
    return float(getattr(memory, "pss", memory.rss)) / 2**20


def _until_answers(url: str) -> None:
    end = time.monotonic() + _READY_WITHIN
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > end:
                raise TimeoutError(f"{url} did not get ready: {error}") from error
            time.sleep(0.1)


@contextlib.contextmanager
def running() -> Iterator[Stack]:
    """Servers and stub; the platform's own processes are started by who measures them."""
    for name in [name for name in os.environ if name.startswith("CAUSEWAY_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="causeway-bench-"))
    folder.chmod(0o711)
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    os.set_inheritable(listening.fileno(), True)
    stub_port = listening.getsockname()[1]
    port = _free_port()
    os.environ |= {
        "CAUSEWAY_STATE_DIR": str(folder),
        "CAUSEWAY_LOG_LEVEL": "WARNING",
        "CAUSEWAY_PORT": str(port),
        "CAUSEWAY_EGRESS_ALLOW": f"127.0.0.1:{stub_port}",
        "CAUSEWAY_DATABASE_POOL_SIZE": "4",
        "DJANGO_SETTINGS_MODULE": "causeway.settings",
    }
    from causeway.embedded.servers import Servers
    from causeway.state import StateFolder, prepare

    prepare(StateFolder(folder))
    servers = Servers(StateFolder(folder), durable=True)
    servers.start()
    stack = Stack(
        port=port,
        stub_port=stub_port,
        database_url=servers.database_url,
        folder=folder,
        postgres_pid=servers.pids[0],
        redis_pid=servers.pids[1],
    )
    try:
        stack.start(
            "stub",
            ["-m", _MODULE, "stub", str(listening.fileno())],
            pass_fds=[listening.fileno()],
        )
        listening.close()
        stack.tokens = furnish(f"http://127.0.0.1:{stub_port}")
        yield stack
    finally:
        stack.stop(list(stack.children))
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def furnish(stub_url: str) -> dict[str, str]:
    """Tables and one deployed flow for each connection; the hook token by flow."""
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from causeway.base.models import Environment, Workspace
    from connectors.connections.models import Connection
    from connectors.connections.vault import seal
    from connectors.http.triggers import RECEIVED_TYPE
    from flows.engine.spec import digest
    from flows.models import Crosswalk, CrosswalkEntry, Deployment, Flow, FlowVersion, Listener

    workspace = Workspace.objects.create(slug="bench", name="Bench")
    environment = Environment.objects.create(
        workspace=workspace, slug="bench", name="Bench", kind="sandbox"
    )
    table = Crosswalk.objects.create(workspace=workspace, slug="bench", name="Bench")
    for left, right in (("Approval", "2"), ("Fulfilment", "3"), ("Shipped", "4")):
        CrosswalkEntry.objects.create(crosswalk=table, left=left, right=right)
    target = Connection.objects.create(
        workspace=workspace,
        environment=environment,
        slug="to",
        name="To",
        connector="http",
        system="stub",
        settings={"base_url": stub_url, "max_concurrency": 128},
    )
    tokens = {}
    for document in flows.all_flows():
        slug = document["slug"]
        source = Connection.objects.create(
            workspace=workspace,
            environment=environment,
            slug=slug,
            name=slug,
            connector="http",
            system=f"bench.{slug}",
            settings=dict(sender.SETTINGS),
        )
        seal(connection_id=source.id, name="webhook_secret", value=sender.SECRET).save()
        flow = Flow.objects.create(workspace=workspace, slug=slug, name=slug)
        version = FlowVersion.objects.create(
            flow=flow, number=1, document=document, digest=digest(document)
        )
        deployment = Deployment.objects.create(
            flow=flow,
            version=version,
            environment=environment,
            bindings={"from": str(source.id), "to": str(target.id)},
        )
        Listener.objects.create(
            deployment=deployment,
            connection=source,
            node="sent",
            trigger_type=RECEIVED_TYPE,
            params={},
        )
        tokens[slug] = source.hook_token
    connections.close_all()
    return tokens
