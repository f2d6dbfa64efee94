"""Bulk replays are worked off to the end, once, whoever dies over it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.utils import timezone

from causeway.base.actors import person
from flows.models import BulkReplay, BulkReplayItem, Run
from flows.services import bulk_work
from flows.services.bulk_replays import Bulk, cancel, create, find_bulk
from flows.services.replays import replay_run
from governance.roles import Role, grant_role, revoke_role
from tests.flows.api.conftest import SETUP, House, dead_run, house, make_run

__all__ = ["house"]

MANY = bulk_work.CHUNK + 5


@pytest.fixture
def user(house: House) -> User:
    made = User.objects.create(username="olga")
    grant_role(SETUP, user=made, workspace=house.workspace, role=Role.OPERATOR)
    return made


def started(house: House, user: User, count: int = MANY, **more: Any) -> BulkReplay:
    """A bulk replay of as many dead letters; K0 is the oldest."""
    for place in range(count):
        dead_run(house, key=f"K{place}", minutes_ago=count - place)
    wish = Bulk(**{"limit": 1000, "skip_superseded": False, **more})
    return create(person(user), environment=house.demo, bulk=wish)


def outcomes(bulk: BulkReplay) -> list[str]:
    return list(bulk.items.order_by("place").values_list("outcome", flat=True))


def replays_of_each() -> set[int]:
    return {one.replays.count() for one in Run.objects.filter(replay_of__isnull=True)}


Replayed = Callable[..., Run]


def replace(monkeypatch: pytest.MonkeyPatch, act: Callable[[Run, Replayed], Run]) -> None:
    """Put `act(run, really)` in the place of each replay."""

    def replaced(actor: Any, run: Run, wish: Any) -> Run:
        return act(run, lambda: replay_run(actor, run, wish))

    monkeypatch.setattr(bulk_work, "replay_run", replaced)


def test_chunk_by_chunk_until_the_time_is_up(house: House, user: User) -> None:
    bulk = started(house, user)
    assert bulk_work.work_off(seconds=0) == bulk_work.CHUNK
    bulk.refresh_from_db()
    assert (bulk.state, bulk.replayed) == ("running", bulk_work.CHUNK)
    assert bulk_work.work_off() == 5
    bulk.refresh_from_db()
    assert (bulk.state, bulk.replayed, bulk.total) == ("done", MANY, MANY)
    assert bulk.ended_at is not None
    assert bulk_work.work_off() == 0
    made = Run.objects.filter(replay_of__isnull=False).order_by("created_at", "id")
    assert [one.business_key for one in made] == [f"K{place}" for place in range(MANY)]


def test_a_process_that_dies_leaves_its_chunk_undone(
    house: House, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = started(house, user)

    def die(run: Run, really: Replayed) -> Run:
        if run.business_key == f"K{bulk_work.CHUNK + 2}":
            raise KeyboardInterrupt
        return really()

    replace(monkeypatch, die)
    with pytest.raises(KeyboardInterrupt):
        bulk_work.work_off()
    bulk.refresh_from_db()
    assert bulk.replayed == bulk_work.CHUNK
    assert outcomes(bulk).count("replayed") == bulk_work.CHUNK
    monkeypatch.undo()
    bulk_work.work_off()
    assert set(outcomes(bulk)) == {"replayed"}
    assert replays_of_each() == {1}


def test_a_database_that_goes_away_refuses_nobody(
    house: House, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = started(house, user, 2)

    def away(run: Run, really: Replayed) -> Run:
        raise OperationalError("gone")

    replace(monkeypatch, away)
    with pytest.raises(OperationalError):
        bulk_work.work_off()
    assert set(outcomes(bulk)) == {"waiting"}


def test_cancelled_in_between_the_rest_stays_as_it_was(house: House, user: User) -> None:
    bulk = started(house, user)
    bulk_work.work_off(seconds=0)
    cancel(person(user), find_bulk(person(user), bulk.pk))
    assert bulk_work.work_off() == 0
    assert outcomes(bulk) == ["replayed"] * bulk_work.CHUNK + ["waiting"] * 5
    left = Run.objects.filter(state="dead", resolved_at__isnull=True)
    assert {one.business_key for one in left} == {
        f"K{place}" for place in range(bulk_work.CHUNK, MANY)
    }


def test_what_was_dealt_with_or_superseded_meanwhile_is_left_out(house: House, user: User) -> None:
    bulk = started(house, user, 3, skip_superseded=True)
    first, second, third = Run.objects.order_by("source_time")
    Run.objects.filter(pk=first.pk).update(resolved_at=timezone.now())
    for one in (second, third):  # records of their own
        type(one.event).objects.filter(pk=one.event_id).update(entity_id=one.business_key)
    newer = make_run(house, key="NEW")
    type(newer.event).objects.filter(pk=newer.event_id).update(entity_id=second.business_key)
    bulk_work.work_off()
    assert outcomes(bulk) == ["dealt_with", "superseded", "replayed"]
    bulk.refresh_from_db()
    assert (bulk.left_out, bulk.replayed, bulk.state) == (2, 1, "done")


def test_one_that_is_refused_holds_up_nobody(
    house: House, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = started(house, user, 3)
    first = Run.objects.get(business_key="K0")
    replay_run(SETUP, first)  # under way; somebody took the mark of it back
    Run.objects.filter(pk=first.pk).update(resolved_at=None)

    def trip(run: Run, really: Replayed) -> Run:
        if run.business_key == "K1":
            raise ZeroDivisionError
        return really()

    replace(monkeypatch, trip)
    bulk_work.work_off()
    assert outcomes(bulk) == ["refused", "refused", "replayed"]
    problems = [one.problem for one in BulkReplayItem.objects.order_by("place")]
    assert "under way" in problems[0]
    assert "ZeroDivisionError" in problems[1]
    bulk.refresh_from_db()
    assert (bulk.refused, bulk.replayed, bulk.state) == (2, 1, "done")


def test_it_goes_on_only_while_who_asked_may(house: House, user: User) -> None:
    bulk = started(house, user)
    bulk_work.work_off(seconds=0)
    revoke_role(SETUP, user=user, workspace=house.workspace, role=Role.OPERATOR)
    bulk_work.work_off()
    bulk.refresh_from_db()
    assert (bulk.state, bulk.replayed) == ("cancelled", bulk_work.CHUNK)
    assert "olga may no longer" in bulk.problem


@pytest.mark.parametrize("how", ["closed", "deleted"])
def test_an_account_that_is_gone_stops_it(how: str, house: House, user: User) -> None:
    bulk = started(house, user, 1)
    if how == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        BulkReplay.objects.update(user=None)
    bulk_work.work_off()
    bulk.refresh_from_db()
    assert (bulk.state, outcomes(bulk)) == ("cancelled", ["waiting"])


@pytest.mark.django_db(transaction=True)
def test_two_at_once_replay_each_once(transactional_db: None, house: House, user: User) -> None:
    bulk = started(house, user, 2 * bulk_work.CHUNK)

    def work(_: int) -> int:
        try:
            return bulk_work.work_off()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(work, range(3)))
    bulk_work.work_off()
    assert set(outcomes(bulk)) == {"replayed"}
    assert replays_of_each() == {1}
    bulk.refresh_from_db()
    assert (bulk.state, bulk.replayed) == ("done", 2 * bulk_work.CHUNK)
