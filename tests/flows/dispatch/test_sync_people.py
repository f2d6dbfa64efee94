"""What people do about links, and that workers carry it out."""

import pytest
from asgiref.sync import sync_to_async

from causeway.base.actors import system
from flows.dispatch import worker
from flows.models import Conflict, Link
from flows.services import documents
from flows.services.conflicts import Decided, decide, find_conflict
from flows.services.links import find_link, look_again, refresh
from tests.flows.sync.pair import make_catalog
from tests.flows.sync.paired import Pair


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
