"""The control plane, and what outlives a restart."""

from pathlib import Path

import httpx

from connectors.notes.tests.conftest import ORDER, WORLD, Clock, inside
from connectors.notes.twin.app import create_app

T_SHIRT = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


async def test_a_person_saves_and_the_form_stamps_the_status(
    dds: httpx.AsyncClient, clock: Clock
) -> None:
    """[D] domino-agents 1: QuerySave runs in the Notes client only."""
    made = await dds.post("/_twin/documents", json={"form": "Order Record", "items": ORDER})
    assert made.status_code == 201
    unid = made.json()["unid"]
    clock.move(60)
    items = {"OrderStatus": "Shipped", "TrackingNo": "1Z 4471"}
    saved = (await dds.post(f"/_twin/documents/{unid}", json={"items": items})).json()
    assert saved["sequence"] == 2
    assert saved["author"] == "CN=Ann Editor/O=Meadow"
    assert saved["items"]["StatusChanged"] == "2026-11-23T10:22:30Z"
    assert saved["items"]["History"] == [
        "2026-11-23 11:21 new > Awaiting Approval",
        "2026-11-23 11:22 Awaiting Approval > Shipped",
    ]
    assert saved["items"]["Item_Qty"] == [2]


async def test_the_form_validates_what_a_person_types(dds: httpx.AsyncClient) -> None:
    for items, word in (({"Stock": "many"}, "Stock"), ({"ProductID": ""}, "product id")):
        answer = await dds.post(f"/_twin/documents/{T_SHIRT}", json={"items": items})
        assert answer.status_code == 400
        assert word in answer.json()["error"]
    saved = await dds.post(f"/_twin/documents/{T_SHIRT}", json={"items": {"Stock": "7,5"}})
    assert saved.json()["items"]["Stock"] == 7.5
    for wrong in ({}, {"items": [1]}, {"items": {"Stock": {"a": 1}}}):
        answer = await dds.post(f"/_twin/documents/{T_SHIRT}", json=wrong)
        assert answer.status_code == 400
    unknown = await dds.post("/_twin/documents", json={"form": "Nothing", "items": {}})
    assert unknown.json()["error"] == "no form 'Nothing'"
    assert (await dds.get("/_twin/documents/" + "F" * 32)).status_code == 404


async def test_state_health_and_the_request_log(dds: httpx.AsyncClient) -> None:
    assert (await dds.get("/_twin/health")).json()["ok"] is True
    state = (await dds.get("/_twin/state")).json()
    assert state["databases"][0]["title"] == "Fulfilment"
    assert {one["form"] for one in state["documents"]} == {
        "Product Catalog Item", "Customer Record",
    }  # fmt: skip
    assert {one["name"] for one in state["forms"]} >= {"Order Record"}
    await dds.get("/fulfil.nsf/api/data/collections")
    await dds.get("/api/data?compact=true")
    log = (await dds.get("/_twin/requests")).json()["requests"]
    assert [(one["number"], one["path"]) for one in log] == [
        (1, "/fulfil.nsf/api/data/collections"),
        (2, "/api/data?compact=true"),
    ]
    later = await dds.get("/_twin/requests", params={"since": 1})
    assert [one["number"] for one in later.json()["requests"]] == [2]


async def test_documents_outlive_a_restart_and_a_reset_brings_the_world_back(
    tmp_path: Path, clock: Clock
) -> None:
    data = tmp_path / "notes.db"
    first = create_app(world=WORLD, data=data, clock=clock)
    async with inside(first) as dds:
        made = await dds.post("/_twin/documents", json={"form": "Order Record", "items": ORDER})
        await dds.delete(f"/_twin/documents/{T_SHIRT}")
        before = await dds.get(f"/fulfil.nsf/api/data/documents/unid/{made.json()['unid']}")
    first.state.twin.disk.close()
    second = create_app(world=WORLD, data=data, clock=clock)
    async with inside(second) as dds:
        after = await dds.get(f"/fulfil.nsf/api/data/documents/unid/{made.json()['unid']}")
        assert (after.content, after.headers) == (before.content, before.headers)
        assert (await dds.get(f"/_twin/documents/{T_SHIRT}")).status_code == 404
        new = await dds.post("/_twin/documents", json={"form": "Order Record", "items": ORDER})
        ids = [
            int(
                (await dds.get(f"/fulfil.nsf/api/data/documents/unid/{unid}")).json()["@noteid"], 16
            )
            for unid in (made.json()["unid"], new.json()["unid"])
        ]
        assert ids[0] < ids[1]
        await dds.post("/_twin/reset")
        documents = (await dds.get("/_twin/state")).json()["documents"]
        assert T_SHIRT in {one["unid"] for one in documents}
        assert not [one for one in documents if one["form"] == "Order Record"]
    second.state.twin.disk.close()


async def test_hooks_are_set_shown_without_secret_and_checked(dds: httpx.AsyncClient) -> None:
    hook = {"url": "http://causeway/hooks/x", "secret": "very-secret"}
    shown = (await dds.post("/_twin/hooks", json=hook)).json()
    assert shown == {"url": "http://causeway/hooks/x", "secret_set": True}
    assert "very-secret" not in (await dds.get("/_twin/state")).text
    wrong = await dds.post("/_twin/hooks", json={**hook, "secret": "whsec_?"})
    assert wrong.status_code == 400
    assert (await dds.get("/_twin/hooks")).json() == shown
