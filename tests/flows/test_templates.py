"""Templates: nothing is wrong with them, and they do what their own tests say."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.catalog import default_catalog
from flows.engine.compile import check_flow, compile_flow
from flows.engine.events import EventType
from flows.engine.inline import StubOperations, VirtualClock, run_inline
from flows.engine.run import RunHeader

FOLDER = Path(__file__).resolve().parents[2] / "fixtures/templates"
TEMPLATES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
TESTS = [(name, test) for name, made in TEMPLATES.items() for test in made["tests"]]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_nothing_wrong_and_tests_of_its_own(name: str) -> None:
    made = TEMPLATES[name]
    assert check_flow(made, default_catalog()) == []
    assert made["slug"] == name
    assert made["description"]
    assert made["tests"]


@pytest.mark.parametrize(("name", "test"), TESTS, ids=lambda one: str(one)[:40])
async def test_a_template_does_what_its_tests_say(name: str, test: dict[str, Any]) -> None:
    made = TEMPLATES[name]
    result = await run_inline(
        compile_flow(made, default_catalog()),
        header=RunHeader(
            run_id="r",
            flow=name,
            version=1,
            trigger_node=test["node"],
            trigger=test["trigger"],
            origin_event_id="e",
        ),
        operations=StubOperations(test["answers"]),
        clock=VirtualClock(datetime(2026, 11, 27, tzinfo=UTC)),
        rng=random.Random(0),
    )
    outputs = {
        one.node: one.data["output"]
        for one in result.events
        if one.type in (EventType.STEP_SUCCEEDED, EventType.ATTEMPT_SUCCEEDED)
        and "output" in one.data
    }
    for node, expected in test["expect"].items():
        assert outputs[node] == expected
