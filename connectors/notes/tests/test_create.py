"""notes.document.create: once, whatever happens."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock

import pytest

from connectors.notes.actions.create import probe_create, run_create
from connectors.notes.actions.read import run_get
from connectors.notes.dds.client import DdsClient
from connectors.notes.tests.conftest import ORDER, Served
from connectors.notes.twin import documents as twin_documents
from connectors.sdk.errors import (
    ConfigurationError,
    ContractError,
    PermissionDeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.operation import OperationResult
from connectors.sdk.permit import writes_while
from connectors.sdk.receipt import Receipt, Verdict

KEY = "prestashop:127.0.0.1:8081/order/6"


def params(key: str = KEY, **items: Any) -> dict[str, Any]:
    return {
        "form": "Order Record",
        "items": {**ORDER, **items},
        "key_item": "ExternalKey",
        "key_view": "(OrdersByExternalKey)",
        "key_value": key,
    }


def receipt_of(result: OperationResult | None) -> Receipt:
    assert result is not None
    assert result.receipt is not None
    return result.receipt


async def person_makes(served: Served, key: str = KEY, **items: Any) -> str:
    body = {"form": "Order Record", "items": {**ORDER, "ExternalKey": key, **items}}
    return str((await served.control.post("/_twin/documents", json=body)).json()["unid"])


async def test_create_and_read_back(served: Served) -> None:
    result = await run_create(served.ctx(), params())
    [document] = await served.documents()
    assert result.output == {
        "unid": document["unid"], "action": "created", "duplicates_removed": 0,
    }  # fmt: skip
    assert document["items"]["CustomerName"] == "Zoë Doe"
    assert document["items"]["ExternalKey"] == KEY
    assert document["items"]["SyncRev"] == "effect-1"
    assert document["items"]["SyncSource"] == "Causeway"
    receipt = receipt_of(result)
    assert receipt.verdict is Verdict.CONFIRMED
    assert receipt.action == "created"
    assert {one.field for one in receipt.fields} == {*ORDER, "ExternalKey"}


async def test_the_agent_takes_it_for_an_echo(served: Served) -> None:
    await run_create(served.ctx(), params())
    assert served.twin.agents.capture() == 0
    assert served.twin.agents.echoes == 1


async def test_what_was_stored_has_the_hash_it_carries(served: Served) -> None:
    unid = (await run_create(served.ctx(), params())).output["unid"]
    output = (await run_get(served.ctx(), {"unid": unid})).output
    assert output["document"]["items"]["SyncHash"] == output["version"]["hash"]


async def test_a_known_normalisation_is_absorbed(served: Served) -> None:
    result = await run_create(
        served.ctx(), params(OrderDate="2026-11-23", CustomerName="Zoë\r\nDoe ")
    )
    receipt = receipt_of(result)
    assert receipt.verdict is Verdict.ABSORBED
    notes = {one.field: one.note for one in receipt.fields if one.note}
    assert notes == {"OrderDate": "stored as midnight UTC"}


async def test_again_with_the_same_effect_or_another_finds_it(served: Served) -> None:
    first = await run_create(served.ctx(), params())
    again = await run_create(served.ctx(), params())
    other = await run_create(served.ctx("effect-2"), params(OrderStatus="Shipped"))
    assert again.output == first.output
    assert other.output == {**first.output, "action": "found"}
    assert receipt_of(other).action == "found"
    assert receipt_of(other).verdict is Verdict.CONFIRMED
    [document] = await served.documents()
    assert document["sequence"] == 1
    assert document["items"]["OrderStatus"] == "Awaiting Approval"


async def test_a_lost_answer_is_uncertain_and_the_probe_knows(served: Served) -> None:
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    assert (await probe_create(served.ctx(), params())).happened is False
    with pytest.raises(UncertainError):
        await run_create(served.ctx(), params())
    probed = await probe_create(served.ctx(), params())
    [document] = await served.documents()
    assert probed.happened
    assert probed.result is not None
    assert probed.result.output["unid"] == document["unid"]
    assert probed.result.output["action"] == "created"
    assert receipt_of(probed.result).verdict is Verdict.CONFIRMED


async def test_a_save_that_was_lost_is_not_taken_for_one(served: Served) -> None:
    await served.fault(lost_save=1)
    with pytest.raises(Exception, match="gone again"):
        await run_create(served.ctx(), params())
    assert (await probe_create(served.ctx(), params())).happened is False


@pytest.mark.parametrize("fault", ["http_500", "truncated"])
async def test_a_failure_while_writing_leaves_it_open(served: Served, fault: str) -> None:
    """A 500 to a POST may come before or after the save."""
    await served.fault(**{fault: {"method": "POST", "path": "/documents"}})
    if fault == "truncated":
        result = await run_create(served.ctx(), params())
        assert result.output["action"] == "created"  # 201 has no body to cut
    else:
        with pytest.raises(UncertainError):
            await run_create(served.ctx(), params())
        assert (await probe_create(served.ctx(), params())).happened is False


async def test_down_before_the_look_up_is_safe_to_retry(served: Served) -> None:
    await served.fault(down=True)
    with pytest.raises(UnavailableError):
        await run_create(served.ctx(), params())
    with pytest.raises(UnavailableError):
        await probe_create(served.ctx(), params())
    await served.fault(clear=True)
    assert (await run_create(served.ctx(), params())).output["action"] == "created"


async def test_the_forms_validation_speaks(served: Served) -> None:
    with pytest.raises(RejectedError, match="needs an @"):
        await run_create(served.ctx(), params(EMail="nobody"))
    await run_create(served.ctx(), {**params(EMail="nobody"), "compute_with_form": False})


async def test_an_author_without_rights(served_world: Callable[..., Any]) -> None:
    served = await served_world(database={"acl": {"CN=Causeway Service/O=Meadow": "reader"}})
    with pytest.raises(PermissionDeniedError) as caught:
        await run_create(served.ctx(), params())
    assert caught.value.code == "not_authorised"


async def test_two_creators_that_met_agree_on_the_older(served: Served) -> None:
    """Both looked up before either created; both documents are born within one second."""
    results = await asyncio.gather(
        *(run_create(served.ctx(f"effect-{number}"), params()) for number in range(8))
    )
    [document] = await served.documents()
    assert {one.output["unid"] for one in results} == {document["unid"]}
    actions = [one.output["action"] for one in results]
    assert actions.count("created") == 1


async def test_a_creator_that_was_frozen_for_longer_than_its_lease_makes_no_second_document(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looked up, slept while another created, and loses its lease as soon as it is awake:
    nobody would look a second time for it."""
    awake = asyncio.Event()
    asleep = asyncio.Event()
    create = DdsClient.create

    async def frozen(self: DdsClient, form: str, body: Any, *, compute: bool) -> str:
        asleep.set()
        await awake.wait()
        await create(self, form, body, compute=compute)
        raise asyncio.CancelledError

    async def carry() -> None:
        with writes_while(lambda: not asleep.is_set()):
            await run_create(served.ctx(), params())

    monkeypatch.setattr(DdsClient, "create", frozen)
    late = asyncio.create_task(carry())
    await asleep.wait()
    monkeypatch.setattr(DdsClient, "create", create)
    await run_create(served.ctx(), params())
    awake.set()
    with pytest.raises(UnavailableError) as caught:
        await late
    assert caught.value.code == "lease_over"
    assert len(await served.documents()) == 1


