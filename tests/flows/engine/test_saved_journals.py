"""Runs that were stored go on under a newer engine: saved journals mean what they meant.

A failure here says that runs under way at an update would do something else than they did before.
Do not write the file anew: let the engine understand both, or give the event another shape.
"""

from pathlib import Path

import pytest

from flows.engine.compile import compile_flow
from flows.engine.events import EventType
from flows.engine.nodes import NODE_TYPES
from tests.flows.engine.journals import FOLDER, decided, folded, read
from tests.flows.engine.support import CATALOG

# Their runs need links in PostgreSQL: `tests/flows/dispatch/test_syncing.py` carries them.
DRIVEN_WITH_TABLES = {"sync.find_link@1", "sync.record@1"}
SAVED = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_a_saved_journal_is_decided_upon_as_before(path: Path) -> None:
    saved = read(path)
    plan = compile_flow(saved.document, CATALOG)
    assert decided(plan, saved.events) == saved.commands
    assert folded(plan, saved.events) == saved.state


def test_every_kind_of_event_and_node_is_in_a_saved_journal() -> None:
    """What is missing: `python -m tests.flows.engine.journals` saves it once a test drives it."""
    saved = [read(path) for path in SAVED]
    events = {event.type for one in saved for event in one.events}
    assert set(EventType) - events == {EventType.RUN_SUPERSEDED}  # written for runs not begun
    nodes = {node["type"] for one in saved for node in one.document["nodes"]}
    assert set(NODE_TYPES) - nodes == DRIVEN_WITH_TABLES
