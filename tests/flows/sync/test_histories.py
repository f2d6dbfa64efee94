"""Random edits, crashes, late and doubled news: both sides converge and nothing is lost unsaid."""

from collections import Counter
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sync import decide as deciding
from flows.sync import synchronise as module
from flows.sync.conflict import ConflictKind
from flows.sync.decide import Decision
from flows.sync.entity import Entity
from flows.sync.link import Link
from tests.flows.sync.histories import history, judge

FOUND = (29, 31, 33, 105, 1129, 1638, 1824, 11573, 11855)
"""Histories in which something was lost, or was written over a person's question, before."""


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**40))
def test_nothing_is_lost_and_both_sides_converge(seed: int) -> None:
    judge(history(seed))


@pytest.mark.parametrize("seed", FOUND)
def test_what_once_went_wrong(seed: int) -> None:
    judge(history(seed))


def judge_all(seeds: Any) -> Any:
    for seed in seeds:
        judge(history(seed))


@pytest.mark.faults
def test_ten_thousand_histories() -> None:
    """The figure of the design; printed with `-s`."""
    told: Counter[str] = Counter()
    for seed in range(10_000):
        told.update(asdict(judge(history(seed))))
    print(dict(told))  # noqa: T201 - the figure
    assert told["crashes"] > 1_000
    assert told["conflicts"] > 1_000
    assert told["overruled"] > 1_000
    assert told["loops"] > 10


def test_the_oracle_sees_what_a_careless_merge_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what goes into the inbox there are losses, and the oracle has to say so."""

    def careless(*args: Any, **more: Any) -> Any:
        found = module_decide(*args, **more)
        if found.conflict is not None and found.conflict.kind is not ConflictKind.LOOP:
            return found
        return Decision(
            outcome=found.outcome,
            link=found.link,
            state=found.state,
            intents=found.intents,
            conflict=found.conflict,
            hops=found.hops,
            seen=found.seen,
        )

    module_decide = deciding.decide
    monkeypatch.setattr(module, "decide", careless)
    with pytest.raises(AssertionError, match="lost"):
        judge_all(range(200))


def test_the_oracle_sees_a_write_that_forgets_the_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes its intents for done after a crash loses edits or never converges."""

    def trusting(entity: Entity, link: Link, sides: Any) -> Any:
        base = {side: dict(values or {}) for side, values in link.base.items()}
        for intent in link.intents:
            base[intent.side].update(intent.sent)
            base[intent.side.other].update(intent.source)
        return replace(link, intents=(), base=base), {}

    monkeypatch.setattr(deciding, "recovered", trusting)
    with pytest.raises(AssertionError):
        judge_all(range(400))
