"""What the engine itself costs: runs of a plan against answers that are already there."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flows.engine.inline import StubOperations, VirtualClock, run_inline
from flows.engine.plan import Plan
from flows.engine.run import RunHeader
from flows.mapping.crosswalk import Crosswalk


async def microseconds_per_run(
    plan: Plan,
    *,
    header: RunHeader,
    answers: Mapping[str, Any],
    timer: Callable[[], float],
    runs: int = 1000,
    crosswalks: Mapping[str, Crosswalk] | None = None,
) -> float:
    """Mean time of a run in memory, in microseconds.

    `answers` are the outputs by action node, `timer` gives seconds (`time.perf_counter`). A tenth
    of the runs goes before the measuring, to warm up.
    """
    start = datetime(2026, 1, 1, tzinfo=UTC)

    async def go(times: int) -> None:
        for _ in range(times):
            await run_inline(
                plan,
                header=header,
                operations=StubOperations(answers),
                clock=VirtualClock(start),
                rng=random.Random(0),
                crosswalks=crosswalks,
            )

    await go(max(1, runs // 10))
    before = timer()
    await go(runs)
    return (timer() - before) / runs * 1_000_000
