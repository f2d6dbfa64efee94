"""After a worker died: which of the writes that were about to leave took place."""

from collections.abc import Mapping
from dataclasses import replace

from flows.sync.conflict import Choice, FieldConflict, Resolution, Resolutions
from flows.sync.entity import Entity, Side
from flows.sync.link import Intent, Link, Record
from flows.sync.settle import brought_together

Sides = Mapping[Side, Record | None]


def recovered(entity: Entity, link: Link, sides: Sides) -> tuple[Link, Resolutions]:
    """The link without its intents, and the values that only one side of two has got yet.

    A write whose values are there took place. Anything else counts as not written: the fields are
    merged against the old base, which comes to the same write again when nobody changed them
    meanwhile, and to a conflict or a rule when somebody did.
    """
    half_done: dict[str, Resolution] = {}
    intents, link = link.intents, replace(link, intents=())
    for place, intent in enumerate(intents):
        record = sides[intent.side]
        if record is None:
            continue
        there = {
            one.name
            for one, value in entity.owned(intent.sent)
            if one.name in record.values and one.same(record.values[one.name], value)
        }
        waits = {name: later for later in intents[place + 1 :] for name in later.sent}
        link = brought_together(link, intent, record, there - set(waits))
        half_done |= {name: _rest(waits[name], name, intent) for name in there & set(waits)}
    return link, half_done


def _rest(later: Intent, name: str, done: Intent) -> Resolution:
    """One side of a merged value is written: the other one is to get it, if nothing changed."""
    values = {done.side: done.sent[name], later.side: later.before.get(name)}
    seen = FieldConflict(field=name, left=values[Side.LEFT], right=values[Side.RIGHT])
    return Resolution(choice=Choice.VALUE, seen=seen, value=later.sent[name])
