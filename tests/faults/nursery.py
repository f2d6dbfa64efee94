"""Where mortal workers come from, what they are given to carry, and how it is counted."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from django.conf import settings

from causeway.supervisor.watchdog import end_leases
from connectors.catalog import Catalog
from connectors.connections.models import Connection
from connectors.connections.vault import seal
from connectors.http import CONNECTOR as HTTP
from connectors.notes import CONNECTOR as NOTES
from flows.models import Run, RunEvent
from tests.faults.crowd import Far
from tests.flows import example
from tests.flows.world import World, deploy, make_runs, make_world
from tests.stack.harness import ROOT, eventually, free_ports

KEY_ITEM, KEY_VIEW, FORM = "ExternalKey", "(OrdersByExternalKey)", "Order Record"
_AT_ONCE = {"retry": {"max_attempts": 50, "horizon": "PT1H"}}


def catalog() -> Catalog:
    """News from the example, writes through the real connectors."""
    return Catalog([*example.make_catalog(example.FarSide()).connectors(), NOTES, HTTP])


def document(slug: str, *, post: bool) -> dict[str, Any]:
    """News -> create in Notes (-> POST)."""
    create = {
        "id": "create",
        "type": "notes.document.create@1",
        "name": "Create",
        "connection": "notes",
        "params": {
            "form": FORM,
            "items": {"OrderNo": "{{ trigger.entity_id }}", "Total": 1},
            "key_item": KEY_ITEM,
            "key_view": KEY_VIEW,
            "key_value": "{{ trigger.entity_id }}",
        },
        "policy": {"timeout": "PT30S", **_AT_ONCE},
    }
    send = {
        "id": "post",
        "type": "http.request@1",
        "name": "Post",
        "connection": "far",
        "params": {
            "method": "POST",
            "path": "/orders",
            "body": {"id": "{{ trigger.entity_id }}", "version": "1"},
            "repeat_safe": True,
        },
        "policy": {"timeout": "PT5S", **_AT_ONCE},
    }
    made = example.document(slug)
    edges = [{"from": "news", "port": "out", "to": "create"}]
    return {
        **made,
        "connections": {
            "there": {"connector": "example", "label": "There"},
            "notes": {"connector": "notes", "label": "Notes"},
            "far": {"connector": "http", "label": "Far side"},
        },
        "nodes": [made["nodes"][0], create, *([send] if post else [])],
        "edges": edges + ([{"from": "create", "port": "out", "to": "post"}] if post else []),
    }


@contextmanager
def notes_twin() -> Iterator[str]:
    """A Domino server of its own; its address."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    world = Path(ROOT) / "fixtures/worlds/meadow/notes.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.notes.twin", "--port", str(port), "--world", str(world)],
        cwd=ROOT,
    )
    try:

        def answers() -> bool:
            with suppress(httpx.HTTPError):
                return httpx.get(f"{url}/_twin/health").is_success
            return False

        eventually(answers, seconds=30, every=0.1, what="the twin of Notes")
        yield url
    finally:
        process.terminate()
        process.wait(20)


@dataclass(kw_only=True)
class Nursery:
    """Workers are forked from one process that has everything loaded."""

    twin: str
    far: Far
    process: "subprocess.Popen[str]"
    born: list[int] = field(default_factory=list)

    def worker(
        self, point: str = "", act: str = "kill", *, runs: int = 64, lease: float = 15.0
    ) -> psutil.Process:
        """A process that carries what is due; at `point` it kills or stops itself."""
        assert self.process.stdin is not None
        order = {"point": point, "act": act, "runs": runs, "lease": lease}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        pid = int(self.said())
        self.born.append(pid)
        return psutil.Process(pid)

    def said(self) -> str:
        """The next line of its output."""
        assert self.process.stdout is not None
        return str(self.process.stdout.readline()).strip()

    def heal(self) -> None:
        """A healthy worker carries all that is left to its end."""
        gone(self.worker(), within=150)

    def documents(self) -> dict[str, int]:
        """How many documents there are under each key."""
        state = httpx.get(f"{self.twin}/_twin/state", timeout=30).raise_for_status().json()
        found: dict[str, int] = {}
        for one in state["documents"]:
            key = one["items"].get(KEY_ITEM)
            if one["form"] == FORM and key:
                found[key] = found.get(key, 0) + 1
        return found

    def fault(self, **faults: Any) -> None:
        httpx.post(f"{self.twin}/_twin/faults", json=faults).raise_for_status()

    def faults(self) -> dict[str, Any]:
        """What is switched on, and how often it hit."""
        answer = httpx.get(f"{self.twin}/_twin/faults").raise_for_status()
        return dict(answer.json()["faults"])


