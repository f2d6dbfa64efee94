"""What is particular to the Domino REST API: tokens, scopes, modes, revisions, what it lacks."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.notes import CONNECTOR
from connectors.notes.client import TransportLacksError
from connectors.notes.rest.client import RestClient
from connectors.notes.tests.conftest import ORDER, Clock, Served
from connectors.notes.tests.ways.test_same_operation import CREATE, T_SHIRT, run
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ContractError,
    PermissionDeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.operation import OperationContext

GET = {"unid": T_SHIRT}
ALL = ["OrderNo", "OrderStatus", "ExternalKey", "SyncSource", "SyncRev", "SyncHash"]


@pytest.fixture
def rest(served: Served) -> Served:
    served.transport = "drapi"
    return served


async def logins(served: Served) -> int:
    return sum(path == "/api/v1/auth" for _, path, _ in await served.requests())


async def test_one_login_serves_many_requests(rest: Served) -> None:
    for _ in range(3):
        await run("notes.document.get", rest.ctx(), GET)
    assert await logins(rest) == 1


async def test_a_token_is_replaced_before_it_ends(rest: Served, clock: Clock) -> None:
    await run("notes.document.get", rest.ctx(), GET)
    clock.move(7200 - 30)  # still good over there, and not for long
    await run("notes.document.get", rest.ctx(), GET)
    assert await logins(rest) == 2
    assert 401 not in {status for _, _, status in await rest.requests()}


async def test_a_token_that_the_server_forgot_is_replaced_once(rest: Served) -> None:
    await run("notes.document.get", rest.ctx(), GET)
    await rest.fault(expired_tokens=1)
    await run("notes.document.get", rest.ctx(), GET)
    assert await logins(rest) == 2


async def test_a_write_with_a_forgotten_token_takes_place_once(rest: Served) -> None:
    await run("notes.document.get", rest.ctx(), GET)
    await rest.fault(expired_tokens={"path": f"/document/{T_SHIRT}", "method": "PATCH", "count": 1})
    result = await run("notes.document.update", rest.ctx(), {**GET, "items": {"Stock": 12}})
    assert result.output["changed"] is True
    stored = (await rest.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    assert stored["sequence"] == 2


async def test_a_token_that_is_never_taken_ends_after_two_tries(rest: Served) -> None:
    await rest.fault(expired_tokens=True)
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", rest.ctx(), GET)
    assert caught.value.code == "token_refused"
    assert await logins(rest) == 2


async def test_a_wrong_password(rest: Served) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", rest.ctx(password="wrong"), GET)
    assert caught.value.code == "login_failed"
    assert await logins(rest) == 1  # once more might lock the account


async def test_a_scope_that_is_not_there(rest: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", rest.ctx(scope="elsewhere"), GET)
    assert caught.value.code == "scope_missing"


async def test_no_scope_in_the_connection(rest: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", rest.ctx(scope=""), GET)
    assert caught.value.code == "no_scope"


async def test_a_scope_that_the_token_does_not_cover(served_world: Callable[..., Any]) -> None:
    scope = {"name": "fulfil", "database": "fulfil.nsf", "users": ["CN=Ann Editor/O=Meadow"]}
    served = await served_world(rest={"scopes": [scope]})
    served.transport = "drapi"
    with pytest.raises(PermissionDeniedError) as caught:
        await run("notes.document.get", served.ctx(), GET)
    assert caught.value.code == "scope_not_granted"


async def closed_schema(served_world: Callable[..., Any], **more: Any) -> Served:
    """A schema with one form, some items, and no mode named dql."""
    forms = {"Order Record": {"default": [*ALL, *ORDER]}}
    scope = {"name": "fulfil", "database": "fulfil.nsf", "forms": forms, **more}
    served: Served = await served_world(rest={"scopes": [scope]})
    served.transport = "drapi"
    return served


async def test_what_the_mode_does_not_let_through(served_world: Callable[..., Any]) -> None:
    served = await closed_schema(served_world)
    params = {**CREATE, "items": {**ORDER, "Unknown": "x"}}
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.create", served.ctx(), params)
    assert caught.value.code == "mode"
    assert "Unknown" in caught.value.message
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", served.ctx(), GET)  # a form without a mode
    assert caught.value.code == "mode"
    assert (await run("notes.document.create", served.ctx(), CREATE)).output["action"] == "created"


async def test_a_form_without_a_dql_mode_gives_no_news(served_world: Callable[..., Any]) -> None:
    """Vendor: what has no mode named dql is left out of queries. The check says so (README)."""
    served = await closed_schema(served_world)
    await run("notes.document.create", served.ctx(), CREATE)
    output = (await run("notes.document.changed", served.ctx(), SINCE)).output
    assert output["documents"] == []


SINCE = {"since": "2026-11-23T10:21:00Z"}


async def test_dql_is_closed(served_world: Callable[..., Any]) -> None:
    served = await closed_schema(served_world, dql=False)
    with pytest.raises(PermissionDeniedError) as caught:
        await run("notes.document.changed", served.ctx(), SINCE)
    assert caught.value.code == "dql_closed"


async def test_a_revision_that_the_schema_demands_is_given(
    served_world: Callable[..., Any],
) -> None:
    scope = {"name": "fulfil", "database": "fulfil.nsf", "need_revision": True}
    served = await served_world(rest={"scopes": [scope]})
    served.transport = "drapi"
    result = await run("notes.document.update", served.ctx(), {**GET, "items": {"Stock": 12}})
    assert result.output["changed"] is True


async def test_the_revision_guards_a_write_without_waiting(
    rest: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two edits within one second, which the data service can only tell apart by waiting."""
    patch = RestClient.patch

    async def late(self: RestClient, before: Any, *args: Any, **kwargs: Any) -> None:
        await rest.save(before.unid, Active="No")  # the clock stands still
        await patch(self, before, *args, **kwargs)

    monkeypatch.setattr(RestClient, "patch", late)
    await rest.save(T_SHIRT, Stock=7)
    with pytest.raises(ConflictError) as caught:
        await run("notes.document.update", rest.ctx(), {**GET, "items": {"Stock": 12}})
    assert caught.value.code == "changed"
    stored = (await rest.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    assert stored["items"]["Stock"] == 7
    assert rest.clock.now == rest.twin.clock()


async def test_a_fresh_document_is_changed_at_once(rest: Served, clock: Clock) -> None:
    before = clock.now
    await rest.save(T_SHIRT, Stock=7)
    await run("notes.document.update", rest.ctx(), {**GET, "items": {"Stock": 12}})
    assert clock.now == before  # nobody waited for the save to be at rest


async def test_a_save_between_reading_and_deleting_keeps_it(
    rest: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = RestClient.delete

    async def late(self: RestClient, *args: Any) -> None:
        await rest.save(T_SHIRT, Stock=7)
        await delete(self, *args)

    monkeypatch.setattr(RestClient, "delete", late)
    with pytest.raises(ConflictError):
        await run("notes.document.delete", rest.ctx(), {**GET, "mode": "hard"})
    assert (await rest.control.get(f"/_twin/documents/{T_SHIRT}")).status_code == 200


async def test_the_web_server_answers_in_its_place(served_world: Callable[..., Any]) -> None:
    """Trap: port 80 of Domino instead of the task's own; a login page with status 200."""
    served = await served_world(rest={"enabled": False})
    served.transport = "drapi"
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", served.ctx(), GET)
    assert caught.value.code == "rest_missing"
    assert "8880" in caught.value.fix


async def test_a_login_page_with_status_200(rest: Served) -> None:
    await rest.fault(login_page={"path": "/auth", "count": 1})
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", rest.ctx(), GET)
    assert caught.value.code == "rest_missing"
    await run("notes.document.get", rest.ctx(), GET)
    await rest.fault(login_page={"path": "/document", "count": 1})
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", rest.ctx(), GET)
    assert caught.value.code == "rest_missing"


def answering(served: Served, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """A context whose server answers what the test says; logins succeed."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth") and answer is not login:
            return httpx.Response(200, json={"bearer": "t", "expSeconds": 60, "claims": {}})
        return answer(request)

    ctx = served.ctx()
    return OperationContext(
        connection=ctx.connection,
        http=httpx.AsyncClient(transport=httpx.MockTransport(handle)),
        effect_key="e",
        now=ctx.now,
        wait=ctx.wait,
    )


def login(request: httpx.Request) -> httpx.Response:
    claims = {"sub": "Anonymous"}
    return httpx.Response(200, json={"bearer": "t", "expSeconds": 60, "claims": claims})


async def test_a_token_for_anonymous_is_none(rest: Served) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", answering(rest, login), GET)
    assert caught.value.code == "anonymous"


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (400, {"status": 400, "message": "Revision mismatch"}, ConflictError, "changed"),
        (409, {"status": 409, "message": "Conflict"}, ConflictError, "changed"),
        (412, {}, ConflictError, "changed"),
        (
            403,
            {"status": 403, "message": "Not authorized"},
            PermissionDeniedError,
            "not_authorised",
        ),
        (400, {"status": 400, "message": "Total is negative"}, RejectedError, "refused"),
        (404, {"message": "x", "errorId": 1112}, ConfigurationError, "scope_missing"),
        (500, {"status": 500, "message": "NotesException"}, UncertainError, "failed"),
        (502, {}, UncertainError, "failed"),
        (503, {}, UnavailableError, "server_down"),
        (418, {}, ContractError, "unknown_status"),
    ],
)
async def test_refusals_of_a_write(
    rest: Served, status: int, body: dict[str, Any], error: type[Exception], code: str
) -> None:
    shown = await shown_document(rest)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=shown)
        return httpx.Response(status, json=body)

    params = {**GET, "items": {"Stock": 12}}
    with pytest.raises(error) as caught:
        await run("notes.document.update", answering(rest, answer), params)
    assert caught.value.code == code  # type: ignore[attr-defined]


async def shown_document(served: Served) -> dict[str, Any]:
    user = {"username": "svc-causeway", "password": "meadow-service-1"}
    token = (await served.http.post(f"{served.url}/api/v1/auth", json=user)).json()["bearer"]
    answer = await served.http.get(
        f"{served.url}/api/v1/document/{T_SHIRT}",
        params={"dataSource": "fulfil", "richTextAs": "mime"},
        headers={"Authorization": f"Bearer {token}"},
    )
    return dict(json.loads(answer.content))


@pytest.mark.parametrize(
    "broken",
    [
        b"[]",
        b"nothing",
        b"{}",
        b'{"@meta": {"unid": "x"}}',
        b'{"@meta": []}',
        b'{"@meta": {"unid": "a", "created": "soon", "revision": "1"}}',
    ],
)
async def test_a_document_of_another_shape(rest: Served, broken: bytes) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=broken, headers={"content-type": "application/json"})

    with pytest.raises(ContractError):
        await run("notes.document.get", answering(rest, answer), GET)


async def test_a_server_without_a_date_does_not_stop_the_poll(
    served_world: Callable[..., Any], clock: Clock
) -> None:
    served = await served_world(rest={"date": False})
    served.transport = "drapi"
    [trigger] = [o for o in CONNECTOR.triggers if o.name == "notes.document_event"]
    assert trigger.poll is not None
    page = await trigger.poll(served.ctx(), None)
    for stock in (7, 8, 9):
        clock.move(600)
        await served.save(T_SHIRT, Stock=stock)
        page = await trigger.poll(served.ctx(), page.cursor)
        assert [one.entity_id for one in page.events] == [T_SHIRT]
        assert (await trigger.poll(served.ctx(), page.cursor)).events == []


async def test_what_the_way_lacks_is_said(rest: Served) -> None:
    for name, params in (
        ("notes.folder.change", {"folder": "Stock", "add": [T_SHIRT], "remove": []}),
        ("notes.document.search", {"search": "shirt"}),
        ("notes.view.read", {"view": "Stock", "start_key": "M"}),
        ("notes.view.read", {"view": "Stock", "parent": T_SHIRT}),
        ("notes.view.read", {"view": "Stock", "expand_level": 1}),
    ):
        if name == "notes.folder.change":
            client = RestClient(rest.ctx())
            with pytest.raises(TransportLacksError) as caught:
                await client.change_folder("Stock", add=[T_SHIRT], remove=[])
        else:
            with pytest.raises(TransportLacksError) as caught:
                await run(name, rest.ctx(), params)
        assert caught.value.code == "transport_lacks"
        assert caught.value.fix


async def test_an_agent_with_a_document(served_world: Callable[..., Any]) -> None:
    served = await served_world(database={"called": {"Approve": {"OrderStatus": "Closed"}}})
    served.transport = "drapi"
    made = await run("notes.document.create", served.ctx("e-1"), CREATE)
    params = {
        "agent": "Approve",
        "unid": made.output["unid"],
        "proof": {"OrderStatus": "Closed"},
    }
    result = await run("notes.agent.run", served.ctx("e-2"), params)
    assert result.receipt is not None
    assert result.receipt.verdict.value == "confirmed"
    with pytest.raises(RejectedError) as caught:
        await run("notes.agent.run", served.ctx("e-3"), {"agent": "Missing"})
    assert caught.value.code == "refused"


async def test_many_documents_are_read_in_few_requests(rest: Served) -> None:
    params = {"form": "Product Catalog Item", "view": "Stock", "sample": 40}
    await run("notes.form.profile", rest.ctx(), params)
    paths = [path for _, path, _ in await rest.requests()]
    assert sum("/bulk/unid" in one for one in paths) == 1
    assert not any("/document/" in one for one in paths)
