"""The Java agent of the agent endpoint: who may call it, and with what."""

import json
import time
from typing import Any

import pytest

from connectors.notes.tests.far_side.bench import Bench
from connectors.notes.tests.far_side.calls import (
    HELLO,
    SECRET,
    USER,
    call,
    code,
    refused,
    send,
    signed,
    text,
)


def test_hello_says_what_it_can_and_who_asks(ready: Bench) -> None:
    answer = call(ready, "hello")
    assert answer["user"] == USER
    assert answer["id"].startswith("r-")
    result = answer["result"]
    assert result["agent"] == {"name": "causeway", "version": "1", "language": "java"}
    assert result["proof"] == "signature"
    assert result["database"] == {
        "title": "Order Desk", "path": "sales/fulfil.nsf", "replica_id": "802579AB00112233",
    }  # fmt: skip
    assert result["access"] == {"level": 4, "create": True, "delete": True, "roles": ["[Orders]"]}
    assert result["limits"] == {
        "request_bytes": 4194304, "response_bytes": 8388608, "page": 500, "batch": 100,
        "seconds": 20,
    }  # fmt: skip
    assert set(result["ops"]) == {
        "hello", "get", "find", "list", "changed", "search", "views", "design", "forms", "create",
        "update", "delete", "folder", "run", "attach", "file", "batch",
    }  # fmt: skip


def test_nobody_does_nothing(ready: Bench) -> None:
    ready.do("database", user="Anonymous")
    assert code(ready, "hello") == "anonymous"


def test_without_a_configuration_that_the_user_may_read_nothing_goes(domino: Bench) -> None:
    assert code(domino, "hello") == "not_configured"
    readers = {"type": "readers", "values": ["CN=Agent Signer/O=Acme"]}
    domino.document({"Form": "CausewayConfiguration", "Secret": SECRET, "DocReaders": readers})
    assert code(domino, "hello") == "not_configured"


def test_a_call_without_or_with_a_wrong_proof_is_refused(ready: Bench) -> None:
    now = int(time.time())
    good = signed(HELLO, at=now, id_="r1")
    assert refused(ready, HELLO, "OpenAgent&id=r1") == "proof_missing"
    assert refused(ready, HELLO, good.replace("&id=r1", "")) == "proof_missing"
    assert refused(ready, HELLO, good.replace(f"&at={now}", "")) == "proof_missing"
    assert refused(ready, HELLO, good.replace("id=r1", "id=r%2F1")) == "proof_missing"
    assert refused(ready, HELLO, good.replace("id=r1", "id=r2")) == "proof_wrong"
    assert refused(ready, HELLO + " ", good) == "proof_wrong"
    assert refused(ready, HELLO, signed(HELLO, secret="whsec_b3RoZXI=")) == "proof_wrong"
    assert refused(ready, HELLO, good.upper().replace("ID=", "id=").replace("AT=", "at=")
                   .replace("SIGNATURE=", "signature=")) == "proof_wrong"  # fmt: skip


@pytest.mark.parametrize("seconds", [-301, 301, -(10**9)])
def test_a_call_of_another_time_is_refused(ready: Bench, seconds: int) -> None:
    assert refused(ready, HELLO, signed(HELLO, at=int(time.time()) + seconds)) == "clock"
    assert send(ready, HELLO, signed(HELLO, at=int(time.time()) - 290))["ok"]


