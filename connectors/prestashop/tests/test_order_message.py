"""Messages on orders: recorded shops have none (203b, 203c); the rest is asked of the twin."""

import pytest

from connectors.prestashop.actions.order_message import add_message, probe_message
from connectors.prestashop.tests.imitated import imitated
from connectors.prestashop.tests.recorded import RecordedShop, context, only
from connectors.sdk.errors import NotFoundError, RejectedError
from connectors.sdk.receipt import Verdict

THREADS = (
    "/api/customer_threads?filter[id_order]=[2]&display=[id,id_order]&sort=[id_ASC]"
    "&output_format=JSON"
)
NOTE = {"order_id": "2", "message": "Left the house at 10:30 & in two parcels."}


async def test_an_order_without_messages_has_not_got_it(shop: RecordedShop) -> None:
    shop.derive(THREADS, "203b")
    assert (await probe_message(context(shop), NOTE)).happened is False


async def test_a_dry_run_predicts_and_writes_nothing(shop: RecordedShop) -> None:
    shop.derive(THREADS, "203b")
    shop.derive(
        "/api/orders/2?display=full&output_format=JSON",
        "168",
        lambda body: only("orders", 6)(body),
    )
    got = await add_message(context(shop, dry_run=True), NOTE)
    assert got.prediction == "would add a private note of 41 characters to order 2"
    assert shop.writes() == []


async def test_an_unknown_order(shop: RecordedShop) -> None:
    shop.derive(THREADS, "203b")
    shop.derive("/api/orders/2?display=full&output_format=JSON", "048")
    with pytest.raises(NotFoundError):
        await add_message(context(shop), NOTE)


async def test_an_empty_message() -> None:
    shop = RecordedShop(version="9.1")
    with pytest.raises(RejectedError):
        await add_message(context(shop), {"order_id": "2", "message": " \n"})
    assert shop.log == []


@pytest.mark.parametrize("version", ["9.1.4", "8.2.1", "1.7.8.11"])
async def test_a_message_is_written_once(version: str) -> None:
    async with imitated(version) as ctx:
        first = await add_message(ctx, NOTE)
        again = await add_message(ctx, NOTE)
        other = await add_message(ctx, {**NOTE, "message": "Second note"})
        open_ = await add_message(ctx, {**NOTE, "private": False})
        probed = await probe_message(ctx, NOTE)
    assert first.receipt is not None
    assert first.receipt.verdict is Verdict.CONFIRMED
    assert first.output["changed"] is True
    assert again.output == {**first.output, "changed": False}
    # The order's thread is made once.
    assert {one.output["thread_id"] for one in (first, other, open_)} == {"1"}
    assert len({one.output["message_id"] for one in (first, other, open_)}) == 3
    assert probed.result is not None
    assert probed.result.output["message_id"] == first.output["message_id"]
