"""The recorded conversation, spoken again to the twin, from the first request to the last.

The twin starts as the real shop did and gets every recorded request in order, reads and writes,
with its clock at the recorded moment. Its answers must say what the shop said: status, type of
content, every field with value and JSON type, every XML attribute.
"""

import asyncio
import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from connectors.prestashop.tests.twin.conftest import (
    RECORDINGS,
    basic,
    builder,
    recordings,
    running,
)

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
SECONDS = 3.0

# Fields that the twin cannot foresee, with the reason.
DRAWN = {
    "secure_key": "drawn by the shop for a new customer",
    "passwd": "a salted hash",
    "reference": "drawn by the shop for a new order",
    "order_reference": "drawn by the shop for a new order",
}
NEW_CUSTOMER = "3"
NEW_ORDERS = {"6", "7"}

# Whole answers that differ, with the reason.
EXCEPTIONS: dict[str, str] = {}

# A recorded part of an answer that the twin does not have, with the reason.
COMPOSED: dict[str, str] = {}


def request_of(recording: dict[str, Any]) -> tuple[str, str, dict[str, str], str]:
    asked = recording["request"]
    headers = {name: value for name, value in asked["headers"].items() if name != "Host"}
    key = re.fullmatch(r"Basic base64\((.*):\)", headers.get("Authorization", ""))
    if key:
        headers["Authorization"] = basic(key[1])
    return asked["method"], asked["path"], headers, asked["body"] or ""


async def speak(world: Path) -> dict[str, httpx.Response]:
    answers: dict[str, httpx.Response] = {}
    async with running(world=world) as twin:
        for one in recordings():
            twin.clock.now = parsedate_to_datetime(one["response"]["headers"]["Date"])
            off = "webservice-disabled" in one["name"]
            await twin.twin("faults", {"webservice_off": off})
            method, path, headers, body = request_of(one)
            answers[one["name"]] = await twin.client.request(
                method, path, headers=headers, content=body, follow_redirects=False
            )
    return answers


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, httpx.Response]:
    path = tmp_path_factory.mktemp("world") / "installed.json"
    path.write_text(json.dumps(builder().build("installed")), encoding="utf-8")
    return asyncio.run(speak(path))


def same_time(left: str, right: str) -> bool:
    if not (TIME.fullmatch(left) and TIME.fullmatch(right)) or "0000" in (left[:4], right[:4]):
        return False
    apart = datetime.fromisoformat(left) - datetime.fromisoformat(right)
    return abs(apart.total_seconds()) <= SECONDS


def drawn(name: str, row: dict[str, Any]) -> bool:
    if name in {"secure_key", "passwd"}:
        return NEW_CUSTOMER in (str(row.get("id_customer")), str(row.get("id")))
    return name in DRAWN and str(row.get("id")) in NEW_ORDERS


def differences(seen: Any, wanted: Any, where: str = "") -> list[str]:
    """What the twin's JSON says differently from the recording."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        found = [f"{where}.{name}: missing" for name in wanted.keys() - seen.keys()]
        found += [f"{where}.{name}: not recorded" for name in seen.keys() - wanted.keys()]
        for name in wanted.keys() & seen.keys():
            if drawn(name, wanted):
                continue
            found += differences(seen[name], wanted[name], f"{where}.{name}")
        return found
    if isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        pairs = zip(seen, wanted, strict=True)
        return [
            line
            for number, (one, other) in enumerate(pairs)
            for line in differences(one, other, f"{where}[{number}]")
        ]
    if isinstance(wanted, str) and isinstance(seen, str) and same_time(seen, wanted):
        return []
    if type(seen) is type(wanted) and seen == wanted:
        return []
    return [f"{where}: {seen!r} instead of {wanted!r}"]


def plain(node: etree._Element) -> dict[str, Any]:
    """XML as comparable data: a row of texts for leaves, attributes and children for the rest."""
    children = [one for one in node if isinstance(one.tag, str)]
    found: dict[str, Any] = {f"@{name}": value for name, value in node.attrib.items()}
    ids = [one.text for one in children if one.tag == "id"]
    if ids:
        found["id"] = ids[0]
    for number, one in enumerate(children):
        if len(one) or one.attrib:
            found[f"{number}:{one.tag}"] = plain(one)
        if not len(one):
            found[str(one.tag)] = one.text or ""
    return found


def body_differences(seen: httpx.Response, recorded: dict[str, Any]) -> list[str]:
    wanted = recorded["body"] or ""
    if "json" in recorded["headers"].get("Content-Type", "") and wanted:
        return differences(seen.json(), json.loads(wanted))
    if wanted.startswith("<?xml"):
        roots = [etree.fromstring(text.encode()) for text in (seen.text, wanted)]
        return differences(plain(roots[0]), plain(roots[1]))
    return [] if seen.text == wanted else [f"{seen.text!r} instead of {wanted!r}"]


@pytest.mark.parametrize("recording", recordings(), ids=lambda one: str(one["name"]))
def test_the_twin_says_what_the_shop_said(
    recording: dict[str, Any], answers: dict[str, httpx.Response]
) -> None:
    seen, recorded = answers[recording["name"]], recording["response"]
    found = [] if seen.status_code == recorded["status"] else [f"status {seen.status_code}"]
    types = [seen.headers.get("content-type"), recorded["headers"].get("Content-Type")]
    if types[0] != types[1]:
        found.append(f"content type {types[0]} instead of {types[1]}")
    for name in ("PSWS-Version", "Location", "WWW-Authenticate"):
        if seen.headers.get(name) != recorded["headers"].get(name):
            found.append(f"header {name}: {seen.headers.get(name)}")
    found += body_differences(seen, recorded)
    if recording["name"] in EXCEPTIONS:
        assert found, "no longer an exception"
        return
    assert not found, "\n".join(found[:20])


def test_there_is_something_to_replay() -> None:
    assert len(recordings()) > 170
    assert (RECORDINGS / "8.2").is_dir()
