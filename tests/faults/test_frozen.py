"""Workers that are stopped in the middle of a create for longer than their lease: another one has
done their work when they wake up, and in the end every record is there once."""

import uuid

import pytest

from flows.models import Run
from tests.faults.nursery import (
    Nursery,
    all_well,
    bring,
    frozen,
    gone,
    install,
    leases_over,
    settled,
)

# Behind the look-up; behind the last look at the lease, with the create on its lips; behind the
# create, before its answer was read.
WHERE = ("looked up", "leaving", "effect sent")


def freeze(kept: Nursery, where: str, count: int, *, lease: float) -> None:
    """So many workers at once, each with one run in its hands."""
    keys = [str(uuid.uuid4()) for _ in range(count)]
    bring(install(kept, post=False), keys)
    workers = [kept.worker(where, "stop", runs=1, lease=lease) for _ in keys]
    for one in workers:
        frozen(one)
    assert Run.objects.filter(state="running").count() == count
    leases_over()
    kept.heal()
    all_well(kept, keys)
    for one in workers:
        one.resume()
    for one in workers:
        gone(one)
    settled(kept, keys)


@pytest.mark.stack
@pytest.mark.parametrize("where", WHERE)
def test_two_workers_frozen_between_look_up_and_create_make_no_duplicate(
    transactional_db: None, kept: Nursery, where: str
) -> None:
    freeze(kept, where, 2, lease=2.0)


@pytest.mark.faults
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("round_", range(5))
def test_ten_workers_frozen_between_look_up_and_create_make_no_duplicate(
    transactional_db: None, kept: Nursery, where: str, round_: int
) -> None:
    """Fifty at each place."""
    freeze(kept, where, 10, lease=15.0)
