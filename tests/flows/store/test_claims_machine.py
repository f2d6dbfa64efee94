"""Any order of what workers do to runs, on two real sets of connections, beside a model.

Checked after every step: the tables say what the model says, at most one run of a lane is at work,
a run has at most one token that still writes, and one that is over changes nothing. In the end
every worker dies, and all runs still come to their end: nothing is lost and no event is missing.
"""

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from flows.models import Deployment
from flows.store import claims
from flows.store.claims import ClaimedRun, claim, claim_suspects, extend, release
from flows.store.superseding import SupersededRun
from flows.store.sweep import sweep
from tests.flows.example import document
from tests.flows.store.claims_model import ClaimsModel, ModelRun
from tests.flows.store.claims_worker import StoreWorker
from tests.flows.world import DAY, World, deploy, make_runs

# What two workers do at once differs from time to time: only numbers are drawn, never from what is
# there.
PICK = st.integers(0, 99)
WORKERS = st.sampled_from([0, 1])
ENDS = st.sampled_from(["succeeded", "waiting", "waiting", "failed", "dead"])
_FORGET = ("flows_runevent", "flows_run", "flows_triggerevent", "flows_flowrollup")


class ClaimsMachine(RuleBasedStateMachine):
    """Two workers and the sweep; what they ask of the store is asked for real."""

    world: World
    workers: list[StoreWorker]
    deployments: list[Deployment]  # their runs meet in the same lanes

    @initialize()
    def start_empty(self) -> None:
        with connection.cursor() as cursor:
            for table in _FORGET:
                cursor.execute(f"DELETE FROM {table}")
        self.model = ClaimsModel()

    # -- what comes in ----------------------------------------------------------------------------

    @rule(
        lane_keys=st.lists(st.sampled_from(["a", "a", "b", ""]), min_size=1, max_size=6),
        second=st.integers(0, 9),
        holds_lane=st.sampled_from([True, True, False]),
        supersedable=st.sampled_from([False, False, True]),
        flow=st.integers(0, 2),
    )
    def arrive(
        self, lane_keys: list[str], second: int, holds_lane: bool, supersedable: bool, flow: int
    ) -> None:
        at = DAY + timedelta(seconds=second)
        deployment = self.deployments[flow]
        rows = [
            {
                "deployment": deployment,
                "flow_id": deployment.flow_id,
                "version_id": deployment.version_id,
                "lane": "thing" if key else "",
                "lane_key": key,
                "source_time": at,
                "holds_lane": holds_lane,
                "supersedable": supersedable and key != "",
            }
            for key in lane_keys
        ]
        for run in make_runs(self.world, rows):
            self.model.add(
                ModelRun(
                    id=run.id,
                    lane_key=run.lane_key,
                    source_time=at,
                    flow=flow,
                    holds_lane=holds_lane,
                    supersedable=run.supersedable,
                )
            )

    @rule()
    def waits_end(self) -> None:
        """What waits becomes due."""
        self._sql("UPDATE flows_run SET due_at = now() WHERE state = 'waiting'")
        for run in self.model.runs.values():
            run.due = run.due or run.state == "waiting"

    # -- claims -----------------------------------------------------------------------------------

    @rule(worker=WORKERS, limit=st.integers(1, 5))
    def claim(self, worker: int, limit: int) -> None:
        free = self._unparked([run.id for run in self.model.claimable(alone=False)])
        told: list[SupersededRun] = []
        found = self.workers[worker].call(claim(limit, by=f"w{worker}", tell=told.extend))
        self._took(worker, found, told)
        assert len(found) <= limit
        # One that was called off is had by nobody; the newer one may stand behind another.
        free -= {gone.id for gone in told}
        assert found or not free, "there was a run to be had"

    @rule(limit=st.integers(1, 3))
    def claim_at_the_same_time(self, limit: int) -> None:
        told: list[SupersededRun] = []
        begun = [one.begin(claim(limit, by="w", tell=told.extend)) for one in self.workers]
        both = [one.result(30) for one in begun]
        self._took(0, both[0], told, by="w")
        self._took(1, both[1], [], by="w")

    @rule(worker=WORKERS, limit=st.integers(1, 4))
    def claim_suspects(self, worker: int, limit: int) -> None:
        free = self.model.claimable(alone=True)
        found = self.workers[worker].call(claim_suspects(limit, by=f"w{worker}"))
        assert len(found) <= limit
        assert bool(found) == bool(free)
        if len(found) > 1:
            known = {self.model.runs[run.id].suspicion for run in found}
            assert known == {0}, "nobody of whom more is known has company"
        self._took(worker, found, [], alone=True)

    # -- what holders do --------------------------------------------------------------------------

    @rule(pick=PICK)
    def append(self, pick: int) -> None:
        run = _picked(self.model.held(), pick)
        if run is None:
            return
        worker = self.workers[run.holder]
        assert worker.call(worker.write(run.id, _token(run), run.next_seq))
        self.model.note(run)

    @rule(pick=PICK, state=ENDS, due=st.sampled_from([False, False, True]))
    def finish(self, pick: int, state: str, due: bool) -> None:
        run = _picked(self.model.held(), pick)
        if run is None:
            return
        assert self._finish(run, state, due=due).result(30)
        self._finished(run, state, due=due)

    @rule(pick=PICK)
    def give_back(self, pick: int) -> None:
        run = _picked(self.model.held(), pick)
        if run is None:
            return
        self.workers[run.holder].call(release(self._claimed[run.id]))
        self.model.release(run)

    @rule(worker=WORKERS)
    def heartbeat(self, worker: int) -> None:
        """Names all that this worker ever held: what it lost is told, the rest goes on."""
        held = {run.id: _token(run) for run in self.model.held(worker)}
        named = {run: token for run, token in self.model.old_tokens if run not in held} | held
        assert self.workers[worker].call(extend(named)) == set(named) - set(held)
        for run in self.model.held(worker):
            run.lease_over = False

    # -- deaths -----------------------------------------------------------------------------------

    @rule(worker=WORKERS)
    def fall_silent(self, worker: int) -> None:
        """A worker dies or freezes: time goes by until its leases are over."""
        for run in self.model.held(worker):
            run.lease_over = True
        self._sql(
            "UPDATE flows_run SET lease_until = now() - interval '1 second' WHERE id = ANY(%s)",
            [run.id for run in self.model.held(worker)],
        )

    @rule(worker=WORKERS)
    def die_while_another_lives(self, worker: int) -> None:
        """Its runs come back one by one to the other worker; it may still wake up."""
        self.fall_silent(worker)
        self.sweep(1 - worker)
        self.claim_suspects(1 - worker, 2)

    @rule(worker=WORKERS)
    def sweep(self, worker: int) -> None:
        swept = self.workers[worker].call(sweep())
        assert swept.orphaned == self.model.sweep()

    @rule()
    def sweep_at_the_same_time(self) -> None:
        begun = [one.begin(sweep()) for one in self.workers]
        assert sum(one.result(30).orphaned for one in begun) == self.model.sweep()

    @rule(pick=PICK, state=ENDS)
    def finish_while_swept(self, pick: int, state: str) -> None:
        """A worker that was silent for too long comes with its end as the sweep takes its run."""
        over = [run for run in self.model.held() if run.lease_over]
        run = _picked(over, pick)
        if run is None:
            return
        sweeping = self.workers[1 - run.holder].begin(sweep())
        kept = self._finish(run, state, due=False).result(30)
        if kept:
            self._finished(run, state, due=False)
        # A row that is being written is left for the next sweep.
        found = sweeping.result(30).orphaned
        assert found == self.model.sweep(), "swept, or written: never both"
        if kept:  # it may have been company in the eyes of the sweep
            self._judged_as_it_stood(over)

    @rule(pick=PICK, worker=WORKERS, state=ENDS, seq=st.integers(1, 9))
    def name_an_old_token(self, pick: int, worker: int, state: str, seq: int) -> None:
        """Whatever it wants: nothing of it is written."""
        again = {run.id for run in self.model.held()}
        held = [one for one in self.model.old_tokens if one[0] in again]
        named = _picked(held or self.model.old_tokens, pick)
        if named is None:
            return
        run, token = named
        seq += self.model.runs[run].next_seq - 1
        asked = self.workers[worker]
        before = self._row(run)
        assert not asked.call(asked.write(run, token, seq))
        assert not asked.call(asked.write(run, token, seq, state=state, due_at=timezone.now()))
        assert asked.call(extend({run: token})) == {run}
        asked.call(release(_forged(self._claimed[run], token)))
        assert self._row(run) == before

    # -- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        assert self.model.one_active_in_each_lane()
        rows = self._sql(
            "SELECT id, state, claim_token, next_seq, alone, suspicion, lease_until > now(),"
            " ARRAY(SELECT seq FROM flows_runevent WHERE run_id = r.id ORDER BY seq)"
            " FROM flows_run r"
        )
        found = {row[0]: row[1:] for row in rows}
        assert found == {
            run.id: (
                run.state,
                run.token,
                run.next_seq,
                run.alone,
                run.suspicion,
                not run.lease_over if run.state == "running" else None,
                run.seqs,
            )
            for run in self.model.runs.values()
        }

    def teardown(self) -> None:
        """Everybody is dead: other workers bring each run to its end, in the order of its lane."""
        if not hasattr(self, "model") or sys.exc_info()[0] is not None:
            return
        for _ in range(4 * len(self.model.runs) + 4):
            if not self.model.unfinished():
                break
            for worker in (0, 1):
                if self.model.held(worker):
                    self.fall_silent(worker)
            self.waits_end()
            self.sweep(0)
            self.claim(0, 5)
            self.claim_suspects(1, 1)
            for run in self.model.held():
                assert self._finish(run, "succeeded", due=False).result(30)
                self._finished(run, "succeeded", due=False)
            self.the_tables_say_what_the_model_says()
        assert not self.model.unfinished(), "a run never came to its end"
        [[told]] = self._sql(
            "SELECT coalesce(sum(succeeded + failed + superseded), 0) FROM flows_flowrollup"
        )
        assert told == len(self.model.runs), "each run counts once"

    # -- between the two --------------------------------------------------------------------------

    _claimed: dict[UUID, ClaimedRun]

    def __init__(self) -> None:
        super().__init__()
        self._claimed = {}

    def _took(
        self,
        worker: int,
        found: list[ClaimedRun],
        told: list[SupersededRun],
        *,
        alone: bool = False,
        by: str = "",
    ) -> None:
        for gone in told:
            self.model.call_off(gone.id, gone.by)
        for run in found:
            self.model.claim(
                worker, run.id, run.token, run.next_seq, alone=alone, by=by or f"w{worker}"
            )
            self._claimed[run.id] = run

    def _finish(self, run: ModelRun, state: str, *, due: bool) -> Any:
        worker = self.workers[run.holder]
        later = timezone.now() + timedelta(hours=-1 if due else 1)
        return worker.begin(
            worker.write(run.id, _token(run), run.next_seq, state=state, due_at=later)
        )

    def _finished(self, run: ModelRun, state: str, *, due: bool) -> None:
        self.model.note(run)
        self.model.leave(run, state, due=due and state == "waiting")

    def _judged_as_it_stood(self, swept: list[ModelRun]) -> None:
        """Who of two neighbours was seen first is chance: the milder view of a suspect goes too."""
        for run in swept:
            [[suspicion]] = self._sql(
                "SELECT suspicion FROM flows_run WHERE id = ANY(%s)", [run.id]
            )
            if (run.suspicion, suspicion) == (2, 1):
                run.suspicion = 1

    def _unparked(self, ids: list[UUID]) -> set[UUID]:
        rows = self._sql("SELECT id FROM flows_run WHERE id = ANY(%s) AND NOT parked", ids)
        return {row[0] for row in rows}

    def _row(self, run: UUID) -> list[Any]:
        return self._sql(
            "SELECT r.*, (SELECT count(*) FROM flows_runevent WHERE run_id = r.id)"
            " FROM flows_run r WHERE id = ANY(%s)",
            [run],
        )

    @staticmethod
    def _sql(statement: str, ids: list[UUID] | None = None) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, None if ids is None else [ids])
            return cursor.fetchall() if cursor.description else []


