"""The LotusScript of the far side, run: hashes, JSON, texts and times as Python has them."""

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.notes.fingerprint import fingerprint
from connectors.notes.tests.far_side.lotusscript_builtins import (
    NotesDateTime,
    NotesDocument,
    NotesItem,
)
from connectors.notes.tests.far_side.lotusscript_runner import Machine
from connectors.notes.tests.far_side.lotusscript_values import ScriptError

HERE = Path(__file__).parent
SCRIPTS = HERE.parents[1] / "far_side" / "lotusscript"
FILES = [SCRIPTS / f"{name}.lss" for name in ("causeway", "causewayjson", "endpoint")]
OBJECTS: dict[str, Any] = {"notesdatetime": NotesDateTime}


@pytest.fixture(scope="module")
def script() -> Iterator[Machine]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # a call of the script is some twenty of ours
    yield Machine(FILES, OBJECTS)
    sys.setrecursionlimit(before)


def digest(script: Machine, *texts: str) -> str:
    sha = script.new("sha256")
    for one in texts:
        script._member(sha, "add", [one])
    return str(script._member(sha, "digest", []))


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 119, 120, 200])
def test_sha_256_at_the_edges_of_its_blocks(script: Machine, length: int) -> None:
    text = "a" * length
    assert digest(script, text) == hashlib.sha256(text.encode()).hexdigest()


def test_sha_256_of_any_characters_in_parts(script: Machine) -> None:
    texts = ["Größe ", "\u07ff\u0800\uffff", "🦊", "\x00\x1e"]
    assert digest(script, *texts) == hashlib.sha256("".join(texts).encode()).hexdigest()


def test_the_fingerprint_is_that_of_python(script: Machine) -> None:
    """On the vectors that Java has too; numbers as far as Format$ gives them."""
    vectors = json.loads((HERE.parent / "vectors/synchash.json").read_text())
    for one in vectors:
        items = [
            NotesItem(name, 768 if _are_numbers(values) else 1280, [*map(_plain, values)])
            for name, values in one["items"].items()
        ]
        if any(
            abs(v) >= 1e14 or 0 < abs(v) < 1e-9 for i in items if i.type == 768 for v in i.values
        ):
            continue  # beyond Format$ with 15 decimals
        chosen = ",".join(one.get("synced") or [])
        if one.get("synced") == []:
            continue
        expected = fingerprint(one["items"], one.get("synced"))
        assert script.call("Fingerprint", NotesDocument(*items), chosen) == expected, one


def _are_numbers(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(one, int | float) for one in values)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else value


