"""Values that are sets: what one side added or took away is done to the other."""

from typing import Any

from flows.sync.entity import Field, members


def merged_members(one: Field, here: Any, base_here: Any, there: Any, base_there: Any) -> list[Any]:
    """What `here` becomes: its own members in their order, without those that the other side took
    away, then those that the other side added.

    A member that this side added itself stays. Members are the same when the field's normalisers
    say so.
    """
    mine, theirs = members(here), members(there)
    before_mine = {key(one, member) for member in members(base_here)}
    before_theirs = {key(one, member) for member in members(base_there)}
    has_theirs = {key(one, member) for member in theirs}
    has_mine = {key(one, member) for member in mine}
    gone = {member for member in before_theirs - has_theirs if member in before_mine}
    kept = [member for member in mine if key(one, member) not in gone]
    held = {key(one, member) for member in kept}
    for member in theirs:
        name = key(one, member)
        taken_away_here = name in before_mine and name not in has_mine
        if name not in before_theirs and name not in held and not taken_away_here:
            kept.append(member)
            held.add(name)
    return kept


def key(one: Field, member: Any) -> str:
    """What makes a member the same as another."""
    return repr(one.form(member))
