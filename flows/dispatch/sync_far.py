"""Both sides of one held link, as `flows.sync.synchronise` wants them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from connectors.sdk.compare import compare_fields
from connectors.sdk.errors import ConflictError, NotFoundError
from connectors.sdk.operation import OperationResult
from connectors.sdk.receipt import FieldResult, Verdict
from flows.dispatch.sync_inbox import ended, entries
from flows.dispatch.sync_sides import Found, Sides
from flows.engine.operations import OperationCall
from flows.store import links
from flows.store.links import Ends, HeldLink, Place, ReceiptRow, Saving
from flows.sync.conflict import ConflictDraft, ConflictKind
from flows.sync.decide import Outcome
from flows.sync.entity import Side
from flows.sync.link import Intent, Link, LinkState, Record
from flows.sync.packing import pack
from flows.sync.plan import SyncPlan


class FarSides:
    """The port of one look. `wrote` tells what was written, `ids` which records it is about, `held`
    is the link whose lease is ours now."""

    def __init__(
        self,
        *,
        plan: SyncPlan,
        place: Place,
        sides: Sides,
        held: HeldLink,
        call: OperationCall,
        run_id: UUID | None,
        clock: Callable[[], datetime],
        ids: Mapping[Side, str],
        news: Side | None,
    ) -> None:
        self.ids = dict(ids)
        self.wrote: list[dict[str, Any]] = []
        self.link_id = held.id
        self._plan = plan
        self._place = place
        self._sides = sides
        self.held = held
        self._call = call
        self._run_id = run_id
        self._clock = clock
        self._news = news
        self._version = held.version
        self._seen: dict[Side, Found | None] = {}
        self._receipts: list[ReceiptRow] = []
        self._counts: dict[str, int] = {}
        self._unsaved_writes = 0

    def now(self) -> datetime:
        """See `Far.now`."""
        return self._clock()

    async def look(self, side: Side) -> Found | None:
        """The record as it is, kept for what comes next."""
        id_ = self.ids[side]
        found = await self._sides.read(side, id_) if id_ else None
        self._seen[side] = found
        return found

    async def linked(self, side: Side, found: Found) -> None:
        """The record of the other side is found: the link has both from now on."""
        self.ids[side] = found.id
        ends = self._ends()
        # A link that was made for news of the other side alone gives way to this one.
        self.held = await links.hold(self._place, ends, by=self.held.by)
        self.link_id, self._version = self.held.id, self.held.version

    async def forget(self) -> None:
        """There is nothing to remember."""
        await links.forget(self.held)

    async def read(self, side: Side) -> Record | None:
        """See `Far.read`."""
        found = await self.look(side)
        return found.record if found is not None else None

    async def write(self, intent: Intent) -> Record | None:
        """See `Far.write`."""
        side, seen = intent.side, self._seen
        try:
            self.ids[side], answer = await self._sides.write(
                intent, seen.get(side), seen.get(side.other), self.ids[side]
            )
        except NotFoundError as error:
            if intent.action != "delete":
                raise ConflictError(error.message, code="gone_meanwhile") from error
            answer = OperationResult(output=None)
        there = await self.look(side)
        self._note(intent, answer, there)
        return there.record if there is not None else None

    def _note(self, intent: Intent, answer: OperationResult, there: Found | None) -> None:
        """The proof of a write: what the operation read back, and what a fresh look says."""
        side = intent.side
        verdict, fields = self._compared(intent, there)
        if answer.receipt is not None:
            told = answer.receipt.to_dict()
            fields = list(told["fields"]) + [
                one for one in fields if one["result"] == FieldResult.DIVERGED.value
            ]
            if verdict is Verdict.CONFIRMED:
                verdict = answer.receipt.verdict
        self._receipts.append(
            ReceiptRow(
                effect_key=f"{self._call.effect_key}:{side.value}:{intent.action}",
                node=self._call.node,
                path=self._call.path,
                system=self._sides.systems[side],
                entity=self._plan.sides[side].noun,
                record_id=self.ids[side],
                action=_DONE[intent.action],
                verdict=verdict.value,
                fields=fields,
            )
        )
        self.wrote.append(
            {
                "side": side.value,
                "action": intent.action,
                "fields": list(intent.sent),
                "verdict": verdict.value,
            }
        )
        self._unsaved_writes += 1
        name = {"create": "creates", "delete": "deletes"}.get(intent.action)
        for count in filter(None, (name, f"writes_{side.value}")):
            self._counts[count] = self._counts.get(count, 0) + 1

    def _compared(
        self, intent: Intent, there: Found | None
    ) -> tuple[Verdict, list[dict[str, Any]]]:
        if intent.action not in ("create", "update"):
            gone = intent.action == "delete" and there is not None
            return (Verdict.DIVERGED if gone else Verdict.CONFIRMED), []
        values = there.record.values if there is not None else {}
        results = []
        for one in compare_fields(dict(intent.sent), values):
            field = self._plan.entity.named(one.field)
            same = field is not None and field.same(one.sent, one.read_back)
            result = one.result
            if same and result is FieldResult.DIVERGED:
                result = FieldResult.ABSORBED
            elif not same:
                result = FieldResult.DIVERGED
            results.append((one, result))
        told = [
            {
                "field": one.field,
                "sent": one.sent,
                "read_back": one.read_back,
                "result": result.value,
                "note": one.note,
            }
            for one, result in results
        ]
        kinds = {result for _, result in results}
        if FieldResult.DIVERGED in kinds:
            return Verdict.DIVERGED, told
        return (Verdict.ABSORBED if FieldResult.ABSORBED in kinds else Verdict.CONFIRMED), told

    async def save(
        self, link: Link, inbox: Sequence[ConflictDraft], outcome: Outcome | None
    ) -> None:
        """See `Far.save`."""
        closed: dict[UUID, str] = {}
        kept: dict[UUID, list[Mapping[str, Any]]] = {}
        open_ = {one.kind for one in self.held.conflicts}
        for draft in inbox:
            count = _COUNTS.get(draft.kind, "conflicts")
            if draft.kind.value not in open_:  # the same question once more is no other one
                self._counts[count] = self._counts.get(count, 0) + 1
        if outcome is not None:
            parked = link.state is LinkState.PARKED
            closed, kept = ended(self.held.conflicts, inbox, parked=parked, agreed=self._agreed())
            self._count(outcome)
        saving = Saving(
            ends=self._ends(),
            state=link.state.value,
            memory=pack(link),
            hops=link.hops,
            label=self._label(),
            synced=outcome is not None and link.state is not LinkState.PARKED,
            writes=self._unsaved_writes,
            echoes=int(outcome is Outcome.ECHO),
            entries=entries(inbox, self.held.conflicts),
            closed=closed,
            kept=kept,
            receipts=tuple(self._receipts),
            run_id=self._run_id,
            counts=self._counts if outcome is not None else {},
        )
        self._version = await links.save(self._place, self.held, self._version, saving)
        self._receipts.clear()
        self._unsaved_writes = 0
        if outcome is not None:
            self._counts = {}

    def _count(self, outcome: Outcome) -> None:
        self._counts["looks"] = 1
        if outcome is Outcome.UNCHANGED:
            self._counts["unchanged"] = 1
        elif outcome is Outcome.ECHO and self._news is not None:
            self._counts[f"echoes_{self._news.value}"] = 1

    def _agreed(self) -> set[str]:
        left, right = self._seen.get(Side.LEFT), self._seen.get(Side.RIGHT)
        if left is None or right is None:
            return set()
        mine, theirs = left.record.values, right.record.values
        return {
            one.name
            for one in self._plan.entity.fields
            if one.name in mine
            and one.name in theirs
            and one.same(mine[one.name], theirs[one.name])
        }

    def _label(self) -> str:
        return next((one.label for one in self._seen.values() if one and one.label), "")

    def _ends(self) -> Ends:
        return Ends(
            left_system=self._sides.systems[Side.LEFT],
            left_id=self.ids[Side.LEFT],
            right_system=self._sides.systems[Side.RIGHT],
            right_id=self.ids[Side.RIGHT],
        )


_DONE = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "archive": "archived",
    "restore": "restored",
}
_COUNTS = {
    ConflictKind.OVERRULED: "overruled",
    ConflictKind.LOOP: "loops",
    ConflictKind.DIVERGED: "diverged",
}