@contextmanager
def nursery(far: Far) -> Iterator[Nursery]:
    """With a twin of Notes; ends everything that it started."""
    with notes_twin() as twin:
        allowed = ",".join(url.removeprefix("http://") for url in (twin, far.url))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mortal"],
            cwd=ROOT,
            env={
                **os.environ,
                "CAUSEWAY_EGRESS_ALLOW": allowed,
                "CAUSEWAY_LOG_LEVEL": "ERROR",
                "MORTAL_TWIN": twin,
                "DJANGO_SETTINGS_MODULE": "causeway.settings",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        made = Nursery(twin=twin, far=far, process=process)
        try:
            assert made.said() == "ready"
            yield made
        finally:
            for pid in made.born:
                with suppress(psutil.NoSuchProcess):
                    one = psutil.Process(pid)
                    if one.ppid() == process.pid:  # numbers come back
                        one.kill()
            process.communicate(timeout=20)


def install(kept: Nursery, *, post: bool) -> World:
    """A world whose flow writes to the twin of Notes (and posts to the far side)."""
    world = make_world()
    world.deployment.listeners.all().delete()
    notes = Connection.objects.create(
        workspace=world.workspace,
        environment=world.environment,
        slug="notes",
        name="Notes",
        connector="notes",
        system="802579AB00112233",
        settings={
            "base_url": kept.twin,
            "database": "fulfil.nsf",
            "replica_id": "802579AB00112233",
            "username": "svc-causeway",
            "forms": {FORM: {"numbers": ["Total"], "key_item": "OrderNo"}},
        },
    )
    seal(connection_id=notes.id, name="password", value="meadow-service-1").save()
    far = Connection.objects.create(
        workspace=world.workspace,
        environment=world.environment,
        slug="far",
        name="Far side",
        connector="http",
        system=kept.far.url,
        settings={"base_url": kept.far.url},
    )
    deployment = deploy(world.environment, world.connection, document("writes", post=post))
    deployment.bindings |= {"notes": str(notes.id), "far": str(far.id)}
    deployment.save()
    return World(
        workspace=world.workspace,
        environment=world.environment,
        connection=world.connection,
        deployment=deployment,
    )


def bring(world: World, keys: Sequence[str]) -> None:
    make_runs(world, [{"lane_key": key, "business_key": key} for key in keys])


def gone(process: psutil.Process, *, within: float = 30.0) -> None:
    """Returns when it has ended."""

    def ended() -> bool:
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:  # it ended between the two questions
            return True

    eventually(ended, seconds=within, every=0.02, what=f"the end of {process.pid}")


def frozen(process: psutil.Process, *, within: float = 30.0) -> None:
    """Returns when it has stopped itself."""
    eventually(
        lambda: process.status() == psutil.STATUS_STOPPED,
        seconds=within, every=0.02, what=f"{process.pid} to stop itself",
    )  # fmt: skip


def dead(process: psutil.Process) -> int:
    """Returns when it died, having done what the supervisor does then; how many runs it held."""
    gone(process)
    return asyncio.run(end_leases(settings.CAUSEWAY.database_url, pid=process.pid))


def leases_over(*, within: float = 40.0) -> None:
    """Returns when no lease lasts any more."""
    from django.db.models.functions import Now

    eventually(
        lambda: not Run.objects.filter(state="running", lease_until__gt=Now()).exists(),
        seconds=within, every=0.1, what="the leases to be over",
    )  # fmt: skip


def all_well(kept: Nursery, keys: Sequence[str]) -> None:
    """Every run succeeded, its journal is whole, and there is one document for each key."""
    runs = {one.business_key: one for one in Run.objects.all()}
    assert {key: runs[key].state for key in keys} == dict.fromkeys(keys, "succeeded")
    for run in runs.values():
        seqs = list(RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
        assert run.next_seq == len(seqs) + 1
    there = kept.documents()
    assert {key: there.get(key, 0) for key in keys} == dict.fromkeys(keys, 1)


def settled(kept: Nursery, keys: Sequence[str], *, within: float = 10.0) -> None:
    """For what may still be cleaned up: waits until `all_well` holds."""
    end = time.monotonic() + within
    while True:
        try:
            all_well(kept, keys)
            return
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
