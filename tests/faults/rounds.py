"""A round: orders through a flow of their own while something breaks, and what is counted then."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.faults.breaking import database, unfinished
from tests.faults.crowd import Far, bring, install, orders
from tests.stack.harness import Stack, eventually

MANY = 10_000
DRAINED = 600.0  # seconds

Disturb = Callable[[Stack, str], threading.Thread]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running platform, and the far side."""

    stack: Stack
    far: Far


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How a round went: seconds from the first delivery to the last run's end, and from the end of
    the last fault to there."""

    seconds: float
    after_faults: float
    statuses: dict[int, int]
    told: dict[str, Any]


_rates: dict[str, float] = {}


def carried(
    place: Place, slug: str, disturb: Sequence[Disturb] = (), *, count: int = MANY
) -> Round:
    """Send `count` orders while things break, wait until the last run has ended, and see that there
    is one effect for each."""
    hook = install(place.stack, place.far, slug)
    before = place.far.effects()
    began = time.monotonic()
    disturbing = [one(place.stack, slug) for one in disturb]
    for one in disturbing:
        one.start()
    statuses = bring(place.stack, hook, orders(count, slug, seed=5))
    for one in disturbing:
        one.join()
    last_fault = time.monotonic()

    def drained() -> bool:
        with suppress(Exception), database(place.stack) as session:
            return unfinished(session) == 0
        return False

    eventually(drained, seconds=DRAINED, every=0.25, what="the last run to end")
    end = time.monotonic()
    told = place.far.effects()
    with database(place.stack) as session:
        states = dict(
            session.execute(
                "SELECT r.state, count(*) FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id"
                " WHERE f.slug = %s GROUP BY r.state",
                [slug],
            ).fetchall()
        )
        holes = session.execute(
            "SELECT e.run_id FROM flows_runevent e JOIN flows_run r ON r.id = e.run_id"
            " JOIN flows_flow f ON f.id = r.flow_id WHERE f.slug = %s"
            " GROUP BY e.run_id HAVING count(*) <> max(e.seq)",
            [slug],
        ).fetchall()
    assert states == {"succeeded": count}
    assert holes == []
    assert told["effects"] - before["effects"] == count, "an order has more or less than one effect"
    assert told["orders"] == told["effects"]
    assert told["twice"] == []
    assert told["inverted"] == []
    found = Round(seconds=end - began, after_faults=end - last_fault, statuses=statuses, told=told)
    _rates[slug] = count / found.seconds
    _print(slug, found, count)
    return found


_STORED = """
SELECT (SELECT count(*) FROM flows_delivery WHERE connection_id = c.id),
       (SELECT count(*) FROM flows_delivery WHERE connection_id = c.id AND event_id IS NULL),
       (SELECT count(*) FROM flows_triggerevent WHERE connection_id = c.id),
       (SELECT count(*) FROM flows_triggerevent e WHERE connection_id = c.id
        AND NOT EXISTS (SELECT FROM flows_run r WHERE r.event_id = e.id))
FROM connections_connection c WHERE c.slug = %s
"""


def carried_after_503(place: Place, slug: str, disturb: Disturb, *, count: int = MANY) -> None:
    """As `carried`, where senders are told to come back for a while (`bring` sees that they are
    told when): delivery, event and run are there together, or none of them."""
    found = carried(place, slug, [disturb], count=count)
    assert found.statuses.get(503, 0) > 0, "nobody was told to come back"
    assert set(found.statuses) <= {0, 200, 202, 429, 503}
    assert found.after_faults < 120  # all that came in meanwhile is carried then
    with database(place.stack) as session:
        stored = session.execute(_STORED, [f"{slug}-senders"]).fetchone()
    assert stored == (count, 0, count, 0)


def _print(slug: str, found: Round, count: int) -> None:
    quiet = _rates.get("quiet")
    share = f", {_rates[slug] / quiet:.0%} of the quiet rate" if quiet else ""
    print(  # noqa: T201
        f"\n{slug}: {count} orders in {found.seconds:.1f} s ({_rates[slug]:.0f}/s{share}), "
        f"{found.after_faults:.1f} s after the last fault; statuses {found.statuses}, "
        f"far side asked {found.told['asked']}, misbehaved {found.told['misbehaved']}"
    )
