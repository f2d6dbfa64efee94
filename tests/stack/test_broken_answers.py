"""Far sides that break their contract, over the running platform: named on the run, no retry storm,
and the next order crosses as if nothing had been."""

from typing import Any

import pytest

from tests.stack.harness import Stack, eventually

pytestmark = pytest.mark.stack


def ended(stack: Stack, reference: str) -> dict[str, Any]:
    """The run that carried an order to Notes, once it has ended."""
    api = stack.api("operator")

    def look() -> dict[str, Any] | None:
        found = api.get("runs", params={"environment": "demo", "q": reference}).json()["results"]
        return next((one for one in found if one["state"] in {"succeeded", "failed", "dead"}), None)

    run = eventually(look, what=f"the end of the run for {reference}")
    return dict(api.get(f"runs/{run['id']}").raise_for_status().json())


@pytest.mark.parametrize(
    ("twin", "fault"),
    [
        ("shop", {"html_answer": {"path": "/api/orders", "method": "GET"}}),
        ("shop", {"truncated": {"path": "/api/orders", "method": "GET"}}),
    ],
    ids=["html", "truncated"],
)
def test_an_answer_that_breaks_the_contract_is_named_on_the_run(
    stack: Stack, twin: str, fault: dict[str, Any]
) -> None:
    stack.fault(twin, **fault)
    try:
        run = ended(stack, stack.place_order())
    finally:
        stack.fault(twin, clear=True)
    assert run["state"] == "dead"
    assert run["error"]["class"] == "ContractError"
    assert run["error"]["node"] == "read_order"
    assert run["error"]["detail"]["expected"]
    assert "received" in run["error"]["detail"]
    assert stack.order_records().get(run["business_key"]) is None


def test_a_shop_that_is_down_is_waited_for(stack: Stack) -> None:
    reference = stack.place_order()
    eventually(lambda: stack.order_records().get(reference), what="a first order")
    [record] = stack.order_records()[reference]
    stack.fault("shop", down=True)
    try:
        stack.save_document(record["unid"], {"OrderStatus": "In Fulfilment"})
        api = stack.api("operator")

        def waiting() -> bool:
            found = api.get(
                "runs", params={"environment": "demo", "q": reference, "flow": "status-to-shop"}
            ).json()["results"]
            return any(one["state"] in {"running", "waiting"} for one in found)

        eventually(waiting, what="the run to wait for the shop")
    finally:
        stack.fault("shop", clear=True)
    eventually(
        lambda: str(stack.orders()[reference]["state"]["id"]) == "3",
        seconds=90,
        what="state 3 after the shop came back",
    )


@pytest.mark.parametrize("fault", ["lost_answer", "http_500"])
def test_a_notes_write_that_goes_wrong_once_ends_in_one_document(stack: Stack, fault: str) -> None:
    stack.fault("notes", **{fault: {"count": 1, "method": "POST", "path": "/fulfil.nsf"}})
    try:
        reference = stack.place_order()
        [record] = eventually(
            lambda: stack.order_records().get(reference), seconds=90, what="the record"
        )
    finally:
        stack.fault("notes", clear=True)
    run = ended(stack, reference)
    assert run["state"] == "succeeded"
    assert len(stack.order_records()[reference]) == 1
    assert record["items"]["ExternalKey"].endswith(f"/order/{record['items']['ShopOrderID']}")


def test_a_document_that_is_said_to_be_saved_and_is_not_goes_to_a_person(stack: Stack) -> None:
    """Creating it again would be wrong where it only cannot be read (Readers items): no second
    try, and the run says so."""
    stack.fault("notes", lost_save={"count": 1, "method": "POST", "path": "/fulfil.nsf"})
    try:
        run = ended(stack, stack.place_order())
    finally:
        stack.fault("notes", clear=True)
    assert run["state"] == "dead"
    assert run["error"]["code"] == "vanished"
    assert run["error"]["fix"]


def test_refused_credentials_wait_for_a_person(stack: Stack) -> None:
    stack.fault("shop", access_denied=True)
    api = stack.api("operator")
    try:
        reference = stack.place_order()

        def waiting() -> bool:
            found = api.get("runs", params={"environment": "demo", "q": reference}).json()
            return any(one["state"] == "waiting" for one in found["results"])

        eventually(waiting, what="the run to wait for the connection")
        shop = next(
            one
            for one in api.get("connections", params={"environment": "demo"}).json()["results"]
            if one["slug"] == "shop"
        )
        assert shop["state"] == "needs_attention"
    finally:
        stack.fault("shop", clear=True)
    checked = stack.api("admin").post("connections/demo/shop/check").raise_for_status().json()
    assert checked["state"] == "healthy"
    eventually(
        lambda: stack.order_records().get(reference), seconds=120, what="the order after all"
    )
