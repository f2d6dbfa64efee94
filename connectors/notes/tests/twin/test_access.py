"""Logins, locks and rights against the documented contract."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.notes.tests.conftest import USER, Clock, inside
from connectors.notes.twin.app import create_app

DATA = "/fulfil.nsf/api/data"
STOCK = f"{DATA}/collections/name/Stock"
T_SHIRT = f"{DATA}/documents/unid/C19DBA6C3A81ABCF2BA2AED24430F4EF"


@pytest.fixture
def ask(world: Callable[..., Path], clock: Clock) -> Callable[..., Any]:
    def make(*, auth: tuple[str, str] | None = USER, **changes: Any) -> httpx.AsyncClient:
        return inside(create_app(world=world(**changes), clock=clock), auth=auth)

    return make


async def login(client: httpx.AsyncClient, password: str = USER[1]) -> httpx.Response:
    form = {"Username": USER[0], "Password": password}
    return await client.post("/names.nsf?Login", data=form)


async def test_session_login_is_a_redirect_with_a_cookie(ask: Callable[..., Any]) -> None:
    """[D][O] 2.1: 302 and DomAuthSessId; a failure is 200, the form again, no cookie."""
    async with ask(auth=None, server={"auth": "session"}) as client:
        refused = await login(client, "wrong")
        assert refused.status_code == 200
        assert refused.headers["content-type"].startswith("text/html")
        assert "set-cookie" not in refused.headers
        accepted = await login(client)
        assert accepted.status_code == 302
        assert accepted.headers["set-cookie"].startswith("DomAuthSessId=")
        assert (await client.get(STOCK)).headers["content-type"] == "application/json"


async def test_without_a_session_the_login_page_comes_with_200(ask: Callable[..., Any]) -> None:
    """[O] 2.1: not 401, not JSON."""
    async with ask(auth=None, server={"auth": "session"}) as client:
        answer = await client.get(STOCK)
        assert answer.status_code == 200
        assert "names.nsf?Login" in answer.text


async def test_an_idle_session_expires(ask: Callable[..., Any], clock: Clock) -> None:
    """[D] 2.1: 30 minutes by default."""
    async with ask(auth=None, server={"auth": "session"}) as client:
        await login(client)
        clock.move(29 * 60)
        assert (await client.get(STOCK)).headers["content-type"] == "application/json"
        clock.move(31 * 60)
        assert (await client.get(STOCK)).headers["content-type"].startswith("text/html")


async def test_logout_ends_the_session(ask: Callable[..., Any]) -> None:
    """[D] 2.1."""
    async with ask(auth=None, server={"auth": "session"}) as client:
        await login(client)
        await client.get("/names.nsf?Logout")
        assert (await client.get(STOCK)).headers["content-type"].startswith("text/html")


async def test_session_servers_do_not_look_at_basic(ask: Callable[..., Any]) -> None:
    """[D] 2.1: Basic needs sessions off or an overriding rule."""
    async with ask(server={"auth": "session"}) as client:
        assert (await client.get(STOCK)).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("auth", ["basic", "both"])
async def test_wrong_basic_credentials_are_401_html(ask: Callable[..., Any], auth: str) -> None:
    """[D] 2.2."""
    async with ask(auth=(USER[0], "wrong"), server={"auth": auth}) as client:
        answer = await client.get(STOCK)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("text/html")


async def test_no_access_is_401_even_when_known(ask: Callable[..., Any]) -> None:
    """[D] 2.2."""
    async with ask(database={"acl": {"-Default-": "none"}}) as client:
        assert (await client.get(STOCK)).status_code == 401


async def test_the_first_lock_is_the_server(ask: Callable[..., Any]) -> None:
    """[D][S] 1: 403 without a message."""
    async with ask(server={"data_service": False}) as client:
        answer = await client.get(STOCK)
        assert answer.status_code == 403
        assert answer.json() == {"code": 403, "text": "Forbidden"}
        services = (await client.get("/api")).json()["services"]
        assert [one["enabled"] for one in services] == [False, True]


@pytest.mark.parametrize(
    ("level", "path", "message"),
    [
        (0, STOCK, "The Domino data service is not enabled for this database."),
        (0, T_SHIRT, "The Domino data service is not enabled for this database."),
        (1, T_SHIRT, "Cannot access resource"),
    ],
)
async def test_the_second_lock_is_the_database(
    ask: Callable[..., Any], level: int, path: str, message: str
) -> None:
    """[S] 1."""
    async with ask(database={"api_level": level}) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["message"]) == (403, message)


async def test_views_only_still_lists_every_unid(ask: Callable[..., Any]) -> None:
    """[S] 1: the documents list needs level 1 only."""
    async with ask(database={"api_level": 1}) as client:
        assert (await client.get(f"{DATA}/documents")).status_code == 200
        assert (await client.get(STOCK)).status_code == 200


async def test_the_third_lock_is_the_view(ask: Callable[..., Any]) -> None:
    """[S] 1: listed all the same, then refused by name."""
    async with ask(views={"Stock": {"api": False}}) as client:
        listed = (await client.get(f"{DATA}/collections")).json()
        assert "Stock" in {one["@title"] for one in listed}
        answer = await client.get(STOCK)
        assert answer.status_code == 403
        assert answer.json()["message"] == (
            "The Domino data service is not enabled for this view [Stock]."
        )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_methods_off_by_default_come_through_the_override(
    ask: Callable[..., Any], method: str
) -> None:
    """[D] 1, [S] 3.3: the web engine's HTML 405; the override counts on POST only."""
    async with ask() as client:
        answer = await client.request(method, T_SHIRT, json={"Stock": 1})
        assert answer.status_code == 405
        assert answer.headers["content-type"].startswith("text/html")
        header = {"X-HTTP-Method-Override": method}
        assert (await client.post(T_SHIRT, json={"Stock": 1}, headers=header)).is_success
        on_get = await client.get(STOCK, headers=header)
        assert on_get.headers["content-type"] == "application/json"


