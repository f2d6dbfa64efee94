"""The Java agent takes what the contract's schema of requests allows, and refuses the rest."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors.notes.tests.far_side.bench import Bench
from connectors.notes.tests.far_side.calls import REQUEST, call, ok, order

OPS = sorted(name.removeprefix("op_") for name in REQUEST["$defs"] if name.startswith("op_"))
# A value of the right type for each member; "unid" and "revision" stand for those of a document.
MEMBERS: dict[str, Any] = {
    "unid": "unid", "items": {"Status": {"type": "text", "values": ["Open"]}}, "rich": True,
    "view": "Orders", "key": "New", "exact": True, "start": 0, "count": 1, "category": "New",
    "from_key": "New", "parent": "unid", "search": "SO", "since": "2026-01-01T00:00:00Z",
    "after": "8F6", "query": "SO", "form": "Order Record", "compute": True,
    "if_revision": "revision", "permanently": False, "folder": "Basket", "add": [], "remove": [],
    "agent": "Number Orders", "item": "Files", "name": "a.txt", "content": "QUJD",
    "replace": True, "content_type": "text/plain",
    "requests": [{"protocol": 1, "op": "hello"}],
}  # fmt: skip


def members(domino: Bench, op: str) -> dict[str, Any]:
    """All members of an operation."""
    unid = order(domino)
    revision = ok(domino, "get", unid=unid)["meta"]["revision"]
    known = {"unid": unid, "revision": revision}
    found = {}
    for name in REQUEST["$defs"][f"op_{op}"]["properties"]:
        if name in {"protocol", "op", "secret"}:
            continue
        value = MEMBERS[name]
        found[name] = known.get(value, value) if isinstance(value, str) else value
    if op == "get":
        found["items"] = ["Status"]
    if op == "file":
        ok(domino, "attach", unid=unid, item="Files", name="a.txt", content="QUJD")
    return found


@pytest.mark.parametrize("op", OPS)
def test_each_operation_takes_all_its_members(ready: Bench, op: str) -> None:
    given = members(ready, op)
    body = {"protocol": 1, "op": op, **given}
    Draft202012Validator(REQUEST).validate(json.loads(json.dumps(body)))
    answer = call(ready, op, **given)
    assert answer["ok"], answer


@pytest.mark.parametrize("op", OPS)
def test_each_operation_needs_its_required_members(ready: Bench, op: str) -> None:
    given = members(ready, op)
    for name in REQUEST["$defs"][f"op_{op}"]["required"]:
        if name in given:
            less = {key: value for key, value in given.items() if key != name}
            answer = call(ready, op, **less)
            assert answer["error"]["code"] == "bad_request", name
            assert name in answer["error"]["message"]


@pytest.mark.parametrize("op", OPS)
def test_each_operation_refuses_members_of_another_type(ready: Bench, op: str) -> None:
    given = members(ready, op)
    for name in given:
        if name in {"if_revision"}:
            continue
        wrong = {**given, name: {"x": 1} if not isinstance(given[name], dict) else 7}
        assert not Draft202012Validator(REQUEST).is_valid({"protocol": 1, "op": op, **wrong})
        answer = call(ready, op, **wrong)
        assert not answer["ok"], name
        assert answer["error"]["code"] == "bad_request", (name, answer)
