"""What claims, leases and lanes should do, in plain Python beside the real tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

ACTIVE = ("pending", "running", "waiting")
DEATHS = 3


@dataclass(slots=True, kw_only=True)
class ModelRun:
    """One run. `holder` is the worker with the live token; `tokens` are all it ever had."""

    id: UUID
    lane_key: str  # "" stands in no lane
    source_time: datetime
    flow: int
    holds_lane: bool
    supersedable: bool
    state: str = "pending"
    due: bool = True
    begun: bool = False
    alone: bool = False
    suspicion: int = 0
    token: UUID | None = None
    holder: int = 0
    by: str = ""
    lease_over: bool = False
    seqs: list[int] = field(default_factory=list)
    next_seq: int = 1

    @property
    def order(self) -> tuple[datetime, str]:
        return (self.source_time, self.id.hex)


class ClaimsModel:
    """The rules, one method a transition. Whatever breaks one raises `AssertionError`."""

    def __init__(self) -> None:
        self.runs: dict[UUID, ModelRun] = {}
        self.old_tokens: list[tuple[UUID, UUID]] = []  # run, token that somebody may still name

    def add(self, run: ModelRun) -> None:
        self.runs[run.id] = run

    def in_lane(self, run: ModelRun) -> Iterator[ModelRun]:
        return (
            one
            for one in self.runs.values()
            if run.lane_key and one.lane_key == run.lane_key and one is not run
        )

    def blocked(self, run: ModelRun) -> bool:
        """Another of its lane is at work, or an earlier one has to go first."""
        return any(
            one.state == "running"
            or (
                one.state in ACTIVE
                and one.order < run.order
                and (one.state == "pending" or one.due or one.holds_lane)
            )
            for one in self.in_lane(run)
        )

    def superseded_by(self, run: ModelRun) -> list[ModelRun]:
        """The newer ones of its flow that take its place."""
        return [
            one
            for one in self.in_lane(run)
            if all(
                both.supersedable and both.state == "pending" and not both.begun and both.due
                for both in (one, run)
            )
            and one.flow == run.flow
            and one.order > run.order
        ]

    def claimable(self, *, alone: bool) -> list[ModelRun]:
        return [
            run
            for run in self.runs.values()
            if run.state in ("pending", "waiting")
            and run.due
            and run.alone == alone
            and not self.blocked(run)
        ]

    def call_off(self, run_id: UUID, by: UUID) -> None:
        run = self.runs[run_id]
        newer = self.superseded_by(run)
        assert by in {one.id for one in newer}, "called off, but nothing newer took its place"
        assert by == max(newer, key=lambda one: one.order).id
        run.state, run.due = "cancelled", False
        self.note(run)

    def claim(
        self, holder: int, run_id: UUID, token: UUID, next_seq: int, *, alone: bool, by: str
    ) -> None:
        """Worker `holder` takes it under the name `by`."""
        run = self.runs[run_id]
        assert run in self.claimable(alone=alone), f"{run} was not to be had"
        assert not self.superseded_by(run), "a newer run of its lane should have taken its place"
        assert next_seq == run.next_seq
        assert token not in {old for _, old in self.old_tokens}, "a token was given twice"
        run.state, run.token, run.holder, run.by = "running", token, holder, by
        run.begun, run.lease_over = True, False

    def held(self, holder: int | None = None) -> list[ModelRun]:
        return [
            run
            for run in self.runs.values()
            if run.state == "running" and holder in (None, run.holder)
        ]

    def note(self, run: ModelRun) -> None:
        run.seqs.append(run.next_seq)
        run.next_seq += 1

    def leave(self, run: ModelRun, state: str, *, due: bool) -> None:
        """The drive of a holder ends in `state`."""
        self._take_token(run)
        run.state, run.due, run.alone, run.suspicion = state, due, False, 0

    def release(self, run: ModelRun) -> None:
        self._take_token(run)
        run.state, run.due = "pending", True

    def sweep(self) -> int:
        """Whose lease is over comes back; how many."""
        over = [run for run in self.held() if run.lease_over]
        judged = [self._judged(run) for run in over]
        for run, suspicion in zip(over, judged, strict=True):
            self._take_token(run)
            run.state, run.due, run.alone, run.suspicion = "pending", True, True, suspicion
            if suspicion > DEATHS:
                run.state, run.due = "dead", False
                self.note(run)
        return len(over)

    def _judged(self, run: ModelRun) -> int:
        """What is known of it once the worker that held it is dead."""
        if not run.alone:
            return 0
        company = any(one is not run and one.by == run.by for one in self.held())
        return 1 if company and run.suspicion == 0 else max(run.suspicion, 1) + 1

    def _take_token(self, run: ModelRun) -> None:
        assert run.token is not None
        self.old_tokens.append((run.id, run.token))
        run.token, run.lease_over = None, False

    def one_active_in_each_lane(self) -> bool:
        lanes = [run.lane_key for run in self.held() if run.lane_key]
        return len(lanes) == len(set(lanes))

    def unfinished(self) -> Iterable[ModelRun]:
        return [run for run in self.runs.values() if run.state in ACTIVE]
