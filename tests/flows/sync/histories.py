"""Random histories of two records, and an oracle that knows nothing of how they are synchronised.

Every edit writes a value that no other edit writes, so that the oracle can tell at the end where
each one went. An edit may be gone only if a person wrote over it who saw it, or deleted a record
that showed it.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sdk.errors import ConflictError, FarSideError, UnavailableError
from flows.sync.conflict import (
    RECORD,
    Choice,
    ConflictDraft,
    ConflictKind,
    FieldConflict,
    Nobody,
    Resolution,
)
from flows.sync.decide import Outcome
from flows.sync.entity import Deletes, Entity, Field, Owner, Side
from flows.sync.link import Intent, Link, LinkState, Record
from flows.sync.normalise import Normaliser
from flows.sync.synchronise import synchronise

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class CrashError(BaseException):
    """The worker is dead."""


@dataclass
class Row:
    values: dict[str, Any]
    at: datetime


@dataclass
class World:
    """Two far sides, one memory, an inbox, and a person with opinions."""

    entity: Entity
    rng: random.Random
    rows: dict[Side, Row | None]
    clock: datetime = START
    saved: Link = field(default_factory=Link)
    inbox: list[ConflictDraft] = field(default_factory=list)
    asked: ConflictDraft | None = None
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    events: list[Side] = field(default_factory=list)
    writes: int = 0
    edits: int = 0
    crashes: int = 0
    crash_rate: float = 0.0
    busy_rate: float = 0.0
    quiet: bool = True
    knowingly_gone: set[str] = field(default_factory=set)
    every: set[str] = field(default_factory=set)
    aside: set[Side] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    # -- what people do -------------------------------------------------------------------------

    def edit(self, side: Side) -> None:
        row = self.rows[side]
        if row is None:
            return
        one = self.rng.choice(self.entity.fields)
        self.edits += 1
        token = f"e{self.edits}"
        self.every.add(token)
        before = row.values[one.name]
        if one.as_set:
            kept = [member for member in before if self.rng.random() < 0.7]
            self.knowingly_gone |= {fold(member) for member in before if member not in kept}
            row.values[one.name] = [*kept, token]
        else:
            self.knowingly_gone |= tokens(before)
            row.values[one.name] = token
        row.at = self.clock
        self.log.append(f"{side} {one.name} {before} -> {row.values[one.name]}")
        self.events.append(side)

    def cosmetic(self, side: Side) -> None:
        """Change how something is spelt: nothing that anybody would want to carry over."""
        row = self.rows[side]
        fields = [one for one in self.entity.fields if Normaliser.CASE in one.normalisers]
        if row is None or not fields:
            return
        one = self.rng.choice(fields)
        if isinstance(row.values[one.name], str):
            row.values[one.name] = row.values[one.name].swapcase()
            row.at = self.clock
            self.events.append(side)

    def delete(self, side: Side) -> None:
        row = self.rows[side]
        if row is None:
            return
        self.knowingly_gone |= tokens(row.values)
        self.rows[side] = None
        self.log.append(f"{side} deleted")
        self.events.append(side)

    def bring_back(self, side: Side) -> None:
        if self.rows[side] is None and self.saved.base[side] is not None:
            self.edits += 1
            token = f"e{self.edits}"
            self.every.add(token)
            values = {
                one.name: [token] if one.as_set else token if place == 0 else ""
                for place, one in enumerate(self.entity.fields)
            }
            self.rows[side] = Row(values, self.clock)
            self.log.append(f"{side} is back as {values}")
            self.events.append(side)

    def decide(self) -> None:
        """A person looks at what is asked and says which side is right."""
        if self.asked is None:
            return
        for told in self.asked.fields:
            choice = self.rng.choice([Choice.LEFT, Choice.RIGHT])
            self.resolutions[told.field] = Resolution(choice=choice, seen=told)
            self.log.append(f"a person chooses {choice} for {told.field}")
        self.events.append(Side.LEFT)

    def pass_time(self) -> None:
        self.clock += timedelta(seconds=self.rng.choice([1, 5, 40, 120, 4000]))

    # -- what happens between two steps of a worker ---------------------------------------------

    def meanwhile(self) -> None:
        if self.quiet:
            return
        self.clock += timedelta(milliseconds=self.rng.randint(1, 900))
        if self.rng.random() < self.busy_rate:
            self.edit(self.rng.choice(list(Side)))
        if self.rng.random() < self.crash_rate:
            self.crashes += 1
            self.log.append("the worker dies")
            raise CrashError

    # -- the far sides and the memory (flows.sync.synchronise.Far) ------------------------------

    async def read(self, side: Side) -> Record | None:
        self.meanwhile()
        row = self.rows[side]
        return None if row is None else Record(values=copied(row.values), changed_at=row.at)

    async def write(self, intent: Intent) -> Record | None:
        self.meanwhile()
        if self.asked is not None and not self.resolutions and self._still_asked(self.asked):
            raise AssertionError(
                f"asked about {self.asked}, written {intent}\n" + "\n".join(self.log)
            )
        self._do(intent)
        self.meanwhile()
        row = self.rows[intent.side]
        return None if row is None else Record(values=copied(row.values), changed_at=row.at)

    def _still_asked(self, asked: ConflictDraft) -> bool:
        left, right = self.rows[Side.LEFT], self.rows[Side.RIGHT]
        if left is None or right is None or asked.kind is ConflictKind.DELETED:
            return False
        return any(
            (left.values[one.field], right.values[one.field]) == (one.left, one.right)
            for one in asked.fields
        )

    def _do(self, intent: Intent) -> None:
        row = self.rows[intent.side]
        self.log.append(f"{intent.action} {intent.side} {intent.sent}")
        if intent.action == "create":
            if row is None:
                blank = {one.name: [] if one.as_set else "" for one in self.entity.fields}
                self.rows[intent.side] = Row({**blank, **copied(intent.sent)}, self.clock)
                self._wrote(intent.side)
            elif any(row.values[name] != value for name, value in intent.sent.items()):
                raise ConflictError("It is there already.")
            return
        if intent.action in ("archive", "restore"):
            if row is None:
                raise ConflictError("It is gone.")
            (self.aside.add if intent.action == "archive" else self.aside.discard)(intent.side)
            self._wrote(intent.side)
            return
        if row is None:
            if intent.action == "delete":
                return
            raise ConflictError("It is gone.")
        if all(row.values[name] == value for name, value in intent.sent.items()) and intent.sent:
            return
        if any(row.values[name] != value for name, value in intent.before.items()):
            raise ConflictError("It was changed meanwhile.")
        if intent.action == "delete":
            self.rows[intent.side] = None
        else:
            row.values.update(copied(intent.sent))
            row.at = self.clock
        self._wrote(intent.side)

    def _wrote(self, side: Side) -> None:
        self.writes += 1
        self.events.append(side)  # each side tells of each write, ours included

    async def save(
        self, link: Link, inbox: Sequence[ConflictDraft], outcome: Outcome | None
    ) -> None:
        assert (outcome is None) == bool(link.intents)
        self.meanwhile()
        self.saved = link
        self.inbox.extend(inbox)
        asked = [one for one in inbox if one.kind in ASKS]
        for one in inbox:
            self.log.append(f"inbox {one.kind}: {one.fields}")
        if link.intents:
            pass  # not done yet: what a person said still counts for whoever comes next
        elif link.state is LinkState.PARKED:
            if asked and self.asked in self.inbox and not self.resolutions:
                self.inbox.remove(self.asked)  # the same question, as things are now
            self.asked = asked[0] if asked else self.asked
            self.resolutions = {}
        else:
            self.asked = asked[0] if asked else None
            self.resolutions = {}
        self.meanwhile()

    def now(self) -> datetime:
        return self.clock

    # -- a worker -------------------------------------------------------------------------------

    def carry(self, side: Side) -> Outcome | None:
        """One run for one piece of news; None when the worker died or has to come again."""
        asked_before = self.asked
        writes = self.writes
        try:
            done = asyncio.run(
                synchronise(
                    self.entity,
                    self.saved,
                    self,
                    heard=Nobody(resolutions=dict(self.resolutions)),
                    news=side,
                )
            )
        except (CrashError, UnavailableError):
            self.events.append(side)
            return None
        if asked_before is not None and self.asked is asked_before:
            assert self.writes == writes
        return done.outcome


ASKS = {ConflictKind.FIELDS, ConflictKind.DELETED, ConflictKind.LOOP}


def copied(values: Any) -> dict[str, Any]:
    return {name: list(one) if isinstance(one, list) else one for name, one in values.items()}


def fold(value: str) -> str:
    return value.casefold()


def tokens(value: Any) -> set[str]:
    """The edits that can be seen in a value."""
    if isinstance(value, str):
        return {fold(value)} if value else set()
    if isinstance(value, dict):
        return set().union(*(tokens(one) for one in value.values())) if value else set()
    if isinstance(value, list | tuple):
        return set().union(*(tokens(one) for one in value)) if value else set()
    return set()


def shown(conflict: FieldConflict) -> set[str]:
    return (
        tokens(conflict.left)
        | tokens(conflict.right)
        | tokens(conflict.left_base)
        | tokens(conflict.right_base)
    )


@dataclass(frozen=True)
class Told:
    """What one history came to."""

    edits: int
    writes: int
    crashes: int
    conflicts: int
    loops: int
    overruled: int


def entity(rng: random.Random) -> Entity:
    owners = [Owner.LEFT, Owner.RIGHT, Owner.NEWEST, Owner.MANUAL, Owner.EXPRESSION]

    def one(name: str, owner: Owner, **more: Any) -> Field:
        if owner is Owner.EXPRESSION:
            more["resolve"] = lambda left, right, base: max(str(left), str(right))
        return Field(name=name, owner=owner, **more)

    return Entity(
        name="record",
        fields=(
            one("a", rng.choice(owners)),
            one("b", rng.choice(owners), normalisers=(Normaliser.CASE, Normaliser.SPACES)),
            one("c", Owner.MANUAL),
            one("tags", rng.choice([Owner.MANUAL, Owner.NEWEST]), as_set=True),
        ),
        deletes={side: rng.choice(list(Deletes)) for side in Side},
    )


def history(seed: int) -> World:
    """One random history, from the first meeting to the last piece of news."""
    rng = random.Random(seed)
    world = World(entity=entity(rng), rng=rng, rows={Side.LEFT: None, Side.RIGHT: None})
    world.crash_rate = rng.choice([0.0, 0.03, 0.12])
    world.busy_rate = rng.choice([0.0, 0.04, 0.15])
    with_deletes = rng.random() < 0.35
    for side in Side:
        if rng.random() < 0.75 or side is Side.LEFT:
            values: dict[str, Any] = dict.fromkeys(("a", "b", "c"), "")
            world.rows[side] = Row({**values, "tags": []}, START)
            for _ in range(rng.randint(0, 3)):
                world.edit(side)
    world.events.append(Side.LEFT)
    world.quiet = False
    for _ in range(rng.randint(4, 24)):
        world.pass_time()
        roll = rng.random()
        if roll < 0.42:
            world.edit(rng.choice(list(Side)))
        elif roll < 0.48:
            world.cosmetic(rng.choice(list(Side)))
        elif roll < 0.53 and with_deletes:
            world.delete(rng.choice(list(Side)))
        elif roll < 0.57 and with_deletes:
            world.bring_back(rng.choice(list(Side)))
        elif roll < 0.66:
            world.decide()
        elif world.events:
            # News comes late, in any order, and sometimes twice.
            news = world.events.pop(rng.randrange(len(world.events)))
            if rng.random() < 0.15:
                world.events.append(news)
            world.carry(news)
    settle(world)
    return world


def settle(world: World) -> None:
    """Nobody does anything more, and all news arrives."""
    world.busy_rate = world.crash_rate = 0.0
    for _ in range(200):
        if not world.events:
            return
        world.pass_time()
        world.carry(world.events.pop(0))
    raise AssertionError("It never comes to rest.\n" + "\n".join(world.log))


def judge(world: World) -> Told:
    """Raise `AssertionError` when something was lost or does not come together."""
    log = "\n".join(world.log)
    rows = world.rows
    visible = set().union(*(tokens(row.values) for row in rows.values() if row is not None), set())
    told = set().union(*(shown(one) for draft in world.inbox for one in draft.fields), set())
    lost = world.every - visible - told - world.knowingly_gone
    assert not lost, f"lost {lost}\n{log}"
    left, right = rows[Side.LEFT], rows[Side.RIGHT]
    parked = world.saved.state is LinkState.PARKED
    assert not parked or world.asked is not None, log
    assert not world.saved.intents, log
    if left is not None and right is not None and not parked:
        open_to = {
            one.field
            for draft in world.inbox
            if draft.kind is ConflictKind.DIVERGED
            for one in draft.fields
        }
        for one in world.entity.fields:
            if one.name in open_to or RECORD in open_to:
                continue
            mine, theirs = (tokens(row.values[one.name]) for row in (left, right))
            if not {Owner.LEFT: mine, Owner.RIGHT: theirs}.get(one.owner, True):
                continue  # its owner never had anything to say
            assert mine == theirs, f"{one.name}: {mine} and {theirs}\n{log}"
    writes, saved = world.writes, world.saved
    for side in Side:
        world.carry(side)
    assert world.writes == writes, f"a look wrote something\n{log}"
    assert replace(world.saved, hops=0) == replace(saved, hops=0) or parked, log
    kinds = [draft.kind for draft in world.inbox]
    return Told(
        edits=world.edits,
        writes=world.writes,
        crashes=world.crashes,
        conflicts=sum(kind in (ConflictKind.FIELDS, ConflictKind.DELETED) for kind in kinds),
        loops=kinds.count(ConflictKind.LOOP),
        overruled=kinds.count(ConflictKind.OVERRULED),
    )


__all__ = ["FarSideError", "Told", "World", "history", "judge"]
