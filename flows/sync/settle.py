"""What a link remembers after a write, and after all of them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from flows.sync.conflict import RECORD, ConflictDraft, ConflictKind, FieldConflict
from flows.sync.entity import Entity, Side
from flows.sync.fingerprint import fingerprint
from flows.sync.link import Intent, Link, LinkState, Record, Values, Written


def brought_together(link: Link, intent: Intent, record: Record, names: Collection[str]) -> Link:
    """The link once these fields of an intent are on both sides: the base is what is there on the
    one, and what the other said when it was decided."""
    if not names:
        return link
    here = {name: record.values[name] for name in names if name in record.values}
    there = {name: intent.source[name] for name in here if name in intent.source}
    other = intent.side.other
    return replace(
        link,
        base={
            intent.side: {**(link.base[intent.side] or {}), **here},
            other: {**(link.base[other] or {}), **there},
        },
    )


def written(
    entity: Entity, link: Link, intent: Intent, read_back: Record | None, now: datetime
) -> tuple[Link, ConflictDraft | None]:
    """The link after an intent was written and read back, and what did not arrive as it was sent.

    What arrived otherwise becomes the base all the same, or each look would write it again; the
    inbox holds what was sent and what is there.
    """
    rest = _told(link.intents, intent, read_back)
    link = replace(link, intents=rest)
    if intent.action == "delete":
        if read_back is None:
            return link, None
        return link, _diverged(intent.side, {}, read_back.values, [])
    if intent.action in ("archive", "restore"):
        aside = link.aside | {intent.side}
        if intent.action == "restore":
            aside = link.aside - {intent.side}
        return replace(link, aside=aside), None
    if read_back is None:
        return link, _diverged(intent.side, intent.sent, {}, list(intent.sent))
    waits = {name for later in rest for name in later.sent}
    link = brought_together(link, intent, read_back, set(intent.sent) - waits)
    link = _noted(entity, link, intent, read_back, now)
    other_than_sent = [
        one.name
        for one, value in entity.owned(intent.sent)
        if not one.same(value, read_back.values.get(one.name))
    ]
    if not other_than_sent:
        return link, None
    return link, _diverged(intent.side, intent.sent, read_back.values, other_than_sent)


def finished(
    entity: Entity,
    link: Link,
    *,
    seen: Mapping[Side, Record | None],
    state: LinkState,
    hops: int,
    touched: Collection[tuple[Side, str]],
) -> Link:
    """The link when all is written: fields that were not written (`touched` were) have what was
    seen as their base, as long as both sides tell them."""
    left, right = seen[Side.LEFT], seen[Side.RIGHT]
    base = dict(link.base)
    if left is not None and right is not None:
        for side, record in ((Side.LEFT, left), (Side.RIGHT, right)):
            base[side] = {
                **(base[side] or {}),
                **{
                    one.name: value
                    for one, value in entity.owned(record.values)
                    if not {(side, one.name), (side.other, one.name)} & set(touched)
                    and one.name in left.values
                    and one.name in right.values
                },
            }
    return replace(link, base=base, state=state, hops=hops)


def _told(
    intents: tuple[Intent, ...], done: Intent, read_back: Record | None
) -> tuple[Intent, ...]:
    """The intents that are left; one for the other side knows what is now on this one."""
    there = read_back.values if read_back is not None else {}
    return tuple(
        replace(
            one,
            source={
                name: there[name] if name in done.sent and name in there else value
                for name, value in one.source.items()
            },
        )
        for one in intents
        if one != done
    )


def _noted(entity: Entity, link: Link, intent: Intent, read_back: Record, now: datetime) -> Link:
    last = link.written[intent.side]
    note = Written(
        prints={**last.prints, **fingerprint(entity, intent.sent)},
        before={**last.before, **fingerprint(entity, intent.before)},
        at=read_back.changed_at or now,
    )
    return replace(link, written={**link.written, intent.side: note})


def _diverged(side: Side, sent: Values, there: Values, names: list[str]) -> ConflictDraft:
    fields = []
    for name in names or [RECORD]:
        values = {side: there.get(name), side.other: sent.get(name)}
        fields.append(
            FieldConflict(
                field=name, left=values[Side.LEFT], right=values[Side.RIGHT], by=side.value
            )
        )
    return ConflictDraft(kind=ConflictKind.DIVERGED, fields=tuple(fields))
