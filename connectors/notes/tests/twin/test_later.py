"""Full text, folders, files and called agents against the documented contract."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.notes.tests.conftest import Clock, inside
from connectors.notes.twin.app import create_app

DATA = "/fulfil.nsf/api/data"
UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
DOCUMENT = f"{DATA}/documents/unid/{UNID}"
FOLDER = f"{DATA}/collections/name/Bin"


@pytest.fixture
def open_twin(world: Callable[..., Path], clock: Clock) -> Callable[..., Any]:
    def start(**changes: Any) -> Any:
        return create_app(world=world(folders=["Bin"], **changes), clock=clock)

    return start


@pytest.fixture
async def dds(open_twin: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    app = open_twin(database={"full_text": True, "called": {"Stamp": {"Stamped": "Yes"}}})
    async with inside(app) as client:
        yield client
    app.state.twin.disk.close()


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("demo_1", True),
        ("DEMO_1", True),
        ("demo", False),
        ("demo*", True),
        ('"printed t-shirt"', True),
        ("hummingbird white", True),
        ("hummingbird AND NOT white", False),
        ("nothing OR (hummingbird AND white)", True),
        ("FIELD Size CONTAINS S", True),
        ("FIELD Color CONTAINS S", False),
    ],
)
async def test_full_text(dds: httpx.AsyncClient, query: str, hits: bool) -> None:
    """[S] 7, 4; score: FP9+ [D]."""
    rows = (await dds.get(f"{DATA}/documents", params={"search": query})).json()
    assert (UNID in {one["@unid"] for one in rows}) is hits
    assert all("@score" in one for one in rows)


@pytest.mark.parametrize("query", ['"open', "(a", "a)", "AND", "a OR", "FIELD x", ""])
async def test_a_query_that_does_not_parse(dds: httpx.AsyncClient, query: str) -> None:
    answer = await dds.get(f"{DATA}/documents", params={"search": query})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Query is not understandable"


async def test_searchmaxdocs_limits_and_must_be_a_number(dds: httpx.AsyncClient) -> None:
    found = await dds.get(f"{DATA}/documents?search=hummingbird&searchmaxdocs=2")
    assert len(found.json()) == 2
    wrong = await dds.get(f"{DATA}/documents?search=hummingbird&searchmaxdocs=few")
    assert wrong.json()["message"] == "Invalid parameter searchmaxdocs: few"


async def test_folders(dds: httpx.AsyncClient) -> None:
    """[S] 6.5: what fails is counted, the rest is done; the document is not saved."""
    before = (await dds.get(DOCUMENT)).headers["last-modified"]
    assert (await dds.get(FOLDER)).json() == []
    assert (await dds.get(f"{DATA}/collections/name/Bin/design")).status_code == 200
    override = {"X-HTTP-Method-Override": "PUT"}
    done = await dds.post(FOLDER, json={"add": [UNID]}, headers=override)
    assert (done.status_code, done.content) == (200, b"")
    assert [one["@unid"] for one in (await dds.get(FOLDER)).json()] == [UNID]
    partly = await dds.post(FOLDER, json={"add": ["F" * 32], "remove": [UNID]}, headers=override)
    assert partly.status_code == 400
    assert partly.json()["message"] == "Error(s) performing 1 of 2 folder operation(s)."
    assert (await dds.get(FOLDER)).json() == []
    view = await dds.post(f"{DATA}/collections/name/Stock", json={"add": [UNID]}, headers=override)
    assert view.json()["message"] == "Cannot perform folder operations on a view."
    assert (await dds.get(DOCUMENT)).headers["last-modified"] == before


async def test_files(dds: httpx.AsyncClient) -> None:
    """[D] 8.6."""
    place = f"{DOCUMENT}/Body"
    put = {"X-HTTP-Method-Override": "PUT", "Content-Type": "application/octet-stream"}
    drop = {"X-HTTP-Method-Override": "DELETE"}
    assert (await dds.get(f"{place}/a.txt")).status_code == 404
    added = await dds.post(place, files={"file": ("a.txt", b"one", "text/plain")})
    assert added.status_code == 201
    assert (await dds.get(f"{place}/a.txt")).content == b"one"
    assert (await dds.post(f"{place}/a.txt", content=b"two", headers=put)).status_code == 200
    assert (await dds.get(f"{place}/a.txt")).content == b"two"
    root, *_, part = (await dds.get(DOCUMENT)).json()["Body"]["content"]
    assert root["contentType"].startswith("multipart/mixed; boundary=")
    assert part["contentDisposition"] == 'attachment; filename="a.txt"'
    assert (await dds.post(f"{place}/a.txt", headers=drop)).status_code == 200
    assert (await dds.get(f"{place}/a.txt")).status_code == 404


async def test_agents(dds: httpx.AsyncClient) -> None:
    """[D] 8.6."""
    assert [one["@name"] for one in (await dds.get(f"{DATA}/agents")).json()] == ["Stamp"]
    ran = await dds.post(f"{DATA}/agentjobs", json={"agentName": "Stamp", "documentUnid": UNID})
    assert ran.status_code == 201
    assert (await dds.get(DOCUMENT)).json()["Stamped"] == "Yes"
    missing = await dds.post(f"{DATA}/agentjobs", json={"agentName": "Nobody"})
    assert missing.status_code == 400


async def test_an_older_server_knows_neither(open_twin: Callable[..., Any]) -> None:
    app = open_twin(server={"later": False})
    async with inside(app) as client:
        assert (await client.get(f"{DOCUMENT}/Body/a.txt")).status_code == 405
        assert (await client.get(f"{DATA}/agents")).status_code == 404
    app.state.twin.disk.close()


async def test_a_late_save_is_dropped_when_somebody_was_faster(dds: httpx.AsyncClient) -> None:
    """[S/I] 9.7."""
    await dds.post("/_twin/faults", json={"late_save": {"seconds": 0.1, "count": 1}})
    override = {"X-HTTP-Method-Override": "PATCH"}
    late = asyncio.create_task(dds.post(DOCUMENT, json={"Size": "L"}, headers=override))
    await asyncio.sleep(0.02)
    assert (await dds.post(DOCUMENT, json={"Size": "M"}, headers=override)).status_code == 200
    assert (await late).status_code == 200
    assert (await dds.get(DOCUMENT)).json()["Size"] == "M"
