"""Workers that die or stop at a named point of the step protocol.

    python -m tests.faults.mortal

Every line of the input is an order in JSON: `point` (a name of `POINTS`), `act` ("kill" or "stop":
what the process does to itself there), `runs` (at once), `lease` (seconds). Each is carried out by
a forked process of its own, whose number is printed; without a point it sweeps and carries until no
run is left. The workers are the product's: a point only wraps one of its functions, here.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from connectors.sdk import permit

_LONGEST: Final = 120.0  # seconds that a process lives
_UNFINISHED: Final = (
    "SELECT EXISTS (SELECT FROM flows_run WHERE state IN ('pending', 'running', 'waiting'))"
)

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after the call of a function, or within the one call that it makes; `nth` is
    counted within a run."""

    where: str  # "module:attribute" or "module:Class.attribute"
    when: str = "after"
    nth: int = 1
    counts: Callable[..., bool] = lambda *_args, **_named: True
    answered: Callable[[Any], bool] = lambda _answer: True


def _durable(*_: Any, durable: bool, **__: Any) -> bool:
    return durable


_NOTES: Final = "connectors.notes.dds.client:DdsClient"
_JOURNAL: Final = "flows.dispatch.journal:RunJournal"
_RUN: Final = "flows.dispatch.operations:BoundOperations.run"

# In the order in which a run of `tests.faults.nursery.document` comes to them: a create in Notes
# (look up, create, look up), then a POST.
POINTS: Final = {
    "claim not committed": Point("flows.store.claims:_claimed"),
    "claimed": Point("flows.store.claims:claim", answered=bool),
    "first attempt not journaled": Point(f"{_JOURNAL}.append", "before", counts=_durable),
    "first attempt not committed": Point("flows.store.writer:_insert_events"),
    "first attempt journaled": Point(f"{_JOURNAL}.append", counts=_durable),
    "looked up": Point(f"{_NOTES}.look_up"),
    "leaving": Point("connectors.sdk.http:may_write"),
    "effect sent": Point(f"{_NOTES}.create", "within"),
    "answer received": Point(f"{_NOTES}.create"),
    "looked up again": Point(f"{_NOTES}.look_up", nth=2),
    "first outcome known": Point(_RUN),
    "second attempt not journaled": Point(f"{_JOURNAL}.append", "before", 2, counts=_durable),
    "second attempt journaled": Point(f"{_JOURNAL}.append", nth=2, counts=_durable),
    "second outcome known": Point(_RUN, nth=2),
    "end not journaled": Point(f"{_JOURNAL}.finish", "before"),
    "end not committed": Point("flows.store.writer:_end", answered=bool),
    "end journaled": Point(f"{_JOURNAL}.finish"),
}


def wrap(point: Point, act: Act) -> None:
    """From now on `act` is done when a run comes to the point; once."""
    module, _, path = point.where.partition(":")
    owner: Any = __import__(module, fromlist=["_"])
    *classes, name = path.split(".")
    for one in classes:
        owner = getattr(owner, one)
    original = getattr(owner, name)
    seen: dict[int, int] = {}
    done: list[bool] = []

    def arrived(args: Any, named: Any) -> bool:
        if done or not point.counts(*args, **named):
            return False
        run = _run()
        seen[run] = seen.get(run, 0) + 1
        return seen[run] == point.nth

    def at_the_point() -> None:
        done.append(True)
        act()

    async def later(*args: Any, **named: Any) -> Any:
        here = arrived(args, named)
        if here and point.when == "before":
            at_the_point()
        if here and point.when == "within":
            return await _within(original(*args, **named), at_the_point)
        answer = await original(*args, **named)
        if here and point.when == "after" and point.answered(answer):
            at_the_point()
        elif here and not point.answered(answer):
            seen[_run()] -= 1
        return answer

    def at_once(*args: Any, **named: Any) -> Any:
        answer = original(*args, **named)
        if arrived(args, named) and point.answered(answer):
            at_the_point()
        return answer

    setattr(owner, name, later if asyncio.iscoroutinefunction(original) else at_once)


def _run() -> int:
    """Which run this is about: whose lease allows the writes, whatever the task."""
    return id(getattr(permit._holds.get(), "__self__", None))


async def _within(call: Awaitable[Any], act: Act) -> Any:
    """The far side has done it; its answer has not been read."""
    import httpx

    url = f"{os.environ['MORTAL_TWIN']}/_twin/state"
    async with httpx.AsyncClient() as http:
        before = len((await http.get(url)).json()["documents"])
        task = asyncio.ensure_future(call)
        for _ in range(2000):
            found = await asyncio.to_thread(httpx.get, url)
            if len(found.json()["documents"]) > before:
                act()
                break
    return await task


async def work(order: dict[str, Any]) -> None:
    from flows.dispatch import drain as draining
    from flows.dispatch import worker
    from flows.dispatch.sweeping import sweep_once
    from flows.store import claims
    from flows.store.pool import close, pool

    claims.LEASE = timedelta(seconds=order["lease"])  # type: ignore[misc]
    draining._HEARTBEAT = order["lease"] / 5  # type: ignore[misc]
    number = signal.SIGKILL if order.get("act") == "kill" else signal.SIGSTOP
    if order.get("point"):
        wrap(POINTS[order["point"]], lambda: os.kill(os.getpid(), number))

    async def once() -> None:
        await draining.Drain(
            worker.kit().carrier.carry, concurrency=order["runs"], wake_another=lambda: None
        ).run()

    async def anything_left() -> bool:
        async with (await pool()).connection() as connection:
            row = await (await connection.execute(_UNFINISHED)).fetchone()
        return bool(row and row[0])

    await once()
    end = time.monotonic() + _LONGEST
    while not order.get("point") and await anything_left() and time.monotonic() < end:
        await asyncio.sleep(0.05)
        await sweep_once()
        await once()
    await worker.close_kit()
    await close()


def main() -> None:
    import django

    django.setup()
    from flows.dispatch.catalog import use_catalog
    from tests.faults.nursery import catalog

    use_catalog(catalog())
    import flows.dispatch.sweeping
    import flows.dispatch.worker  # noqa: F401  loaded once, and forked

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to wait for them
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.alarm(int(_LONGEST) + 30)
            asyncio.run(work(json.loads(line)))
            os._exit(0)
        print(pid, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
