"""Records that are not there: not yet made, deleted, or back again."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.sync.conflict import RECORD, ConflictDraft, ConflictKind, FieldConflict, Nobody
from flows.sync.entity import Deletes, Entity, Side
from flows.sync.link import Intent, Link, LinkState, Record

Sides = Mapping[Side, Record | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What follows when a record is not there; `outcome` as in `decide.Outcome`."""

    outcome: str
    state: LinkState
    intents: tuple[Intent, ...] = ()
    conflict: ConflictDraft | None = None


def one_is_gone(entity: Entity, link: Link, sides: Sides, heard: Nobody) -> Absence:
    """At least one side is not there."""
    there = [side for side in Side if sides[side] is not None]
    if not there:
        known = any(link.base[side] is not None for side in Side)
        return Absence(outcome="gone", state=LinkState.GONE if known else link.state)
    side = there[0]
    record = sides[side]
    assert record is not None  # noqa: S101 - it is one of those that are there
    if link.base[side.other] is None:
        return _never_there(entity, link, side, record)
    resolution = heard.resolutions.get(RECORD)
    if resolution is not None and _still_so(sides, resolution.seen):
        # A person chose the side whose state counts: what is there, or that nothing is there.
        if resolution.choice.value == side.value:
            return _made(entity, side, record)
        return _deleted(side, record)
    if link.state is LinkState.GONE:
        return _back_alone(entity, link, side, record)
    return _gone(entity, link, side, record)


def _never_there(entity: Entity, link: Link, side: Side, record: Record) -> Absence:
    if side.other not in entity.creates:
        return Absence(outcome="waiting", state=link.state)
    return _made(entity, side, record)


def _gone(entity: Entity, link: Link, side: Side, record: Record) -> Absence:
    """`side` is there, the other one was and is not any more."""
    policy = entity.deletes[side.other]
    if policy is Deletes.IGNORE:
        outcome = "unchanged" if link.state is LinkState.ASLEEP else "gone"
        return Absence(outcome=outcome, state=LinkState.ASLEEP)
    if policy is Deletes.ARCHIVE:
        if link.state is LinkState.ARCHIVED:
            return Absence(outcome="unchanged", state=LinkState.ARCHIVED)
        aside = Intent(side=side, action="archive", before=dict(record.values))
        return Absence(outcome="archived", state=LinkState.ARCHIVED, intents=(aside,))
    if policy is Deletes.PROPAGATE and not _edited(entity, link, side, record):
        return _deleted(side, record)
    return _asked(link, side, record)


def _back_alone(entity: Entity, link: Link, side: Side, record: Record) -> Absence:
    """Both were gone, one is back."""
    policy = entity.deletes[side]
    if policy is Deletes.ASK:
        return _asked(link, side, record)
    if policy is Deletes.IGNORE:
        return Absence(outcome="unchanged", state=LinkState.GONE)
    return _made(entity, side, record)


def _made(entity: Entity, side: Side, record: Record) -> Absence:
    values = {one.name: value for one, value in entity.owned(record.values)}
    made = Intent(side=side.other, action="create", sent=values, source=values)
    return Absence(outcome="created", state=LinkState.ACTIVE, intents=(made,))


def _deleted(side: Side, record: Record) -> Absence:
    gone = Intent(side=side, action="delete", before=dict(record.values))
    return Absence(outcome="deleted", state=LinkState.GONE, intents=(gone,))


def _asked(link: Link, side: Side, record: Record) -> Absence:
    told = FieldConflict(
        field=RECORD,
        left=dict(record.values) if side is Side.LEFT else None,
        right=dict(record.values) if side is Side.RIGHT else None,
        left_base=link.base[Side.LEFT],
        right_base=link.base[Side.RIGHT],
    )
    draft = ConflictDraft(kind=ConflictKind.DELETED, fields=(told,))
    return Absence(outcome="conflict", state=LinkState.PARKED, conflict=draft)


def _edited(entity: Entity, link: Link, side: Side, record: Record) -> bool:
    """Whether the record says something that the other side never had."""
    here, there = link.base[side] or {}, link.base[side.other] or {}
    return any(
        not one.same(value, here.get(one.name)) or not one.same(value, there.get(one.name))
        for one, value in entity.owned(record.values)
        if one.form(value) is not None or one.name in here
    )


def _still_so(sides: Sides, seen: FieldConflict) -> bool:
    """Whether the same side is missing, and the other one says what the person saw."""
    for side in Side:
        record, was = sides[side], seen.of(side)
        if (record is None) != (was is None):
            return False
        if record is not None and dict(record.values) != was:
            return False
    return True
