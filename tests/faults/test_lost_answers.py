"""The create is done, its answer never arrives: it is looked up, and every record is there once."""

import uuid

import pytest

from flows.models import RunEvent
from tests.faults.nursery import Nursery, all_well, bring, install

# More would open the circuit of the connection, and then hardly anything is sent.
SHARE = 0.34


def lose(kept: Nursery, count: int) -> int:
    """How many answers were lost of so many creates."""
    keys = [str(uuid.uuid4()) for _ in range(count)]
    bring(install(kept, post=False), keys)
    kept.fault(lost_answer={"share": SHARE, "path": "/api/data/documents"})
    try:
        kept.heal()
        lost = kept.faults()["lost_answer"]["hits"]
    finally:
        kept.fault(clear=True)
    all_well(kept, keys)
    looked = RunEvent.objects.filter(type="probe_finished").count()
    print(f"\n{count} creates, {lost} answers lost, {looked} looked up")  # noqa: T201
    assert looked >= lost
    return int(lost)


@pytest.mark.stack
def test_the_lost_answers_of_thirty_creates_make_no_duplicate(
    transactional_db: None, kept: Nursery
) -> None:
    assert lose(kept, 30) >= 10


@pytest.mark.faults
def test_five_hundred_lost_answers_of_creates_make_no_duplicate(
    transactional_db: None, kept: Nursery
) -> None:
    assert lose(kept, 1_500) >= 500
