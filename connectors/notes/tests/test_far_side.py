"""What the customer installs: parses, compiles, and computes what the connector computes."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.notes.fingerprint import fingerprint
from connectors.sdk.standard_webhooks import sign

HERE = Path(__file__).parent
FAR_SIDE = HERE.parent / "far_side"
SOURCES = sorted((FAR_SIDE / "java").glob("*.java"))
LOTUSSCRIPT = (FAR_SIDE / "causeway-events.lss").read_text(encoding="ascii")
NS = {"dxl": "http://www.lotus.com/dxl"}
# Statements and functions of LotusScript that must not be used as names.
KEYWORDS = re.compile(
    "name|line|list|date|time|put|get|hex|type|error|input|output|open|close|reset|string|year|"
    "month|day|step|stop|read|write|print|kill|seek|lock|space|len|mid"
)


def test_the_dxl_is_what_its_sources_make() -> None:
    built = subprocess.run(
        [sys.executable, str(FAR_SIDE / "build_dxl.py"), "--check"], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr


@pytest.fixture(scope="module")
def dxl() -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring((FAR_SIDE / "causeway.dxl").read_bytes(), parser)


def values(dxl: etree._Element, path: str) -> list[str]:
    """The texts or attributes under an XPath with the prefix dxl."""
    found = dxl.xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [str(one) for one in found]


def test_the_dxl_is_of_the_friendly_dialect(dxl: etree._Element) -> None:
    """domino-agents 7: no declaration, no DOCTYPE, one namespace, agents disabled, level 2."""
    raw = (FAR_SIDE / "causeway.dxl").read_bytes()
    assert raw.isascii()
    assert not raw.startswith(b"<?xml")
    assert b"<!DOCTYPE" not in raw
    assert dxl.tag == f"{{{NS['dxl']}}}database"
    assert values(dxl, "dxl:agent/@name") == ["Causeway Capture", "Causeway Deliver"]
    assert set(values(dxl, "dxl:agent/@enabled")) == {"false"}
    assert set(values(dxl, "dxl:agent/@restrictions")) == {"unrestricted"}
    assert values(dxl, "dxl:agent/dxl:trigger/@type") == ["docupdate", "scheduled"]
    assert values(dxl, "dxl:agent/dxl:documentset/@type") == ["modified", "all"]


def test_class_and_file_names_match(dxl: etree._Element) -> None:
    mains = values(dxl, "//dxl:javaproject/@class")
    assert mains == ["CausewayCapture.class", "CausewayDeliver.class"]
    names, texts = values(dxl, "//dxl:java/@name"), values(dxl, "//dxl:java/text()")
    for main, name, text in zip(mains, names[::2], texts[::2], strict=True):
        assert name == main.replace(".class", ".java")
        assert f"public class {name.removesuffix('.java')} extends AgentBase" in text
    for name, text in zip(names, texts, strict=True):
        assert text == (FAR_SIDE / "java" / name).read_text()


def test_agents_and_configuration_use_the_same_names(dxl: etree._Element) -> None:
    fields, views = set(values(dxl, "//dxl:field/@name")), set(values(dxl, "//dxl:view/@name"))
    for text in (LOTUSSCRIPT, *(one.read_text() for one in SOURCES)):
        used = set(re.findall(r'(?:getItemValue\w*|GetItemValue)\("(\w+)"\)', text))
        written = set(re.findall(r'[Rr]eplaceItemValue\("(\w+)"', text))
        stamps = {"Form", "SyncHash", "SyncRev"}
        assert (used | written) - stamps <= fields
        assert set(re.findall(r'[gG]etView\("([^"]+)"\)', text)) <= views


def test_the_lotusscript_declares_everything_it_uses() -> None:
    assert "Option Declare" in LOTUSSCRIPT
    code = [re.sub(r"\"[^\"]*\"", '""', one).split("'")[0] for one in LOTUSSCRIPT.splitlines()]
    joined = "\n".join(code)
    declared = {
        one.lower()
        for one in re.findall(
            r"\b(?:Dim|Private|Const)\s+(\w+)(?:\(\w*\))?(?:\s+As|\s+List|\s*=)", joined
        )
    }
    declared |= {one.lower() for one in re.findall(r"\bForAll (\w+) In\b", joined)}
    declared |= {one.lower() for one in re.findall(r"\bDim (\w+)\(\) As", joined)}
    for parameters in re.findall(r"\b(?:Sub|Function) \w+\(([^\n]*)\)", joined):
        declared |= {one.lower() for one in re.findall(r"(\w+)(?:\(\))? As ", parameters)}
    functions = {one.lower() for one in re.findall(r"\b(?:Sub|Function) (\w+)", joined)}
    assigned = {
        one.lower()
        for one in re.findall(r"^\s*(?:Set |For )?(\w+)(?:\([^=\n]*\))? = ", joined, re.M)
    }
    assert assigned - declared - functions <= {"err"}
    assert not [one for one in declared | functions if KEYWORDS.fullmatch(one)]


def test_blocks_of_the_lotusscript_are_closed() -> None:
    code = "\n".join(one.split("'")[0].strip() for one in LOTUSSCRIPT.splitlines())
    for start, end in (
        (r"^(?:Public |Private )?Sub \w+", r"^End Sub"),
        (r"^(?:Public |Private )?Function \w+", r"^End Function"),
        (r"^Class \w+", r"^End Class"),
        (r"^ForAll ", r"^End ForAll"),
        (r"^Do (?:While|Until) ", r"^Loop"),
        (r"^For \w+ = ", r"^Next"),
        (r"^If (?:[^\n]|_\n)* Then$", r"^End If"),
    ):
        begun, ended = (len(re.findall(one, code, re.M)) for one in (start, end))
        assert begun == ended > 0, start


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agents, compiled for Java 8 against stubs of what they use."""
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no Java compiler on this machine")
    target = tmp_path_factory.mktemp("classes")
    sources = [*SOURCES, *sorted((HERE / "java").rglob("*.java"))]
    built = subprocess.run(
        [javac, "--release", "8", "-Xlint:-options", "-d", str(target), *map(str, sources)],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return target


def run_java(classes: Path, lines: list[str]) -> list[str]:
    done = subprocess.run(
        ["java", "-cp", str(classes), "Vectors"],
        input="\n".join(lines), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.splitlines()


def as_lines(items: dict[str, list[Any]], synced: list[str] | None) -> list[str]:
    wanted = None if synced is None else {one.upper() for one in synced}
    lines = []
    for name, values in items.items():
        if wanted is None or name.upper() in wanted:
            texts = [
                f"#{one!r}" if isinstance(one, int | float) else f"@{one.encode().hex()}"
                for one in values
            ]
            lines.append(" ".join(["item", name.upper(), *texts]))
    return [*lines, "hash"]


def test_java_hashes_as_python_does(java: Path) -> None:
    vectors = json.loads((HERE / "vectors/synchash.json").read_text())
    lines = [line for one in vectors for line in as_lines(one["items"], one.get("synced"))]
    expected = [fingerprint(one["items"], one.get("synced")) for one in vectors]
    assert run_java(java, lines) == expected


def test_java_signs_as_python_verifies(java: Path) -> None:
    moment = datetime(2026, 11, 23, 10, 21, 30, tzinfo=UTC)
    cases = [("secret-ü", "id-1", '{"a":"b"}'), ("whsec_c2VjcmV0", "id.2", "{}")]
    stamp = str(int(moment.timestamp()))
    lines = [
        f"sign {secret.encode().hex()} {id_.encode().hex()} {stamp} {body.encode().hex()}"
        for secret, id_, body in cases
    ]
    expected = [
        sign(secret=secret, message_id=id_, timestamp=moment, body=body.encode())[
            "webhook-signature"
        ]
        for secret, id_, body in cases
    ]
    assert run_java(java, lines) == expected


def test_java_writes_json_in_ascii(java: Path) -> None:
    text = 'a "quoted" \\ back\nslash é 🦊 </x>'
    [written] = run_java(java, [f"json {text.encode().hex()}"])
    assert written.isascii()
    assert json.loads(written) == {"a": text, "b": ""}
