"""Edits that meet: nothing of anybody is covered without a word."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.notes import guarded
from connectors.notes.actions.read import run_get
from connectors.notes.actions.update import probe_update, run_update
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import FORMS, START, Served
from connectors.notes.tests.crowd import add_one_each
from connectors.notes.transforms import FormProfile, NotesDocument, write_items
from connectors.sdk.errors import ConflictError, UncertainError
from connectors.sdk.operation import OperationContext

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


def params(**items: Any) -> dict[str, Any]:
    return {"unid": UNID, "items": items}


async def stored(served: Served) -> dict[str, Any]:
    return dict((await served.control.get(f"/_twin/documents/{UNID}")).json()["items"])


def meanwhile(served: Served, **items: Any) -> OperationContext:
    """A context in which somebody saves while we wait for a save to be at rest."""

    async def wait(seconds: float) -> None:
        if served.clock.now == START:
            await served.save(UNID, **items)
        served.clock.move(seconds)

    return replace(served.ctx(), wait=wait)


async def test_the_servers_guard_alone_covers_an_edit_of_the_same_second(served: Served) -> None:
    """[S] 9.7: why we wait."""
    client = DdsClient(served.ctx())
    await served.save(UNID, Stock=7)
    read = await client.read(UNID)
    await served.save(UNID, Stock=8)
    await client.patch(read, write_items({"Stock": 9}, FormProfile(form="")))
    assert (await stored(served))["Stock"] == 9


async def test_a_second_edit_in_the_second_that_the_flow_read_is_caught(served: Served) -> None:
    await served.save(UNID, Stock=7)
    version = (await run_get(served.ctx(), {"unid": UNID})).output["version"]
    await served.save(UNID, Stock=8)
    now = (await run_get(served.ctx(), {"unid": UNID})).output["version"]
    assert now["last_modified"] == version["last_modified"]
    with pytest.raises(ConflictError) as caught:
        await run_update(served.ctx(), {**params(Stock=9), "version": version})
    assert caught.value.code == "changed"
    assert (await stored(served))["Stock"] == 8


async def test_an_edit_of_our_item_in_the_second_of_our_reading_is_caught(served: Served) -> None:
    await served.save(UNID, Stock=7)
    with pytest.raises(ConflictError) as caught:
        await run_update(meanwhile(served, Stock=8), params(Stock=9))
    assert caught.value.code == "changed"
    assert caught.value.detail["items"] == ["Stock"]
    assert (await stored(served))["Stock"] == 8


async def test_an_edit_of_another_item_in_that_second_is_kept(served: Served) -> None:
    await served.save(UNID, Stock=7)
    result = await run_update(meanwhile(served, Color="Blue"), params(Stock=9))
    assert result.output["changed"] is True
    items = await stored(served)
    assert (items["Stock"], items["Color"]) == (9, "Blue")


async def test_a_save_between_opening_and_saving_is_noticed(served: Served) -> None:
    """[S/I] 9.7: the service answers 200 although it wrote nothing."""
    await served.fault(late_save={"seconds": 0.2, "method": "PATCH", "count": 1})
    client = DdsClient(served.ctx())
    patch = client.patch

    async def crossed(self: DdsClient, *args: Any, **kwargs: Any) -> None:
        late = asyncio.create_task(patch(*args, **kwargs))
        await asyncio.sleep(0.05)
        await served.save(UNID, Color="Blue")
        await late

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DdsClient, "patch", crossed)
        with pytest.raises(ConflictError) as caught:
            await run_update(served.ctx(), params(Stock=9))
    assert caught.value.code == "lost_save"
    items = await stored(served)
    assert (items["Stock"], items["Color"]) == (38, "Blue")


async def test_items_outside_of_the_synced_ones_are_guarded_too(served: Served) -> None:
    form = {**FORMS["Product Catalog Item"], "synced": ["Active"]}
    settings: dict[str, Any] = {"forms": {"Product Catalog Item": form}}
    await served.save(UNID, Stock=7)
    version = (await run_get(served.ctx(**settings), {"unid": UNID})).output["version"]
    await served.save(UNID, Stock=8)
    with pytest.raises(ConflictError):
        await run_update(served.ctx(**settings), {**params(Stock=9), "version": version})
    inside = {"unid": UNID, "items": {"Active": "No"}, "version": version}
    assert (await run_update(served.ctx(**settings), inside)).output["changed"] is True


@pytest.mark.parametrize(
    ("expected", "fits"),
    [
        ({"Stock": 38}, True),
        ({"stock": "38", "Category": "Clothes\\Men", "EAN": None}, True),
        ({"Stock": 37}, False),
        ({"Active": "No"}, False),
    ],
)
async def test_values_that_must_still_be_there(
    served: Served, expected: dict[str, Any], fits: bool
) -> None:
    wanted = {**params(Stock=1), "expected": expected}
    if fits:
        assert (await run_update(served.ctx(), wanted)).output["changed"] is True
        return
    with pytest.raises(ConflictError) as caught:
        await run_update(served.ctx(), wanted)
    assert caught.value.code == "changed"


async def test_a_conflict_document_is_not_changed(served: Served) -> None:
    body = {"form": "Product Catalog Item", "conflict_of": UNID, "items": {"ProductID": "demo_1"}}
    loser = (await served.control.post("/_twin/documents", json=body)).json()["unid"]
    with pytest.raises(ConflictError) as caught:
        await run_update(served.ctx(), {"unid": loser, "items": {"Stock": 1}})
    assert caught.value.code == "conflict_document"
    assert caught.value.detail == {"unid": loser, "winner": UNID}


async def test_a_failed_reading_back_leaves_the_change_open(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = DdsClient.patch

    async def then_down(self: DdsClient, *args: Any, **kwargs: Any) -> None:
        await patch(self, *args, **kwargs)
        await served.fault(down=1)

    monkeypatch.setattr(DdsClient, "patch", then_down)
    with pytest.raises(UncertainError) as caught:
        await run_update(served.ctx(), params(Stock=1))
    assert caught.value.code == "unverified"
    assert (await probe_update(served.ctx(), params(Stock=1))).happened


async def test_edits_of_one_second_are_saved_or_reported(served: Served) -> None:
    tally = await add_one_each(served, UNID, 25, tries=1)
    assert tally.told["saved"] >= 1
    assert tally.told.total() == 25
    assert tally.unreported == 0


async def test_edits_that_are_repeated_all_come_into_the_sum(served: Served) -> None:
    tally = await add_one_each(served, UNID, 8, tries=8)
    assert tally.told["saved"] == 8
    assert tally.after == tally.before + 8


@pytest.mark.parametrize("waits", [True, False])
async def test_it_is_the_wait_that_keeps_the_first_of_two_edits(
    served: Served, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    """Both read the same state, the second writes when the first is done. Without the wait the
    first one's edit is gone, and both were told that they saved."""

    async def at_once(
        ctx: OperationContext, client: DdsClient, unid: str, *, first: NotesDocument
    ) -> NotesDocument:
        return first

    patch = DdsClient.patch
    others = [{"Stock": 8}]

    async def after_the_first(self: DdsClient, *args: Any, **kwargs: Any) -> None:
        if others:
            first = await run_update(served.ctx("first"), {"unid": UNID, "items": others.pop()})
            assert first.output["changed"] is True
        await patch(self, *args, **kwargs)

    if not waits:
        monkeypatch.setattr(guarded, "read_settled", at_once)
    monkeypatch.setattr(DdsClient, "patch", after_the_first)
    await served.save(UNID, Stock=7)
    if waits:
        with pytest.raises(ConflictError):
            await run_update(served.ctx("second"), params(Stock=9))
    else:
        assert (await run_update(served.ctx("second"), params(Stock=9))).output["changed"] is True
    assert (await stored(served))["Stock"] == (8 if waits else 9)


async def test_edits_meet_on_a_slow_server_too(
    served_world: Callable[..., Any],
) -> None:
    served = await served_world()
    await served.fault(late_save={"seconds": 0.02, "method": "PATCH"})
    tally = await add_one_each(served, UNID, 12, tries=3)
    assert tally.told["saved"] >= 1
    assert tally.told["lost_save"] >= 1
    assert tally.unreported == 0
