"""Calls of the agent endpoint, signed and checked as the contract says."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from connectors.notes.tests.far_side.bench import Bench

FAR_SIDE = Path(__file__).parents[2] / "far_side"
SECRET = "whsec_" + base64.b64encode(b"secret-of-the-endpoint").decode()
USER = "CN=Causeway Service/O=Acme"
_numbers = count(1)


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FAR_SIDE / f"agent-endpoint-{name}.json").read_text())
    return found


REQUEST = schema("request")
RESPONSE = schema("response")


def signed(
    body: str, *, at: int | None = None, id_: str | None = None, secret: str = SECRET
) -> str:
    """The query string of a signed call, from the contract's words."""
    at = int(time.time()) if at is None else at
    id_ = f"r-{next(_numbers)}" if id_ is None else id_
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id_}.{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"OpenAgent&id={id_}&at={at}&signature={digest}"


def send(domino: Bench, body: str, query: str, content: Mapping[str, str] | None = None) -> Any:
    given = {"Request_Content": body} if content is None else content
    printed: str = domino.do("call", query=query, content=given)
    head, _, rest = printed.partition("\n")
    assert head.strip() == "Content-Type: application/json"
    assert printed.isascii()
    answer = json.loads(rest)
    Draft202012Validator(RESPONSE).validate(answer)
    assert answer["protocol"] == 1
    return answer


def call(domino: Bench, op: str, **members: Any) -> Any:
    body = json.dumps({"protocol": 1, "op": op, **members})
    answer = send(domino, body, signed(body))
    if answer["ok"]:
        result = {"$ref": f"#/$defs/result_{op}", "$defs": RESPONSE["$defs"]}
        Draft202012Validator(result).validate(answer["result"])
    return answer


def ok(domino: Bench, op: str, **members: Any) -> Any:
    answer = call(domino, op, **members)
    assert answer["ok"], answer
    return answer["result"]


def code(domino: Bench, op: str, **members: Any) -> str:
    answer = call(domino, op, **members)
    assert not answer["ok"], answer
    return str(answer["error"]["code"])


def order(domino: Bench, number: str = "SO-1007", **more: Any) -> str:
    return domino.document(
        {"Form": "Order Record", "OrderNo": number, "Status": "New", "Total": 129.5, **more}
    )["unid"]


def text(*values: str) -> dict[str, Any]:
    return {"type": "text", "values": list(values)}


HELLO = json.dumps({"protocol": 1, "op": "hello"})


def refused(domino: Bench, body: str, query: str) -> str:
    answer = send(domino, body, query)
    assert not answer["ok"]
    return str(answer["error"]["code"])
