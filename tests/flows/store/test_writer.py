import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from causeway.base.ids import new_id
from flows.dispatch.journal import RunJournal
from flows.engine.events import EventType, RunEvent
from flows.engine.journal import LeaseLostError
from flows.engine.run import EndState, RunEnd
from flows.models import FlowRollup, Receipt, Run
from flows.models import RunEvent as Row
from flows.store import writer as writing
from flows.store.claims import ClaimedRun, claim
from flows.store.history import load_events
from flows.store.writer import Entry, EventRow, Writer, Written
from tests.flows.world import World, make_runs

runs_of = sync_to_async(make_runs)
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUCCEEDED = RunEnd(state=EndState.SUCCEEDED, outcome="done")


def event(seq: int, type_: EventType = EventType.STEP_SUCCEEDED, **data: object) -> RunEvent:
    return RunEvent(seq=seq, type=type_, node="touch", at=AT, data=data)


async def claimed(hot: World, count: int) -> list[ClaimedRun]:
    await runs_of(hot, [{} for _ in range(count)])
    return await claim(count, by="me")


def quiet(written: Written) -> None:
    """Nobody watches."""


def journal(run: ClaimedRun, writer: Writer) -> RunJournal:
    return RunJournal(writer, run)


async def seqs(run_id: UUID) -> list[int]:
    return [one.seq for one in await load_events(run_id)]


async def test_a_durable_append_is_committed_when_it_returns(hot: World) -> None:
    [run] = await claimed(hot, 1)
    one = journal(run, Writer(quiet))
    await one.append(str(run.id), [event(1, output={"price": Decimal("19.90")})], durable=False)
    await one.append(str(run.id), [event(2), event(3)], durable=True)
    stored = await load_events(run.id)
    assert [found.seq for found in stored] == [1, 2, 3]
    assert str(stored[0].data["output"]["price"]) == "19.90"
    assert (await Run.objects.aget(pk=run.id)).next_seq == 4


async def test_a_note_is_written_without_being_waited_for(hot: World) -> None:
    [run] = await claimed(hot, 1)
    writer = Writer(quiet)
    await journal(run, writer).append(str(run.id), [event(1)], durable=False)
    await writer.idle()
    assert await seqs(run.id) == [1]


async def test_the_appends_of_many_runs_share_commits(hot: World) -> None:
    runs = await claimed(hot, 20)
    commits: list[Written] = []
    writer = Writer(commits.append)
    await asyncio.gather(
        *(journal(run, writer).append(str(run.id), [event(1)], durable=True) for run in runs)
    )
    assert sum(len(one.journals) for one in commits) == 20
    assert len(commits) < 5


async def test_only_the_run_that_lost_its_lease_is_refused(hot: World) -> None:
    lost, kept = await claimed(hot, 2)
    await Run.objects.filter(pk=lost.id).aupdate(claim_token=new_id())
    writer = Writer(quiet)
    results = await asyncio.gather(
        *(
            journal(run, writer).append(str(run.id), [event(1)], durable=True)
            for run in (lost, kept)
        ),
        return_exceptions=True,
    )
    assert isinstance(results[0], LeaseLostError)
    assert results[1] is None
    assert await seqs(lost.id) == []
    assert await seqs(kept.id) == [1]


async def test_a_refused_note_is_told_at_the_next_write(hot: World) -> None:
    [run] = await claimed(hot, 1)
    await Run.objects.filter(pk=run.id).aupdate(claim_token=new_id())
    writer = Writer(quiet)
    one = journal(run, writer)
    await one.append(str(run.id), [event(1)], durable=False)
    await writer.idle()
    with pytest.raises(LeaseLostError):
        await one.append(str(run.id), [event(2)], durable=False)


async def test_a_cancelled_run_takes_no_more_events(hot: World) -> None:
    [run] = await claimed(hot, 1)
    await Run.objects.filter(pk=run.id).aupdate(state="cancelled")
    with pytest.raises(LeaseLostError):
        await journal(run, Writer(quiet)).finish(str(run.id), [event(1)], SUCCEEDED)
    assert (await Run.objects.aget(pk=run.id)).state == "cancelled"


