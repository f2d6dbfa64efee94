"""What a far side may send wrongly, against the running platform: each answer a problem."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import httpx
import pytest

from tests.stack.harness import Stack

pytestmark = pytest.mark.stack


def news(entity_id: str = "6") -> dict[str, Any]:
    return {
        "event": "order.updated",
        "entity": "order",
        "id": entity_id,
        "reference": "XPYEWWWWK",
        "current_state": "11",
        "date_upd": "2026-11-23 11:21:30",
        "occurred_at": "2026-11-23T10:21:30Z",
        "sequence": 1,
        "origin": "front",
        "shop": "http://shop.example",
    }


def signed(body: bytes, secret: str, *, when: int | None = None, id_: str = "") -> dict[str, str]:
    """Standard Webhooks headers, computed here on purpose without the product's code."""
    id_ = id_ or str(uuid.uuid4())
    stamp = str(when if when is not None else int(time.time()))
    mac = hmac.new(secret.encode(), f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


@pytest.fixture(scope="module")
def hook(stack: Stack) -> tuple[str, str]:
    """A connection of this test's own, so that its secret is known: hook address and secret."""
    secret = "a-secret-that-only-this-test-knows"
    api = stack.api("admin")
    made = api.post(
        "connections",
        json={
            "environment": "demo",
            "slug": f"second-shop-{uuid.uuid4().hex[:8]}",
            "name": "Second shop",
            "connector": "prestashop",
            "settings": {"base_url": stack.shop},
            "secrets": {"api_key": "A" * 32, "webhook_secret": secret},
        },
    )
    assert made.status_code == 201, made.text
    return stack.web + made.json()["hook_path"], secret


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["code"]
    return problem


def test_an_unsigned_delivery_is_refused(hook: tuple[str, str]) -> None:
    refused(httpx.post(hook[0], json=news()), 401)


def test_a_forged_signature_is_refused(hook: tuple[str, str]) -> None:
    body = json.dumps(news()).encode()
    refused(httpx.post(hook[0], content=body, headers=signed(body, "guessed")), 401)


def test_a_changed_body_is_refused(hook: tuple[str, str]) -> None:
    headers = signed(json.dumps(news("6")).encode(), hook[1])
    refused(httpx.post(hook[0], content=json.dumps(news("7")).encode(), headers=headers), 401)


def test_a_stale_timestamp_is_refused(hook: tuple[str, str]) -> None:
    body = json.dumps(news()).encode()
    old = int(time.time()) - 3600
    refused(httpx.post(hook[0], content=body, headers=signed(body, hook[1], when=old)), 401)


def test_a_delivery_that_is_too_large_is_refused(hook: tuple[str, str]) -> None:
    body = b'{"x":"' + b"a" * (1024 * 1024 + 10) + b'"}'
    refused(httpx.post(hook[0], content=body, headers=signed(body, hook[1])), 413)


def test_a_delivery_that_is_not_json_is_refused(hook: tuple[str, str]) -> None:
    body = b"<order/>"
    refused(httpx.post(hook[0], content=body, headers=signed(body, hook[1])), 400)


def test_a_delivery_of_the_wrong_shape_is_refused(hook: tuple[str, str]) -> None:
    body = b'{"hello":"world"}'
    refused(httpx.post(hook[0], content=body, headers=signed(body, hook[1])), 400)


def test_an_unknown_hook_is_not_found(stack: Stack) -> None:
    refused(httpx.post(f"{stack.web}/hooks/nobody-has-this-token", json=news()), 404)


def test_a_repeated_delivery_gets_the_same_answer(hook: tuple[str, str]) -> None:
    body = json.dumps(news(uuid.uuid4().hex[:6])).encode()
    headers = signed(body, hook[1])
    first = httpx.post(hook[0], content=body, headers=headers)
    second = httpx.post(hook[0], content=body, headers=headers)
    assert first.status_code in {200, 202}
    assert second.status_code == 200
    assert first.json()["run_ids"] == second.json()["run_ids"]


def test_an_invalid_flow_is_unprocessable_with_pointers(stack: Stack) -> None:
    api = stack.api("analyst")
    answer = api.post(
        "flows",
        json={
            "document": {
                "format": 1,
                "slug": "broken",
                "name": "Broken",
                "nodes": [{"id": "a", "type": "no.such@1", "name": "A", "params": {}}],
                "edges": [{"from": "a", "port": "out", "to": "nowhere"}],
            },
            "note": "",
        },
    )
    problem = refused(answer, 422)
    pointers = {one["pointer"] for one in problem["errors"]}
    assert any("/nodes/0" in one for one in pointers)
    assert any("/edges/0" in one for one in pointers)


def test_without_permission_the_answer_is_403(stack: Stack) -> None:
    api = stack.api("operator")
    refused(
        api.post("connections", json={"environment": "demo", "slug": "x", "connector": "http"}),
        403,
    )


def test_without_login_the_api_is_closed(stack: Stack) -> None:
    answer = httpx.get(f"{stack.web}/api/v1/runs", params={"environment": "demo"})
    assert answer.status_code in {401, 403}
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_health_pages_answer_without_login(stack: Stack) -> None:
    assert httpx.get(f"{stack.web}/healthz").status_code == 200
    assert httpx.get(f"{stack.web}/readyz").status_code == 200
