"""Three-way merge of one field: what either side changed since both were brought together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.sync.conflict import Choice, FieldConflict, Nobody, Resolution, rule_owner
from flows.sync.entity import Field, Owner, Side, members
from flows.sync.link import Link, LinkState, Record
from flows.sync.members import merged_members

MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What is to become of one field.

    `writes` by side; `changed` are the sides whose change is the reason. `conflict` is for a
    person, `ruled` tells what lost without one.
    """

    writes: Mapping[Side, Any] = field(default_factory=dict)
    changed: frozenset[Side] = frozenset()
    conflict: FieldConflict | None = None
    ruled: FieldConflict | None = None
    decided: bool = False


def merge(one: Field, link: Link, left: Record, right: Record, heard: Nobody) -> Merged:
    """Field `one` of two records that are there. A side that does not tell the field takes no
    part."""
    if one.name not in left.values or one.name not in right.values:
        return Merged()
    return _Merge(one, link, left, right, heard).result()


class _Merge:
    def __init__(self, one: Field, link: Link, left: Record, right: Record, heard: Nobody) -> None:
        self.field = one
        self.now = {Side.LEFT: left.values[one.name], Side.RIGHT: right.values[one.name]}
        self.at = {Side.LEFT: left.changed_at, Side.RIGHT: right.changed_at}
        bases = {side: link.base[side] or {} for side in Side}
        self.first = any(one.name not in bases[side] for side in Side)
        self.base = {side: bases[side].get(one.name) for side in Side}
        self.asked = link.state is LinkState.PARKED
        self.resolution = heard.resolutions.get(one.name)
        self.rule = heard.rules.get(one.name)

    def result(self) -> Merged:
        if self.field.same(self.now[Side.LEFT], self.now[Side.RIGHT]):
            return Merged()
        if self.resolution is not None and self._still_seen(self.resolution):
            return self._decided(self.resolution)
        if self.first:
            return self._first()
        changed = [side for side in Side if not self.field.same(self.now[side], self.base[side])]
        if not changed:
            return Merged()  # a difference that both sides were left with
        if self.field.as_set and self.field.owner not in (Owner.LEFT, Owner.RIGHT):
            return self._sets(frozenset(changed))
        if len(changed) == 1:
            return self._one(changed[0])
        return self._both()

    # -- how the two meet -----------------------------------------------------------------------

    def _first(self) -> Merged:
        """Two records that were never compared: nothing is taken away because the other side has
        no value yet."""
        empty = [side for side in Side if self.field.form(self.now[side]) is None]
        owner = self.field.owner
        if owner in (Owner.LEFT, Owner.RIGHT):
            wins = Side(owner.value)
            if wins in empty:
                return Merged()
            return self._wins(wins, frozenset((wins,)), "owner", quiet=wins.other in empty)
        if empty:
            return self._wins(empty[0].other, frozenset((empty[0].other,)), "filled", quiet=True)
        if self.field.as_set:
            return self._sets(frozenset(Side))
        return self._both()

    def _one(self, side: Side) -> Merged:
        owner = self.field.owner
        if owner in (Owner.LEFT, Owner.RIGHT) and Side(owner.value) is not side:
            return self._wins(side.other, frozenset((side,)), "owner")
        # Where both sides were left with a difference, the value that goes was never carried over.
        left_differing = not self.field.same(self.base[Side.LEFT], self.base[Side.RIGHT])
        return self._wins(side, frozenset((side,)), "change", quiet=not left_differing)

    def _both(self) -> Merged:
        changed = frozenset(Side)
        owner = self.field.owner
        if owner in (Owner.LEFT, Owner.RIGHT):
            return self._wins(Side(owner.value), changed, "owner")
        by = "owner" if self.rule is None else "rule"
        owner = rule_owner(self.rule, owner)
        if owner in (Owner.LEFT, Owner.RIGHT):
            return self._wins(Side(owner.value), changed, by)
        if owner is Owner.EXPRESSION and self.field.resolve is not None:
            return self._expression(changed)
        newest = self._newest() if owner is Owner.NEWEST else None
        if newest is not None:
            return self._wins(newest, changed, by)
        return Merged(changed=changed, conflict=self._told())

    def _newest(self) -> Side | None:
        """The side that was changed last, as far as its record tells. Once a person is asked,
        another change to the record, of whichever field, answers for nobody."""
        left, right = self.at[Side.LEFT], self.at[Side.RIGHT]
        if self.asked or left is None or right is None or left == right:
            return None
        return Side.LEFT if left > right else Side.RIGHT

    def _expression(self, changed: frozenset[Side]) -> Merged:
        resolve = self.field.resolve
        assert resolve is not None  # noqa: S101 - the caller looked
        try:
            value = resolve(self.now[Side.LEFT], self.now[Side.RIGHT], self.base[Side.LEFT])
        except Exception as error:  # whatever an expression raises is for a person
            told = self._told(by=str(error)[:200])
            return Merged(changed=changed, conflict=told)
        return self._value(value, changed, "expression")

    def _sets(self, changed: frozenset[Side]) -> Merged:
        base = {side: () if self.first else members(self.base[side]) for side in Side}
        writes = {
            side: merged_members(
                self.field, self.now[side], base[side], self.now[side.other], base[side.other]
            )
            for side in Side
        }
        return Merged(
            writes={s: v for s, v in writes.items() if not self.field.same(v, self.now[s])},
            changed=changed,
        )

    # -- what a person said ---------------------------------------------------------------------

    def _still_seen(self, resolution: Resolution) -> bool:
        """Or it is what the person chose: one side may have got it before a worker died."""
        values = [resolution.value] if resolution.choice is Choice.VALUE else []
        return all(
            any(self.field.same(self.now[side], one) for one in (resolution.seen.of(side), *values))
            for side in Side
        )

    def _decided(self, resolution: Resolution) -> Merged:
        if resolution.choice is Choice.VALUE:
            found = self._value(resolution.value, frozenset(Side), "person")
        else:
            wins = Side.RIGHT if resolution.choice is Choice.RIGHT else Side.LEFT
            found = self._wins(wins, frozenset(Side), "person", quiet=True)
        return Merged(writes=found.writes, changed=found.changed, decided=True)

    # -- results --------------------------------------------------------------------------------

    def _wins(
        self, side: Side, changed: frozenset[Side], by: str, *, quiet: bool = False
    ) -> Merged:
        return Merged(
            writes={side.other: self.now[side]},
            changed=changed,
            ruled=None if quiet else self._told(winner=side.value, by=by),
        )

    def _value(self, value: Any, changed: frozenset[Side], by: str) -> Merged:
        return Merged(
            writes={side: value for side in Side if not self.field.same(value, self.now[side])},
            changed=changed,
            ruled=self._told(winner=MERGED, by=by),
        )

    def _told(self, *, winner: str = "", by: str = "") -> FieldConflict:
        return FieldConflict(
            field=self.field.name,
            left=self.now[Side.LEFT],
            right=self.now[Side.RIGHT],
            left_base=self.base[Side.LEFT],
            right_base=self.base[Side.RIGHT],
            winner=winner,
            by=by,
        )
