"""One look at one link: find it, hold it, bring both sides together, let it go."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import OperationResult
from flows.dispatch.sync_far import FarSides
from flows.dispatch.sync_inbox import heard_of
from flows.dispatch.sync_sides import Found, Sides
from flows.engine.operations import OperationCall
from flows.store import links
from flows.store.links import Ends, HeldLink, Place
from flows.sync.conflict import CANDIDATES, ConflictDraft, ConflictKind, FieldConflict
from flows.sync.decide import Decision, Outcome, decide, is_echo
from flows.sync.entity import Deletes, Side
from flows.sync.link import LinkState
from flows.sync.packing import unpack
from flows.sync.plan import SyncPlan
from flows.sync.synchronise import Synchronised, synchronise

_SHOWN: Final = 20  # candidates that a person is shown

Ids = Mapping[Side, str]


class SyncWork:
    """The work of one step. `run_id` None: of no stored run."""

    def __init__(
        self,
        *,
        plan: SyncPlan,
        place: Place,
        sides: Sides,
        call: OperationCall,
        run_id: UUID | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._plan = plan
        self._place = place
        self._sides = sides
        self._call = call
        self._run_id = run_id
        self._clock = clock

    async def done(self, news: Side | None, ids: Ids) -> OperationResult:
        """Do it. Raises `FarSideError`, `LinkBusyError` and `LinkTakenError`."""
        ends = self._ends(ids)
        if self._call.dry_run:
            return await self._predicted(await links.look(self._place, ends), news, ids)
        held = await links.hold(self._place, ends, by=self._call.effect_key)
        far: FarSides | None = None
        try:
            far = self._far(held, news, ids)
            return await self._held(held, far, news)
        finally:
            with suppress(Exception):  # the lease ends by itself
                await asyncio.shield(links.release(far.held if far is not None else held))

    def _ends(self, ids: Ids) -> Ends:
        return Ends(
            left_system=self._sides.systems[Side.LEFT],
            left_id=ids[Side.LEFT],
            right_system=self._sides.systems[Side.RIGHT],
            right_id=ids[Side.RIGHT],
        )

    def _far(self, held: HeldLink, news: Side | None, ids: Ids) -> FarSides:
        return FarSides(
            plan=self._plan,
            place=self._place,
            sides=self._sides,
            held=held,
            call=self._call,
            run_id=self._run_id,
            clock=self._clock,
            ids=_known(held, ids),
            news=news,
        )

    async def _held(self, held: HeldLink, far: FarSides, news: Side | None) -> OperationResult:
        link = unpack(held.memory)
        told = self._sides.told(news) if news is not None else None
        if news and told and is_echo(self._plan.entity, link, news, told.record.values):
            await far.save(link, (), Outcome.ECHO)
            return self._result(far, Synchronised(outcome=Outcome.ECHO, link=link))
        missing = [side for side in Side if not far.ids[side]]
        if missing and link.state in (LinkState.NEW, LinkState.PARKED):
            conflict = await self._match(far, held, missing[0])
            if conflict is not None:
                link = replace(link, state=LinkState.PARKED)
                await far.save(link, [conflict], Outcome.CONFLICT)
                asked = Synchronised(outcome=Outcome.CONFLICT, link=link, inbox=(conflict,))
                return self._result(far, asked)
        entity = self._plan.entity
        if Deletes.PROPAGATE in entity.deletes.values():
            entity = entity.careful(await links.deleted(self._place))
        done = await synchronise(
            entity,
            link,
            far,
            heard=heard_of(held.conflicts, held.rules),
            news=news,
        )
        if done.outcome is Outcome.GONE and not any(done.link.base.values()):
            await far.forget()  # news of a record that nobody ever knew
        return self._result(far, done)

    async def _match(self, far: FarSides, held: HeldLink, missing: Side) -> ConflictDraft | None:
        """Find the record of the other side; what a person has to choose between otherwise."""
        known = await far.look(missing.other)
        if known is None or held.matching == "new":
            return None
        found = await self._sides.matches(missing, "find", known)
        ids = {one.id: one for one in found}
        if len(ids) == 1:
            [only] = ids.values()
            if await self._is_free(missing, only):
                await far.linked(missing, only)
                return None
        elif not ids:
            found = await self._sides.matches(missing, "similar", known)
            if not found:
                return None
        return _candidates(missing, known, found)

    async def _is_free(self, side: Side, found: Found) -> bool:
        """Whether no other record has this one; a link that knows nothing else gives way."""
        ends = self._ends({side: found.id, side.other: ""})
        [there] = await links.find(self._place, [ends])
        return there is None or not (there["left_id"] and there["right_id"])

    async def _predicted(
        self, looked: HeldLink | None, news: Side | None, ids: Ids
    ) -> OperationResult:
        """What would be done, without doing or remembering anything."""
        known = dict(ids) if looked is None else _known(looked, ids)
        link = unpack(looked.memory if looked is not None else b"")
        found: dict[Side, Found | None] = {
            side: await self._sides.read(side, known[side]) if known[side] else None
            for side in Side
        }
        for side in Side:
            other = found[side.other]
            if not known[side] and other is not None:
                matches = await self._sides.matches(side, "find", other)
                if len(matches) > 1:
                    told = f"would ask which of {len(matches)} records belongs to this one"
                    return OperationResult(output={"outcome": "conflict"}, prediction=told)
                found[side] = matches[0] if matches else None
        left, right = (one.record if one else None for one in found.values())
        heard = heard_of(looked.conflicts, looked.rules) if looked is not None else None
        decision = decide(
            self._plan.entity, link, left, right, self._clock(), heard=heard, news=news
        )
        output = {
            "outcome": decision.outcome.value,
            "link_id": str(looked.id) if looked is not None else None,
            **{f"{side.value}_id": known[side] for side in Side},
        }
        return OperationResult(output=output, prediction=_sentence(decision))

    def _result(self, far: FarSides, done: Synchronised) -> OperationResult:
        left = done.seen.get(Side.LEFT) or done.seen.get(Side.RIGHT)
        return OperationResult(
            output={
                "outcome": done.outcome.value,
                "link_id": str(far.link_id),
                **{f"{side.value}_id": far.ids[side] for side in Side},
                "wrote": far.wrote,
                "inbox": [one.kind.value for one in done.inbox],
                "values": dict(left.values) if left is not None else None,
            }
        )


def _known(held: HeldLink, ids: Ids) -> dict[Side, str]:
    """The ids that the link has, and those that are new. Raises `RejectedError` when the link has
    another record than the one that was named."""
    has = {Side.LEFT: held.ends.left_id, Side.RIGHT: held.ends.right_id}
    for side in Side:
        if has[side] and ids[side] and has[side] != ids[side]:
            raise RejectedError(
                f"The {side.other.value} record is linked with another {side.value} record, "
                f"{has[side]!r}.",
                code="linked_otherwise",
                fix="Unlink the two, or name the record that belongs to it.",
            )
    return {side: has[side] or ids[side] for side in Side}


def _candidates(missing: Side, known: Found, found: list[Found]) -> ConflictDraft:
    rows = [
        {"id": one.id, "label": one.label, "values": dict(one.record.values)}
        for one in found[:_SHOWN]
    ]
    mine = [{"id": known.id, "label": known.label, "values": dict(known.record.values)}]
    told = FieldConflict(
        field=CANDIDATES,
        left=rows if missing is Side.LEFT else mine,
        right=rows if missing is Side.RIGHT else mine,
        by=missing.value,
    )
    return ConflictDraft(kind=ConflictKind.CANDIDATES, fields=(told,))


def _sentence(decision: Decision) -> str:
    if decision.conflict is not None:
        names = ", ".join(one.field for one in decision.conflict.fields)
        return f"would ask a person about {names}"
    told: list[Any] = []
    for intent in decision.intents:
        fields = ", ".join(intent.sent)
        if intent.action == "update":
            told.append(f"change {fields} on the {intent.side.value} side")
        else:
            told.append(f"{intent.action} the record on the {intent.side.value} side")
    return "would " + " and ".join(told) if told else "would change nothing"
