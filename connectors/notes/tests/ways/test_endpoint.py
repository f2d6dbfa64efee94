"""What is particular to the agent endpoint: proof, envelope, limits, web pages in its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from connectors.notes.client import TransportLacksError
from connectors.notes.endpoint.client import EndpointClient
from connectors.notes.endpoint.wire import sign
from connectors.notes.tests.conftest import ENDPOINT_SECRET, ORDER, Clock, Served
from connectors.notes.tests.ways.test_same_operation import CREATE, T_SHIRT, probe, run
from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ContractError,
    FarSideError,
    PermissionDeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.operation import OperationContext

FAR_SIDE = Path(__file__).parents[2] / "far_side"
REQUEST = json.loads((FAR_SIDE / "agent-endpoint-request.json").read_text())
RESPONSE = json.loads((FAR_SIDE / "agent-endpoint-response.json").read_text())
GET = {"unid": T_SHIRT}
UPDATE = {"unid": T_SHIRT, "items": {"Stock": 12}}


@pytest.fixture
def agent(served: Served) -> Served:
    served.transport = "agent"
    return served


@pytest.fixture
async def script(served_world: Callable[..., Any]) -> Served:
    """An agent in LotusScript: a bare secret, small pages."""
    endpoint = {
        "language": "lotusscript",
        "secret": ENDPOINT_SECRET,
        "limits": {"page": 3, "batch": 2},
        "without": ["attach", "file"],
    }
    served: Served = await served_world(database={"endpoint": endpoint, "full_text": True})
    served.transport = "agent"
    return served


def secretly(served: Served, effect: str = "e-1") -> OperationContext:
    return served.ctx(effect, webhook_auth="shared_secret")


async def test_every_request_and_answer_keeps_to_the_schemas(
    served_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over every operation of the connector, seen on the wire."""
    endpoint = {"secret": ENDPOINT_SECRET}
    served = await served_world(
        database={"endpoint": endpoint, "called": {"Tidy": {"Note": "x"}}, "full_text": True},
        folders=("Discontinued",),
    )
    served.transport = "agent"
    seen: set[str] = set()
    stream = served.http.stream

    def spied(method: str, url: Any, **named: Any) -> Any:
        if "OpenAgent" in str(url):
            body = json.loads(named["content"])
            Draft202012Validator(REQUEST).validate(body)
            named["content"].decode("ascii")
        return stream(method, url, **named)

    result = EndpointClient._result

    def checked(self: EndpointClient, answer: Any, id_: str, *, write: bool) -> Any:
        body = json.loads(answer.body)
        Draft202012Validator(RESPONSE).validate(body)
        return result(self, answer, id_, write=write)

    ask = EndpointClient._ask

    async def noted(self: EndpointClient, body: Any, **named: Any) -> Any:
        outcome = await ask(self, body, **named)
        fits_result(str(body["op"]), json.loads(json.dumps(outcome, default=float)))
        seen.add(str(body["op"]))
        return outcome

    monkeypatch.setattr(served.http, "stream", spied)
    monkeypatch.setattr(EndpointClient, "_result", checked)
    monkeypatch.setattr(EndpointClient, "_ask", noted)
    made = await run("notes.document.create", served.ctx("e-1"), CREATE)
    served.clock.move(5)
    params = {**CREATE, "items": {**ORDER, "Body": {"text": "Größe"}, "TrackingNo": ""}}
    await run("notes.document.upsert", served.ctx("e-2"), params)
    await run("notes.view.read", served.ctx(), {"view": "Orders\\By status"})
    await run("notes.document.changed", served.ctx(), {"since": "2026-11-23T10:00:00Z"})
    await run("notes.document.search", served.ctx(), {"search": "shirt", "since": SINCE})
    folder = {"folder": "Discontinued", "add": [T_SHIRT, "0" * 32], "remove": []}
    with pytest.raises(RejectedError):
        await run("notes.folder.change", served.ctx("e-3"), folder)
    file = {"unid": T_SHIRT, "name": "a.txt", "content": "YQ=="}
    await run("notes.document.attach", served.ctx("e-4"), file)
    await run("notes.agent.run", served.ctx("e-5"), {"agent": "Tidy", "unid": T_SHIRT})
    hard = {"unid": made.output["unid"], "mode": "hard"}
    await run("notes.document.delete", served.ctx("e-6"), hard)
    client = EndpointClient(served.ctx())
    await client.views()
    await client.columns("Stock")
    assert seen == {
        *("hello", "get", "find", "list", "changed", "search", "views", "design", "create"),
        *("update", "delete", "folder", "run", "attach", "file", "batch"),
    }


