"""notes.folder.change."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.actions.folder import probe_folder, run_folder
from connectors.notes.client import Selection
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import Served, fits
from connectors.notes.tests.test_create import receipt_of
from connectors.sdk.errors import ConfigurationError, RejectedError, UncertainError
from connectors.sdk.receipt import Verdict

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


@pytest.fixture
async def served(served_world: Callable[..., Any]) -> Served:
    one: Served = await served_world(folders=["Discontinued"])
    return one


async def others(served: Served, count: int) -> list[str]:
    documents = await served.documents("Product Catalog Item")
    return [one["unid"] for one in documents if one["unid"] != UNID][:count]


def params(*add: str, remove: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"folder": "Discontinued", "add": list(add), "remove": list(remove)}


async def inside(served: Served) -> set[str]:
    listing = await DdsClient(served.ctx()).entries("Discontinued", Selection())
    return {one.unid for one in listing.entries}


async def test_in_and_out(served: Served) -> None:
    [other] = await others(served, 1)
    result = await run_folder(served.ctx(), params(UNID, other))
    assert fits("notes.folder.change", result.output)["added"] == [UNID, other]
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert await inside(served) == {UNID, other}
    result = await run_folder(served.ctx(), params(UNID, remove=(other,)))
    assert result.output == {"folder": "Discontinued", "added": [], "removed": [other]}
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert await inside(served) == {UNID}
    again = await run_folder(served.ctx(), params(UNID, remove=(other,)))
    assert receipt_of(again).action == "unchanged"
    document = (await served.control.get(f"/_twin/documents/{UNID}")).json()
    assert document["sequence"] == 1


async def test_one_that_is_gone_is_named_and_the_rest_is_done(served: Served) -> None:
    with pytest.raises(RejectedError) as caught:
        await run_folder(served.ctx(), params(UNID, "F" * 32))
    assert caught.value.code == "folder_partly"
    assert caught.value.detail["not_added"] == ["F" * 32]
    assert await inside(served) == {UNID}


async def test_a_view_is_no_folder(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_folder(served.ctx(), {**params("F" * 32), "folder": "Stock"})
    assert caught.value.code == "not_a_folder"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(params(), "empty"), (params(UNID, remove=(UNID,)), "both_ways"), (params("x"), "unid")],
)
async def test_what_makes_no_sense(served: Served, wanted: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_folder(served.ctx(), wanted)
    assert caught.value.code == code


async def test_a_lost_answer_and_a_dropped_change(served: Served) -> None:
    await served.fault(lost_answer={"path": "/collections", "count": 1})
    with pytest.raises(UncertainError):
        await run_folder(served.ctx(), params(UNID))
    assert (await probe_folder(served.ctx(), params(UNID))).happened
    await served.fault(clear=True, lost_save=1)
    result = await run_folder(served.ctx(), params(remove=(UNID,)))
    assert receipt_of(result).verdict is Verdict.DIVERGED
    assert (await probe_folder(served.ctx(), params(remove=(UNID,)))).happened is False


async def test_a_dry_run(served: Served) -> None:
    planned = await run_folder(served.ctx(dry_run=True), params(UNID))
    assert planned.prediction == "would put 1 documents into 'Discontinued' and take 0 out"
    assert await inside(served) == set()
