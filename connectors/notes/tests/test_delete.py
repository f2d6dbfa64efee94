"""notes.document.delete: marked by default, gone for good when told so."""

from typing import Any

import pytest

from connectors.notes.actions.delete import probe_delete, run_delete
from connectors.notes.actions.read import run_get
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import Served, fits
from connectors.notes.tests.test_create import receipt_of
from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    UncertainError,
)
from connectors.sdk.receipt import Verdict

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
SOFT: dict[str, Any] = {"unid": UNID, "mark_item": "Deleted"}
HARD: dict[str, Any] = {"unid": UNID, "mode": "hard"}


async def stored(served: Served) -> dict[str, Any] | None:
    answer = await served.control.get(f"/_twin/documents/{UNID}")
    return dict(answer.json()) if answer.status_code == 200 else None


async def test_a_mark_by_default(served: Served) -> None:
    result = await run_delete(served.ctx(), SOFT)
    assert fits("notes.document.delete", result.output)["action"] == "marked"
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    document = await stored(served)
    assert document is not None
    assert document["items"]["Deleted"] == "1"
    assert document["items"]["ProductID"] == "demo_1"
    again = await run_delete(served.ctx("effect-2"), SOFT)
    assert again.output["action"] == "unchanged"


async def test_another_form(served: Served) -> None:
    result = await run_delete(served.ctx(), {"unid": UNID, "mark_form": "Deleted Item"})
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    document = await stored(served)
    assert document is not None
    assert document["form"] == "Deleted Item"
    again = await run_delete(served.ctx("e2"), {"unid": UNID, "mark_form": "Deleted Item"})
    assert again.output["action"] == "unchanged"


async def test_nothing_to_mark_with(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_delete(served.ctx(), {"unid": UNID})
    assert caught.value.code == "no_mark"


async def test_gone_for_good(served: Served) -> None:
    result = await run_delete(served.ctx(), HARD)
    assert fits("notes.document.delete", result.output)["action"] == "deleted"
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert await stored(served) is None
    again = await run_delete(served.ctx(), HARD)
    assert again.output["action"] == "unchanged"
    with pytest.raises(NotFoundError):
        await run_delete(served.ctx(), SOFT)


@pytest.mark.parametrize("given", [SOFT, HARD], ids=["soft", "hard"])
async def test_what_somebody_changed_stays(served: Served, given: dict[str, Any]) -> None:
    version = (await run_get(served.ctx(), {"unid": UNID})).output["version"]
    await served.save(UNID, Stock=7)
    with pytest.raises(ConflictError):
        await run_delete(served.ctx(), {**given, "version": version})
    document = await stored(served)
    assert document is not None
    assert "Deleted" not in document["items"]


async def test_a_save_between_reading_and_deleting_keeps_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = DdsClient.delete

    async def late(self: DdsClient, *args: Any, **kwargs: Any) -> None:
        await served.save(UNID, Stock=7)
        await delete(self, *args, **kwargs)

    monkeypatch.setattr(DdsClient, "delete", late)
    await served.save(UNID, Stock=6)
    with pytest.raises(ConflictError):
        await run_delete(served.ctx(), HARD)
    assert await stored(served) is not None


async def test_a_deletion_that_was_dropped_is_not_believed(served: Served) -> None:
    await served.fault(lost_save=1)
    with pytest.raises(UncertainError) as caught:
        await run_delete(served.ctx(), HARD)
    assert caught.value.code == "still_there"
    assert (await probe_delete(served.ctx(), HARD)).happened is False


@pytest.mark.parametrize("given", [SOFT, HARD], ids=["soft", "hard"])
async def test_a_lost_answer(served: Served, given: dict[str, Any]) -> None:
    assert (await probe_delete(served.ctx(), given)).happened is False
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    with pytest.raises(UncertainError):
        await run_delete(served.ctx(), given)
    assert (await probe_delete(served.ctx(), given)).happened


async def test_without_the_right_to_delete(served_world: Any) -> None:
    served = await served_world(database={"may_delete": []})
    with pytest.raises(PermissionDeniedError):
        await run_delete(served.ctx(), HARD)


async def test_dry_runs(served: Served) -> None:
    planned = await run_delete(served.ctx(dry_run=True), HARD)
    assert planned.prediction == f"would delete 'Product Catalog Item' {UNID} for good"
    planned = await run_delete(served.ctx(dry_run=True), SOFT)
    assert planned.prediction == (
        f"would mark 'Product Catalog Item' {UNID} as deleted: Deleted None → '1'"
    )
    document = await stored(served)
    assert document is not None
    assert document["sequence"] == 1