SINCE = "2026-11-01T10:00:00Z"


def fits_result(op: str, result: Any) -> None:
    """The result by operation, those within a batch too."""
    schema = {**RESPONSE["$defs"][f"result_{op}"], "$defs": RESPONSE["$defs"]}
    Draft202012Validator(schema).validate(result)


VECTOR = json.loads((Path(__file__).parents[1] / "vectors/endpoint_signature.json").read_text())


@pytest.mark.parametrize("secret", VECTOR["secrets"])
def test_the_signature_is_that_of_the_contract(secret: str) -> None:
    """A vector made with openssl, for whoever writes an agent."""
    body = VECTOR["body"].encode("ascii")
    assert sign(secret, VECTOR["id"], VECTOR["at"], body) == VECTOR["signature"]


async def test_another_secret(agent: Served) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", agent.ctx(webhook_secret="other"), GET)
    assert caught.value.code == "proof"
    assert "CausewayConfiguration" in caught.value.fix


async def test_no_secret(agent: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", agent.ctx(webhook_secret=""), GET)
    assert caught.value.code == "no_secret"


async def test_a_secret_that_is_not_base64(agent: Served) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", agent.ctx(webhook_secret="whsec_?"), GET)
    assert caught.value.code == "secret_shape"


async def test_a_bare_secret_where_a_signature_is_asked_for(agent: Served) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", secretly(agent), GET)
    assert caught.value.code == "proof"


async def test_a_signature_where_a_bare_secret_is_asked_for(script: Served) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", script.ctx(), GET)
    assert caught.value.code == "proof"


async def test_the_secret_never_stands_in_the_address(script: Served) -> None:
    await run("notes.document.get", secretly(script), GET)
    assert not any(ENDPOINT_SECRET in path for _, path, _ in await script.requests())


async def test_clocks_that_disagree(agent: Served, clock: Clock) -> None:
    ctx = agent.ctx()
    late = OperationContext(
        connection=ctx.connection,
        http=ctx.http,
        effect_key="e",
        now=lambda: Clock(clock.now.replace(hour=9)).now,
        wait=ctx.wait,
    )
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", late, GET)
    assert caught.value.code == "clock"
    assert "NTP" in caught.value.fix


async def test_no_configuration_document(served_world: Callable[..., Any]) -> None:
    served = await served_world(database={"endpoint": {"secret": ""}})
    served.transport = "agent"
    with pytest.raises(ConfigurationError) as caught:
        await run("notes.document.get", served.ctx(), GET)
    assert caught.value.code == "not_configured"


async def test_an_agent_that_runs_as_anonymous(agent: Served) -> None:
    """Trap: "run as web user" is off, or the login was not asked for."""
    await agent.fault(anonymous=1)
    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", agent.ctx(), GET)
    assert caught.value.code == "anonymous"
    assert "run as web user" in caught.value.fix


async def test_an_agent_that_does_not_refuse_anonymous_is_refused(agent: Served) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=envelope(request, user="Anonymous", result={}))

    with pytest.raises(AuthenticationError) as caught:
        await run("notes.document.get", answering(agent, answer), GET)
    assert caught.value.code == "anonymous"


async def test_a_session_that_is_over(agent: Served) -> None:
    await run("notes.document.get", agent.ctx(), GET)
    agent.twin.gate.expire_all()
    await run("notes.document.get", agent.ctx(), GET)
    paths = [path for _, path, _ in await agent.requests()]
    assert sum("names.nsf" in one for one in paths) == 2


@pytest.mark.parametrize("auth", ["session", "basic"])
async def test_both_logins(agent: Served, auth: str) -> None:
    output = (await run("notes.document.get", agent.ctx(auth=auth), GET)).output
    assert output["document"]["unid"] == T_SHIRT


async def test_no_agent_of_this_name(agent: Served) -> None:
    wrong: list[dict[str, Any]] = [{"agent": "elsewhere"}, {"database": "nowhere.nsf"}]
    for settings in wrong:
        with pytest.raises(ConfigurationError) as caught:
            await run("notes.document.get", agent.ctx(**settings), GET)
        assert caught.value.code == "agent_endpoint_missing"