async def test_what_the_database_refuses_hurts_its_own_run_only(hot: World) -> None:
    bad, good = await claimed(hot, 2)
    writer = Writer(quiet)
    broken = EventRow(seq=1, type="x", node="", path="", at=AT, data='{"number": NaN}')
    results = await asyncio.gather(
        writer.write(Entry(run_id=bad.id, token=bad.token, events=[broken])),
        journal(good, writer).append(str(good.id), [event(1)], durable=True),
        return_exceptions=True,
    )
    assert isinstance(results[0], Exception)
    assert not isinstance(results[0], LeaseLostError)
    assert results[1] is None
    assert await seqs(good.id) == [1]
    assert await seqs(bad.id) == []


async def test_a_run_whose_data_the_database_refuses_can_still_be_buried(hot: World) -> None:
    [run] = await claimed(hot, 1)
    writer = Writer(quiet)
    broken = EventRow(seq=1, type="x", node="", path="", at=AT, data='{"number": NaN}')
    with pytest.raises(psycopg.DataError):
        await writer.write(Entry(run_id=run.id, token=run.token, events=[broken]))
    await journal(run, writer).bury(ValueError(), at=AT)
    assert (await Run.objects.aget(pk=run.id)).state == "dead"


class Away:
    """In place of `commit`: while `broken`, what psycopg raises when the database is away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: psycopg.Error) -> None:
        self.error = error
        self.broken = 10**6
        self.asked = asyncio.Event()
        self._commit = writing.commit
        monkeypatch.setattr(writing, "_PAUSES", (0.0,))
        monkeypatch.setattr(writing, "commit", self)

    async def __call__(self, entries: Sequence[Entry]) -> tuple[set[UUID], Written]:
        self.asked.set()
        if self.broken:
            self.broken -= 1
            raise self.error
        return await self._commit(entries)


async def test_a_note_that_was_lost_lets_nothing_be_written_behind_it(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal with a hole cannot be resumed."""
    [run] = await claimed(hot, 1)
    away = Away(monkeypatch, psycopg.OperationalError("server closed the connection"))
    writer = Writer(quiet)
    one = journal(run, writer)
    await one.append(str(run.id), [event(1)], durable=False)
    await writer.idle()
    away.broken = 0
    with pytest.raises(psycopg.OperationalError):
        await one.append(str(run.id), [event(2)], durable=True)
    assert await seqs(run.id) == []


