"""The connector against the Java agent of the endpoint, over HTTP: two bodies of one contract that
share no code."""

import asyncio
import base64
import threading
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.notes import CONNECTOR
from connectors.notes.tests.conftest import FORMS, ORDER, fits
from connectors.notes.tests.far_side.bench import Bench
from connectors.notes.tests.far_side.calls import SECRET
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ConflictError, NotFoundError
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext

OPERATIONS = {one.name: one for one in CONNECTOR.operations}
LOGIN = "Basic " + base64.b64encode(b"svc:word").decode()
CREATE: dict[str, Any] = {
    "form": "Order Record",
    "key_item": "ExternalKey",
    "key_view": "(CausewayByExternalKey)",
    "key_value": "shop-1-order-6",
    "items": ORDER,
}


class Domino:
    """A web server whose one database has the Java agent in it."""

    def __init__(self, bench: Bench, host: str, http: Any) -> None:
        self.bench = bench
        self._http = http
        self._session: dict[str, Any] = {}
        self._connection = ConnectionConfig(
            id="1",
            slug="orders",
            connector="notes",
            system="802579AB00112233",
            settings={
                "base_url": f"http://{host}",
                "database": "sales/fulfil.nsf",
                "replica_id": "802579AB00112233",
                "username": "svc",
                "auth": "basic",
                "transport": "agent",
                "forms": FORMS,
            },
            secrets={"password": "word", "webhook_secret": SECRET},
        )
        self._effects = 0

    async def run(self, operation: str, params: Mapping[str, Any]) -> Any:
        self._effects += 1
        ctx = OperationContext(
            connection=self._connection,
            http=self._http,
            effect_key=f"effect-{self._effects}",
            now=lambda: datetime.now(UTC),
            session=self._session,
            wait=asyncio.sleep,
        )
        result = await OPERATIONS[operation].run(ctx, params)
        return fits(operation, result.output)


@pytest.fixture
async def server(ready: Bench) -> AsyncIterator[Domino]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
            if self.headers["Authorization"] != LOGIN:
                self.send_response(401)
                self.end_headers()
                return
            parts = {"Request_Content": body}
            if len(body) > 65536:
                parts = {
                    f"Request_Content_{at:03}": body[at * 65536 : (at + 1) * 65536]
                    for at in range(len(body) // 65536 + 1)
                }
            with lock:
                query = self.path.partition("?")[2]
                printed: str = ready.do("call", query=query, content=parts)
            head, _, rest = printed.partition("\n")
            self.send_response(200)
            self.send_header(*head.strip().split(": ", 1))
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest.encode("ascii"))

        def log_message(self, format: str, *args: object) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    host = f"127.0.0.1:{listening.server_address[1]}"
    try:
        async with build_client(allow=[host], max_connections=8) as http:
            yield Domino(ready, host, http)
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join(timeout=5)


async def test_create_upsert_update_and_delete(server: Domino) -> None:
    made = await server.run("notes.document.create", CREATE)
    unid = made["unid"]
    again = await server.run("notes.document.create", CREATE)
    assert again["unid"] == unid
    read = await server.run("notes.document.get", {"unid": unid})
    items = read["document"]["items"]
    assert items["OrderNo"] == ORDER["OrderNo"]
    assert items["CustomerName"] == "Zoë Doe"
    assert items["Item_SKU"] == ["demo_1"]
    assert items["OrderDate"] == ORDER["OrderDate"]
    changed = {**CREATE, "items": {**ORDER, "OrderStatus": "Shipped"}}
    assert (await server.run("notes.document.upsert", changed))["unid"] == unid
    await server.run("notes.document.update", {"unid": unid, "items": {"TrackingNo": "T-1"}})
    read = await server.run("notes.document.get", {"unid": unid})
    assert read["document"]["items"]["OrderStatus"] == "Shipped"
    assert read["document"]["items"]["TrackingNo"] == "T-1"
    await server.run("notes.document.delete", {"unid": unid, "mode": "hard"})
    with pytest.raises(NotFoundError):
        await server.run("notes.document.get", {"unid": unid})


async def test_a_stale_version_is_refused(server: Domino) -> None:
    made = await server.run("notes.document.create", CREATE)
    version = (await server.run("notes.document.get", {"unid": made["unid"]}))["version"]
    server.bench.document({"OrderStatus": "Held"}, unid=made["unid"])
    params = {"unid": made["unid"], "items": {"OrderStatus": "Sent"}, "version": version}
    with pytest.raises(ConflictError):
        await server.run("notes.document.update", params)
    [stored] = server.bench.dump("Order Record")
    assert stored["OrderStatus"] == ["Held"]


async def test_rich_text_there_and_back(server: Domino) -> None:
    html = "<p>Größe <strong>M</strong></p>"
    items = {**ORDER, "Body": {"html": html}}
    made = await server.run("notes.document.create", {**CREATE, "items": items})
    read = await server.run("notes.document.get", {"unid": made["unid"]})
    assert read["document"]["items"]["Body"]["html"] == html
    assert read["document"]["items"]["Body"]["losses"] == []


async def test_composite_rich_text_is_read_from_its_dxl(server: Domino) -> None:
    item = (
        "<item name='Body'><richtext><par><run><font style='bold'/>Hi</run></par></richtext></item>"
    )
    body = {"type": "dxl", "dxl": item + item, "text": "Hi Hi"}
    unid = server.bench.document({"Form": "Order Record", "Body": body})["unid"]
    read = await server.run("notes.document.get", {"unid": unid})
    assert read["document"]["items"]["Body"]["text"] == "Hi\n\nHi"


async def test_views_changes_search_folders_agents_and_files(server: Domino) -> None:
    unids = [
        server.bench.document({"Form": "Order Record", "OrderNo": f"SO-{at}", "Status": "New"})[
            "unid"
        ]
        for at in range(7)
    ]
    entries = (await server.run("notes.view.read", {"view": "Orders"}))["entries"]
    assert [one["unid"] for one in entries] == unids
    found = await server.run("notes.document.changed", {"since": "2026-01-01T00:00:00Z"})
    assert {one["unid"] for one in found["documents"]} >= set(unids)
    hits = await server.run("notes.document.search", {"search": "SO-3"})
    assert [one["unid"] for one in hits["documents"]] == [unids[3]]
    await server.run("notes.folder.change", {"folder": "Basket", "add": unids[:2], "remove": []})
    basket = (await server.run("notes.view.read", {"view": "Basket"}))["entries"]
    assert [one["unid"] for one in basket] == unids[:2]
    await server.run("notes.agent.run", {"agent": "Number Orders", "unid": unids[0]})
    assert server.bench.do("ran") == [f"Number Orders {unids[0]}"]
    file = {"unid": unids[0], "name": "a.bin", "content": base64.b64encode(bytes(90_000)).decode()}
    attached = await server.run("notes.document.attach", file)
    assert attached["size"] == 90_000