@pytest.mark.parametrize("status", [200, 500])
async def test_a_page_instead_of_an_answer(agent: Served, status: int) -> None:
    """Trap: the agent is not signed, failed, or was stopped: Domino shows a page."""
    await run("notes.document.get", agent.ctx(), GET)
    await agent.fault(agent_page={"status": status, "path": "/get", "count": 1})
    with pytest.raises(FarSideError) as caught:
        await run("notes.document.get", agent.ctx(), GET)
    assert caught.value.code == "agent_page"
    assert isinstance(caught.value, ContractError if status == 200 else UnavailableError)
    assert "unsigned" in caught.value.fix
    await agent.fault(agent_page={"status": status, "path": "/update", "count": 1})
    with pytest.raises(UncertainError) as uncertain:
        await run("notes.document.update", agent.ctx("e-2"), UPDATE)
    assert uncertain.value.code == "agent_page"
    assert not (await probe("notes.document.update", agent.ctx("e-2"), UPDATE)).happened


async def test_a_user_who_may_not_run_it(agent: Served) -> None:
    await run("notes.document.get", agent.ctx(), GET)
    await agent.fault(html_answer={"status": 403, "path": "/get", "count": 1})
    with pytest.raises(PermissionDeniedError) as caught:
        await run("notes.document.get", agent.ctx(), GET)
    assert caught.value.code == "agent_forbidden"


def envelope(request: httpx.Request, **more: Any) -> dict[str, Any]:
    return {
        "ok": True,
        "protocol": 1,
        "id": request.url.params["id"],
        "server_time": "2026-11-23T10:21:30Z",
        "user": "CN=Causeway Service/O=Meadow",
        **more,
    }


def answering(served: Served, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """A context whose agent answers what the test says; hello is good."""

    def handle(request: httpx.Request) -> httpx.Response:
        if json.loads(request.content).get("op") == "hello":
            limits = {"request_bytes": 65536, "response_bytes": 65536, "page": 2, "batch": 2}
            hello = {
                "agent": {"name": "a", "version": "1", "language": "java"},
                "limits": {**limits, "seconds": 20},
                "ops": ["get"],
            }
            return httpx.Response(200, json=envelope(request, result=hello))
        return answer(request)

    ctx = served.ctx(auth="basic")
    return OperationContext(
        connection=ctx.connection,
        http=httpx.AsyncClient(transport=httpx.MockTransport(handle)),
        effect_key="e",
        now=ctx.now,
        wait=ctx.wait,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "another"}, "other_answer"),
        ({"result": None}, "answer_shape"),
        ({"ok": None, "result": {}}, "answer_shape"),
        ({"ok": False, "error": {"code": "new", "message": "x"}}, "agent_error"),
        ({"ok": False}, "agent_error"),
        ({"result": {"meta": {}, "items": {}}}, "document_shape"),
        ({"result": {"meta": {}}}, "document_shape"),
    ],
)
async def test_an_answer_of_another_shape(agent: Served, change: Any, code: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=envelope(request, **change))

    with pytest.raises(ContractError) as caught:
        await run("notes.document.get", answering(agent, answer), GET)
    assert caught.value.code == code


async def test_nothing_and_half_of_an_answer(agent: Served) -> None:
    for content in (b"", b'{"ok": tr', b"[]"):

        def answer(request: httpx.Request, content: bytes = content) -> httpx.Response:
            return httpx.Response(200, content=content)

        with pytest.raises(ContractError) as caught:
            await run("notes.document.get", answering(agent, answer), GET)
        assert caught.value.code == "agent_page"


async def test_a_list_that_does_not_rise_ends(agent: Served) -> None:
    """An agent that gives the same page forever must not hold a worker forever."""
    meta = {
        "unid": T_SHIRT,
        "noteid": "8F6",
        "form": "",
        "created": SINCE,
        "modified": SINCE,
        "revision": "r",
    }

    def answer(request: httpx.Request) -> httpx.Response:
        page = {"documents": [meta], "until": SINCE, "more": True}
        return httpx.Response(200, json=envelope(request, result=page))

    with pytest.raises(ContractError):
        await run("notes.document.changed", answering(agent, answer), {"since": SINCE})