async def test_not_authorised_is_400_and_not_403(ask: Callable[..., Any]) -> None:
    """[S] 2.2: readers read, authors create, deleting needs its flag."""
    person = "CN=Causeway Service/O=Meadow"
    patch = {"X-HTTP-Method-Override": "PATCH"}
    async with ask(database={"acl": {person: "reader"}}) as client:
        assert (await client.get(T_SHIRT)).status_code == 200
        answer = await client.post(T_SHIRT, json={"Stock": 1}, headers=patch)
        assert answer.status_code == 400
        assert "not authorized" in answer.json()["message"]
    async with ask(database={"acl": {person: "author"}}) as client:
        assert (await client.post(f"{DATA}/documents", json={"A": "1"})).status_code == 201
        assert (await client.post(T_SHIRT, json={"A": "1"}, headers=patch)).status_code == 400
    async with ask(database={"may_delete": []}) as client:
        header = {"X-HTTP-Method-Override": "DELETE"}
        assert (await client.post(T_SHIRT, headers=header)).status_code == 400


async def test_a_cookie_from_the_nonce_needs_its_header(ask: Callable[..., Any]) -> None:
    """[S] 2.3: the token is asked for only of those who carry the cookie."""
    async with ask() as client:
        cookie = {"Cookie": "DasToken=T1"}
        assert (await client.get(STOCK, headers=cookie)).status_code == 403
        both = {**cookie, "X-DAS-Token": "T1"}
        assert (await client.get(STOCK, headers=both)).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "html"),
    [
        ("/nothing.nsf/api/data/collections", 404, True),
        ("/fulfil.nsf?OpenDatabase", 404, True),
        ("/FULFIL.NSF/api/data/collections", 200, False),
        (DATA, 400, False),
        (f"{DATA}/nonsense", 405, True),
    ],
)
async def test_paths(ask: Callable[..., Any], path: str, status: int, html: bool) -> None:
    """[D] 3.2: file paths ignore case; a missing database is the web engine's HTML 404."""
    async with ask() as client:
        answer = await client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html") is html
        assert answer.headers["server"] == "Lotus-Domino"
        assert answer.headers["date"] == "Mon, 23 Nov 2026 10:21:30 GMT"
