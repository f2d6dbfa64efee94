"""One operation over each way into the database: the same output, the same receipt."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.notes import CONNECTOR
from connectors.notes.tests.conftest import ORDER, WAYS, Served, fits
from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    UncertainError,
)
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
OPERATIONS = {one.name: one for one in CONNECTOR.operations}
CREATE: dict[str, Any] = {
    "form": "Order Record",
    "key_item": "ExternalKey",
    "key_view": "(OrdersByExternalKey)",
    "key_value": "shop-1-order-6",
    "items": ORDER,
}


async def run(name: str, ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """The operation's result, its output as the manifest promises."""
    result = await OPERATIONS[name].run(ctx, params)
    if not ctx.dry_run:
        fits(name, result.output)
    return result


async def probe(name: str, ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    asked = OPERATIONS[name].probe
    assert asked is not None
    return await asked(ctx, params)


def plain(value: Any) -> Any:
    """Without what names a state in the way's own words."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name != "revision"}
    return [plain(one) for one in value] if isinstance(value, list) else value


async def same(served: Served, name: str, params: Mapping[str, Any], *, key: str = "") -> Any:
    """The output over the fixture's way, seen to be that of the data service."""
    outputs = []
    for way in ("dds", served.transport):
        served.transport = way
        served.sessions = {}
        outputs.append(plain((await run(name, served.ctx(key or way), params)).output))
    assert outputs[0] == outputs[1]
    return outputs[1]


@pytest.fixture(autouse=True)
def _every_way_is_meant(over: Served) -> None:
    assert over.transport in WAYS


async def test_get(over: Served) -> None:
    output = await same(over, "notes.document.get", {"unid": T_SHIRT})
    assert output["document"]["items"]["Stock"] == 38
    assert output["document"]["items"]["Category"] == ["Clothes\\Men"]


async def test_get_what_is_gone(over: Served) -> None:
    with pytest.raises(NotFoundError):
        await run("notes.document.get", over.ctx(), {"unid": "0" * 32})
    output = await same(over, "notes.document.get", {"unid": "0" * 32, "if_missing": "null"})
    assert output == {"document": None, "version": None}


async def test_find_by_key(over: Served) -> None:
    output = await same(over, "notes.document.find", {"view": "(StockByKey)", "key": "1/1"})
    assert output["document"]["unid"] == T_SHIRT
    nothing = await same(over, "notes.document.find", {"view": "(StockByKey)", "key": "none"})
    assert nothing == {"document": None, "conflicts": []}


async def test_find_in_a_view_that_is_not_there(over: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.find", over.ctx(), {"view": "(Nowhere)", "key": "1/1"})
    assert caught.value.code == "view_missing"
    assert caught.value.fix


@pytest.mark.parametrize(
    "params",
    [
        {"view": "Stock", "count": 7},
        {"view": "Stock", "count": 500},
        {"view": "Orders\\By status", "count": 500},
        {"view": "(StockByKey)", "key": "1/", "exact": False},
        {"view": "All documents", "start": 3, "count": 5},
    ],
    ids=["first", "all", "categories", "prefix", "window"],
)
async def test_view_read(over: Served, params: dict[str, Any]) -> None:
    for number in range(3):
        await over.control.post(
            "/_twin/documents",
            json={
                "form": "Order Record",
                "items": {
                    "OrderNo": f"N{number}",
                    "OrderStatus": ["Closed", "Shipped"][number % 2],
                },
            },
        )
    outputs = []
    for way in ("dds", over.transport):
        over.transport, over.sessions = way, {}
        outputs.append((await run("notes.view.read", over.ctx(), params)).output)
    for output in outputs:
        output.pop("total")  # a hint, which not every way gives
        for entry in output["entries"]:
            # Over the REST API the form is known where a column shows it; a category's own note
            # number is nobody's.
            entry.pop("form")
            entry["note_id"] = entry["note_id"] if entry["unid"] else ""
    assert outputs[0] == outputs[1]
    assert outputs[1]["entries"]


async def test_create_is_one_document_and_proven(over: Served) -> None:
    result = await run("notes.document.create", over.ctx("e-1"), CREATE)
    assert result.output["action"] == "created"
    assert result.receipt is not None
    assert result.receipt.verdict.value in {"confirmed", "absorbed"}
    again = await run("notes.document.create", over.ctx("e-2"), CREATE)
    assert again.output == {**result.output, "action": "found"}
    [document] = await over.documents()
    assert document["items"]["SyncSource"] == "Causeway"
    assert document["items"]["OrderDate"] == "2026-11-23T10:21:30Z"
    assert document["items"]["Item_Qty"] == [2]
    found = await probe("notes.document.create", over.ctx("e-1"), CREATE)
    assert found.result is not None
    assert found.result.output == result.output


async def test_what_was_created_reads_the_same_every_way(over: Served) -> None:
    params = {
        **CREATE,
        "items": {**ORDER, "Body": {"html": "<p>Größe <strong>M</strong></p>"}, "Empty": ""},
    }
    made = await run("notes.document.create", over.ctx("e-1"), params)
    documents = []
    for way in WAYS:
        over.transport, over.sessions = way, {}
        output = (await run("notes.document.get", over.ctx(), {"unid": made.output["unid"]})).output
        body = output["document"]["items"]["Body"]
        assert body["html"] == "<p>Größe <strong>M</strong></p>"
        body.pop("fingerprint")  # that of the source, which differs with the way it is shown
        documents.append(plain(output))
    assert documents[0] == documents[1] == documents[2]


async def test_a_form_that_refuses(over: Served) -> None:
    params = {**CREATE, "items": {**ORDER, "EMail": "nobody"}}
    with pytest.raises(RejectedError) as caught:
        await run("notes.document.create", over.ctx(), params)
    assert caught.value.code == "refused"
    assert await over.documents() == []


async def test_a_lost_create_is_found_again(over: Served) -> None:
    path = {"dds": "/documents", "drapi": "/document", "agent": "/create"}[over.transport]
    await over.fault(lost_answer={"path": path, "method": "POST", "count": 1})
    with pytest.raises(UncertainError):
        await run("notes.document.create", over.ctx("e-1"), CREATE)
    found = await probe("notes.document.create", over.ctx("e-1"), CREATE)
    assert found.happened
    assert len(await over.documents()) == 1


async def test_upsert(over: Served) -> None:
    made = await run("notes.document.upsert", over.ctx("e-1"), CREATE)
    assert made.output["action"] == "created"
    over.clock.move(5)
    params = {**CREATE, "items": {**ORDER, "TrackingNo": "T-1"}}
    changed = await run("notes.document.upsert", over.ctx("e-2"), params)
    assert changed.output["action"] == "updated"
    assert changed.output["changed_items"] == ["TrackingNo"]
    same_again = await run("notes.document.upsert", over.ctx("e-3"), params)
    assert same_again.output["action"] == "unchanged"
    [document] = await over.documents()
    assert document["items"]["TrackingNo"] == "T-1"


async def test_update_only_what_is_ours(over: Served) -> None:
    before = (await over.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    params = {"unid": T_SHIRT, "items": {"Stock": 12, "Category": ["A", "B"]}}
    result = await run("notes.document.update", over.ctx("e-1"), params)
    assert sorted(result.output["changed_items"]) == ["Category", "Stock"]
    after = (await over.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    ours = {"Stock", "Category", "SyncSource", "SyncRev", "SyncHash"}
    assert {k: v for k, v in after["items"].items() if k not in ours} == {
        k: v for k, v in before["items"].items() if k not in ours
    }
    assert after["items"]["Stock"] == 12
    assert after["sequence"] == before["sequence"] + 1
    found = await probe("notes.document.update", over.ctx("e-1"), params)
    assert found.happened
    unchanged = await run("notes.document.update", over.ctx("e-2"), params)
    assert unchanged.output["changed"] is False


async def test_an_item_is_emptied(over: Served) -> None:
    params = {"unid": T_SHIRT, "items": {"UnitPrice": ""}}
    result = await run("notes.document.update", over.ctx("e-1"), params)
    assert result.output["changed"] is True
    assert result.receipt is not None
    assert result.receipt.verdict.value in {"confirmed", "absorbed"}
    output = (await run("notes.document.get", over.ctx(), {"unid": T_SHIRT})).output
    assert not output["document"]["items"].get("UnitPrice")


async def test_a_stale_version_is_refused(over: Served) -> None:
    version = (await run("notes.document.get", over.ctx(), {"unid": T_SHIRT})).output["version"]
    await over.save(T_SHIRT, Stock=7)
    params = {"unid": T_SHIRT, "items": {"Stock": 12}, "version": version}
    with pytest.raises(ConflictError):
        await run("notes.document.update", over.ctx(), params)
    stored = (await over.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    assert stored["items"]["Stock"] == 7


async def test_a_version_of_another_way_holds(over: Served) -> None:
    """A flow that was waiting while the connection changed its way."""
    over.transport, way = "dds", over.transport
    version = (await run("notes.document.get", over.ctx(), {"unid": T_SHIRT})).output["version"]
    over.transport, over.sessions = way, {}
    params = {"unid": T_SHIRT, "items": {"Stock": 12}, "version": version}
    assert (await run("notes.document.update", over.ctx("e-1"), params)).output["changed"] is True
    with pytest.raises(ConflictError):
        await run("notes.document.update", over.ctx("e-2"), {**params, "items": {"Stock": 13}})


async def test_a_save_that_did_not_take_place_is_noticed(over: Served) -> None:
    await over.fault(lost_save=1)
    params = {"unid": T_SHIRT, "items": {"Stock": 12}}
    with pytest.raises(ConflictError) as caught:
        await run("notes.document.update", over.ctx(), params)
    assert caught.value.code == "lost_save"


async def test_change_status(over: Served) -> None:
    made = await run("notes.document.create", over.ctx("e-1"), CREATE)
    over.clock.move(5)
    params = {
        "unid": made.output["unid"],
        "status_item": "OrderStatus",
        "status": "Shipped",
        "from": ["Awaiting Approval"],
        "date_item": "StatusChanged",
        "log_item": "History",
    }
    result = await run("notes.document.change_status", over.ctx("e-2"), params)
    assert result.output["from"] == "Awaiting Approval"
    [document] = await over.documents()
    assert document["items"]["OrderStatus"] == "Shipped"
    assert document["items"]["StatusChanged"] == "2026-11-23T10:21:35Z"
    with pytest.raises(ConflictError):
        await run("notes.document.change_status", over.ctx("e-3"), {**params, "status": "Closed"})


async def test_delete_by_mark_and_for_good(over: Served) -> None:
    mark = {"unid": T_SHIRT, "mark_item": "Deleted"}
    result = await run("notes.document.delete", over.ctx("e-1"), mark)
    assert result.output["action"] == "marked"
    hard = {"unid": T_SHIRT, "mode": "hard"}
    over.clock.move(5)
    assert (await run("notes.document.delete", over.ctx("e-2"), hard)).output["action"] == "deleted"
    assert (await over.control.get(f"/_twin/documents/{T_SHIRT}")).status_code == 404
    again = await run("notes.document.delete", over.ctx("e-3"), hard)
    assert again.output["action"] == "unchanged"


async def test_changed_since(over: Served) -> None:
    over.clock.move(60)
    await over.save(T_SHIRT, Stock=7)
    output = await same(over, "notes.document.changed", {"since": "2026-11-23T10:22:00Z"})
    assert output["documents"] == [{"unid": T_SHIRT, "modified": "2026-11-23T10:22:30Z"}]
    assert output["server_time"] == "2026-11-23T10:22:30Z"


async def test_profile_of_a_form(over: Served) -> None:
    params = {"form": "Product Catalog Item", "view": "Stock", "sample": 20}
    output = await same(over, "notes.form.profile", params)
    assert output["sampled"] == 20


async def test_a_file_in_rich_text(over: Served) -> None:
    params = {"unid": T_SHIRT, "item": "Body", "name": "sheet.txt", "content": "aGVsbG8="}
    result = await run("notes.document.attach", over.ctx(), params)
    assert result.output["action"] == "created"
    assert result.receipt is not None
    assert result.receipt.verdict.value == "confirmed"
    again = await run("notes.document.attach", over.ctx(), params)
    assert again.output["action"] == "unchanged"
    other = {**params, "content": "aGVsbG8h", "replace": True}
    assert (await run("notes.document.attach", over.ctx(), other)).output["action"] == "updated"
    found = await probe("notes.document.attach", over.ctx(), other)
    assert found.happened


async def test_a_dry_run_changes_nothing(over: Served) -> None:
    for name, params in (
        ("notes.document.create", CREATE),
        ("notes.document.update", {"unid": T_SHIRT, "items": {"Stock": 12}}),
        ("notes.document.delete", {"unid": T_SHIRT, "mode": "hard"}),
    ):
        result = await run(name, over.ctx(dry_run=True), params)
        assert result.prediction
    assert await over.documents() == []
    stored = (await over.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    assert stored["sequence"] == 1