json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(-(10**9), 10**9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def parsed(script: Machine, text: str) -> Any:
    reader = script.new("jsonreader", text)
    return _python(script, script._member(reader, "whole", []))


def _python(script: Machine, value: Any) -> Any:
    kind = value.members["kind"]
    children = [script._member(value, "child", [at]) for at in range(value.members["count"])]
    if kind == "object":
        titles = [script._member(value, "title", [at]) for at in range(value.members["count"])]
        return dict(zip(titles, [_python(script, one) for one in children], strict=True))
    if kind == "array":
        return [_python(script, one) for one in children]
    number = value.members["number"]
    return {"text": value.members["text"], "number": number, "flag": number == 1}.get(kind)


@settings(max_examples=10, deadline=None)
@given(value=json_values)
def test_json_is_read_as_python_reads_it(script: Machine, value: Any) -> None:
    assert parsed(script, json.dumps(value)) == value
    assert parsed(script, json.dumps(value, indent=1, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", '{"a":}', '{"a" 1}', "{a:1}", "'a'", '"a', '"\\x"', '"\\u12g4"', "tru", "1 2",
     "[1]]", '{"a":1,}', "[" * 65 + "]" * 65, '"\t"', "NaN", "//x"],
)  # fmt: skip
def test_what_is_no_json_is_a_bad_request(script: Machine, text: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parsed(script, text)
    assert caught.value.number == 2000
    assert caught.value.text.startswith("bad_request|The body is no JSON: ")


@settings(max_examples=10, deadline=None)
@given(value=st.text(max_size=20))
def test_a_member_is_json_in_ascii(script: Machine, value: str) -> None:
    member = script.call("Member", "a", value)
    assert member.isascii()
    assert json.loads("{" + member + "}") == {"a": value}
    assert json.loads(script.call("Quote", value)) == value


def test_answers_are_printed_in_parts_between_tokens(script: Machine) -> None:
    writer = script.new("jsonwriter")
    script._member(writer, "take", ["["])
    for at in range(70):
        text = json.dumps({"number": at, "text": "x" * 1000})
        script._member(writer, "take", [text + ("," if at < 69 else "]")])
    script.printed.clear()
    script._member(writer, "send", [])
    assert len(script.printed) > 2
    assert all(len(one) < 32_000 for one in script.printed)
    assert [one["number"] for one in json.loads("\n".join(script.printed))] == [*range(70)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("OpenAgent&id=r-1", "r-1"),
        ("OpenAgent&ID=a_B.9", "a_B.9"),
        ("OpenAgent", ""),
        ("OpenAgent&id=a b", ""),
        ("OpenAgent&id=" + "x" * 65, ""),
    ],
)
def test_the_id_of_a_call(script: Machine, query: str, found: str) -> None:
    assert script.call("Parameter", query, "id") == found


@pytest.mark.parametrize(
    ("word", "status"),
    [("HTTP/1.1 202 Accepted", 202), ("202", 202), ("", 0), ("Error 4: no 500 there", 0)],
)
def test_the_status_of_an_answer(script: Machine, word: str, status: int) -> None:
    assert script.call("StatusIn", word) == status


def test_times_go_from_utc_to_local_and_back(script: Machine) -> None:
    for given_ in ("2026-11-23T10:21:30Z", "2026-12-31T23:30:00Z", "2026-02-28T23:59:59Z"):
        assert script.call("UtcText", script.call("LocalOf", given_)) == given_
    here = script.call("LocalOf", "2026-11-23T10:21:30Z")
    assert here == datetime(2026, 11, 23, 11, 21, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        ("right-secret", ""),
        ("right-secreT", "proof_wrong"),
        ("r", "proof_wrong"),
        ("right-secret-and-more", "proof_wrong"),
        (None, "proof_missing"),
    ],
)
def test_the_secret_is_compared_whole(script: Machine, secret: str | None, code: str) -> None:
    script.globals["configuration"] = NotesDocument(NotesItem("Secret", 1280, ["right-secret"]))
    body = {"op": "hello", **({"secret": secret} if secret is not None else {})}
    request = script._member(script.new("jsonreader", json.dumps(body)), "whole", [])
    if not code:
        script.call("Prove", request)
        return
    with pytest.raises(ScriptError) as caught:
        script.call("Prove", request)
    assert caught.value.text.startswith(f"{code}|")


@pytest.mark.parametrize(
    ("items", "fits"),
    [
        ({"A": {"type": "text", "values": ["x"]}}, True),
        ({"A": {"type": "number", "values": [1.5, 2]}}, True),
        ({"A": {"type": "datetime", "values": ["2026-11-23", "2026-11-23T10:21:30Z"]}}, True),
        ({"A": {"type": "html", "html": "<p>", "text": ""}}, True),
        ({"$A": {"type": "text", "values": []}}, False),
        ({"FORM": {"type": "text", "values": []}}, False),
        ({"": {"type": "text", "values": []}}, False),
        ({"A": {"type": "text", "values": [1]}}, False),
        ({"A": {"type": "number", "values": ["1"]}}, False),
        ({"A": {"type": "datetime", "values": ["today"]}}, False),
        ({"A": {"type": "names", "values": ["CN=x"]}}, False),
        ({"A": {"type": "text"}}, False),
        ({"A": 1}, False),
    ],
)
def test_items_are_checked_before_anything_is_written(
    script: Machine, items: dict[str, Any], fits: bool
) -> None:
    request = script._member(script.new("jsonreader", json.dumps({"items": items})), "whole", [])
    if fits:
        script.call("ItemsIn", request)
        return
    with pytest.raises(ScriptError) as caught:
        script.call("ItemsIn", request)
    assert caught.value.text.startswith("bad_request|")
