"""Events from hooks and polls."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.notes.actions.create import run_create
from connectors.notes.actions.update import run_update
from connectors.notes.polls import PAGE
from connectors.notes.tests.conftest import ORDER, REPLICA, Served
from connectors.notes.tests.test_create import params
from connectors.notes.triggers import matches, poll, poll_conflicts, read_hook, version_of
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.trigger import PollPage

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
BODY: dict[str, Any] = {
    "event_id": f"{REPLICA}-7F2A-1", "kind": "updated", "replica_id": REPLICA,
    "database": "fulfil.nsf", "unid": "a1b2c3d4e5f60718293a4b5c6d7e8f90", "form": "Order Record",
    "modified": "2026-11-23T10:24:02Z", "key": "XPYEWWWWK", "server": "CN=Mail1/O=Acme",
    "origin": "", "sync_rev": "",
}  # fmt: skip


def connection(system: str = REPLICA) -> ConnectionConfig:
    return ConnectionConfig(
        id="1", slug="notes", connector="notes", system=system,
        settings={"database": "fulfil.nsf"}, secrets={},
    )  # fmt: skip


def test_a_delivery_becomes_an_event() -> None:
    [event] = read_hook(connection(), BODY)
    assert (event.type, event.entity, event.change) == (
        "notes.document_event@1", "document", "updated",
    )  # fmt: skip
    assert event.entity_id == "A1B2C3D4E5F60718293A4B5C6D7E8F90"
    assert event.version == "2026-11-23T10:24:02Z"
    assert event.occurred_at == datetime(2026, 11, 23, 10, 24, 2, tzinfo=UTC)
    assert event.business_key == "XPYEWWWWK"
    assert event.data == {
        "unid": event.entity_id, "form": "Order Record", "modified": "2026-11-23T10:24:02Z",
        "database": "fulfil.nsf", "replica_id": REPLICA, "change": "updated",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"unid": ""},
        {"form": None},
        {"modified": "yesterday"},
        {"modified": "2026-11-23T10:24:02"},
        {"kind": "purged"},
        {"replica_id": "0" * 16},
    ],
    ids=str,
)
def test_what_is_no_delivery_of_this_database_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_hook(connection(), {**BODY, **change})


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({}, True),
        ({"forms": [], "changes": []}, True),
        ({"forms": ["order record"]}, True),
        ({"forms": ["Customer Record"]}, False),
        ({"changes": ["created"]}, False),
        ({"forms": ["Order Record"], "changes": ["created", "updated"]}, True),
    ],
)
def test_matching(params: dict[str, Any], wanted: bool) -> None:
    [event] = read_hook(connection(), BODY)
    assert matches(params, event) is wanted


async def start(served: Served) -> PollPage:
    page = await poll(served.ctx(), None)
    assert page.events == ()
    return page


async def test_the_first_poll_starts_from_now(served: Served) -> None:
    assert (await start(served)).cursor == {"since": "2026-11-23T10:21:30Z", "seen": {}}


async def test_hook_and_poll_name_the_same_state_alike(served: Served) -> None:
    page = await start(served)
    served.clock.move(30)
    await served.save(T_SHIRT, Stock=5)
    served.twin.agents.capture()
    [entry] = served.twin.agents.to_json()["outbox"]
    [hooked] = read_hook(served.connection(), json.loads(json.dumps(entry["body"])))
    [polled] = (await poll(served.ctx(), page.cursor)).events
    assert polled == hooked


async def test_two_saves_within_a_second_are_two_versions(served: Served) -> None:
    versions = set()
    for stock in (5, 6):
        await served.save(T_SHIRT, Stock=stock)
        served.twin.agents.capture()
    for entry in served.twin.agents.to_json()["outbox"]:
        [event] = read_hook(served.connection(), entry["body"])
        versions.add(event.version)
    assert len(versions) == 2
    assert all(one.startswith("2026-11-23T10:21:30Z-") for one in versions)
    assert version_of(served.clock.now, "") == "2026-11-23T10:21:30Z"


async def test_a_state_is_reported_once_in_spite_of_the_overlap(served: Served) -> None:
    page = await start(served)
    served.clock.move(30)
    await served.save(T_SHIRT, Stock=5)
    served.clock.move(1)
    first = await poll(served.ctx(), page.cursor)
    assert [one.change for one in first.events] == ["updated"]
    assert first.events[0].business_key == "demo_1"
    served.clock.move(30)
    second = await poll(served.ctx(), first.cursor)
    assert second.events == []
    await served.save(T_SHIRT, Stock=6)
    third = await poll(served.ctx(), second.cursor)
    assert len(third.events) == 1
    served.clock.move(600)
    last = await poll(served.ctx(), third.cursor)
    assert last.events == []
    assert (await poll(served.ctx(), last.cursor)).cursor["seen"] == {}


async def test_own_writes_are_no_news_and_created_means_by_a_person(served: Served) -> None:
    page = await start(served)
    served.clock.move(30)
    unid = (await run_create(served.ctx(), params())).output["unid"]
    await run_update(served.ctx(), {"unid": T_SHIRT, "items": {"Stock": 3}})
    quiet = await poll(served.ctx(), page.cursor)
    assert quiet.events == []
    served.clock.move(5)
    await served.save(unid, OrderStatus="Shipped")
    body = {"form": "Order Record", "items": {**ORDER, "OrderNo": "BYHAND"}}
    by_hand = (await served.control.post("/_twin/documents", json=body)).json()["unid"]
    news = await poll(served.ctx(), quiet.cursor)
    assert {one.entity_id: one.change for one in news.events} == {
        unid: "updated", by_hand: "created",
    }  # fmt: skip


async def test_conflict_and_deleted_documents_are_no_news(served: Served) -> None:
    page = await start(served)
    served.clock.move(30)
    await served.control.post(
        "/_twin/documents",
        json={
            "form": "Product Catalog Item",
            "conflict_of": T_SHIRT,
            "items": {"ProductID": "demo_1", "Stock": 1},
        },
    )
    await served.save(T_SHIRT, Stock=5)
    await served.control.delete(f"/_twin/documents/{T_SHIRT}")
    assert (await poll(served.ctx(), page.cursor)).events == []


async def test_a_flood_comes_in_pages_and_loses_nothing(served: Served) -> None:
    page = await start(served)
    count = PAGE + 30
    for number in range(count):
        served.clock.move(0.5)
        body = {"form": "Order Record", "items": {**ORDER, "OrderNo": str(number)}}
        await served.control.post("/_twin/documents", json=body)
    first = await poll(served.ctx(), page.cursor)
    assert first.more
    assert len(first.events) == PAGE
    second = await poll(served.ctx(), first.cursor)
    assert not second.more
    keys = [one.business_key for one in [*first.events, *second.events]]
    assert sorted(keys, key=int) == [str(number) for number in range(count)]


async def test_cursor_and_events_are_json(served: Served) -> None:
    page = await start(served)
    served.clock.move(30)
    await served.save(T_SHIRT, Stock=5)
    page = await poll(served.ctx(), page.cursor)
    assert json.loads(json.dumps(page.cursor)) == page.cursor
    json.dumps(page.events[0].data)


async def test_a_second_save_in_the_second_of_the_poll_is_news_too(served: Served) -> None:
    """The change list shows the same time for both."""
    page = await start(served)
    served.clock.move(30)
    await served.save(T_SHIRT, Stock=5)
    first = await poll(served.ctx(), page.cursor)
    await served.save(T_SHIRT, Stock=6)
    second = await poll(served.ctx(), first.cursor)
    assert [len(one.events) for one in (first, second)] == [1, 1]
    assert first.events[0].version != second.events[0].version
    third = await poll(served.ctx(), second.cursor)
    assert third.events == []
    served.clock.move(10)
    settled = await poll(served.ctx(), third.cursor)
    assert settled.events == []
    before = len(await served.requests())
    assert (await poll(served.ctx(), settled.cursor)).events == []
    assert len(await served.requests()) == before + 1


async def test_a_quiet_database_costs_one_request_and_is_told(served: Served) -> None:
    page = await start(served)
    for quiet in (1, 2, 3):
        served.clock.move(10)
        before = len(await served.requests())
        page = await poll(served.ctx(), page.cursor)
        assert page.quiet == quiet
        assert len(await served.requests()) == before + 1
    served.clock.move(10)
    await served.save(T_SHIRT, Stock=5)
    page = await poll(served.ctx(), page.cursor)
    assert page.quiet == 0
    assert "quiet" not in page.cursor


async def test_a_conflict_document_is_news_of_its_own(served: Served) -> None:
    page = await poll_conflicts(served.ctx(), None)
    served.clock.move(30)
    body = {
        "form": "Product Catalog Item",
        "conflict_of": T_SHIRT,
        "items": {"ProductID": "demo_1", "Stock": 1},
    }
    loser = (await served.control.post("/_twin/documents", json=body)).json()["unid"]
    await served.save(T_SHIRT, Stock=5)
    page = await poll_conflicts(served.ctx(), page.cursor)
    [event] = page.events
    assert (event.type, event.change) == ("notes.conflict_event@1", "created")
    assert (event.data["unid"], event.data["winner"]) == (loser, T_SHIRT)
    assert event.business_key == "demo_1"
    served.clock.move(30)
    assert (await poll_conflicts(served.ctx(), page.cursor)).events == []


def test_a_deletion_that_the_database_script_told() -> None:
    """The form-event path tells in seconds what the sweep finds in minutes."""
    [event] = read_hook(connection(), {**BODY, "kind": "deleted", "hash": "", "key": "SO-1"})
    assert event.type == "notes.document_deleted@1"
    assert event.change == "deleted"
    assert event.business_key == "SO-1"
    assert event.version.startswith("gone-")
    assert event.data["form"] == BODY["form"]
