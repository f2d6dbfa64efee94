"""The whole platform as real processes, for tests: start, look, break, stop."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-demo-password-for-tests"
STARTED = 180.0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on right now, next to each other not required."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def eventually(
    look: Callable[[], Any], *, seconds: float = 60.0, every: float = 0.2, what: str = ""
) -> Any:
    """The first truthy answer of `look`; fails with the last answer when time is up."""
    end = time.monotonic() + seconds
    answer: Any = None
    while time.monotonic() < end:
        answer = look()
        if answer:
            return answer
        time.sleep(every)
    raise AssertionError(f"still not after {seconds:.0f} s: {what or look}; last seen: {answer!r}")


@dataclass
class Stack:
    """A running `causeway demo`, and what a test needs to reach it."""

    web: str
    shop: str
    notes: str
    state: Path
    process: subprocess.Popen[bytes]
    log: Path
    # The twins close idle connections after 5 s; a request on one of them would be reset.
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=30, limits=httpx.Limits(keepalive_expiry=2))
    )
    logged_in: dict[str, httpx.Client] = field(default_factory=dict)

    # the two far sides, through their control planes

    def shop_state(self) -> dict[str, Any]:
        return dict(self.http.get(f"{self.shop}/_twin/state").raise_for_status().json())

    def notes_state(self) -> dict[str, Any]:
        return dict(self.http.get(f"{self.notes}/_twin/state").raise_for_status().json())

    def documents(self, form: str) -> list[dict[str, Any]]:
        return [one for one in self.notes_state()["documents"] if one["form"] == form]

    def order_records(self) -> dict[str, list[dict[str, Any]]]:
        """Order Records by their order number; more than one under a number is a duplicate."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self.documents("Order Record"):
            found.setdefault(one["items"]["OrderNo"], []).append(one)
        return found

    def orders(self) -> dict[str, dict[str, Any]]:
        return {one["reference"]: one for one in self.shop_state()["orders"]}

    def in_stock(self) -> list[dict[str, Any]]:
        """Order lines for whatever can be ordered, the best stocked first."""
        lines = [
            (one["quantity"], {"product_id": product["id"], "combination_id": one["id"]})
            for product in self.shop_state()["products"]
            for one in product["combinations"]
        ]
        lines.sort(key=lambda one: -one[0])
        return [{**line, "quantity": 1} for count, line in lines if count > 40]

    def place_order(self, line: dict[str, Any] | None = None) -> str:
        answer = self.http.post(
            f"{self.shop}/_twin/orders", json={"lines": [line or self.in_stock()[0]]}
        )
        return str(answer.raise_for_status().json()["reference"])

    def place_orders(self, count: int) -> list[str]:
        """Many orders at once, spread over what is in stock."""
        lines = list(itertools.islice(itertools.cycle(self.in_stock()), count))
        with ThreadPoolExecutor(max_workers=16) as pool:
            return list(pool.map(self.place_order, lines))

    def save_document(self, unid: str, items: dict[str, Any]) -> None:
        self.http.post(
            f"{self.notes}/_twin/documents/{unid}", json={"items": items}
        ).raise_for_status()

    def ship(self, records: Iterable[tuple[str, str]]) -> None:
        """Set every (unid, tracking number) to Shipped, many at once."""
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(
                pool.map(
                    lambda one: self.save_document(
                        one[0], {"OrderStatus": "Shipped", "TrackingNo": one[1]}
                    ),
                    records,
                )
            )

    def fault(self, twin: str, **faults: Any) -> None:
        base = self.shop if twin == "shop" else self.notes
        self.http.post(f"{base}/_twin/faults", json=faults).raise_for_status()

    # Causeway itself

    def api(self, username: str = "admin") -> httpx.Client:
        """A client logged in to the REST API as a demo user."""
        if username in self.logged_in:
            return self.logged_in[username]
        client = httpx.Client(base_url=f"{self.web}/api/v1/", timeout=30)
        self.logged_in[username] = client
        client.get("session").raise_for_status()
        answer = client.post(
            "session",
            json={"username": username, "password": PASSWORD},
            headers={"X-CSRFToken": client.cookies["csrftoken"], "Referer": self.web},
        )
        answer.raise_for_status()
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        client.headers["Referer"] = self.web
        return client

    def workers(self, queue: str = "") -> list[psutil.Process]:
        """The Celery workers, or only those of one queue."""
        found = []
        for one in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it ended since it was listed
                words = one.cmdline()
                if "celery" in " ".join(words) and "worker" in words and (queue or "-Q") in words:
                    found.append(one)
        return found

    def stop(self) -> int:
        """Ctrl-C, as a person would; the exit code."""
        for client in (self.http, *self.logged_in.values()):
            client.close()
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def start(state: Path, *, environment: dict[str, str] | None = None) -> Stack:
    """Start `causeway demo` on free ports with its data under `state`; returns when it is ready."""
    web, shop, notes = free_ports(3)
    log = state / "demo.log"
    state.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CAUSEWAY_") and name != "DJANGO_SETTINGS_MODULE"
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "causeway.cli", "demo"],
            cwd=ROOT,
            env={
                **kept,
                "CAUSEWAY_STATE_DIR": str(state),
                "CAUSEWAY_PORT": str(web),
                "CAUSEWAY_SHOP_TWIN_URL": f"http://127.0.0.1:{shop}",
                "CAUSEWAY_NOTES_TWIN_URL": f"http://127.0.0.1:{notes}",
                "CAUSEWAY_DEMO_PASSWORD": PASSWORD,
                **(environment or {}),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack = Stack(
        web=f"http://127.0.0.1:{web}",
        shop=f"http://127.0.0.1:{shop}",
        notes=f"http://127.0.0.1:{notes}",
        state=state,
        process=process,
        log=log,
    )

    def ready() -> bool:
        if process.poll() is not None:
            raise AssertionError(f"demo ended with {process.returncode}:\n{tail(log)}")
        return "Causeway is ready." in log.read_text(errors="replace")

    try:
        eventually(ready, seconds=STARTED, every=0.5, what="the demo to be ready")
    except BaseException as error:
        error.add_note(tail(log))
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        raise
    return stack


def tail(log: Path, lines: int = 80) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