async def test_nor_what_was_on_its_way_already(hot: World, monkeypatch: pytest.MonkeyPatch) -> None:
    [run] = await claimed(hot, 1)
    away = Away(monkeypatch, psycopg.OperationalError("server closed the connection"))
    away.broken = 2
    writer = Writer(quiet)
    one = journal(run, writer)
    await one.append(str(run.id), [event(1)], durable=False)
    await away.asked.wait()
    with pytest.raises(psycopg.OperationalError):
        await one.append(str(run.id), [event(2)], durable=True)
    assert away.broken == 0
    assert await seqs(run.id) == []


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("server closed the connection"),
        psycopg.errors.IdleInTransactionSessionTimeout("the process was stopped for 10 s"),
        psycopg.errors.ReadOnlySqlTransaction("the standby was not promoted yet"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_database_that_is_away_for_a_moment_is_tried_again(
    hot: World, monkeypatch: pytest.MonkeyPatch, error: psycopg.Error
) -> None:
    [run] = await claimed(hot, 1)
    away = Away(monkeypatch, error)
    away.broken = 1
    await journal(run, Writer(quiet)).append(str(run.id), [event(1)], durable=True)
    assert await seqs(run.id) == [1]


async def test_a_commit_whose_answer_was_lost_changes_nothing_when_repeated(hot: World) -> None:
    [run] = await claimed(hot, 1)
    row = EventRow(seq=1, type="step_started", node="", path="", at=AT, data="{}")
    entry = Entry(run_id=run.id, token=run.token, events=[row])
    for _ in range(2):
        refused, _ = await writing.commit([entry])
        assert refused == set()
    assert await seqs(run.id) == [1]
    assert (await Run.objects.aget(pk=run.id)).next_seq == 2


async def test_text_that_jsonb_refuses_is_stored_readably(hot: World) -> None:
    [run] = await claimed(hot, 1)
    await journal(run, Writer(quiet)).append(
        str(run.id), [event(1, output={"a\x00": ["b\x00", "\\u0000"]})], durable=True
    )
    [stored] = await load_events(run.id)
    assert stored.data["output"] == {"a\ufffd": ["b\ufffd", "\\u0000"]}


async def test_an_end_writes_row_receipts_and_rollup_at_once(hot: World) -> None:
    [run] = await claimed(hot, 1)
    receipt = {
        "system": "there",
        "entity": "thing",
        "record_id": "7",
        "action": "updated",
        "verdict": "absorbed",
        "fields": [{"field": "price", "sent": Decimal("1.50"), "read_back": "1.5"}],
    }
    before = await Run.objects.aget(pk=run.id)
    await journal(run, Writer(quiet)).finish(
        str(run.id),
        [
            event(1, EventType.ATTEMPT_STARTED, attempt=1, effect_key="k" * 32),
            event(2, EventType.ATTEMPT_SUCCEEDED, attempt=1, output={}, receipt=receipt, ms=3),
            event(3, EventType.RUN_SUCCEEDED, outcome="done"),
        ],
        SUCCEEDED,
    )
    row = await Run.objects.aget(pk=run.id)
    assert (row.state, row.outcome, row.claim_token, row.next_seq) == ("succeeded", "done", None, 4)
    assert row.ended_at is not None
    assert row.revision > before.revision
    stored = await Receipt.objects.aget(run_id=run.id)
    assert (stored.effect_key, stored.verdict, stored.node) == ("k" * 32, "absorbed", "touch")
    assert str(stored.fields[0]["sent"]) == "1.50"
    rollup = await FlowRollup.objects.aget(environment=hot.environment)
    assert (rollup.succeeded, rollup.failed, rollup.absorbed) == (1, 0, 1)
    assert rollup.hour == row.ended_at.replace(minute=0, second=0, microsecond=0)
    assert rollup.last_lag_ms == rollup.lag_max_ms == rollup.lag_sum_ms


async def test_ends_of_one_hour_add_up(hot: World) -> None:
    runs = await claimed(hot, 6)
    writer = Writer(quiet)
    dead = RunEnd(state=EndState.DEAD, error={"class": "RejectedError"})
    waiting = RunEnd(state=EndState.WAITING, due_at=timezone.now(), reason="retry")
    ends = [SUCCEEDED, SUCCEEDED, SUCCEEDED, dead, dead, waiting]
    await asyncio.gather(
        *(
            journal(run, writer).finish(str(run.id), [event(1)], end)
            for run, end in zip(runs, ends, strict=True)
        )
    )
    rollups = [one async for one in FlowRollup.objects.all()]
    assert sum(one.succeeded for one in rollups) == 3
    assert sum(one.failed for one in rollups) == 2
    row = await Run.objects.aget(pk=runs[3].id)
    assert row.error == {"class": "RejectedError"}


async def test_a_waiting_run_gives_up_its_claim_and_is_no_longer_suspected(hot: World) -> None:
    [run] = await claimed(hot, 1)
    await Run.objects.filter(pk=run.id).aupdate(alone=True, suspicion=2)
    due = timezone.now()
    end = RunEnd(state=EndState.WAITING, due_at=due, reason="retry")
    await journal(run, Writer(quiet)).finish(str(run.id), [event(1)], end)
    row = await Run.objects.aget(pk=run.id)
    assert (row.state, row.due_at, row.claim_token) == ("waiting", due, None)
    assert (row.alone, row.suspicion, row.ended_at) == (False, 0, None)


async def test_the_end_of_a_run_wakes_the_next_parked_one_of_its_lane(hot: World) -> None:
    first, second, third = await runs_of(
        hot, [{"lane_key": "a"}, *[{"lane_key": "a", "parked": True}] * 2]
    )
    [run] = await claim(5, by="me")
    await journal(run, Writer(quiet)).finish(str(run.id), [event(1)], SUCCEEDED)
    parked = {one.id: one.parked async for one in Run.objects.all()}
    assert parked == {first.id: False, second.id: False, third.id: True}


async def test_an_entry_written_twice_after_a_lost_connection_stands_once(hot: World) -> None:
    [run] = await claimed(hot, 1)
    writer = Writer(quiet)
    one = journal(run, writer)
    await one.append(str(run.id), [event(1)], durable=True)
    await one.append(str(run.id), [event(1)], durable=True)
    assert await Row.objects.filter(run_id=run.id).acount() == 1


async def test_a_journal_writes_for_its_own_run_only(hot: World) -> None:
    [run] = await claimed(hot, 1)
    with pytest.raises(ValueError, match="belongs to run"):
        await journal(run, Writer(quiet)).append(str(new_id()), [event(1)], durable=True)
