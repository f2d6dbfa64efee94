"""notes.document.upsert: one document under a key, as the flow wants it."""

import asyncio
from typing import Any

import pytest

from connectors.notes.actions.upsert import probe_upsert, run_upsert
from connectors.notes.tests.conftest import ORDER, Served, fits
from connectors.notes.tests.test_create import KEY, person_makes, receipt_of
from connectors.sdk.errors import ConflictError, RejectedError, UncertainError
from connectors.sdk.receipt import Verdict


def params(**items: Any) -> dict[str, Any]:
    return {
        "form": "Order Record",
        "items": {"OrderNo": ORDER["OrderNo"], "EMail": ORDER["EMail"], "Total": 46, **items},
        "create_items": {"OrderStatus": "Awaiting Approval"},
        "key_item": "ExternalKey",
        "key_view": "(OrdersByExternalKey)",
        "key_value": KEY,
    }


async def upsert(served: Served, effect: str = "effect-1", **items: Any) -> dict[str, Any]:
    result = await run_upsert(served.ctx(effect), params(**items))
    assert receipt_of(result).verdict in {Verdict.CONFIRMED, Verdict.ABSORBED}
    return dict(fits("notes.document.upsert", result.output))


async def test_created_then_changed_then_left(served: Served) -> None:
    first = await upsert(served)
    assert first["action"] == "created"
    [document] = await served.documents()
    assert document["items"]["OrderStatus"] == "Awaiting Approval"
    await served.save(first["unid"], OrderStatus="Shipped")
    second = await upsert(served, "effect-2", Total=50)
    assert (second["action"], second["unid"]) == ("updated", first["unid"])
    assert second["changed_items"] == ["Total"]
    third = await upsert(served, "effect-3", Total=50)
    assert (third["action"], third["changed_items"]) == ("unchanged", [])
    [document] = await served.documents()
    assert document["items"]["OrderStatus"] == "Shipped"
    assert document["items"]["Total"] == 50
    assert third["version"] == second["version"]


async def test_the_same_effect_again_changes_nothing(served: Served) -> None:
    first = await upsert(served)
    assert (await upsert(served)) == first
    [document] = await served.documents()
    assert document["sequence"] == 1


async def test_creators_that_meet_leave_one_document_and_name_the_losers(served: Served) -> None:
    results = await asyncio.gather(
        *(run_upsert(served.ctx(f"effect-{n}"), params()) for n in range(6)),
        return_exceptions=True,
    )
    assert all(not isinstance(one, Exception) or isinstance(one, ConflictError) for one in results)
    done = [one for one in results if not isinstance(one, BaseException)]
    [document] = await served.documents()
    assert {one.output["unid"] for one in done} == {document["unid"]}


async def test_the_oldest_wins_and_peoples_documents_stay(served: Served) -> None:
    oldest = await person_makes(served)
    served.clock.move(60)
    younger = await person_makes(served)
    output = await upsert(served, Total=99)
    assert (output["unid"], output["left"], output["removed"]) == (oldest, [younger], [])
    documents = {one["unid"]: one["items"] for one in await served.documents()}
    assert (documents[oldest]["Total"], documents[younger]["Total"]) == (99, 46)


async def test_a_conflict_document_is_named_and_not_taken(served: Served) -> None:
    winner = await person_makes(served)
    items = {**ORDER, "ExternalKey": KEY}
    body = {"form": "Order Record", "conflict_of": winner, "items": items}
    loser = (await served.control.post("/_twin/documents", json=body)).json()["unid"]
    output = await upsert(served, Total=99)
    assert (output["unid"], output["conflicts"]) == (winner, [loser])
    documents = {one["unid"]: one["items"] for one in await served.documents()}
    assert documents[loser]["Total"] == 46


async def test_a_lost_answer_to_the_creation(served: Served) -> None:
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    with pytest.raises(UncertainError):
        await run_upsert(served.ctx(), params())
    probed = await probe_upsert(served.ctx(), params())
    assert probed.happened
    assert receipt_of(probed.result).action == "created"
    assert len(await served.documents()) == 1


async def test_a_lost_answer_to_the_change(served: Served) -> None:
    await person_makes(served)
    assert (await probe_upsert(served.ctx(), params(Total=50))).happened is False
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    with pytest.raises(UncertainError):
        await run_upsert(served.ctx(), params(Total=50))
    probed = await probe_upsert(served.ctx(), params(Total=50))
    assert probed.happened
    assert receipt_of(probed.result).action == "updated"


async def test_nothing_is_there_to_probe(served: Served) -> None:
    assert (await probe_upsert(served.ctx(), params())).happened is False


async def test_what_the_form_refuses(served: Served) -> None:
    with pytest.raises(RejectedError, match="order number"):
        await run_upsert(served.ctx(), params(OrderNo=""))
    assert await served.documents() == []


async def test_a_dry_run_tells_and_writes_nothing(served: Served) -> None:
    planned = await run_upsert(served.ctx(dry_run=True), params())
    assert planned.prediction == f"would create 'Order Record' {KEY} with 5 items"
    unid = await person_makes(served)
    planned = await run_upsert(served.ctx(dry_run=True), params(Total=50))
    assert planned.prediction == f"would change 'Order Record' {KEY}: Total 46 → 50"
    assert fits("notes.document.upsert", planned.output)["unid"] == unid
    planned = await run_upsert(served.ctx(dry_run=True), params())
    assert planned.prediction == f"would find 'Order Record' {KEY} as wanted"
    [document] = await served.documents()
    assert document["sequence"] == 1
