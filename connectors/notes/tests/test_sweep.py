"""notes.document_deleted: what a sweep of a view misses."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes import sweep
from connectors.notes.client import Selection
from connectors.notes.dds.client import DdsClient
from connectors.notes.sweep import matches, poll
from connectors.notes.tests.conftest import ORDER, Served
from connectors.sdk.errors import ConfigurationError, UnavailableError
from connectors.sdk.operation import OperationContext
from connectors.sdk.trigger import PollPage, SourceEvent

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


def ctx(served: Served, view: str = "Stock") -> OperationContext:
    return served.ctx(sweep_view=view)


async def whole(served: Served, cursor: Any, view: str = "Stock") -> PollPage:
    """One sweep to its end; the cursor goes through JSON on its way."""
    for _ in range(50):
        page = await poll(ctx(served, view), json.loads(json.dumps(cursor)))
        if not page.more:
            return page
        assert page.events == ()
        cursor = page.cursor
    raise AssertionError("the sweep does not end")


async def delete(served: Served, unid: str) -> None:
    (await served.control.delete(f"/_twin/documents/{unid}")).raise_for_status()


async def test_a_deletion_is_news_after_two_sweeps_and_once(served: Served) -> None:
    page = await whole(served, None)
    assert page.events == ()
    await delete(served, T_SHIRT)
    served.clock.move(900)
    page = await whole(served, page.cursor)
    assert page.events == []
    served.clock.move(900)
    page = await whole(served, page.cursor)
    [event] = page.events
    assert (event.change, event.entity_id) == ("deleted", T_SHIRT)
    assert event.data["form"] == "Product Catalog Item"
    assert event.data["missed_since"] == "2026-11-23T10:36:30Z"
    assert (page.every, page.default) == ("sweep_interval", sweep.EVERY)
    assert (await whole(served, page.cursor)).events == []


async def test_what_comes_back_in_between_is_no_news(served: Served) -> None:
    """Lost access that is given back: the document was hidden, not deleted."""
    page = await whole(served, None)
    state = served.twin.store.databases["fulfil.nsf"]
    hidden = state.documents[T_SHIRT]
    state.delete(T_SHIRT)
    page = await whole(served, page.cursor)
    state.save(hidden, by="CN=Ann Editor/O=Meadow")
    for _ in range(3):
        page = await whole(served, page.cursor)
        assert page.events == []


async def test_a_document_that_left_the_view_is_no_deletion(served: Served) -> None:
    page = await whole(served, None)
    state = served.twin.store.databases["fulfil.nsf"]
    document = state.documents[T_SHIRT]
    document.form = "Archived Item"
    state.save(document, by="CN=Ann Editor/O=Meadow")
    for _ in range(3):
        page = await whole(served, page.cursor)
        assert page.events == []


async def test_new_documents_are_known_from_the_next_sweep_on(served: Served) -> None:
    page = await whole(served, None, "(OrdersByExternalKey)")
    body = {"form": "Order Record", "items": ORDER}
    unid = (await served.control.post("/_twin/documents", json=body)).json()["unid"]
    page = await whole(served, page.cursor, "(OrdersByExternalKey)")
    await delete(served, unid)
    page = await whole(served, page.cursor, "(OrdersByExternalKey)")
    page = await whole(served, page.cursor, "(OrdersByExternalKey)")
    assert [one.entity_id for one in page.events] == [unid]


async def test_a_sweep_in_parts(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 7)
    page = await whole(served, None)
    known = {one["unid"] for one in await served.documents("Product Catalog Item")}
    assert set(sweep._unpack(page.cursor["known"])) == known
    await delete(served, T_SHIRT)
    page = await whole(served, page.cursor)
    page = await whole(served, page.cursor)
    assert [one.entity_id for one in page.events] == [T_SHIRT]
    assert set(sweep._unpack(page.cursor["known"])) == known - {T_SHIRT}


async def test_documents_that_slip_between_two_parts_stay_known(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deletions before the place where a sweep stands move the rest of the view up."""
    monkeypatch.setattr(sweep, "AT_ONCE", 7)
    page = await whole(served, None)
    listing = await DdsClient(served.ctx()).entries("Stock", Selection())
    order = [one.unid for one in listing.entries]
    part = await poll(ctx(served), page.cursor)
    for unid in order[:3]:
        await delete(served, unid)
    page = await whole(served, part.cursor)
    assert page.events == []
    known = set(sweep._unpack(page.cursor["known"]))
    assert set(order[3:]) <= known
    await delete(served, order[7])
    gone: set[str] = set()
    for _ in range(3):
        page = await whole(served, page.cursor)
        gone |= {one.entity_id for one in page.events}
    assert gone == {*order[:3], order[7]}


async def test_many_deletions_are_looked_at_in_turn(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST_READ", 5)
    page = await whole(served, None)
    unids = {one["unid"] for one in await served.documents("Product Catalog Item")}
    for unid in unids:
        await delete(served, unid)
    gone: list[str] = []
    for _ in range(30):
        page = await whole(served, page.cursor)
        gone += [one.entity_id for one in page.events]
    assert sorted(gone) == sorted(unids)


async def test_an_outage_reports_nothing(served: Served) -> None:
    page = await whole(served, None)
    await served.fault(down=True)
    with pytest.raises(UnavailableError):
        await poll(ctx(served), page.cursor)
    await served.fault(clear=True)
    assert (await whole(served, page.cursor)).events == []


async def test_the_connection_has_to_name_a_view(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await poll(served.ctx(), None)
    assert caught.value.code == "no_sweep_view"


@pytest.mark.parametrize(
    ("forms", "wanted"), [([], True), (["order record"], True), (["Customer Record"], False)]
)
async def test_matching(served: Served, forms: list[str], wanted: bool) -> None:
    event: SourceEvent = sweep._event(served.ctx(), T_SHIRT, "Order Record", "2026-11-23T10:36:30Z")
    assert matches({"forms": forms}, event) is wanted


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_ids_survive_packing(count: int) -> None:
    ids = {f"{number:032X}": f"Form {number % 3}" for number in range(count)}
    assert sweep._unpack(json.loads(json.dumps(sweep._pack(ids)))) == ids


async def test_a_large_view_is_asked_for_little(served_world: Callable[..., Any]) -> None:
    served: Served = await served_world()
    await whole(served, None)
    paths = [path for _, path, _ in await served.requests() if "/collections/" in path]
    assert all("systemcolumns=258" in one for one in paths)
