"""notes.document.update: guarded and proven."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.actions.read import run_get
from connectors.notes.actions.update import probe_update, run_update
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import Served
from connectors.notes.transforms import NotesDocument
from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.operation import OperationResult
from connectors.sdk.receipt import Receipt, Verdict

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


def params(**items: Any) -> dict[str, Any]:
    return {"unid": UNID, "items": items}


def receipt_of(result: OperationResult | None) -> Receipt:
    assert result is not None
    assert result.receipt is not None
    return result.receipt


async def stored(served: Served) -> dict[str, Any]:
    return dict((await served.control.get(f"/_twin/documents/{UNID}")).json())


async def version(served: Served) -> dict[str, Any]:
    return dict((await run_get(served.ctx(), {"unid": UNID})).output["version"])


async def test_only_what_differs_is_written(served: Served) -> None:
    result = await run_update(served.ctx(), params(Stock=12, ProductID="demo_1", Size="S"))
    assert result.output["changed"] is True
    assert result.output["changed_items"] == ["Stock"]
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert len(receipt_of(result).fields) == 3
    document = await stored(served)
    assert document["items"]["Stock"] == 12
    assert document["items"]["SyncRev"] == "effect-1"
    assert document["items"]["ProductName"] == "Hummingbird printed t-shirt"
    assert result.output["version"] == await version(served)


async def test_the_agent_takes_it_for_an_echo(served: Served) -> None:
    await run_update(served.ctx(), params(Stock=12, Category=["Clothes", "New"]))
    assert served.twin.agents.capture() == 0
    assert served.twin.agents.echoes == 1
    await served.save(UNID, Stock=13)
    assert served.twin.agents.capture() == 1


async def test_nothing_to_change_writes_nothing(served: Served) -> None:
    result = await run_update(served.ctx(), params(Stock=38, EAN=""))
    assert result.output["changed"] is False
    assert receipt_of(result).action == "unchanged"
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert (await stored(served))["sequence"] == 1


async def test_an_item_is_emptied_with_empty_text(served: Served) -> None:
    result = await run_update(served.ctx(), params(Color=None))
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert (await stored(served))["items"]["Color"] == ""


async def test_a_stale_version_is_refused(served: Served) -> None:
    before = await version(served)
    served.clock.move(1)
    await served.save(UNID, Active="No")
    with pytest.raises(ConflictError) as caught:
        await run_update(served.ctx(), {**params(Stock=1), "version": before})
    assert caught.value.code == "changed"
    assert not caught.value.retryable
    assert (await stored(served))["items"]["Stock"] == 38
    fresh = {**params(Stock=1), "version": await version(served)}
    assert (await run_update(served.ctx(), fresh)).output["changed"] is True


async def test_a_save_between_read_and_write_is_a_412(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = DdsClient.patch

    async def late(self: DdsClient, before: NotesDocument, *args: Any, **kwargs: Any) -> None:
        served.clock.move(2)
        await served.save(before.unid, Active="No")
        await patch(self, before, *args, **kwargs)

    monkeypatch.setattr(DdsClient, "patch", late)
    with pytest.raises(ConflictError) as caught:
        await run_update(served.ctx(), params(Stock=1))
    assert caught.value.code == "changed"
    assert 412 in {status for _, _, status in await served.requests()}
    assert (await stored(served))["items"]["Stock"] == 38


async def test_a_silent_lost_save_is_noticed(served: Served) -> None:
    await served.fault(lost_save=1)
    with pytest.raises(ConflictError) as caught:
        await run_update(served.ctx(), params(Stock=1))
    assert caught.value.code == "lost_save"
    assert (await probe_update(served.ctx(), params(Stock=1))).happened is False
    assert (await run_update(served.ctx(), params(Stock=1))).output["changed"] is True


async def test_a_lost_answer_is_uncertain_and_the_probe_knows(served: Served) -> None:
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    with pytest.raises(UncertainError):
        await run_update(served.ctx(), params(Stock=1))
    probed = await probe_update(served.ctx(), params(Stock=1))
    assert probed.happened
    assert receipt_of(probed.result).action == "updated"
    assert receipt_of(probed.result).verdict is Verdict.CONFIRMED
    again = await run_update(served.ctx(), params(Stock=1))
    assert again.output["changed"] is True
    assert (await stored(served))["sequence"] == 2


async def test_down_changes_nothing(served: Served) -> None:
    await served.fault(down=True)
    with pytest.raises(UnavailableError):
        await run_update(served.ctx(), params(Stock=1))
    await served.fault(clear=True)
    assert (await probe_update(served.ctx(), params(Stock=1))).happened is False


async def test_parallel_updates_of_one_document_never_lie(served: Served) -> None:
    """Within one second the server cannot tell saves apart; the stamp can."""

    async def one(number: int) -> bool:
        try:
            await run_update(served.ctx(f"effect-{number}"), params(Stock=100 + number))
        except ConflictError:
            return False
        return True

    outcomes = await asyncio.gather(*(one(number) for number in range(10)))
    assert any(outcomes)
    document = await stored(served)
    number = int(document["items"]["SyncRev"].removeprefix("effect-"))
    assert document["items"]["Stock"] == 100 + number
    assert outcomes[number]


async def test_a_form_that_refuses(served: Served) -> None:
    refused = {**params(ProductID=""), "compute_with_form": True}
    with pytest.raises(RejectedError, match="product id"):
        await run_update(served.ctx(), refused)
    assert (await stored(served))["sequence"] == 1


async def test_unknown_documents(served: Served) -> None:
    with pytest.raises(NotFoundError):
        await run_update(served.ctx(), {**params(Stock=1), "unid": "F" * 32})


async def test_native_patch_where_the_site_allows_it(served_world: Callable[..., Any]) -> None:
    served = await served_world(server={"methods": ["GET", "POST", "PATCH"]})
    ctx = served.ctx(method_override=False)
    assert (await run_update(ctx, params(Stock=1))).output["changed"] is True
    assert "PATCH" in {method for method, _, _ in await served.requests()}


async def test_native_patch_where_it_does_not(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_update(served.ctx(method_override=False), params(Stock=1))
    assert caught.value.code == "method_disabled"


async def test_a_dry_run_says_what_it_would_change(served: Served) -> None:
    planned = await run_update(served.ctx(dry_run=True), params(Stock=12, Size="S"))
    assert planned.prediction == (f"would change 'Product Catalog Item' {UNID}: Stock 38 → 12")
    assert planned.receipt is None
    assert (await stored(served))["sequence"] == 1
