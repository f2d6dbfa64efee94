"""A run whose worker dies whenever it carries it is set aside; its neighbours hardly feel it."""

import asyncio
import statistics
import threading
import time
from typing import Any

import pytest

from connectors.sdk import codec
from tests.bench.load import send
from tests.faults.breaking import database, unfinished
from tests.faults.crowd import SECRET, bring, install
from tests.faults.rounds import Place
from tests.stack.harness import eventually
from tests.stack.test_bad_input import signed

RATE = 40.0  # orders a second
_TIMES = """
SELECT extract(epoch FROM r.ended_at - r.created_at), r.state
FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id
WHERE f.slug = %s AND r.lane_key LIKE %s
"""
_POISON = "SELECT state, claimed_by, suspicion, error FROM flows_run WHERE lane_key = %s"


def neighbours(place: Place, hook: str, slug: str, tag: str, seconds: float, rate: float) -> float:
    """Orders at a steady rate; the p95 in seconds from accepted to the end of the run."""

    def make(number: int) -> tuple[bytes, dict[str, str]]:
        order = {"id": f"{tag}-{number}", "version": "1", "price": 19.9}
        body = codec.dumps({**order, "at": "2026-11-23T10:21:30+00:00"})
        return body, signed(body, SECRET, id_=f"{tag}-{number}")

    port, count = int(place.stack.web.rsplit(":", 1)[1]), int(seconds * rate)
    sent = asyncio.run(
        send(port=port, path=hook, make=make, numbers=range(count), senders=32, rate=rate)
    )
    assert sent.statuses == {202: count}

    def through() -> bool:
        with database(place.stack) as session:
            return unfinished(session) == 0

    eventually(through, seconds=120, every=0.25, what="the last run to end")
    with database(place.stack) as session:
        rows = session.execute(_TIMES, [slug, f"{tag}-%"]).fetchall()
    assert [state for _, state in rows] == ["succeeded"] * count
    return statistics.quantiles([float(took) for took, _ in rows], n=20)[-1]


def poison(place: Place, hook: str, key: str, *, after: float) -> tuple[threading.Thread, Any]:
    """A thread that brings a run and kills who carries it, until it is set aside; what it saw."""
    seen: dict[str, Any] = {"kills": 0}

    def run() -> None:
        time.sleep(after)
        began = time.monotonic()
        order = {"id": key, "version": "1", "at": "2026-11-23T10:21:30+00:00", "price": 1.0}
        bring(place.stack, hook, [order])
        while time.monotonic() < began + 60:
            with database(place.stack) as session:
                row = session.execute(_POISON, [key]).fetchone()
            assert row is not None
            state, by, deaths, error = row
            if state == "dead":
                seen.update(deaths=deaths, code=error["code"], seconds=time.monotonic() - began)
                return
            if state == "running":
                pid = int(by.rsplit(":", 1)[1])
                for one in place.stack.workers("runs"):
                    if one.pid == pid:  # it may be dead already
                        one.kill()
                        seen["kills"] += 1
            time.sleep(0.05)

    return threading.Thread(target=run, daemon=True), seen


def poisoned(
    place: Place, hook: str, slug: str, tag: str, seconds: float, rate: float
) -> tuple[float, Any]:
    killing, seen = poison(place, hook, f"poison-{tag}", after=seconds / 6)
    killing.start()
    p95 = neighbours(place, hook, slug, tag, seconds, rate)
    killing.join(timeout=90)
    # The first death has company and does not count.
    assert (seen.get("code"), seen.get("deaths")) == ("quarantined", 4)
    assert seen["kills"] >= 4
    return p95, seen


@pytest.mark.stack
def test_a_run_that_kills_its_workers_is_set_aside(place: Place) -> None:
    hook = install(place.stack, place.far, "aside")
    poisoned(place, hook, "aside", "few", 6, 20)


@pytest.mark.faults
def test_neighbours_of_a_run_that_kills_its_workers_stay_fast(place: Place) -> None:
    """The same load without, with and without it again: a machine is never twice the same."""
    hook = install(place.stack, place.far, "beside")
    neighbours(place, hook, "beside", "warm", 5, RATE)
    before = neighbours(place, hook, "beside", "calm", 60, RATE)
    with_it, seen = poisoned(place, hook, "beside", "ill", 60, RATE)
    after = neighbours(place, hook, "beside", "calmer", 60, RATE)
    calm = max(before, after)
    print(  # noqa: T201
        f"\nquarantine: set aside after {seen['seconds']:.1f} s and {seen['kills']} deaths; p95 of "
        f"neighbours {with_it * 1000:.0f} ms, without it {before * 1000:.0f} and "
        f"{after * 1000:.0f} ms: {with_it / calm - 1:+.0%}"
    )
    assert with_it <= 1.2 * calm
