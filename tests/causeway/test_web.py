"""What a browser gets: the page, its files, the headers around them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from whitenoise.compress import Compressor

from causeway import web
from causeway.web import BundleFiles


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Causeway</title>")
    (tmp_path / "assets" / "index-Cj02vEsG.js").write_text("export const a = 1;\n" * 500)
    (tmp_path / "favicon.svg").write_text("<svg/>")
    monkeypatch.setattr(web, "BUNDLE", tmp_path)
    return tmp_path


async def get(bundle: Path, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [
            (name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()
        ],
    }
    await BundleFiles(bundle)(scope, receive, send)
    found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
    return sent[0]["status"], found, sent[1]["body"]


@pytest.mark.parametrize("path", ["/", "/runs/01a2", "/flows/orders-to-notes"])
def test_every_place_in_the_web_app_is_the_page(bundle: Path, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert b"<title>Causeway</title>" in answer.content
    assert answer["Cache-Control"] == "no-cache"
    assert "csrftoken" in answer.cookies


def test_the_page_lets_nothing_in_from_elsewhere(bundle: Path, client: Client) -> None:
    answer = client.get("/", headers={"Host": "localhost:8000"})
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'; script-src 'self';" in policy
    assert "connect-src 'self' ws://localhost:8000;" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_without_a_bundle_the_page_says_how_to_get_one(
    tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "BUNDLE", tmp_path)
    answer = client.get("/")
    assert answer.status_code == 503
    assert b"make bundle" in answer.content


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/hooks/x/y", "/ws/elsewhere"])
def test_what_is_no_page_is_a_problem(bundle: Path, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_a_foreign_host_is_refused(bundle: Path, client: Client) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


def test_a_request_keeps_its_number_and_gets_one_if_it_has_none(
    bundle: Path, client: Client
) -> None:
    assert client.get("/", headers={"X-Request-Id": "abc-12345"})["X-Request-Id"] == "abc-12345"
    made = client.get("/", headers={"X-Request-Id": "<script>"})["X-Request-Id"]
    assert len(made) == 36


async def test_files_with_a_hash_in_their_name_are_kept_for_good(bundle: Path) -> None:
    status, headers, body = await get(bundle, "/assets/index-Cj02vEsG.js")
    assert (status, body[:6]) == (200, b"export")
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


async def test_a_compressed_file_is_sent_to_who_takes_it(bundle: Path) -> None:
    for _ in Compressor(quiet=True).compress(str(bundle / "assets" / "index-Cj02vEsG.js")):
        pass
    _, headers, body = await get(bundle, "/assets/index-Cj02vEsG.js", accept_encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert body[:2] == b"\x1f\x8b"
    _, headers, _ = await get(bundle, "/assets/index-Cj02vEsG.js")
    assert "content-encoding" not in headers


async def test_a_file_that_did_not_change_is_not_sent_again(bundle: Path) -> None:
    _, headers, _ = await get(bundle, "/favicon.svg")
    assert "immutable" not in headers["cache-control"]
    status, _, body = await get(bundle, "/favicon.svg", if_none_match=headers["etag"])
    assert (status, body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/assets/../index.html", "/assets/../../secrets.json", "/a.js"]
)
async def test_no_other_file_can_be_had(bundle: Path, path: str) -> None:
    (bundle.parent / "secrets.json").write_text("{}")
    assert (await get(bundle, path))[0] == 404


def test_files_and_places_are_told_apart() -> None:
    assert BundleFiles.serves("/assets/x.js")
    assert BundleFiles.serves("/favicon.svg")
    assert not BundleFiles.serves("/runs/1.2")
    assert not BundleFiles.serves("/")
