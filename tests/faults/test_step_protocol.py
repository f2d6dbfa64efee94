"""A worker really dies at every point of the step protocol: one effect each, nothing lost."""

import uuid
from collections.abc import Iterator

import pytest

from flows.models import Run
from tests.faults.crowd import far_side, port_of_far_side
from tests.faults.mortal import POINTS
from tests.faults.nursery import Nursery, all_well, bring, dead, install, nursery


@pytest.fixture(scope="module")
def kept() -> Iterator[Nursery]:
    with port_of_far_side() as listening, far_side(listening, seed=3) as far, nursery(far) as made:
        yield made


@pytest.mark.stack
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_there_leaves_one_effect_of_each_step(
    transactional_db: None, kept: Nursery, point: str
) -> None:
    """Two runs, of which one brings the worker to the point."""
    keys = [f"{uuid.uuid4()}" for _ in range(2)]
    bring(install(kept, post=True), keys)
    before = kept.far.effects()
    held = dead(kept.worker(point))
    if point == "claim not committed":
        assert (held, Run.objects.filter(claims=0).count()) == (0, 2)
    elif point == "end journaled":
        assert Run.objects.filter(state="succeeded").exists()
    else:
        assert held > 0, "it ended before it came to the point"
    kept.heal()
    all_well(kept, keys)
    told = kept.far.effects()
    assert told["effects"] - before["effects"] == len(keys)
    assert told["twice"] == []