async def test_small_pages_are_joined(script: Served) -> None:
    output = (await run("notes.view.read", secretly(script), {"view": "Stock", "count": 8})).output
    script.transport = "dds"
    script.sessions = {}
    expected = (await run("notes.view.read", script.ctx(), {"view": "Stock", "count": 8})).output
    assert output["entries"] == expected["entries"]
    script.transport = "agent"
    script.sessions = {}
    output = (await run("notes.document.changed", secretly(script), {"since": SINCE})).output
    assert output["documents"] == []
    script.clock.move(60)
    unids = [one["unid"] for one in await script.documents("Product Catalog Item")][:8]
    for unid in unids:
        await script.save(unid, Stock=1)
    since = {"since": "2026-11-23T10:22:00Z"}
    output = (await run("notes.document.changed", secretly(script), since)).output
    assert {one["unid"] for one in output["documents"]} == set(unids)


async def test_small_batches_are_joined(script: Served) -> None:
    unids = [one["unid"] for one in await script.documents("Product Catalog Item")][:7]
    client = EndpointClient(secretly(script))
    found = await client.read_all([*unids, "0" * 32, unids[0]])
    assert [one.unid for one in found] == unids
    batches = [
        path for _, path, _ in await script.requests() if path.split("?")[0].endswith("batch")
    ]
    assert len(batches) == 4


async def test_a_request_that_is_too_large_is_not_sent(script: Served) -> None:
    await run("notes.document.get", secretly(script), GET)
    params = {"unid": T_SHIRT, "items": {"ProductName": "x" * 70_000}}
    with pytest.raises(RejectedError) as caught:
        await run("notes.document.update", secretly(script, "e-2"), params)
    assert caught.value.code == "too_large"
    assert not any("/update" in path for _, path, _ in await script.requests())


async def test_files_only_where_the_agent_has_them(script: Served) -> None:
    params = {"unid": T_SHIRT, "name": "a.txt", "content": "YQ=="}
    with pytest.raises(TransportLacksError) as caught:
        await run("notes.document.attach", secretly(script), params)
    assert "far_side" in caught.value.fix


async def test_a_view_is_not_sorted_anew(agent: Served) -> None:
    with pytest.raises(TransportLacksError):
        await run("notes.view.read", agent.ctx(), {"view": "Stock", "sort_column": "Size"})


async def test_a_save_between_reading_and_writing_is_a_conflict(
    agent: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = EndpointClient.patch

    async def late(self: EndpointClient, before: Any, *args: Any, **kwargs: Any) -> None:
        await agent.save(before.unid, Active="No")  # the clock stands still
        await patch(self, before, *args, **kwargs)

    monkeypatch.setattr(EndpointClient, "patch", late)
    await agent.save(T_SHIRT, Stock=7)
    with pytest.raises(ConflictError) as caught:
        await run("notes.document.update", agent.ctx(), UPDATE)
    assert caught.value.code == "changed"
    stored = (await agent.control.get(f"/_twin/documents/{T_SHIRT}")).json()
    assert stored["items"]["Stock"] == 7


async def test_a_revision_of_whole_seconds_waits_for_rich_text_only(
    script: Served, clock: Clock
) -> None:
    """Such a revision tells items apart, and not two rich texts saved within a second."""
    before = clock.now
    await script.save(T_SHIRT, Stock=7)
    await run("notes.document.update", secretly(script, "e-1"), UPDATE)
    assert clock.now == before
    params = {"unid": T_SHIRT, "items": {"Body": {"text": "M"}}}
    await run("notes.document.update", secretly(script, "e-2"), params)
    waited = clock.now
    params = {"unid": T_SHIRT, "items": {"Body": {"text": "L"}}}
    await run("notes.document.update", secretly(script, "e-3"), params)
    assert clock.now > waited


async def test_an_authors_item_stays_one(served_world: Callable[..., Any]) -> None:
    """Over the data service it would become plain text (reference, 9.5)."""
    served = await served_world(database={"endpoint": {"secret": ENDPOINT_SECRET}})
    served.transport = "agent"
    _, document = served.twin.store.find(T_SHIRT)
    from connectors.notes.twin.values import Item, Kind

    document.put(Item("DocAuthors", Kind.AUTHORS, ["CN=Ann Editor/O=Meadow"]))
    params = {"unid": T_SHIRT, "items": {"DocAuthors": ["CN=Bo Buyer/O=Meadow"]}}
    await run("notes.document.update", served.ctx(), params)
    item = served.twin.store.find(T_SHIRT)[1].item("DocAuthors")
    assert (item.kind, item.values) == (Kind.AUTHORS, ["CN=Bo Buyer/O=Meadow"])
