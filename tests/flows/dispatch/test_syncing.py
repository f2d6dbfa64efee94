"""Sync nodes as workers carry them: links, receipts, the inbox, and workers that die."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from connectors.sdk.errors import UncertainError
from flows.models import Conflict, Link, Receipt, Run, SyncRollup, SyncRule
from flows.sync.packing import unpack
from tests.flows.dispatch.killing import taken_up
from tests.flows.sync.paired import Pair, accept_only, carry_all, runs


async def test_a_new_record_is_made_over_there_and_its_echo_swallowed(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="030 1")
    assert await pair.all_news() == 2
    [row] = pair.tables.rows["b"].values()
    assert (row["name"], row["mail"], row["key"]) == ("Ann", "ann@x", "a/thing/1")
    link = await Link.objects.aget()
    assert (link.left_id, link.right_id, link.state, link.label) == (
        "1",
        row["id"],
        "active",
        "Ann",
    )
    assert (link.writes, link.echoes, link.lease_by) == (1, 1, "")
    receipt = await Receipt.objects.aget()
    assert (receipt.system, receipt.entity, receipt.record_id) == ("b", "thing", row["id"])
    assert (receipt.action, receipt.verdict) == ("created", "confirmed")
    rollup = await SyncRollup.objects.aget()
    assert (rollup.looks, rollup.creates, rollup.writes_right, rollup.echoes_right) == (2, 1, 1, 1)
    assert await runs() == ["succeeded"] * 2


async def test_edits_on_both_sides_cross_once_each(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="1")
    await pair.all_news()
    [other] = pair.tables.rows["b"]
    pair.tables.put("b", other, name="Bea")
    pair.tables.put("a", "1", phone="2")
    await pair.all_news()
    mine, theirs = pair.tables.rows["a"]["1"], pair.tables.rows["b"][other]
    assert (mine["name"], mine["phone"]) == (theirs["name"], theirs["phone"]) == ("Bea", "2")
    assert pair.tables.writes == 3
    assert await Conflict.objects.acount() == 0


async def test_records_that_belong_together_are_linked_and_not_made_twice(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    pair.tables.put("b", "7", name="", mail="ann@x", phone="5")
    await pair.all_news()
    link = await Link.objects.aget()
    assert (link.left_id, link.right_id) == ("1", "7")
    assert pair.tables.rows["b"]["7"]["name"] == "Ann"
    assert pair.tables.rows["a"]["1"]["phone"] == "5"


async def test_a_conflict_parks_this_record_and_no_other(pair: Pair) -> None:
    for id_ in ("1", "2"):
        pair.tables.put("a", id_, name="Ann", mail=f"ann{id_}@x", phone="")
    await pair.all_news()
    other = (await Link.objects.aget(left_id="1")).right_id
    pair.tables.put("a", "1", name="Bea")
    pair.tables.put("b", other, name="Cid")
    pair.tables.put("a", "2", name="Dan")
    writes = pair.tables.writes
    await pair.all_news()
    assert pair.tables.writes == writes + 1
    conflict = await Conflict.objects.aget()
    assert (conflict.kind, conflict.state) == ("fields", "open")
    [told] = conflict.fields
    assert (told["left"], told["right"], told["left_base"]) == ("Bea", "Cid", "Ann")
    link = await Link.objects.aget(left_id="1")
    assert link.state == "parked"
    assert set(await runs()) == {"succeeded"}

    # A person decides, and the record is looked at again.
    conflict.state, conflict.resolutions = "answered", {"name": {"choice": "right"}}
    await conflict.asave()
    await pair.news("a", "1")
    assert pair.tables.rows["a"]["1"]["name"] == "Cid"
    await conflict.arefresh_from_db()
    assert conflict.state == "decided"
    assert (await Link.objects.aget(left_id="1")).state == "active"


async def test_a_remembered_rule_asks_nobody(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    workspace = pair.environment.workspace_id
    await SyncRule.objects.acreate(
        workspace_id=workspace,
        entity="thing",
        field="name",
        winner="left",
        created_by="ann",
        created_at=pair.environment.created_at,
    )
    [other] = pair.tables.rows["b"]
    pair.tables.put("a", "1", name="Bea")
    pair.tables.put("b", other, name="Cid")
    await pair.all_news()
    assert pair.tables.rows["b"][other]["name"] == "Bea"
    told = await Conflict.objects.aget()
    assert (told.kind, told.state, told.fields[0]["right"]) == ("overruled", "told", "Cid")


async def test_several_that_may_be_meant_are_for_a_person(pair: Pair) -> None:
    pair.tables.put("b", "7", name="Ann", mail="ann@x", phone="")
    pair.tables.put("b", "8", name="Anne", mail="ann@x", phone="")
    pair.tables.news.clear()
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    conflict = await Conflict.objects.aget()
    assert conflict.kind == "candidates"
    assert [one["id"] for one in conflict.fields[0]["right"]] == ["7", "8"]
    assert pair.tables.writes == 0


async def test_a_second_record_with_the_same_key_is_not_linked_over_the_first(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    pair.tables.put("a", "2", name="Ann Two", mail="ann@x", phone="")
    await pair.all_news()
    conflict = await Conflict.objects.aget()
    assert conflict.kind == "candidates"
    assert (await Link.objects.aget(left_id="1")).state == "active"
    assert (await Link.objects.aget(left_id="2")).state == "parked"


async def test_a_deleted_record_is_deleted_over_there(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    del pair.tables.rows["a"]["1"]
    pair.tables.news.append(("a", "1"))
    await pair.all_news()
    assert pair.tables.rows["b"] == {}
    assert (await Link.objects.aget()).state == "gone"


async def test_what_does_not_arrive_as_it_was_sent_is_told(pair: Pair) -> None:
    pair.tables.keep = lambda system, fields: {
        name: value[:4] if system == "b" else value for name, value in fields.items()
    }
    pair.tables.put("a", "1", name="Annabel", mail="a@x", phone="")
    await pair.all_news()
    receipt = await Receipt.objects.aget()
    assert receipt.verdict == "diverged"
    conflict = await Conflict.objects.aget()
    assert (conflict.kind, conflict.state) == ("diverged", "open")
    assert pair.tables.rows["a"]["1"]["name"] == "Annabel"
    assert pair.tables.writes == 1


async def test_a_lost_answer_is_looked_after_and_nothing_is_written_twice(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    lost: list[str] = []

    def lose(name: str, system: str, params: Any) -> None:
        if name == "update" and not lost:
            lost.append(name)
            raise UncertainError("No answer.")

    pair.tables.after = lose
    pair.tables.put("a", "1", name="Bea")
    await pair.all_news()
    [other] = pair.tables.rows["b"].values()
    assert other["name"] == "Bea"
    assert lost == ["update"]
    assert pair.tables.writes == 2
    assert (await Link.objects.aget()).state == "active"
    assert set(await runs()) == {"succeeded"}


@pytest.mark.parametrize("when", ["behave", "after"])
@pytest.mark.parametrize("what", ["create", "update"])
async def test_a_worker_that_dies_over_a_write_leaves_no_second_one(
    pair: Pair, what: str, when: str
) -> None:
    """Before or after the write took place; and the other side is edited meanwhile."""
    if what == "update":
        pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="1")
        await pair.all_news()
    died: list[str] = []

    def die(name: str, system: str, params: Any) -> None:
        if name == what and not died:
            died.append(name)
            raise asyncio.CancelledError

    setattr(pair.tables, when, die)
    pair.tables.put("a", "1", name="Bea", mail="ann@x", phone="1")
    pair.tables.news.clear()
    await pair.news("a", "1")
    assert died
    run = await Run.objects.order_by("-id").afirst()
    assert run is not None
    assert run.state == "running"
    link = await Link.objects.aget()
    assert unpack(bytes(link.memory)).intents
    await taken_up(lambda: carry_all(pair), rounds=1)
    await pair.all_news()
    assert len(pair.tables.rows["b"]) == 1
    [other] = pair.tables.rows["b"].values()
    assert other["name"] == "Bea"
    assert pair.tables.writes == (1 if what == "create" else 2)
    assert await Conflict.objects.acount() == 0
    assert not unpack(bytes((await Link.objects.aget()).memory)).intents


async def test_a_record_that_another_run_holds_waits_its_turn(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    [other] = pair.tables.rows["b"]
    pair.tables.put("a", "1", name="Bea")
    pair.tables.put("b", other, phone="9")
    pair.tables.news.clear()
    for system, id_ in (("a", "1"), ("b", other), ("a", "1"), ("b", other)):
        await accept_only(pair, system, id_)
    await carry_all(pair)
    mine, theirs = pair.tables.rows["a"]["1"], pair.tables.rows["b"][other]
    assert (mine["name"], mine["phone"]) == (theirs["name"], theirs["phone"]) == ("Bea", "9")
    assert pair.tables.writes == 3


async def test_news_of_a_record_that_nobody_knows_leaves_nothing(pair: Pair) -> None:
    await pair.news("a", "404")
    assert await runs() == ["succeeded"]
    assert await Link.objects.acount() == 0


async def test_an_answer_that_comes_while_the_record_is_looked_at_stays(pair: Pair) -> None:
    """The same question comes once more after a person has answered it: the answer counts."""
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    [other] = pair.tables.rows["b"]
    pair.tables.put("a", "1", name="Bea")
    pair.tables.put("b", other, name="Cid")
    await pair.all_news()
    answered = {"state": "answered", "resolutions": {"name": {"choice": "left"}}}
    reads = 0

    def meanwhile(name: str, system: str, params: Any) -> None:
        nonlocal reads
        reads += name == "get"
        if reads == 2:
            with ThreadPoolExecutor(1) as aside:
                aside.submit(answer_aside, answered).result()

    pair.tables.behave = meanwhile
    await pair.news("a", "1")
    pair.tables.behave = None
    conflict = await Conflict.objects.aget()
    assert conflict.state == "answered"
    await pair.news("a", "1")
    assert pair.tables.rows["b"][other]["name"] == "Bea"
    rollup = await SyncRollup.objects.aget()
    assert rollup.conflicts == 1


def answer_aside(values: dict[str, Any]) -> None:
    Conflict.objects.filter(kind="fields").update(**values)
    connections.close_all()


async def test_both_sides_tell_of_the_same_new_record_at_once(pair: Pair) -> None:
    """Neither is made twice, and the two links that were begun become one."""
    for number in range(12):
        pair.tables.put("a", f"a{number}", name="Ann", mail=f"ann{number}@x", phone="")
        pair.tables.put("b", f"b{number}", name="Ann", mail=f"ann{number}@x", phone="")
    for number in range(12):
        for side in ("a", "b") if number % 2 else ("b", "a"):
            await accept_only(pair, side, f"{side}{number}")
    await carry_all(pair)
    pairs = {(one.left_id, one.right_id) async for one in Link.objects.all()}
    assert pairs == {(f"a{number}", f"b{number}") for number in range(12)}
    assert not await Link.objects.exclude(lease_by="").aexists(), "a lease was left behind"
    assert pair.tables.writes == 0
    assert await Conflict.objects.acount() == 0


async def test_many_pieces_of_news_of_one_record_at_once_write_once(pair: Pair) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    pair.tables.put("a", "1", name="Bea")
    pair.tables.news.clear()
    for _ in range(15):
        await accept_only(pair, "a", "1")
    await carry_all(pair)
    assert pair.tables.writes == 2
    [other] = pair.tables.rows["b"].values()
    assert other["name"] == "Bea"


async def test_a_wave_of_deletes_is_for_a_person(pair: Pair) -> None:
    """A view that is hidden from us looks like deletes: it does not empty the other side."""
    for number in range(24):
        pair.tables.put("a", f"{number}", name="Ann", mail=f"ann{number}@x", phone="")
    await pair.all_news()
    assert len(pair.tables.rows["b"]) == 24
    pair.tables.rows["a"].clear()
    for number in range(24):
        await pair.news("a", f"{number}")
    assert len(pair.tables.rows["b"]) == 4
    assert await Conflict.objects.filter(kind="deleted", state="open").acount() == 4
