"""Decisions one by one, by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.sync.conflict import (
    RECORD,
    Choice,
    ConflictDraft,
    ConflictKind,
    Nobody,
    Resolution,
    Rule,
)
from flows.sync.decide import Decision, Outcome, decide, is_echo
from flows.sync.entity import Deletes, Entity, Field, Owner, Side
from flows.sync.fingerprint import fingerprint
from flows.sync.link import Link, LinkState, Record, Written
from flows.sync.normalise import Normaliser

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEFT, RIGHT = Side


def an_entity(owner: Owner = Owner.MANUAL, **more: Any) -> Any:
    resolve = (lambda left, right, base: left + right) if owner is Owner.EXPRESSION else None
    fields = (Field(name="name", owner=owner, resolve=resolve), Field(name="tags", as_set=True))
    return Entity(name="customer", fields=fields, **more)


def a_link(left: Any = "Ann", right: Any = "Ann", **more: Any) -> Any:
    base = {LEFT: {"name": left, "tags": ["a"]}, RIGHT: {"name": right, "tags": ["a"]}}
    return Link(**{"state": LinkState.ACTIVE, "base": base, **more})


def a_record(name: Any = "Ann", tags: Any = ("a",), at: datetime | None = NOW) -> Any:
    return Record(values={"name": name, "tags": list(tags)}, changed_at=at)


def asked_of(decision: Decision) -> ConflictDraft:
    assert decision.conflict is not None
    return decision.conflict


def writes(decision: Decision) -> dict[Side, dict[str, Any]]:
    return {one.side: dict(one.sent) for one in decision.intents}


@pytest.mark.parametrize("owner", [Owner.NEWEST, Owner.MANUAL, Owner.EXPRESSION, Owner.LEFT])
def test_one_change_goes_to_the_other_side(owner: Owner) -> None:
    found = decide(an_entity(owner), a_link(), a_record("Bea"), a_record(), NOW)
    assert writes(found) == {RIGHT: {"name": "Bea"}}
    assert found.outcome is Outcome.WRITTEN
    assert not found.ruled


def test_a_change_against_the_owner_is_taken_back_and_told() -> None:
    found = decide(an_entity(Owner.LEFT), a_link(), a_record(), a_record("Bea"), NOW)
    assert writes(found) == {RIGHT: {"name": "Ann"}}
    [ruled] = found.ruled
    assert (ruled.right, ruled.winner, ruled.by) == ("Bea", "left", "owner")


def test_two_changes_are_for_a_person() -> None:
    found = decide(an_entity(), a_link(), a_record("Bea"), a_record("Cid", ["a", "b"]), NOW)
    assert found.outcome is Outcome.CONFLICT
    assert found.state is LinkState.PARKED
    assert not found.intents
    [told] = asked_of(found).fields
    assert (told.field, told.left, told.right, told.left_base) == ("name", "Bea", "Cid", "Ann")


def test_the_newer_of_two_changes_counts_and_the_older_is_told() -> None:
    later = NOW + timedelta(seconds=1)
    found = decide(
        an_entity(Owner.NEWEST), a_link(), a_record("Bea"), a_record("Cid", at=later), NOW
    )
    assert writes(found) == {LEFT: {"name": "Cid"}}
    assert found.ruled[0].left == "Bea"


@pytest.mark.parametrize("at", [None, NOW])
def test_two_changes_without_an_order_are_for_a_person(at: datetime | None) -> None:
    found = decide(an_entity(Owner.NEWEST), a_link(), a_record("Bea"), a_record("Cid", at=at), NOW)
    assert found.outcome is Outcome.CONFLICT


def test_an_expression_makes_one_of_two() -> None:
    found = decide(an_entity(Owner.EXPRESSION), a_link(), a_record("Bea"), a_record("Cid"), NOW)
    assert writes(found) == {LEFT: {"name": "BeaCid"}, RIGHT: {"name": "BeaCid"}}
    assert found.ruled[0].winner == "merged"


def test_an_expression_that_fails_is_for_a_person() -> None:
    found = decide(an_entity(Owner.EXPRESSION), a_link(), a_record(7), a_record("Cid"), NOW)
    assert found.outcome is Outcome.CONFLICT
    assert "unsupported operand" in asked_of(found).fields[0].by


def test_a_remembered_rule_decides_instead_of_a_person() -> None:
    heard = Nobody(rules={"name": Rule(field="name", winner=Choice.RIGHT)})
    found = decide(an_entity(), a_link(), a_record("Bea"), a_record("Cid"), NOW, heard=heard)
    assert writes(found) == {LEFT: {"name": "Cid"}}
    assert found.ruled[0].by == "rule"


def test_sets_take_over_what_was_added_and_taken_away() -> None:
    found = decide(an_entity(), a_link(), a_record(tags=["a", "b"]), a_record(tags=["c"]), NOW)
    assert writes(found) == {LEFT: {"tags": ["b", "c"]}, RIGHT: {"tags": ["c", "b"]}}


def test_a_difference_that_both_were_left_with_stays() -> None:
    found = decide(an_entity(), a_link(right="ANN"), a_record(), a_record("ANN"), NOW)
    assert found.outcome is Outcome.UNCHANGED


def test_a_difference_of_spelling_is_none() -> None:
    entity = Entity(name="e", fields=(Field(name="name", normalisers=(Normaliser.CASE,)),))
    left = Record(values={"name": "ANN"})
    assert decide(entity, a_link(), left, a_record(), NOW).outcome is Outcome.UNCHANGED


# -- first meetings -----------------------------------------------------------------------------


def test_at_the_first_meeting_gaps_are_filled_and_nothing_is_emptied() -> None:
    found = decide(an_entity(), Link(), a_record("", ["a"]), a_record("Ann", []), NOW)
    assert writes(found) == {LEFT: {"name": "Ann"}, RIGHT: {"tags": ["a"]}}
    owned = decide(an_entity(Owner.LEFT), Link(), a_record(""), a_record("Ann"), NOW)
    assert writes(owned) == {}


def test_a_record_that_is_missing_is_made_where_that_is_wanted() -> None:
    found = decide(an_entity(), Link(), a_record(), None, NOW)
    [made] = found.intents
    assert (made.side, made.action, made.sent["name"]) == (RIGHT, "create", "Ann")
    none = decide(an_entity(creates=frozenset()), Link(), a_record(), None, NOW)
    assert none.outcome is Outcome.WAITING
    assert not none.intents


# -- deletes ------------------------------------------------------------------------------------


def with_policy(policy: Deletes) -> Any:
    return an_entity(deletes={LEFT: policy, RIGHT: Deletes.IGNORE})


def test_a_delete_is_propagated_only_when_nothing_was_edited_meanwhile() -> None:
    found = decide(with_policy(Deletes.PROPAGATE), a_link(), None, a_record(), NOW)
    assert [(one.side, one.action) for one in found.intents] == [(RIGHT, "delete")]
    assert found.state is LinkState.GONE
    edited = decide(with_policy(Deletes.PROPAGATE), a_link(), None, a_record("Bea"), NOW)
    assert asked_of(edited).kind is ConflictKind.DELETED


def test_a_delete_archives_once() -> None:
    found = decide(with_policy(Deletes.ARCHIVE), a_link(), None, a_record(), NOW)
    assert [one.action for one in found.intents] == ["archive"]
    link = a_link(state=LinkState.ARCHIVED, aside=frozenset({RIGHT}))
    assert not decide(with_policy(Deletes.ARCHIVE), link, None, a_record(), NOW).intents


def test_a_delete_that_is_ignored_lets_the_link_sleep_until_it_is_back() -> None:
    found = decide(with_policy(Deletes.IGNORE), a_link(), None, a_record("Bea"), NOW)
    assert (found.state, found.intents) == (LinkState.ASLEEP, ())
    back = decide(
        with_policy(Deletes.IGNORE),
        a_link(state=LinkState.ASLEEP),
        a_record(),
        a_record("Bea"),
        NOW,
    )
    assert writes(back) == {LEFT: {"name": "Bea"}}
    assert back.state is LinkState.ACTIVE


def test_what_was_archived_is_restored_when_the_other_is_back() -> None:
    link = a_link(state=LinkState.ARCHIVED, aside=frozenset({RIGHT}))
    found = decide(with_policy(Deletes.ARCHIVE), link, a_record("Bea"), a_record(), NOW)
    assert [one.action for one in found.intents] == ["restore", "update"]


@pytest.mark.parametrize(("choice", "action"), [(Choice.LEFT, "delete"), (Choice.RIGHT, "create")])
def test_a_person_decides_about_a_delete(choice: Choice, action: str) -> None:
    asked = decide(with_policy(Deletes.ASK), a_link(), None, a_record(), NOW)
    resolution = Resolution(choice=choice, seen=asked_of(asked).fields[0])
    heard = Nobody(resolutions={RECORD: resolution})
    found = decide(with_policy(Deletes.ASK), a_link(), None, a_record(), NOW, heard=heard)
    assert [one.action for one in found.intents] == [action]
    changed = decide(with_policy(Deletes.ASK), a_link(), None, a_record("Bea"), NOW, heard=heard)
    assert changed.outcome is Outcome.CONFLICT, "what the person saw is no longer so"


# -- people -------------------------------------------------------------------------------------


def test_a_decision_counts_only_for_what_was_seen() -> None:
    sides = a_record("Bea"), a_record("Cid")
    asked = decide(an_entity(), a_link(), *sides, NOW)
    parked = replace(asked.link, state=LinkState.PARKED)
    resolution = Resolution(choice=Choice.LEFT, seen=asked_of(asked).fields[0])
    heard = Nobody(resolutions={"name": resolution})
    assert writes(decide(an_entity(), parked, *sides, NOW, heard=heard)) == {RIGHT: {"name": "Bea"}}
    later = decide(an_entity(), parked, sides[0], a_record("Dan"), NOW, heard=heard)
    assert later.outcome is Outcome.CONFLICT


def test_a_question_is_not_answered_by_the_clock() -> None:
    """A later change to another field of the record is no answer."""
    parked = a_link(state=LinkState.PARKED)
    later = a_record("Cid", ["a", "b"], at=NOW + timedelta(hours=1))
    found = decide(an_entity(Owner.NEWEST), parked, a_record("Bea"), later, NOW)
    assert found.outcome is Outcome.CONFLICT


def test_people_who_agree_by_themselves_need_no_decision() -> None:
    parked = a_link(state=LinkState.PARKED)
    found = decide(an_entity(), parked, a_record("Bea"), a_record("Bea"), NOW)
    assert (found.outcome, found.state) == (Outcome.UNCHANGED, LinkState.ACTIVE)


# -- echoes and loops ---------------------------------------------------------------------------


def wrote(side: Side, name: str = "Ann", before: str = "", at: datetime | None = NOW) -> Any:
    entity = an_entity()
    note = Written(
        prints=fingerprint(entity, {"name": name}),
        before=fingerprint(entity, {"name": before}),
        at=at,
    )
    return {LEFT: Written(), RIGHT: Written(), side: note}


@pytest.mark.parametrize("side", list(Side))
def test_news_of_what_we_wrote_is_an_echo_on_either_side(side: Side) -> None:
    link = a_link(written=wrote(side))
    assert is_echo(an_entity(), link, side, {"name": "Ann", "id": "7"})
    assert not is_echo(an_entity(), link, side.other, {"name": "Ann"}), "nothing was written there"
    assert not is_echo(an_entity(), link, side, {"name": "Bea"})
    assert not is_echo(an_entity(), link, side, {"id": "7"}), "it says nothing about the fields"
    parked = replace(link, state=LinkState.PARKED)
    assert not is_echo(an_entity(), parked, side, {"name": "Ann"})
    found = decide(an_entity(), link, a_record(), a_record(), NOW, news=side)
    assert found.outcome is Outcome.ECHO


def test_a_change_right_after_our_write_is_a_hop_and_three_are_a_loop() -> None:
    soon = NOW + timedelta(seconds=2)
    link = a_link(written=wrote(RIGHT), hops=1)
    second = decide(an_entity(), link, a_record(), a_record("ANN", at=soon), soon)
    assert (second.outcome, second.hops) == (Outcome.WRITTEN, 2)
    third = decide(an_entity(), replace(link, hops=2), a_record(), a_record("ANN", at=soon), soon)
    assert asked_of(third).kind is ConflictKind.LOOP
    assert (third.state, third.intents) == (LinkState.PARKED, ())


def test_a_loop_stays_stopped_however_long_nobody_looks() -> None:
    link = a_link(written=wrote(RIGHT), hops=3, state=LinkState.PARKED)
    later = NOW + timedelta(days=3)
    found = decide(an_entity(), link, a_record(), a_record("ANN", at=None), later)
    assert found.outcome is Outcome.LOOP


def test_a_change_of_a_person_later_is_no_hop() -> None:
    later = NOW + timedelta(minutes=5)
    link = a_link(written=wrote(RIGHT), hops=2)
    found = decide(an_entity(), link, a_record(), a_record("Bea", at=later), later)
    assert (found.outcome, found.hops) == (Outcome.WRITTEN, 1)


def test_undoing_what_we_wrote_is_a_hop_for_an_hour() -> None:
    link = a_link(written=wrote(RIGHT, before="Old"), hops=1)
    for after, hops in ((timedelta(minutes=30), 2), (timedelta(days=1), 1)):
        later = NOW + after
        found = decide(an_entity(), link, a_record(), a_record("Old", at=later), later)
        assert found.hops == hops