T = TypeVar("T")


def _picked(some: Sequence[T], pick: int) -> T | None:
    return some[pick % len(some)] if some else None


def _token(run: ModelRun) -> UUID:
    assert run.token is not None
    return run.token


def _forged(run: ClaimedRun, token: UUID) -> ClaimedRun:
    return dataclasses.replace(run, token=token)


def _settings(examples: int, steps: int, *, always_the_same: bool = False) -> settings:
    """`always_the_same` tries the same walks each time and makes none of them smaller, which may
    take minutes."""
    return settings(
        derandomize=always_the_same,
        phases=[Phase.generate] if always_the_same else list(Phase),
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


@pytest.fixture
def machine(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[ClaimsMachine]]:
    for name in ("BACK", "APART"):  # no step of it waits
        monkeypatch.setattr(f"flows.store.sweep.{name}", timedelta(0))
    workers = [StoreWorker(number) for number in range(2)]
    others = [
        deploy(world.environment, world.connection, document(slug)) for slug in ("second", "third")
    ]
    own = {"world": world, "workers": workers, "deployments": [world.deployment, *others]}
    yield type("Machine", (ClaimsMachine,), own)
    for worker in workers:
        worker.close()


def test_claims_as_the_model_says(machine: type[ClaimsMachine]) -> None:
    run_state_machine_as_test(machine, settings=_settings(50, 40, always_the_same=True))


def test_claims_that_see_little_of_a_lane_at_once(
    machine: type[ClaimsMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands behind others is parked and woken."""
    monkeypatch.setattr(claims, "WINDOW", 3)
    run_state_machine_as_test(machine, settings=_settings(50, 40, always_the_same=True))


@pytest.mark.faults
def test_many_claims_as_the_model_says(
    machine: type[ClaimsMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_state_machine_as_test(machine, settings=_settings(400, 60))
    monkeypatch.setattr(claims, "WINDOW", 3)
    run_state_machine_as_test(machine, settings=_settings(400, 60))
