"""notes.document.change_status."""

from typing import Any

import pytest

from connectors.notes.actions.change_status import probe_change_status, run_change_status
from connectors.notes.actions.read import run_get
from connectors.notes.tests.conftest import Served, fits
from connectors.notes.tests.test_create import person_makes, receipt_of
from connectors.sdk.errors import ConfigurationError, ConflictError, UncertainError
from connectors.sdk.receipt import Verdict


@pytest.fixture
async def unid(served: Served) -> str:
    made = await person_makes(served)
    served.clock.move(60)
    return made


def params(unid: str, **more: Any) -> dict[str, Any]:
    return {
        "unid": unid,
        "status_item": "OrderStatus",
        "status": "In Fulfilment",
        "from": ["Awaiting Approval"],
        "date_item": "StatusChanged",
        "log_item": "History",
        **more,
    }


async def items(served: Served) -> dict[str, Any]:
    [document] = await served.documents()
    return dict(document["items"])


async def test_status_date_and_log(served: Served, unid: str) -> None:
    await served.save(unid, History=["by hand"])
    served.clock.move(60)
    result = await run_change_status(served.ctx(), params(unid))
    output = fits("notes.document.change_status", result.output)
    assert (output["from"], output["status"], output["changed"]) == (
        "Awaiting Approval", "In Fulfilment", True,
    )  # fmt: skip
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    stored = await items(served)
    assert stored["OrderStatus"] == "In Fulfilment"
    assert stored["StatusChanged"] == "2026-11-23T10:23:30Z"
    assert stored["History"] == [
        "by hand", "2026-11-23 10:23 UTC Causeway: Awaiting Approval > In Fulfilment",
    ]  # fmt: skip


async def test_again_writes_no_second_line(served: Served, unid: str) -> None:
    await run_change_status(served.ctx(), params(unid))
    for effect in ("effect-1", "effect-2"):
        again = await run_change_status(served.ctx(effect), params(unid))
        assert again.output["status"] == "In Fulfilment"
    stored = await items(served)
    assert [one for one in stored["History"] if "Causeway" in one] == stored["History"][1:]
    assert len(stored["History"]) == 2


async def test_only_from_where_it_may_begin(served: Served, unid: str) -> None:
    await served.save(unid, OrderStatus="Cancelled")
    with pytest.raises(ConflictError) as caught:
        await run_change_status(served.ctx(), params(unid))
    assert caught.value.code == "status"
    assert (await probe_change_status(served.ctx(), params(unid))).happened is False
    assert (await items(served))["OrderStatus"] == "Cancelled"


async def test_a_stale_version(served: Served, unid: str) -> None:
    version = (await run_get(served.ctx(), {"unid": unid})).output["version"]
    await served.save(unid, Total=50)
    with pytest.raises(ConflictError) as caught:
        await run_change_status(served.ctx(), params(unid, version=version))
    assert caught.value.code == "changed"


async def test_a_date_item_must_be_one(served: Served, unid: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_change_status(served.ctx(), params(unid, date_item="CustomerName"))
    assert caught.value.code == "date_item"


async def test_a_lost_answer(served: Served, unid: str) -> None:
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    with pytest.raises(UncertainError):
        await run_change_status(served.ctx(), params(unid))
    probed = await probe_change_status(served.ctx(), params(unid))
    assert probed.happened
    assert receipt_of(probed.result).action == "updated"


async def test_a_dry_run(served: Served, unid: str) -> None:
    bare = {"unid": unid, "status_item": "OrderStatus", "status": "Closed"}
    planned = await run_change_status(served.ctx(dry_run=True), bare)
    assert planned.prediction == (
        f"would change 'Order Record' {unid}: OrderStatus 'Awaiting Approval' → 'Closed'"
    )
    assert (await items(served))["OrderStatus"] == "Awaiting Approval"
