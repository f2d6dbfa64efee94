"""What a link needs next: a pure function of what is remembered, what both sides say and the time.

The promises, for which the tests hold an oracle of their own:
- what a person wrote on one side is written to the other, or stands in the inbox;
- what both sides already say is never written again;
- nothing is written to a record about which a person has to decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from flows.sync.conflict import ConflictDraft, ConflictKind, FieldConflict, Nobody
from flows.sync.entity import Entity, Side
from flows.sync.fingerprint import digest
from flows.sync.link import Intent, Link, LinkState, Record
from flows.sync.merge import Merged, merge
from flows.sync.presence import one_is_gone
from flows.sync.recovery import recovered


class Outcome(StrEnum):
    """What came of looking at a link."""

    UNCHANGED = "unchanged"  # both sides say the same as before
    ECHO = "echo"  # the news was what Causeway wrote itself
    WRITTEN = "written"
    CREATED = "created"
    DELETED = "deleted"
    ARCHIVED = "archived"
    CONFLICT = "conflict"
    LOOP = "loop"
    WAITING = "waiting"  # the other record is not there, and is not to be made
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done, in this order: store `conflict`, `ruled` and the intents, write the
    intents one after the other, then let the link be `state`.

    `link` is the one to go on with; it knows what a dead worker had done. `seen` is what both
    sides said.
    """

    outcome: Outcome
    link: Link
    state: LinkState
    intents: tuple[Intent, ...] = ()
    conflict: ConflictDraft | None = None
    ruled: tuple[FieldConflict, ...] = ()
    hops: int = 0
    seen: Mapping[Side, Record | None] = field(default_factory=dict)


_BACK: Final = frozenset({LinkState.ASLEEP, LinkState.ARCHIVED, LinkState.GONE})


def decide(
    entity: Entity,
    link: Link,
    left: Record | None,
    right: Record | None,
    now: datetime,
    *,
    heard: Nobody | None = None,
    news: Side | None = None,
) -> Decision:
    """What follows. `None` for a record that is not there. `news` is the side whose change was
    told; `heard` holds what people decided and the rules they left."""
    sides = {Side.LEFT: left, Side.RIGHT: right}
    link, half_done = recovered(entity, link, sides)
    heard = heard or Nobody()
    heard = replace(heard, resolutions={**heard.resolutions, **half_done})
    if left is None or right is None:
        found = one_is_gone(entity, link, sides, heard)
        return Decision(
            outcome=Outcome(found.outcome),
            link=link,
            state=found.state,
            intents=found.intents,
            conflict=found.conflict,
            hops=link.hops,
            seen=sides,
        )
    return _both(entity, link, left, right, now, heard, news)


def _both(
    entity: Entity,
    link: Link,
    left: Record,
    right: Record,
    now: datetime,
    heard: Nobody,
    news: Side | None,
) -> Decision:
    sides = {Side.LEFT: left, Side.RIGHT: right}
    merged = {one.name: merge(one, link, left, right, heard) for one in entity.fields}
    intents = _intents(merged, sides)
    if link.state is LinkState.ARCHIVED:
        intents = (*_restores(link), *intents)
    decided = any(one.decided for one in merged.values())
    hops = _hops(entity, link, merged, sides, now, decided=decided)
    conflicts = tuple(one.conflict for one in merged.values() if one.conflict is not None)
    kind = ConflictKind.FIELDS
    if not conflicts and intents and hops >= entity.max_hops:
        kind = ConflictKind.LOOP
        conflicts = tuple(
            _looping(name, one, link, sides) for name, one in merged.items() if one.writes
        )
    if conflicts:
        return Decision(
            outcome=Outcome.LOOP if kind is ConflictKind.LOOP else Outcome.CONFLICT,
            link=link,
            state=LinkState.PARKED,
            conflict=ConflictDraft(kind=kind, fields=conflicts),
            hops=hops,
            seen=sides,
        )
    outcome = Outcome.WRITTEN if intents else Outcome.UNCHANGED
    if not intents and news is not None and _is_quiet(entity, link, news, sides[news]):
        outcome = Outcome.ECHO
    return Decision(
        outcome=outcome,
        link=link,
        state=LinkState.ACTIVE,
        intents=intents,
        ruled=tuple(one.ruled for one in merged.values() if one.ruled is not None),
        hops=hops,
        seen=sides,
    )


def is_echo(entity: Entity, link: Link, side: Side, values: Mapping[str, Any]) -> bool:
    """Whether news of a side says nothing but what Causeway wrote there: it can be let go without
    asking any far side. Never while something is open about the link."""
    if link.state is not LinkState.ACTIVE or link.intents:
        return False
    told = [one.name for one, _ in entity.owned(values)]
    return bool(told) and _is_quiet(entity, link, side, Record(values=values))


def _is_quiet(entity: Entity, link: Link, side: Side, record: Record) -> bool:
    base = link.base[side]
    if base is None or not link.written[side].prints:
        return False
    return all(
        one.name in base and one.same(value, base[one.name])
        for one, value in entity.owned(record.values)
    )


def _intents(merged: Mapping[str, Merged], sides: Mapping[Side, Record]) -> tuple[Intent, ...]:
    found = []
    for side in Side:
        sent = {name: one.writes[side] for name, one in merged.items() if side in one.writes}
        if not sent:
            continue
        here, there = sides[side].values, sides[side.other].values
        # Where both sides get a new value, the other one already has its own when this one goes.
        source = {
            name: merged[name].writes.get(side.other, there[name])
            if side is Side.RIGHT
            else there[name]
            for name in sent
        }
        found.append(
            Intent(
                side=side,
                action="update",
                sent=sent,
                before={name: here[name] for name in sent},
                source=source,
            )
        )
    return tuple(found)


def _restores(link: Link) -> Sequence[Intent]:
    return [Intent(side=side, action="restore") for side in Side if side in link.aside]


def _hops(
    entity: Entity,
    link: Link,
    merged: Mapping[str, Merged],
    sides: Mapping[Side, Record],
    now: datetime,
    *,
    decided: bool,
) -> int:
    """How many of our writes in a row were answered with a change; 1 for a change of a person's.
    Once too many, they stay so until a person decides or both sides say the same."""
    writes = {name: one for name, one in merged.items() if one.writes}
    tripped = link.hops >= entity.max_hops
    if decided or (tripped and not writes):
        return 0
    if tripped or not writes:
        return link.hops
    return link.hops + 1 if _bounced(entity, link, writes, sides, now) else 1


def _bounced(
    entity: Entity,
    link: Link,
    writes: Mapping[str, Merged],
    sides: Mapping[Side, Record],
    now: datetime,
) -> bool:
    """Whether a field that Causeway wrote was changed at once, or back to what it was before."""
    for name, one in writes.items():
        for side in one.changed:
            written = link.written[side]
            if written.at is None or name not in written.prints:
                continue
            since = (sides[side].changed_at or now) - written.at
            if since <= entity.bounce:
                return True
            named = entity.named(name)
            if since > entity.undoing:
                continue
            value = sides[side].values[name]
            if named is not None and digest(named.form(value)) == written.before.get(name):
                return True
    return False


def _looping(name: str, one: Merged, link: Link, sides: Mapping[Side, Record]) -> FieldConflict:
    bases = {side: (link.base[side] or {}).get(name) for side in Side}
    return FieldConflict(
        field=name,
        left=sides[Side.LEFT].values[name],
        right=sides[Side.RIGHT].values[name],
        left_base=bases[Side.LEFT],
        right_base=bases[Side.RIGHT],
    )
