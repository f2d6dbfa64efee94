"""Misbehaviour on demand, over a socket: half answers need one."""

import httpx
import pytest

from connectors.notes.tests.conftest import ORDER, USER, Served

DATA = "/fulfil.nsf/api/data"
T_SHIRT = f"{DATA}/documents/unid/C19DBA6C3A81ABCF2BA2AED24430F4EF"
PATCH = {"X-HTTP-Method-Override": "PATCH"}


@pytest.fixture
def dds(served: Served) -> httpx.AsyncClient:
    served.control.auth = httpx.BasicAuth(*USER)
    return served.control


@pytest.mark.parametrize("name", ["down", "truncated"])
async def test_no_or_half_an_answer(served: Served, dds: httpx.AsyncClient, name: str) -> None:
    await served.fault(**{name: True})
    with pytest.raises(httpx.RemoteProtocolError):
        await dds.get(T_SHIRT)
    await served.fault(**{name: False})
    assert (await dds.get(T_SHIRT)).status_code == 200


async def test_a_count_runs_out(served: Served, dds: httpx.AsyncClient) -> None:
    await served.fault(http_500=2)
    first, second, third = [await dds.get(T_SHIRT) for _ in range(3)]
    assert (first.status_code, second.status_code, third.status_code) == (500, 500, 200)
    assert first.json()["data"].startswith("NotesException: ")


async def test_the_login_page_ends_every_session(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        form = {"Username": USER[0], "Password": USER[1]}
        await client.post("/names.nsf?Login", data=form)
        assert (await client.get(T_SHIRT)).headers["content-type"] == "application/json"
        await served.fault(login_page=1)
        for _ in range(2):
            answer = await client.get(T_SHIRT)
            assert answer.status_code == 200
            assert "names.nsf?Login" in answer.text


@pytest.mark.parametrize(
    ("setting", "status", "kind"),
    [
        (True, 403, "application/json"),
        ({"status": 401}, 401, "text/html; charset=US-ASCII"),
    ],
)
async def test_access_denied(
    served: Served, dds: httpx.AsyncClient, setting: object, status: int, kind: str
) -> None:
    await served.fault(access_denied=setting)
    answer = await dds.get(T_SHIRT)
    assert (answer.status_code, answer.headers["content-type"]) == (status, kind)


async def test_a_lost_answer_has_written(served: Served, dds: httpx.AsyncClient) -> None:
    await served.fault(lost_answer=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await dds.post(f"{DATA}/documents", params={"form": "Order Record"}, json=ORDER)
    assert len(await served.documents()) == 1


async def test_a_lost_save_says_200_and_writes_nothing(
    served: Served, dds: httpx.AsyncClient
) -> None:
    """[S/I] 9.7: save() is not forced and its result is dropped."""
    await served.fault(lost_save=1)
    assert (await dds.post(T_SHIRT, json={"Stock": 1}, headers=PATCH)).status_code == 200
    assert (await dds.get(T_SHIRT)).json()["Stock"] == 38
    assert (await dds.post(T_SHIRT, json={"Stock": 1}, headers=PATCH)).status_code == 200
    assert (await dds.get(T_SHIRT)).json()["Stock"] == 1


async def test_a_web_page_instead_of_the_service(served: Served, dds: httpx.AsyncClient) -> None:
    await served.fault(html_answer={"count": 1, "status": 404, "path": "/documents"})
    assert (await dds.get(f"{DATA}/collections")).status_code == 200
    answer = await dds.get(T_SHIRT)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (404, "text/html")


async def test_slow(served: Served, dds: httpx.AsyncClient) -> None:
    await served.fault(slow={"seconds": 0.05, "count": 1})
    await dds.get(T_SHIRT)
    [entry] = (await dds.get("/_twin/requests")).json()["requests"]
    assert entry["ms"] >= 50


async def test_faults_are_shown_and_repaired_and_unknown_ones_refused(served: Served) -> None:
    await served.fault(slow={"count": 2}, down={"path": "/nowhere"})
    shown = (await served.control.get("/_twin/faults")).json()["faults"]
    assert shown["slow"] == {"seconds": 3.0, "count": 2, "hits": 0}
    await served.fault(slow=1.5)
    shown = (await served.control.get("/_twin/faults")).json()["faults"]
    assert shown["slow"] == {"seconds": 1.5, "count": None, "hits": 0}
    for wrong in ({"sloth": True}, {"slow": {"speed": 1}}, {"slow": "yes"}, {"slow": {"count": 0}}):
        answer = await served.control.post("/_twin/faults", json=wrong)
        assert answer.status_code == 400
        assert answer.json()["error"]
    await served.fault(clear=True)
    assert (await served.control.get("/_twin/faults")).json() == {"faults": {}}
