"""A worker really dies at every point of the step protocol: one effect each, nothing lost."""

import uuid

import pytest

from flows.models import Run
from tests.faults.mortal import POINTS
from tests.faults.nursery import Nursery, all_well, bring, dead, install


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
