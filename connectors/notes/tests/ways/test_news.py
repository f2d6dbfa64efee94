"""Triggers over each way into the database: saves, conflicts, deletions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.notes import CONNECTOR
from connectors.notes.tests.conftest import ENDPOINT_SECRET, WAYS, Clock, Served
from connectors.notes.tests.ways.test_same_operation import CREATE, T_SHIRT, run
from connectors.sdk.errors import ConfigurationError
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage

TRIGGERS = {one.name: one for one in CONNECTOR.triggers}


async def poll(name: str, ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
    asked = TRIGGERS[name].poll
    assert asked is not None
    return await asked(ctx, cursor)


def ids(page: PollPage) -> list[str]:
    return [one.entity_id for one in page.events]


async def test_a_save_is_news_once(over: Served, clock: Clock) -> None:
    page = await poll("notes.document_event", over.ctx(), None)
    assert page.events == ()
    for _ in range(3):
        clock.move(20)
        await over.save(T_SHIRT, Stock=clock.now.second + clock.now.minute * 60)
        page = await poll("notes.document_event", over.ctx(), page.cursor)
        assert ids(page) == [T_SHIRT]
        page = await poll("notes.document_event", over.ctx(), page.cursor)
        assert ids(page) == []


async def test_two_saves_within_one_second_are_both_news(over: Served, clock: Clock) -> None:
    page = await poll("notes.document_event", over.ctx(), None)
    clock.move(20)
    await over.save(T_SHIRT, Stock=7)
    page = await poll("notes.document_event", over.ctx(), page.cursor)
    assert ids(page) == [T_SHIRT]
    await over.save(T_SHIRT, Stock=8)  # the clock stands still
    page = await poll("notes.document_event", over.ctx(), page.cursor)
    assert ids(page) == [T_SHIRT]
    clock.move(20)
    assert ids(await poll("notes.document_event", over.ctx(), page.cursor)) == []


async def test_the_same_save_has_the_same_name_every_way(over: Served, clock: Clock) -> None:
    cursors: dict[str, Any] = {}
    for way in WAYS:
        over.transport, over.sessions = way, {}
        cursors[way] = (await poll("notes.document_event", over.ctx(), None)).cursor
    clock.move(20)
    await over.save(T_SHIRT, Stock=7)
    events = []
    for way in WAYS:
        over.transport, over.sessions = way, {}
        [event] = (await poll("notes.document_event", over.ctx(), cursors[way])).events
        events.append(replace(event))
    assert events[0] == events[1] == events[2]


async def test_a_cursor_of_another_way_loses_nothing(over: Served, clock: Clock) -> None:
    way, over.transport = over.transport, "dds"
    page = await poll("notes.document_event", over.ctx(), None)
    clock.move(20)
    await over.save(T_SHIRT, Stock=7)
    over.transport, over.sessions = way, {}
    page = await poll("notes.document_event", over.ctx(), page.cursor)
    assert ids(page) == [T_SHIRT]


async def test_what_causeway_wrote_is_no_news(over: Served, clock: Clock) -> None:
    page = await poll("notes.document_event", over.ctx(), None)
    clock.move(20)
    made = await run("notes.document.create", over.ctx("e-1"), CREATE)
    page = await poll("notes.document_event", over.ctx(), page.cursor)
    assert ids(page) == []
    clock.move(20)
    unid = made.output["unid"]
    await over.save(unid, TrackingNo="T-1")
    [event] = (await poll("notes.document_event", over.ctx(), page.cursor)).events
    assert (event.entity_id, event.change, event.business_key) == (unid, "updated", "XPYEWWWWK")


async def test_a_conflict_is_news_of_its_own(over: Served, clock: Clock) -> None:
    page = await poll("notes.conflict_event", over.ctx(), None)
    clock.move(20)
    made = await over.control.post(
        "/_twin/documents",
        json={
            "form": "Product Catalog Item",
            "conflict_of": T_SHIRT,
            "items": {"ProductID": "demo_1", "Stock": 3},
        },
    )
    loser = made.raise_for_status().json()["unid"]
    [event] = (await poll("notes.conflict_event", over.ctx(), page.cursor)).events
    assert event.entity_id == loser
    assert event.data["winner"] == T_SHIRT
    events = await poll("notes.document_event", over.ctx(), page.cursor)
    assert ids(events) == []


async def sweep(over: Served, cursor: Mapping[str, Any] | None, view: str) -> PollPage:
    ctx = over.ctx(sweep_view=view)
    page = await poll("notes.document_deleted", ctx, cursor)
    while page.more:
        page = await poll("notes.document_deleted", ctx, page.cursor)
    return page


VIEW = {
    "name": "Swept",
    "alias": "",
    "unid": "5" * 32,
    "columns": [
        {"name": "ProductID", "title": "No", "item": "ProductID", "sorted": "asc"},
        {"name": "Form", "title": "Form", "item": "@form"},
    ],
}


@pytest.fixture(params=WAYS)
async def swept(request: pytest.FixtureRequest, served_world: Callable[..., Any]) -> Served:
    import json

    from connectors.notes.tests.conftest import WORLD

    views = json.loads(WORLD.read_text())["databases"][0]["views"]
    database = {"views": [*views, VIEW], "endpoint": {"secret": ENDPOINT_SECRET}}
    served: Served = await served_world(database=database)
    served.transport = request.param
    return served


async def test_a_deletion_is_news_after_two_sweeps(swept: Served) -> None:
    page = await sweep(swept, None, "Swept")
    await swept.control.delete(f"/_twin/documents/{T_SHIRT}")
    page = await sweep(swept, page.cursor, "Swept")
    assert ids(page) == []
    page = await sweep(swept, page.cursor, "Swept")
    [event] = page.events
    assert (event.entity_id, event.data["form"]) == (T_SHIRT, "Product Catalog Item")
    assert ids(await sweep(swept, page.cursor, "Swept")) == []


async def test_a_view_without_forms_cannot_be_swept_over_the_rest_api(swept: Served) -> None:
    if swept.transport != "drapi":
        assert (await sweep(swept, None, "Stock")).cursor
        return
    with pytest.raises(ConfigurationError) as caught:
        await sweep(swept, None, "Stock")
    assert caught.value.code == "no_form_column"
