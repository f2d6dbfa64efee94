"""How fast news is accepted and runs are carried, with far sides that answer at once.

    python -m tests.bench.hot_path [--news 5000] [--senders 64] [--json FILE]

Starts a private PostgreSQL and Redis with the durability of an installation (a commit is on disk
when it is answered), one web process with only the hooks, and one worker process. Senders, web,
worker, PostgreSQL and Redis share the machine; the sender is one process of its own.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

AT = "2026-11-23T10:21:30+00:00"


@contextlib.contextmanager
def servers() -> Iterator[None]:
    """Private servers for this measurement; settings are read only after this."""
    for name in [name for name in os.environ if name.startswith("CAUSEWAY_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="causeway-bench-"))
    folder.chmod(0o711)
    os.environ["CAUSEWAY_STATE_DIR"] = str(folder)
    os.environ["CAUSEWAY_LOG_LEVEL"] = "WARNING"
    os.environ["DJANGO_SETTINGS_MODULE"] = "causeway.settings"
    from causeway.embedded.servers import Servers
    from causeway.state import StateFolder, prepare

    prepare(StateFolder(folder))
    running = Servers(StateFolder(folder), durable=True)
    running.start()
    try:
        yield
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def set_up() -> str:
    """Tables and a deployed flow; the hook's token."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from tests.flows.world import make_world

    return make_world().connection.hook_token


def serve(socket_fd: int) -> None:
    """A web process with nothing but the hooks."""
    import django
    import uvicorn

    django.setup()
    from flows.dispatch.catalog import use_catalog
    from flows.ingress import app
    from tests.flows.example import FarSide, make_catalog

    use_catalog(make_catalog(FarSide()))
    uvicorn.run(app, fd=socket_fd, loop="uvloop", http="httptools", log_level="error")


def carry() -> None:
    """A worker process: drains until every run ended, then prints the seconds it took."""
    import django

    django.setup()
    from flows.dispatch import worker
    from flows.dispatch.catalog import use_catalog
    from flows.dispatch.loop import process_loop
    from flows.models import Run
    from tests.flows.example import FarSide, make_catalog

    use_catalog(make_catalog(FarSide()))
    started, cpu_before = time.perf_counter(), time.process_time()
    count = 0
    while Run.objects.filter(state__in=["pending", "running"]).exists():
        count += process_loop().run(worker.drain())
    seconds = time.perf_counter() - started
    cpu = time.process_time() - cpu_before
    print(json.dumps({"runs": count, "seconds": seconds, "cpu": cpu}))  # noqa: T201


def delivery(place: int) -> tuple[bytes, dict[str, str]]:
    from tests.flows.world import SECRET

    body = json.dumps({"id": str(place), "version": "1", "at": AT}).encode()
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"d{place}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return body, {
        "webhook-id": f"d{place}",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


async def until_it_answers(url: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 405


async def send(url: str, *, news: int, senders: int) -> dict[str, float]:
    import aiohttp

    places = iter(range(news))
    times: list[float] = []
    prepared = [delivery(place) for place in range(news)]

    async def one_sender(session: aiohttp.ClientSession) -> None:
        for place in places:
            body, headers = prepared[place]
            began = time.perf_counter()
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 202, await answer.text()
                await answer.read()
            times.append(time.perf_counter() - began)

    started = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=senders)) as session:
        await asyncio.gather(*(one_sender(session) for _ in range(senders)))
    seconds = time.perf_counter() - started
    cuts = statistics.quantiles(times, n=100)
    return {
        "accepted_per_second": round(news / seconds),
        "accept_p50_ms": round(cuts[49] * 1000, 1),
        "accept_p99_ms": round(cuts[98] * 1000, 1),
    }


def measure(news: int, senders: int) -> dict[str, Any]:
    import socket

    with servers():
        token = set_up()
        listening = socket.create_server(("127.0.0.1", 0))
        os.set_inheritable(listening.fileno(), True)
        port = listening.getsockname()[1]
        command = [sys.executable, "-m", "tests.bench.hot_path"]
        web = subprocess.Popen(
            [*command, "--serve", str(listening.fileno())], pass_fds=[listening.fileno()]
        )
        try:
            result: dict[str, Any] = {
                "news": news,
                "senders": senders,
                "processors": os.cpu_count(),
            }
            url = f"http://127.0.0.1:{port}/hooks/{token}"
            asyncio.run(until_it_answers(url))
            before = cpu_seconds(web.pid)
            result |= asyncio.run(send(url, news=news, senders=senders))
            result["web_cpu_ms_a_news"] = round(1000 * (cpu_seconds(web.pid) - before) / news, 2)
        finally:
            web.terminate()
            web.wait()
        done = subprocess.run([*command, "--carry"], check=True, capture_output=True, text=True)
        carried = json.loads(done.stdout.splitlines()[-1])
        result["carried_per_second"] = round(carried["runs"] / carried["seconds"])
        result["worker_cpu_ms_a_run"] = round(1000 * carried["cpu"] / carried["runs"], 2)
        return result


def cpu_seconds(pid: int) -> float:
    """What a process has used; on a shared machine this says more than the clock."""
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--news", type=int, default=5000)
    parser.add_argument("--senders", type=int, default=64)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", type=int, metavar="FD", help=argparse.SUPPRESS)
    parser.add_argument("--carry", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        serve(given.serve)
    elif given.carry:
        carry()
    else:
        result = measure(given.news, given.senders)
        for name, value in result.items():
            print(f"{name:22} {value}")  # noqa: T201
        if given.json:
            given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
