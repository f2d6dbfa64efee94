"""The journal in memory keeps the promises that the port makes."""

import pytest

from flows.engine.events import EventType, RunEvent
from flows.engine.journal import MemoryJournal
from flows.engine.run import EndState, RunEnd
from tests.flows.engine.support import START


def event(seq: int) -> RunEvent:
    return RunEvent(seq=seq, type=EventType.STEP_STARTED, node="a", at=START)


async def test_durable_carries_everything_before_it() -> None:
    journal = MemoryJournal()
    await journal.append("r", [event(1), event(2)], durable=False)
    assert journal.committed["r"] == 0
    await journal.append("r", [event(3)], durable=True)
    assert journal.committed["r"] == 3
    await journal.finish("r", [event(4)], RunEnd(state=EndState.SUCCEEDED))
    assert journal.committed["r"] == 4
    assert journal.ends["r"].state is EndState.SUCCEEDED


async def test_a_gap_is_refused() -> None:
    journal = MemoryJournal()
    with pytest.raises(ValueError, match="no gaps"):
        await journal.append("r", [event(2)], durable=True)
