"""The engine's `Journal` port on PostgreSQL, for one claimed run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from causeway.base.ids import new_id
from connectors.sdk.errors import FarSideError, UnexpectedError
from flows.dispatch.calls import prepare_calls
from flows.dispatch.chunks import chunk_answer, prepare_chunks
from flows.dispatch.waits import wait_rows
from flows.engine.events import EventType, RunEvent
from flows.engine.nodes.call import CALLED_TYPE, called_error, called_signal
from flows.engine.run import EndState, RunEnd
from flows.models.packing import Packed, day_of, pack_values
from flows.store.claims import ClaimedRun
from flows.store.item_letters import ItemRow
from flows.store.payloads import row_text
from flows.store.pool import json_text
from flows.store.writer import EndRow, Entry, EventRow, ReceiptRow, Writer


class RunJournal:
    """Writes what happens to one run, under its claim; `history` is what stands there already."""

    def __init__(self, writer: Writer, run: ClaimedRun, history: Sequence[RunEvent] = ()) -> None:
        self._writer = writer
        self._run = run
        self._next_seq = run.next_seq
        self._day = day_of(run.id)
        self._effect_keys: dict[tuple[str, str], str] = {}  # by node and path
        self._waited = False
        self._start: Mapping[str, Any] = {}  # the data of `run_started`
        self.topics: Mapping[str, str] = {}  # by node, of the news that it waits for
        self.responds: Collection[str] = ()  # nodes whose output a sender may wait for
        self._note_events(history)

    async def append(self, run_id: str, events: Sequence[RunEvent], *, durable: bool) -> None:
        """See `flows.engine.journal.Journal.append`."""
        entry = self._entry(run_id, events)
        if durable:
            await self._writer.write(entry)
        else:
            self._writer.note(entry)

    async def finish(self, run_id: str, events: Sequence[RunEvent], end: RunEnd) -> None:
        """See `flows.engine.journal.Journal.finish`."""
        row = EndRow(
            state=end.state.value,
            due_at=end.due_at,
            outcome=end.outcome.replace("\x00", ""),
            error=None if end.error is None else json_text(end.error),
            waits=None if end.waits is None else wait_rows(end.waits, self.topics),
            answer=self._answer(end),
            failed_items=[
                ItemRow(
                    id=new_id(),
                    item=one.item,
                    error=json_text(one.error),
                    fresh=one.fresh,
                    start=row_text(self._item_start(one.item)),
                )
                for one in end.failed_items
            ],
            calls=[
                *await prepare_calls(self._run, end.waits or ()),
                *await prepare_chunks(self._run, end.waits or (), self._start),
            ],
        )
        await self._writer.write(self._entry(run_id, events, row))
        self._writer.forget(self._run.token)

    def _item_start(self, item: str) -> dict[str, Any]:
        """What the journal of an item's dead letter opens with; see `flows.engine.replay`."""
        replay = {"of": str(self._run.id), "from_node": "", "attached": [], "item": item}
        return {**self._start, "replay": {"revision": 0, **replay}, "effects": {}, "answers": []}

    def _answer(self, end: RunEnd) -> str | None:
        """What is told to the run that called this one, if it ended and one did."""
        if end.state is EndState.WAITING:
            return None
        if "chunk" in self._start:
            told = chunk_answer(end.state.value, end.output, end.error, self._run.id)
            return json_text(asdict(told))
        if self._run.trigger["type"] != CALLED_TYPE:
            return None
        signal = called_signal(end.output)
        if end.state is not EndState.SUCCEEDED:
            signal = called_error(
                run_id=str(self._run.id),
                flow=str(self._run.trigger["entity_id"]),
                state=end.state.value,
                error=end.error,
            )
        return json_text(asdict(signal))

    async def bury(self, error: Exception, *, at: datetime) -> None:
        """End the run as a dead letter for a failure that the engine did not handle."""
        told = _told(error)
        event = RunEvent(
            seq=self._next_seq, type=EventType.RUN_DEAD, at=at, data={"error": told, "node": ""}
        )
        await self.finish(
            str(self._run.id),
            [event],
            RunEnd(
                state=EndState.DEAD,
                error={**told, "node": "", "path": ""},
                waits=() if self._waited else None,
            ),
        )

    def _entry(self, run_id: str, events: Sequence[RunEvent], end: EndRow | None = None) -> Entry:
        if run_id != str(self._run.id):
            raise ValueError(f"This journal belongs to run {self._run.id}, not to {run_id}.")
        self._note_events(events)
        entry = Entry(
            run_id=self._run.id,
            token=self._run.token,
            events=[self._row(one) for one in events],
            receipts=self._receipts(events),
            end=end,
            answers=bool(self.responds)
            and (end is not None or any(one.node in self.responds for one in events)),
        )
        self._next_seq = max(self._next_seq, entry.next_seq)
        return entry

    def _row(self, one: RunEvent) -> EventRow:
        packed: list[Packed] = []
        text = json_text(one.data, one.text)
        data = pack_values(one.data, text, day=self._day, keep=packed.append, dump=json_text)
        return EventRow(
            seq=one.seq,
            type=one.type.value,
            node=one.node,
            path=one.path.replace("\x00", ""),
            at=one.at,
            data=data,
            packed=packed,
        )

    def _note_events(self, events: Sequence[RunEvent]) -> None:
        for event in events:
            if event.type is EventType.ATTEMPT_STARTED:
                self._effect_keys[(event.node, event.path)] = str(event.data["effect_key"])
            elif event.type is EventType.STEP_STARTED and "wait" in event.data:
                self._waited = True
            elif event.type is EventType.RUN_STARTED:
                self._start = event.data

    def _receipts(self, events: Sequence[RunEvent]) -> list[ReceiptRow]:
        found = []
        for event in events:
            receipt: Mapping[str, Any] | None = event.data.get("receipt")
            if event.type is not EventType.ATTEMPT_SUCCEEDED or not receipt:
                continue
            place = f"{event.node}:{event.path}"
            found.append(
                ReceiptRow(
                    node=event.node,
                    path=event.path.replace("\x00", ""),
                    effect_key=self._effect_keys.get((event.node, event.path), place)[:200],
                    system=str(receipt["system"])[:200],
                    entity=str(receipt["entity"])[:64],
                    record_id=str(receipt["record_id"])[:200],
                    action=str(receipt["action"])[:16],
                    verdict=str(receipt["verdict"])[:10],
                    fields=json_text(receipt["fields"]),
                    at=event.at,
                )
            )
        return found


def _told(error: Exception) -> dict[str, Any]:
    """The journal's form of an exception; of one that nobody foresaw only its kind, since its
    text may hold data."""
    if isinstance(error, FarSideError):
        return error.to_dict()
    return UnexpectedError(
        f"Causeway itself failed: {type(error).__name__}.",
        fix="Look at the workers' log at the time of this run, then replay it.",
    ).to_dict()
