"""Moving an order to a state, against both recorded shops."""

from typing import Any

import httpx
import pytest

from connectors.prestashop.actions.order_state import probe_state, set_state
from connectors.prestashop.tests.recorded import RecordedShop, context, only
from connectors.sdk.errors import NotFoundError, RejectedError, UncertainError
from connectors.sdk.receipt import Verdict

ORDER = "/api/orders/2?display=[id,reference,current_state,date_upd]&output_format=JSON"
HISTORY = "/api/order_histories?filter[id_order]=[2]&display=full&sort=[id_ASC]&output_format=JSON"
POST = "/api/order_histories?sendemail=1&output_format=JSON"
SHIP = {"order_id": "2", "state_id": "4", "send_email": True}


def entries(*ids: int) -> Any:
    return lambda body: {
        "order_histories": [row for row in body["order_histories"] if int(row["id"]) in ids]
    }


def stands(shop: RecordedShop, state: int, *history: int) -> None:
    """Order 2 as it stood at a moment between recordings 080 and 086."""
    shop.derive(ORDER, "168", only("orders", 2, current_state=state))
    shop.derive(HISTORY, "086", entries(*history))


async def test_the_order_moves_and_is_read_back(shop: RecordedShop) -> None:
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.serve("084")
    stands(shop, 4, 2, 8, 9)
    got = await set_state(context(shop), SHIP)
    assert got.output == {
        "order_id": "2",
        "state_id": "4",
        "previous_state_id": "2",
        "history_id": "9",
        "changed": True,
    }
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.CONFIRMED
    assert len(shop.writes()) == 1


async def test_the_customer_is_mailed_only_when_asked(shop: RecordedShop) -> None:
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.derive("/api/order_histories?output_format=JSON", "085", method="POST")
    stands(shop, 4, 2, 8, 9)
    await set_state(context(shop), {"order_id": "2", "state_id": 4})
    ((_, _, query),) = shop.writes()
    assert "sendemail" not in dict(query)


async def test_the_same_state_again_is_not_sent(shop: RecordedShop) -> None:
    """The shop would accept it, add a row and run the side effects again (085)."""
    shop.serve("060")
    stands(shop, 4, 2, 8, 9)
    got = await set_state(context(shop), SHIP)
    assert (got.output["changed"], got.output["history_id"]) == (False, "9")
    assert got.receipt is not None
    assert got.receipt.action == "unchanged"
    assert shop.writes() == []


async def test_an_unknown_state_is_never_sent(shop: RecordedShop) -> None:
    """093: an empty 500, yet stock had moved."""
    shop.serve("060")
    shop.derive("/api/order_states/9999?display=full&output_format=JSON", "048")
    stands(shop, 2, 2, 8)
    with pytest.raises(RejectedError) as caught:
        await set_state(context(shop), {"order_id": "2", "state_id": "9999"})
    assert caught.value.code == "unknown_state"
    assert shop.writes() == []


async def test_a_deleted_state_is_never_sent(shop: RecordedShop) -> None:
    shop.derive(
        "/api/order_states?display=full&output_format=JSON",
        "060",
        lambda body: {"order_states": [{**body["order_states"][2], "deleted": "1"}]},
    )
    stands(shop, 2, 2, 8)
    with pytest.raises(RejectedError):
        await set_state(context(shop), SHIP)
    assert shop.writes() == []


async def test_an_unknown_order_is_never_sent(shop: RecordedShop) -> None:
    """095: the shop dies with an empty 500 on one."""
    shop.serve("060")
    shop.derive(ORDER, "048")
    shop.derive(HISTORY, "041")
    with pytest.raises(NotFoundError):
        await set_state(context(shop), SHIP)
    assert shop.writes() == []


async def test_a_dry_run_predicts_and_writes_nothing(shop: RecordedShop) -> None:
    shop.serve("060")
    stands(shop, 2, 2, 8)
    got = await set_state(context(shop, dry_run=True), SHIP)
    assert got.prediction == "would set order 2 state 2 → 4"
    assert shop.writes() == []


def mail_failure(shop: RecordedShop) -> None:
    body = {"errors": [{"code": 46, "message": "An error occurred while sending the mail"}]}
    shop.stage("POST", POST, httpx.Response(500, json=body))


async def test_a_mail_failure_after_the_change_is_a_success(shop: RecordedShop) -> None:
    """Code 46 with 500, although the state has changed: read before deciding."""
    shop.serve("060")
    stands(shop, 2, 2, 8)
    mail_failure(shop)
    stands(shop, 4, 2, 8, 9)
    got = await set_state(context(shop), SHIP)
    assert got.output["history_id"] == "9"
    assert got.receipt is not None
    assert got.receipt.fields[0].note == "the mail was not sent"


async def test_a_mail_failure_without_a_change_is_a_refusal(shop: RecordedShop) -> None:
    shop.serve("060")
    stands(shop, 2, 2, 8)
    mail_failure(shop)
    with pytest.raises(RejectedError) as caught:
        await set_state(context(shop), SHIP)
    assert caught.value.code == "not_saved"


async def test_an_empty_500_is_uncertain_and_the_probe_finds_the_change(
    shop: RecordedShop,
) -> None:
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.derive(POST, "093", method="POST")
    ctx = context(shop)
    with pytest.raises(UncertainError):
        await set_state(ctx, SHIP)
    stands(shop, 4, 2, 8, 9)
    shop.queue[next(k for k in shop.queue if k[1] == "/api/orders/2")].pop(0)
    shop.queue[next(k for k in shop.queue if k[0] == "GET" and "histories" in k[1])].pop(0)
    found = await probe_state(ctx, SHIP)
    assert found.happened
    assert found.result is not None
    assert found.result.output["previous_state_id"] == "2"
    assert len(shop.writes()) == 1


async def test_the_probe_says_no_when_the_order_did_not_move(shop: RecordedShop) -> None:
    stands(shop, 2, 2, 8)
    assert not (await probe_state(context(shop), SHIP)).happened


async def test_the_probe_sees_a_change_that_was_changed_again(shop: RecordedShop) -> None:
    """The order went on to another state in between: sending ours again would undo that."""
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.derive(POST, "093", method="POST")
    ctx = context(shop)
    with pytest.raises(UncertainError):
        await set_state(ctx, SHIP)
    shop.queue = {key: waiting for key, waiting in shop.queue.items() if key[0] == "POST"}
    stands(shop, 5, 2, 8, 9)
    found = await probe_state(ctx, SHIP)
    assert found.happened
    assert found.result is not None
    assert found.result.receipt is not None
    assert found.result.receipt.verdict is Verdict.DIVERGED
    assert found.result.receipt.fields[0].note == "reached, and changed again since"


async def test_a_failed_reading_back_is_uncertain(shop: RecordedShop) -> None:
    """The write was accepted: the error must not look as if nothing had happened."""
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.serve("084")
    shop.stage("GET", ORDER, httpx.Response(502, text="Bad gateway"))
    shop.derive(HISTORY, "086", entries(2, 8, 9))
    with pytest.raises(UncertainError) as caught:
        await set_state(context(shop), SHIP)
    assert caught.value.code == "unverified"


async def test_a_write_that_did_not_take_shows_as_diverged(shop: RecordedShop) -> None:
    """A 201 alone proves nothing."""
    shop.serve("060")
    stands(shop, 2, 2, 8)
    shop.serve("084")
    stands(shop, 2, 2, 8)
    got = await set_state(context(shop), SHIP)
    assert got.receipt is not None
    assert got.receipt.verdict is Verdict.DIVERGED
