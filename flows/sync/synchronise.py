"""Bringing the two records of a link together: read both, decide, write, read back, remember.

What is about to be written is remembered durably before it leaves. Whoever dies in between leaves
a link from which the next one can tell what had happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from connectors.sdk.errors import ConflictError, UnavailableError
from flows.sync.conflict import ConflictDraft, ConflictKind, Nobody
from flows.sync.decide import Decision, Outcome, decide
from flows.sync.entity import Entity, Side
from flows.sync.link import Intent, Link, LinkState, Record
from flows.sync.settle import finished, written

ROUNDS: Final = 4


class Far(Protocol):
    """Both far sides of one link, and the place where it is remembered."""

    async def read(self, side: Side) -> Record | None:
        """The record as it is now. Raises `FarSideError`."""

    async def write(self, intent: Intent) -> Record | None:
        """Do it, unless it is done already, and read the record back (None: it is not there).

        Raises `ConflictError` when what `intent.before` says is no longer so, and nothing was
        written; any other `FarSideError` as the operation does.
        """

    async def save(
        self, link: Link, inbox: Sequence[ConflictDraft], outcome: Outcome | None
    ) -> None:
        """Remember the link, durably and with what goes into the inbox, or nothing of both.

        `outcome` is None as long as something is left to be written. Raises when somebody else
        saved it since.
        """

    def now(self) -> datetime:
        """Aware UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronised:
    """How it went. `wrote` are the intents in the order in which they were written."""

    outcome: Outcome
    link: Link
    wrote: tuple[Intent, ...] = ()
    inbox: tuple[ConflictDraft, ...] = ()
    seen: Mapping[Side, Record | None] = field(default_factory=dict)


async def synchronise(
    entity: Entity,
    link: Link,
    far: Far,
    *,
    heard: Nobody | None = None,
    news: Side | None = None,
) -> Synchronised:
    """Bring both sides together, or put the record before a person.

    Raises what `far` does; then the link is as it was saved last. Raises `UnavailableError` when
    the record changes faster than it can be written.
    """
    told: list[ConflictDraft] = []
    wrote: list[Intent] = []
    for _ in range(ROUNDS):
        left, right = await far.read(Side.LEFT), await far.read(Side.RIGHT)
        decision = decide(entity, link, left, right, far.now(), heard=heard, news=news)
        link = decision.link
        if decision.conflict is not None:
            link = replace(link, state=LinkState.PARKED, hops=decision.hops)
            await far.save(link, [decision.conflict], decision.outcome)
            told.append(decision.conflict)
        elif not decision.intents:
            link = _finished(entity, link, decision, ())
            await far.save(link, (), _outcome(decision, wrote))
        else:
            try:
                link, done = await _write(entity, link, decision, far, told)
            except _ChangedError as changed:
                link = changed.link
                wrote.extend(changed.done)
                continue
            wrote.extend(done)
        return Synchronised(
            outcome=_outcome(decision, wrote),
            link=link,
            wrote=tuple(wrote),
            inbox=tuple(told),
            seen=decision.seen,
        )
    raise UnavailableError(
        "The record changes faster than it can be written.",
        code="changing_fast",
        fix="Nothing to do: it is tried again.",
    )


def _outcome(decision: Decision, wrote: Sequence[Intent]) -> Outcome:
    """An earlier round may have written what the last one finds done."""
    quiet = decision.outcome in (Outcome.UNCHANGED, Outcome.ECHO)
    return Outcome.WRITTEN if wrote and quiet else decision.outcome


class _ChangedError(Exception):
    """Somebody changed the record after it was read."""

    def __init__(self, link: Link, done: Sequence[Intent]) -> None:
        super().__init__()
        self.link = link
        self.done = done


async def _write(
    entity: Entity, link: Link, decision: Decision, far: Far, told: list[ConflictDraft]
) -> tuple[Link, list[Intent]]:
    link = replace(link, intents=decision.intents)
    inbox = []
    if decision.ruled:
        inbox.append(ConflictDraft(kind=ConflictKind.OVERRULED, fields=decision.ruled))
    await far.save(link, inbox, None)
    told.extend(inbox)
    done: list[Intent] = []
    while link.intents:
        intent = link.intents[0]
        try:
            there = await far.write(intent)
        except ConflictError as error:
            raise _ChangedError(link, done) from error
        done.append(intent)
        link, diverged = written(entity, link, intent, there, far.now())
        inbox = [diverged] if diverged is not None else []
        if diverged is not None and intent.action == "delete":
            decision = replace(decision, state=LinkState.ASLEEP)  # it is still there
        if not link.intents:
            link = _finished(entity, link, decision, done)
        await far.save(link, inbox, None if link.intents else decision.outcome)
        told.extend(inbox)
    return link, done


def _finished(entity: Entity, link: Link, decision: Decision, done: Sequence[Intent]) -> Link:
    return finished(
        entity,
        link,
        seen=decision.seen,
        state=decision.state,
        hops=decision.hops,
        touched={(one.side, name) for one in done for name in one.sent},
    )