async def test_a_creator_whose_run_is_taken_away_while_it_creates_removes_its_document(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stopped behind its last look at the lease, with the create on its lips."""
    create = DdsClient.create
    ours = asyncio.Event()

    async def late(self: DdsClient, *given: Any, **named: Any) -> str:
        monkeypatch.setattr(DdsClient, "create", create)
        await run_create(served.ctx(), params())  # another worker has done it meanwhile
        unid = await create(self, *given, **named)
        ours.set()
        await asyncio.sleep(0.05)
        return unid

    monkeypatch.setattr(DdsClient, "create", late)
    holds = True
    with writes_while(lambda: holds):
        task = asyncio.create_task(run_create(served.ctx(), params()))
        await ours.wait()
        holds = False
        assert len(await served.documents()) == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(await served.documents()) == 1


async def test_200_parallel_creates_of_100_keys_make_100_documents(served: Served) -> None:
    results = await asyncio.gather(
        *(
            run_create(served.ctx(f"effect-{number}"), params(f"{KEY}-{number % 100}"))
            for number in range(200)
        )
    )
    documents = await served.documents()
    keys = [one["items"]["ExternalKey"] for one in documents]
    assert len(keys) == len(set(keys)) == 100
    winners = {one["items"]["ExternalKey"]: one["unid"] for one in documents}
    for number, result in enumerate(results):
        assert result.output["unid"] == winners[f"{KEY}-{number % 100}"]
        assert receipt_of(result).verdict is Verdict.CONFIRMED


async def test_a_leftover_of_a_dead_attempt_is_removed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await run_create(served.ctx(), params())
    served.clock.move(5)
    await served.fault(lost_answer={"path": "/documents", "count": 1})
    # A frozen worker that looked up long ago creates a second one.
    from connectors.notes.dds.client import DdsClient
    from connectors.notes.keyed import Wanted

    ctx = served.ctx("effect-2")
    wanted = Wanted.of(ctx, params())
    with pytest.raises(UncertainError):
        await DdsClient(ctx).create("Order Record", wanted.to_write(ctx), compute=True)
    assert len(await served.documents()) == 2
    again = await run_create(served.ctx(), params())
    assert again.output == {**first.output, "duplicates_removed": 1}
    assert len(await served.documents()) == 1


async def test_a_view_that_lags_behind_does_not_hide_the_new_document(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DdsClient, "look_up", AsyncMock(return_value=[]))
    result = await run_create(served.ctx(), params())
    [document] = await served.documents()
    assert result.output["unid"] == document["unid"]
    assert receipt_of(result).verdict is Verdict.CONFIRMED


async def test_a_persons_document_wins_and_is_never_deleted(served: Served) -> None:
    by_hand = await person_makes(served)
    served.clock.move(5)
    second = await person_makes(served)
    result = await run_create(served.ctx(), params())
    assert result.output == {"unid": by_hand, "action": "found", "duplicates_removed": 0}
    assert {one["unid"] for one in await served.documents()} == {by_hand, second}


async def test_conflict_documents_and_other_forms_under_the_key_do_not_count(
    served: Served,
) -> None:
    first = await run_create(served.ctx(), params())
    await served.control.delete(f"/_twin/documents/{first.output['unid']}")
    await served.control.post(
        "/_twin/documents",
        json={
            "form": "Order Record",
            "conflict_of": "C19DBA6C3A81ABCF2BA2AED24430F4EF",
            "items": {**ORDER, "ExternalKey": KEY},
        },
    )
    assert (await run_create(served.ctx("e2"), params())).output["action"] == "created"


async def test_a_dry_run_writes_nothing(served: Served) -> None:
    planned = await run_create(served.ctx(dry_run=True), params())
    assert planned.prediction == f"would create 'Order Record' {KEY} with 11 items"
    assert planned.receipt is None
    assert await served.documents() == []
    made = await run_create(served.ctx(), params())
    planned = await run_create(served.ctx("other", dry_run=True), params())
    assert planned.output == {**made.output, "action": "found"}
    assert "would find" in str(planned.prediction)


@pytest.mark.parametrize(
    "change",
    [{"key_value": " "}, {"key_item": "$Key"}, {"items": {**ORDER, "Form": "x"}}],
    ids=["empty key", "system key item", "system item"],
)
async def test_params_that_cannot_work_send_nothing(served: Served, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        await run_create(served.ctx(), {**params(), **change})
    assert await served.requests() == []


async def test_the_key_item_among_the_items_is_the_key(served: Served) -> None:
    await run_create(served.ctx(), params(externalkey="something else"))
    [document] = await served.documents()
    assert document["items"]["ExternalKey"] == KEY


async def test_a_create_without_location_is_not_believed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(call: Any) -> Any:
        response = original(call)
        del response.headers["location"]
        return response

    original = twin_documents.create_document
    monkeypatch.setattr(twin_documents, "create_document", silent)
    with pytest.raises(ContractError) as caught:
        await run_create(served.ctx(), params())
    assert caught.value.code == "no_location"
