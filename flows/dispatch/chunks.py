"""What a run leaves to runs of its chunks: new ones, those that are there, or what they gave.

Made out before the transaction that makes the run wait, like calls (calls.py). A chunk's run is a
further run of the same event: it sees the same trigger and has the same effect keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from causeway.base.ids import new_id
from connectors.sdk.errors import ConfigurationError, RejectedError
from flows.dispatch.plans import LoadedVersion, plans
from flows.dispatch.reach import utcnow
from flows.engine.chunks import CHUNK, Chunk, chunk_of, opening
from flows.engine.nodes.call import called_signal
from flows.engine.replay import effects_of
from flows.engine.run import RunHeader
from flows.engine.state import fold
from flows.engine.waiting import OpenWait, Signal
from flows.models.packing import Packed, day_of, pack_values
from flows.store import callers
from flows.store.calls import NewCall
from flows.store.chunks import ChunkRow, Earlier, earlier
from flows.store.claims import ClaimedRun
from flows.store.pool import json_text, pool

_OPEN: Final = callers.OPEN


async def prepare_chunks(
    run: ClaimedRun, waits: Sequence[OpenWait], start: Mapping[str, Any]
) -> list[NewCall]:
    """The chunks of these waits that were not begun yet; `start` is the data of the run's
    `run_started`."""
    chunks = [one for one in waits if one.kind == CHUNK]
    if not chunks:
        return []
    async with (await pool()).connection() as connection:
        made = await callers.made(connection, run.id)
        chunks = [one for one in chunks if (one.node, one.path) not in made]
        if not chunks:
            return []
        nodes = {str(one.about["node"]) for one in chunks}
        before = await earlier(connection, run.id, run.event_id, sorted(nodes))
    version = await plans.get(run.version_id)
    maker = _Maker(run, version, before, int(start.get("replay", {}).get("revision", 0)))
    return [maker.call(one) for one in chunks]


class _Maker:
    def __init__(
        self, run: ClaimedRun, version: LoadedVersion, before: Sequence[Earlier], revision: int
    ) -> None:
        self._run = run
        self._version = version
        self._before = before
        self._revision = revision

    def call(self, wait: OpenWait) -> NewCall:
        chunk = Chunk.of(wait.about)
        mine = [one for one in self._before if one.name.split("/", 1)[0] == chunk.node]
        same = [one for one in mine if self._same(one, chunk)]
        if same and (last := same[-1]).state in _OPEN:
            return self._new(wait, called=last.run_id)
        if same and last.state == "succeeded" and not self._revision:
            output = fold(self._version.whole, last.events).result
            return self._new(wait, called=last.run_id, answer=_text(called_signal(output)))
        busy = [one for one in mine if one.state in _OPEN and self._shares(one, chunk)]
        if busy:
            error = ConfigurationError(
                f"Run {busy[0].run_id} still does some of these items for an earlier run.",
                code="chunk_busy",
                fix="Replay this run when that one has ended.",
                detail={"run_id": str(busy[0].run_id)},
            )
            return self._new(wait, answer=_text(_failed(error.to_dict())))
        return self._new(wait, chunk=self._row(chunk, mine))

    def _row(self, chunk: Chunk, before: Sequence[Earlier]) -> ChunkRow:
        now, id_ = utcnow(), new_id()
        header = self._header(id_)
        effects: dict[str, Any] = {}
        for one in before:
            if self._shares(one, chunk):
                effects.update(effects_of(self._version.whole, header, one.events, at=now))
        events = opening(
            chunk,
            header,
            of=str(self._run.id),
            revision=self._revision,
            effects=effects,
            at=now,
        )
        packed: list[Packed] = []
        texts = [
            pack_values(
                one.data, json_text(one.data), day=day_of(id_), keep=packed.append, dump=json_text
            )
            for one in events
        ]
        return ChunkRow(
            id=id_,
            name=chunk.name[:120],
            events=[
                (one.seq, one.type.value, one.node, one.path, one.at, text)
                for one, text in zip(events, texts, strict=True)
            ],
            packed=packed,
        )

    def _header(self, id_: UUID) -> RunHeader:
        return RunHeader(
            run_id=str(id_),
            flow=self._version.flow,
            version=self._version.number,
            trigger_node=self._run.trigger_node,
            trigger=self._run.trigger,
            origin_event_id=str(self._run.event_id),
        )

    @staticmethod
    def _same(one: Earlier, chunk: Chunk) -> bool:
        found = chunk_of(one.events)
        return found is not None and found.same(chunk)

    @staticmethod
    def _shares(one: Earlier, chunk: Chunk) -> bool:
        found = chunk_of(one.events)
        return found is not None and not set(found.keys).isdisjoint(chunk.keys)

    def _new(self, wait: OpenWait, **more: Any) -> NewCall:
        path = wait.path.replace("\x00", "")
        return NewCall(caller=self._run.id, node=wait.node, path=path, waits=True, **more)


def chunk_answer(state: str, output: Any, error: Mapping[str, Any] | None, run: UUID) -> Signal:
    """What the run that waits for a chunk is told at its end."""
    if state == "succeeded":
        return called_signal(output)
    told = (
        error
        or RejectedError(
            f"The run of a chunk ended as {state}.",
            code="chunk_ended",
            fix=f"See run {run}, then replay this one.",
            detail={"run_id": str(run), "state": state},
        ).to_dict()
    )
    return _failed(told)


def _failed(error: Mapping[str, Any]) -> Signal:
    return Signal(port="", output=None, error=error)


def _text(signal: Signal) -> str:
    return json_text(asdict(signal))
