"""What people do about links, and that workers carry it out."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from causeway.base.actors import system
from causeway.base.models import Environment
from flows.dispatch import worker
from flows.models import Conflict, Flow, Link, Run
from flows.services import documents
from flows.services.conflicts import Decided, decide, find_conflict
from flows.services.dry_runs import DryOrder, dry_run
from flows.services.links import find_link, look_again, refresh
from tests.flows.sync.pair import make_catalog
from tests.flows.sync.paired import Pair, accept_only


@pytest.fixture
def installed(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pair's connector, also for those who compile flows for people."""
    found = make_catalog(pair.tables)
    monkeypatch.setattr(documents, "default_catalog", lambda: found)


async def test_a_person_looks_at_a_record_now(pair: Pair, installed: None) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    pair.tables.put("a", "1", name="Bea")
    link = await Link.objects.aget()
    found = await sync_to_async(find_link)(system("ann"), link.pk)
    await sync_to_async(refresh)(system("ann"), found)
    await worker.drain()
    assert pair.tables.rows["b"][link.right_id]["name"] == "Bea"


async def test_what_a_person_decides_is_carried_out_at_once(pair: Pair, installed: None) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    [other] = pair.tables.rows["b"]
    pair.tables.put("a", "1", name="Bea")
    pair.tables.put("b", other, name="Cid")
    await pair.all_news()

    def decide_it() -> bool:
        actor = system("ann")
        conflict = find_conflict(actor, Conflict.objects.get().pk)
        given = [Decided(field="name", choice="value", value="Bea Cid")]
        return look_again(actor, decide(actor, conflict, given).link)

    assert await sync_to_async(decide_it)()
    await worker.drain()
    assert pair.tables.rows["a"]["1"]["name"] == "Bea Cid"
    assert pair.tables.rows["b"][other]["name"] == "Bea Cid"
    conflict = await Conflict.objects.exclude(kind="overruled").aget()
    assert (conflict.state, conflict.decided_by) == ("decided", "system:ann")


async def test_a_dry_run_says_what_would_be_written_and_remembers_nothing(
    pair: Pair, installed: None
) -> None:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="")
    await pair.all_news()
    pair.tables.put("a", "1", name="Bea")
    await accept_only(pair, "a", "1")
    before = await Link.objects.values().aget()

    def dry() -> list[dict[str, Any]]:
        flow = Flow.objects.select_related("workspace").get()
        environment = Environment.objects.select_related("workspace").get()
        try:
            order = DryOrder(last=1)
            return dry_run(system("ann"), flow=flow, environment=environment, order=order)
        finally:
            connections.close_all()

    # Not in the thread that serves the ORM: the dry run itself waits for that one.
    [told] = await asyncio.to_thread(dry)
    assert told["state"] == "succeeded"
    [effect] = told["effects"]
    assert effect["says"] == "would change name on the right side"
    assert pair.tables.writes == 1
    assert await Link.objects.values().aget() == before


async def test_two_records_with_other_partners_are_not_brought_together(
    pair: Pair, installed: None
) -> None:
    for id_ in ("1", "2"):
        pair.tables.put("a", id_, name="Ann", mail=f"ann{id_}@x", phone="")
    await pair.all_news()
    link = await Link.objects.aget(left_id="1")
    other = await Link.objects.aget(left_id="2")

    def start() -> None:
        found = find_link(system("ann"), link.pk)
        found.right_id = other.right_id  # as somebody might name them by hand
        refresh(system("ann"), found)

    await sync_to_async(start)()
    await worker.drain()
    run = await Run.objects.order_by("-id").afirst()
    assert run is not None
    assert run.state == "dead"
    assert run.error["code"] == "linked_otherwise"
