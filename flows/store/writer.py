"""The journal's writer: everything that the runs of a process record, in group commits.

Every write names the claim token of its run. Where that no longer matches, somebody else owns
the run, and of the whole batch only this run's part is refused.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from causeway.base.ids import new_id
from flows.engine.journal import LeaseLostError
from flows.models.packing import Packed
from flows.store import payloads, sql
from flows.store.calls import NewCall, answer_calls, make_calls
from flows.store.group import GroupCommit
from flows.store.item_letters import ItemRow, set_aside
from flows.store.pool import AWAY, Connection, pool
from flows.store.waits import WaitRow, register

log = structlog.get_logger(__name__)
_PAUSES: Final = (0.05, 0.5, 2.0)  # seconds between tries while the database is away


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One journal entry as it is stored; `data` is JSON text, `packed` what it names."""

    seq: int
    type: str
    node: str
    path: str
    at: datetime
    data: str
    packed: Sequence[Packed] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """One read-back; `fields` is JSON text."""

    node: str
    path: str
    effect_key: str
    system: str
    entity: str
    record_id: str
    action: str
    verdict: str
    fields: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRow:
    """The state in which a drive leaves its run; `error` is JSON text. `waits` are its open waits
    for something from outside, None when it never had one. `answer` is JSON text for the flow that
    called it, `calls` are those that it makes itself, `failed_items` become dead letters."""

    state: str
    due_at: datetime | None
    outcome: str
    error: str | None
    waits: Sequence[WaitRow] | None = None
    answer: str | None = None
    calls: Sequence[NewCall] = ()
    failed_items: Sequence[ItemRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one run wants written at once. `end` closes the claim. For what is `noted` nobody
    waits. With `answers` a sender may wait for what it says."""

    run_id: UUID
    token: UUID
    events: Sequence[EventRow] = ()
    receipts: Sequence[ReceiptRow] = ()
    end: EndRow | None = None
    noted: bool = False
    answers: bool = False

    @property
    def next_seq(self) -> int:
        return self.events[-1].seq + 1 if self.events else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a commit changed, for those who watch."""

    journals: dict[UUID, int] = field(default_factory=dict)  # run id to its last seq
    ended: list[tuple[UUID, UUID, int]] = field(default_factory=list)  # environment, run, revision
    answered: list[UUID] = field(default_factory=list)  # runs for whose answer somebody may wait
    due: list[tuple[UUID, UUID]] = field(default_factory=list)  # (environment, run): called, or
    # called others and may go on


Announce = Callable[[Written], None]


class Writer:
    """One for each event loop. `announce` hears of each commit after it."""

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._group: GroupCommit[Entry, None] = GroupCommit(self._flush)
        # Why notes were not written, by token. What comes behind them would leave a hole.
        self._lost: dict[UUID, Exception] = {}

    async def write(self, entry: Entry) -> None:
        """Returns after commit. Raises `LeaseLostError`, or what the database has against it or
        had against an earlier note of this claim."""
        self._tell(entry.token)
        await self._group.submit(entry)

    def note(self, entry: Entry) -> None:
        """Write it soon, and before anything that the same run writes later.

        Raises what an earlier note of this claim met with.
        """
        self._tell(entry.token)
        self._group.put(replace(entry, noted=True))

    def _tell(self, token: UUID) -> None:
        error = self._lost.pop(token, None)
        if error is not None:
            raise error

    def forget(self, token: UUID) -> None:
        """The claim is over."""
        self._lost.pop(token, None)

    async def idle(self) -> None:
        """Returns when all that was noted is committed."""
        await self._group.idle()

    async def _flush(self, entries: Sequence[Entry]) -> Sequence[Exception | None]:
        """What follows a lost note within the queue is not written either."""
        before = dict(self._lost)
        sound = [entry for entry in entries if entry.token not in before]
        try:
            answered = iter(await self._commit_parted(sound) if sound else ())
        except AWAY as error:
            answered = iter([error] * len(sound))
        answers = [before.get(entry.token) or next(answered) for entry in entries]
        told = {entry.token for entry in entries if not entry.noted}
        for entry, answer in zip(entries, answers, strict=True):
            if entry.token in told:
                self._lost.pop(entry.token, None)
            elif answer is not None:
                self._lost[entry.token] = answer
        return answers

    async def _commit_parted(self, entries: Sequence[Entry]) -> Sequence[Exception | None]:
        try:
            return await self._try_commit(entries)
        except AWAY:
            raise
        except psycopg.Error as error:
            if len(entries) == 1:
                return [error]
            # One of them holds something that the database refuses. Runs are parted, the
            # entries of a run stay together and in order.
            return await self._one_by_one(entries)

    async def _one_by_one(self, entries: Sequence[Entry]) -> list[Exception | None]:
        of_run: dict[UUID, list[int]] = {}
        for index, entry in enumerate(entries):
            of_run.setdefault(entry.token, []).append(index)
        answers: list[Exception | None] = [None] * len(entries)
        for indexes in of_run.values():
            try:
                some = await self._try_commit([entries[index] for index in indexes])
            except AWAY:
                raise
            except psycopg.Error as error:
                log.warning("journal entry refused", error=type(error).__name__)
                some = [error] * len(indexes)
            for index, answer in zip(indexes, some, strict=True):
                answers[index] = answer
        return answers

    async def _try_commit(self, entries: Sequence[Entry]) -> list[Exception | None]:
        """Again while the database is away: what was committed already changes nothing."""
        for pause in (*_PAUSES, None):
            try:
                refused, written = await commit(entries)
            except AWAY as error:
                if pause is None:
                    raise
                log.warning("journal not written, trying again", error=type(error).__name__)
                await asyncio.sleep(pause)
                continue
            self._announce(written)
            return [LeaseLostError() if entry.token in refused else None for entry in entries]
        raise AssertionError("unreachable")


async def commit(entries: Sequence[Entry]) -> tuple[set[UUID], Written]:
    """Write the entries in one transaction; returns the tokens that no longer hold."""
    held: dict[UUID, tuple[UUID, int]] = {}
    for entry in entries:
        _, seq = held.get(entry.token, (entry.run_id, 0))
        held[entry.token] = (entry.run_id, max(seq, entry.next_seq))
    order = sorted(held, key=lambda token: held[token][0])
    ending = {entry.token for entry in entries if entry.end is not None}
    async with (
        (await pool()).connection() as connection,
        connection.pipeline(),
        connection.transaction(),
    ):
        cursor = await connection.execute(
            sql.FENCE,
            {
                "ids": [held[token][0] for token in order],
                "tokens": order,
                "next_seqs": [held[token][1] for token in order],
                "ends": [token in ending for token in order],
            },
        )
        good = {row[0] for row in await cursor.fetchall()}
        kept = [entry for entry in entries if entry.token in good]
        await _insert_events(connection, kept)
        await _insert_receipts(connection, kept)
        ended = await _end(connection, kept, held)
        due = await _call(connection, kept)
    journals = {held[token][0]: held[token][1] - 1 for token in good if held[token][1]}
    answered = [entry.run_id for entry in kept if entry.answers]
    return set(held) - good, Written(journals=journals, ended=ended, answered=answered, due=due)


async def _insert_events(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [(entry.run_id, event) for entry in entries for event in entry.events]
    if not rows:
        return
    await connection.execute(
        sql.INSERT_EVENTS,
        {
            "runs": [run for run, _ in rows],
            "seqs": [event.seq for _, event in rows],
            "types": [event.type for _, event in rows],
            "nodes": [event.node for _, event in rows],
            "paths": [event.path for _, event in rows],
            "ats": [event.at for _, event in rows],
            "datas": [event.data for _, event in rows],
        },
    )
    await payloads.store(connection, (one for _, event in rows for one in event.packed))


async def _insert_receipts(connection: Connection, entries: Sequence[Entry]) -> None:
    # The last one of an effect counts; one statement may touch a row only once.
    rows = {(entry.run_id, one.effect_key): one for entry in entries for one in entry.receipts}
    if not rows:
        return
    await connection.execute(
        sql.INSERT_RECEIPTS,
        {
            "ids": [new_id() for _ in rows],
            "runs": [run for run, _ in rows],
            "effect_keys": [key for _, key in rows],
            **{
                f"{name}s": [getattr(one, name) for one in rows.values()]
                for name in (
                    "node",
                    "path",
                    "system",
                    "entity",
                    "record_id",
                    "action",
                    "verdict",
                    "fields",
                    "at",
                )
            },
        },
    )


async def _end(
    connection: Connection, entries: Sequence[Entry], held: Mapping[UUID, tuple[UUID, int]]
) -> list[tuple[UUID, UUID, int]]:
    ends = [(entry.run_id, entry.end) for entry in entries if entry.end is not None]
    if not ends:
        return []
    ids = [run for run, _ in ends]
    cursor = await connection.execute(
        sql.END_RUNS,
        {
            "ids": ids,
            "states": [end.state for _, end in ends],
            "due_ats": [end.due_at for _, end in ends],
            "outcomes": [end.outcome[:200] for _, end in ends],
            "errors": [end.error for _, end in ends],
            "next_seqs": [held[one.token][1] for one in entries if one.end is not None],
        },
    )
    await connection.execute(sql.ROLL_UP, {"ids": ids})
    await connection.execute(sql.WAKE_LANES, {"ids": ids})
    await _register(connection, ends)
    rows: list[tuple[Any, ...]] = await cursor.fetchall()
    failed = {run: end.failed_items for run, end in ends if end.failed_items}
    letters = await set_aside(connection, failed) if failed else []
    return [*((row[0], row[1], row[2]) for row in rows), *letters]


async def _call(connection: Connection, entries: Sequence[Entry]) -> list[tuple[UUID, UUID]]:
    """Start what runs call, and tell those that called what ends; behind `register`."""
    ends = [(entry.run_id, entry.end) for entry in entries if entry.end is not None]
    calls = [call for _, end in ends for call in end.calls]
    answers = {run: end.answer for run, end in ends if end.answer is not None}
    due = await make_calls(connection, calls) if calls else []
    return due + (await answer_calls(connection, answers) if answers else [])


async def _register(connection: Connection, ends: Sequence[tuple[UUID, EndRow]]) -> None:
    waited = {run: end for run, end in ends if end.waits is not None}
    if waited:
        waiting = {run: end.waits or () for run, end in waited.items() if end.state == "waiting"}
        await register(connection, waiting, [run for run in waited if run not in waiting])
