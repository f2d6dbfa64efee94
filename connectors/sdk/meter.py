"""What an operation costs its far side: requests and their time, counted where they leave.

Whoever carries an operation opens a `metered()` around it; `connectors.sdk.http.exchange` counts.
In slow hours it also says how far requests stand apart.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final


@dataclass(slots=True, kw_only=True)
class Meter:
    """`requests` that left (of those that were `begun`), and the milliseconds until their answers
    were complete.

    Before each but the first `gap` seconds pass; `waited` adds them up.
    """

    gap: float = 0.0
    requests: int = 0
    ms: float = 0.0
    waited: float = 0.0
    begun: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)


_meter: Final[ContextVar[Meter | None]] = ContextVar("meter", default=None)


@contextmanager
def metered(*, gap: float = 0.0) -> Iterator[Meter]:
    """Within, also in tasks that are made within, requests are counted."""
    meter = Meter(gap=gap)
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


@asynccontextmanager
async def counted(*, unless: tuple[type[BaseException], ...]) -> AsyncIterator[None]:
    """One request; errors of `unless` say that it never left."""
    meter = _meter.get()
    if meter is None:
        yield
        return
    first, meter.begun = not meter.begun, meter.begun + 1
    if meter.gap and not first:
        async with meter._turn:
            await asyncio.sleep(meter.gap)
            meter.waited += meter.gap
    started = time.monotonic()
    left = True
    try:
        yield
    except unless:
        left = False
        raise
    finally:
        if left:
            meter.requests += 1
            meter.ms += (time.monotonic() - started) * 1000
