"""Many documents at once: each under its key, exactly once, whatever happens on the way."""

from typing import Any

import pytest

from connectors.notes.tests.conftest import ORDER, Served
from connectors.notes.tests.ways.test_same_operation import CREATE, probe, run
from connectors.sdk.errors import ConfigurationError, RejectedError, UncertainError

NAME = "notes.document.create_many"


def params(*numbers: int, **items: Any) -> dict[str, Any]:
    shared = {name: CREATE[name] for name in ("form", "key_item", "key_view")}
    documents = [
        {"key_value": f"order-{one}", "items": {**ORDER, "OrderNo": f"N{one}", **items}}
        for one in numbers
    ]
    return {**shared, "documents": documents}


async def test_each_once_and_proven(over: Served) -> None:
    result = await run(NAME, over.ctx("e-1"), params(*range(60)))
    assert [one["action"] for one in result.output["documents"]] == ["created"] * 60
    assert result.receipt is not None
    assert result.receipt.verdict.value in {"confirmed", "absorbed"}
    stored = await over.documents()
    assert len(stored) == 60
    assert {one["items"]["ExternalKey"] for one in stored} == {f"order-{n}" for n in range(60)}
    unids = {one["unid"] for one in stored}
    assert {one["unid"] for one in result.output["documents"]} == unids


async def test_it_pays_where_the_way_takes_many(over: Served) -> None:
    await run(NAME, over.ctx("e-1"), params(*range(60)))
    paths = {
        "dds": "/fulfil.nsf/api/data/documents?",
        "drapi": "/api/v1/bulk/create",
        "agent": "/fulfil.nsf/causeway/batch",
    }
    wanted = paths[over.transport]
    writes = [
        path
        for method, path, _ in await over.requests()
        if method == "POST" and path.startswith(wanted)
    ]
    # Over the agent one batch creates and one reads.
    assert len(writes) == {"dds": 60, "drapi": 2, "agent": 2}[over.transport]


async def test_what_is_there_is_found(over: Served) -> None:
    first = await run(NAME, over.ctx("e-1"), params(1, 2))
    second = await run(NAME, over.ctx("e-2"), params(1, 2, 3))
    actions = [one["action"] for one in second.output["documents"]]
    assert actions == ["found", "found", "created"]
    assert second.output["documents"][0]["unid"] == first.output["documents"][0]["unid"]
    assert len(await over.documents()) == 3


async def test_one_that_is_refused_stops_no_other(over: Served) -> None:
    wanted = params(1, 2, 3)
    wanted["documents"][1]["items"]["EMail"] = "nobody"
    result = await run(NAME, over.ctx("e-1"), wanted)
    assert [one["key_value"] for one in result.output["documents"]] == ["order-1", "order-3"]
    [refused] = result.output["refused"]
    assert (refused["key_value"], refused["code"]) == ("order-2", "refused")
    assert len(await over.documents()) == 2


async def test_all_refused_is_an_error(over: Served) -> None:
    with pytest.raises(RejectedError):
        await run(NAME, over.ctx("e-1"), params(1, 2, EMail="nobody"))


async def test_a_lost_answer_is_looked_up(over: Served) -> None:
    path = {"dds": "/documents", "drapi": "/bulk/create", "agent": "/batch"}[over.transport]
    lost: dict[str, Any] = {"path": path, "method": "POST", "count": 1}
    # The agent's first batch reads; there is none before a document is found.
    await over.fault(lost_answer=lost)
    with pytest.raises(UncertainError):
        await run(NAME, over.ctx("e-1"), params(1, 2, 3))
    found = await probe(NAME, over.ctx("e-1"), params(1, 2, 3))
    assert found.happened
    assert found.result is not None
    assert [one["action"] for one in found.result.output["documents"]] == ["created"] * 3
    assert len(await over.documents()) == 3
    again = await run(NAME, over.ctx("e-1"), params(1, 2, 3, 4))
    assert len(again.output["documents"]) == 4
    assert len(await over.documents()) == 4


async def test_a_part_that_is_missing_has_not_happened(over: Served) -> None:
    await run(NAME, over.ctx("e-1"), params(1))
    assert not (await probe(NAME, over.ctx("e-2"), params(1, 2))).happened


async def test_a_dry_run(over: Served) -> None:
    await run(NAME, over.ctx("e-1"), params(1))
    result = await run(NAME, over.ctx("e-2", dry_run=True), params(1, 2, 3))
    assert result.prediction == (
        "would create 2 of 3 'Order Record' documents, the others are there"
    )
    assert [one["action"] for one in result.output["documents"]] == ["found", "created", "created"]
    assert len(await over.documents()) == 1


async def test_a_key_twice(served: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run(NAME, served.ctx(), params(1, 1))
    assert caught.value.code == "key_twice"


@pytest.mark.parametrize("count", [0, 201])
async def test_too_few_and_too_many(served: Served, count: int) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run(NAME, served.ctx(), params(*range(count)))
    assert caught.value.code == "how_many"
