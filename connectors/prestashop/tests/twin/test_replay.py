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
    basic,
    recordings,
    running,
)
from fixtures.worlds import build_shop, shop_older

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
SECONDS = 3.0

Answers = dict[str, httpx.Response]

# Fields that the twin cannot foresee, with the reason.
DRAWN = {
    "secure_key": "drawn by the shop for a new customer",
    "passwd": "a salted hash",
    "reference": "drawn by the shop for a new order",
    "order_reference": "drawn by the shop for a new order",
}
NEW_CUSTOMER = "3"
NEW_ORDERS = {"6", "7"}

# Answers of 8.2.1 that the twin does not imitate. Nothing of 9.1.4 is excepted.
OLDER: dict[str, str] = {
    "185-carriers-full-json": "one field is number or text, changing from carrier to carrier",
}


def request_of(recording: dict[str, Any]) -> tuple[str, str, dict[str, str], str]:
    asked = recording["request"]
    headers = {name: value for name, value in asked["headers"].items() if name != "Host"}
    key = re.fullmatch(r"Basic base64\((.*):\)", headers.get("Authorization", ""))
    if key:
        headers["Authorization"] = basic(key[1])
    return asked["method"], asked["path"], headers, asked["body"] or ""


async def speak(world: Path, folder: str, version: str) -> dict[str, httpx.Response]:
    answers: dict[str, httpx.Response] = {}
    async with running(world=world, version=version) as twin:
        for one in recordings(folder):
            twin.clock.now = parsedate_to_datetime(one["response"]["headers"]["Date"])
            off = "webservice-disabled" in one["name"]
            await twin.twin("faults", {"webservice_off": off})
            method, path, headers, body = request_of(one)
            answers[one["name"]] = await twin.client.request(
                method, path, headers=headers, content=body, follow_redirects=False
            )
    return answers


def replayed(folder: str, version: str, factory: pytest.TempPathFactory) -> Answers:
    path = factory.mktemp("world") / "installed.json"
    world = build_shop.build("installed")
    path.write_text(
        json.dumps(shop_older.older(world) if folder == "8.2" else world), encoding="utf-8"
    )
    return asyncio.run(speak(path, folder, version))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return replayed("9.1", "9.1.4", tmp_path_factory)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return replayed("8.2", "8.2.1", tmp_path_factory)


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
    found: dict[str, Any] = {f"@{name!s}": value for name, value in node.attrib.items()}
    ids = [one.text for one in children if one.tag == "id"]
    if ids:
        found["id"] = ids[0]
    if not children:
        found["text"] = node.text or ""
    for number, one in enumerate(children):
        if len(one) or one.attrib:
            found[f"{number}:{one.tag!s}"] = plain(one)
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


def said_differently(seen: httpx.Response, recorded: dict[str, Any]) -> list[str]:
    found = [] if seen.status_code == recorded["status"] else [f"status {seen.status_code}"]
    headers = ("Content-Type", "PSWS-Version", "Location", "WWW-Authenticate")
    found += [
        f"{name}: {seen.headers.get(name)}"
        for name in headers
        if seen.headers.get(name) != recorded["headers"].get(name)
    ]
    return found + body_differences(seen, recorded)


@pytest.mark.parametrize("recording", recordings(), ids=lambda one: str(one["name"]))
def test_the_twin_says_what_the_shop_said(recording: dict[str, Any], answers: Answers) -> None:
    found = said_differently(answers[recording["name"]], recording["response"])
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("recording", recordings("8.2"), ids=lambda one: str(one["name"]))
def test_the_twin_can_speak_like_8_2(recording: dict[str, Any], older: Answers) -> None:
    found = said_differently(older[recording["name"]], recording["response"])
    if recording["name"] in OLDER:
        assert found, f"{recording['name']} is no exception any more"
    else:
        assert not found, "\n".join(found[:20])


def test_there_is_something_to_replay() -> None:
    assert len(recordings()) > 170
    assert len(recordings("8.2")) > 170


def test_the_readme_tells_the_share() -> None:
    count, exceptions = len(recordings()), len(OLDER)
    assert len(recordings("8.2")) == count
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"all {count} recorded exchanges of 9.1.4" in text
    assert exceptions == 1
    assert f"{count - exceptions} of {count} of\n8.2.1" in text
    assert all(f"the other one is {name[:3]}" in text for name in OLDER)