def test_a_bare_secret_counts_only_where_the_configuration_allows_it(ready: Bench) -> None:
    body = json.dumps({"protocol": 1, "op": "hello", "secret": SECRET})
    assert refused(ready, body, "OpenAgent&id=r1") == "proof_missing"
    [configuration] = ready.dump("CausewayConfiguration")
    ready.document({"AllowSecret": "1"}, unid=configuration["@unid"])
    assert send(ready, body, "OpenAgent&id=r1")["result"]["proof"] == "secret"
    assert refused(ready, body.replace("whsec_", "whsek_"), "OpenAgent&id=r1") == "proof_wrong"
    assert refused(ready, HELLO, "OpenAgent&id=r1") == "proof_missing"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "bad_request"),
        ("{", "bad_request"),
        ("[]", "bad_request"),
        ('"get"', "bad_request"),
        ("{}", "bad_request"),
        ('{"protocol":2,"op":"hello"}', "protocol"),
        ('{"protocol":"1","op":"hello"}', "bad_request"),
        ('{"protocol":1}', "bad_request"),
        ('{"protocol":1,"op":7}', "bad_request"),
        ('{"protocol":1,"op":"drop"}', "unknown_op"),
        ('{"protocol":1,"op":"hello","more":1}', "bad_request"),
        ('{"protocol":1,"op":"get"}', "bad_request"),
        ('{"protocol":1,"op":"get","unid":"1"}', "bad_request"),
        ('{"protocol":1,"op":"get","unid":7}', "bad_request"),
        ('{"protocol":1,"op":"find","view":"Orders"}', "bad_request"),
        ('{"protocol":1,"op":"find","view":"Orders","key":[]}', "bad_request"),
        ('{"protocol":1,"op":"find","view":"Orders","key":"a","count":0}', "bad_request"),
        ('{"protocol":1,"op":"find","view":"Orders","key":"a","count":1.5}', "bad_request"),
        ('{"protocol":1,"op":"find","view":"Orders","key":"a","exact":"yes"}', "bad_request"),
        ('{"protocol":1,"op":"changed","since":"yesterday"}', "bad_request"),
        ('{"protocol":1,"op":"changed","since":"2026-02-30T00:00:00Z"}', "bad_request"),
        ('{"protocol":1,"op":"create","form":"","items":{}}', "bad_request"),
        ('{"protocol":1,"op":"create","form":"A","items":[]}', "bad_request"),
        ('{"protocol":1,"op":"batch","requests":[]}', "bad_request"),
        ('{"protocol":1,"op":"batch","requests":"all"}', "bad_request"),
    ],
)  # fmt: skip
def test_a_malformed_request_is_named(ready: Bench, body: str, expected: str) -> None:
    assert refused(ready, body, signed(body)) == expected


@pytest.mark.parametrize(
    "items",
    [
        {"$Hidden": text("x")},
        {"@unid": text("x")},
        {"form": text("x")},
        {"": text("x")},
        {"n" * 33: text("x")},
        {"A": "x"},
        {"A": {"type": "text"}},
        {"A": {"type": "text", "values": [1]}},
        {"A": {"type": "text", "values": [None]}},
        {"A": {"type": "number", "values": ["1"]}},
        {"A": {"type": "number", "values": [True]}},
        {"A": {"type": "datetime", "values": ["23.11.2026"]}},
        {"A": {"type": "datetime", "values": ["2026-13-01"]}},
        {"A": {"type": "datetime", "values": ["2026-11-23T10:21:30"]}},
        {"A": {"type": "names", "values": ["CN=A/O=B"]}},
        {"A": {"type": "html", "html": "<p>x</p>"}},
    ],
)
def test_items_that_cannot_be_written_leave_nothing(ready: Bench, items: dict[str, Any]) -> None:
    assert code(ready, "create", form="Order Record", items={"OrderNo": text("1"), **items}) == (
        "bad_request"
    )
    assert ready.dump("Order Record") == []


def test_a_long_request_comes_in_numbered_items(ready: Bench) -> None:
    body = json.dumps(
        {"protocol": 1, "op": "create", "form": "Order Record",
         "items": {"OrderNo": text("SO-1"), "Memo": text("x" * 150_000)}}
    )  # fmt: skip
    parts = {
        f"Request_Content_{at:03}": body[at * 65536 : (at + 1) * 65536]
        for at in range(len(body) // 65536 + 1)
    }
    assert len(parts) == 3
    assert send(ready, body, signed(body), parts)["ok"]
    assert ready.dump("Order Record")[0]["Memo"] == ["x" * 150_000]


def test_a_request_over_the_limit_is_refused_with_the_limit(ready: Bench) -> None:
    body = json.dumps({"protocol": 1, "op": "hello", "x": "x" * 4_300_000})
    answer = send(ready, body, signed(body))
    assert answer["error"]["code"] == "too_large"
    assert answer["error"]["detail"] == {"limit": 4194304}
