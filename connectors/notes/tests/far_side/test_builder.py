"""What a customer imports: DXL of known names, and the same elements as an On-Disk Project."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.notes.far_side.builder import VARIANTS, all_files
from connectors.notes.far_side.builder.catalogue import SOURCES, Variant, elements
from connectors.notes.far_side.builder.elements import Agent, Form, Library, Subform, View
from connectors.notes.far_side.builder.events import events

HERE = Path(__file__).parent
KNOWN: dict[str, Any] = json.loads((HERE / "dxl_known.json").read_text())
NS = {"dxl": "http://www.lotus.com/dxl"}
FILES = all_files()
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
variants = pytest.mark.parametrize("variant", VARIANTS)


def dxl(variant: Variant) -> etree._Element:
    return etree.fromstring(FILES[f"causeway-{variant}.dxl"].encode(), PARSER)


def on_disk(variant: Variant) -> Iterator[tuple[str, str, str]]:
    """Folder, name with ending, and text of each file of a project."""
    top = f"odp-{variant}/"
    for path, text in FILES.items():
        if path.startswith(top):
            folder, _, name = path.removeprefix(top).rpartition("/")
            yield folder, name, text


def values(root: etree._Element, path: str) -> list[str]:
    found = root.xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [str(one) for one in found]


def strangers(root: etree._Element) -> list[str]:
    """Elements, attributes and values that are not in the list of known ones."""
    found = []
    for one in root.iter(etree.Element):
        tag = etree.QName(one).localname
        known = KNOWN["elements"].get(tag)
        if known is None:
            found.append(tag)
            continue
        for name, value in ((str(name), str(value)) for name, value in one.attrib.items()):
            allowed = known["attributes"].get(name, ())
            if allowed is not None and value not in allowed:
                found.append(f"{tag} {name}={value}")
        found += [
            f"{tag}/{etree.QName(child).localname}"
            for child in one
            if etree.QName(child).localname not in known["children"]
        ]
    return found


@variants
def test_the_dxl_holds_only_names_that_are_known(variant: Variant) -> None:
    raw = FILES[f"causeway-{variant}.dxl"]
    assert raw.isascii()
    assert not raw.startswith("<?xml")
    assert "<!DOCTYPE" not in raw
    assert dxl(variant).tag == f"{{{NS['dxl']}}}database"
    assert strangers(dxl(variant)) == []


def test_a_name_that_is_not_known_is_found() -> None:
    text = FILES["causeway-java.dxl"].replace('type="docupdate"', 'type="docupdated"')
    text = text.replace("<columnheader ", "<columnhead ")
    found = strangers(etree.fromstring(text.encode(), PARSER))
    assert {"trigger type=docupdated", "columnhead", "column/columnhead"} <= set(found)


def test_the_same_sources_make_the_same_files() -> None:
    assert all_files() == FILES
    code = (
        "import hashlib;from connectors.notes.far_side.builder import all_files;"
        "print(hashlib.sha256(repr(sorted(all_files().items())).encode()).hexdigest())"
    )
    again = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert again[0] == again[1]


@variants
def test_the_project_on_disk_has_the_elements_of_the_dxl(variant: Variant) -> None:
    """Element by element the same XML; a library is a plain file and its note."""
    imported = {
        (etree.QName(one).localname, one.get("name")): etree.tostring(one, method="c14n").strip()
        for one in dxl(variant)
    }
    seen = {}
    for folder, name, text in on_disk(variant):
        stem, _, ending = name.partition(".")
        root_tag = KNOWN["folders"][folder][ending]
        if root_tag is None:
            continue
        assert text.startswith("<?xml")
        root = etree.fromstring(text.encode(), PARSER)
        assert etree.QName(root).localname == root_tag
        if root_tag == "note":
            continue
        assert f"<!DOCTYPE {root_tag} SYSTEM 'xmlschemas/domino_9_0_1.dtd'>" in text
        assert root.get("name", "").replace("\\", "_5c") == stem
        seen[root_tag, root.get("name")] = etree.tostring(root, method="c14n").strip()
    libraries = {key: one for key, one in imported.items() if key[0] == "scriptlibrary"}
    assert {**seen, **libraries} == imported


@variants
def test_a_library_on_disk_is_its_source_and_its_note(variant: Variant) -> None:
    files = {name: text for folder, name, text in on_disk(variant) if "Libraries" in folder}
    libraries = [one for one in elements(variant) if isinstance(one, Library)]
    assert set(files) == {
        f"{one.name}.lss{more}" for one in libraries for more in ("", ".metadata")
    }
    for one in libraries:
        assert files[f"{one.name}.lss"] == one.script
        note = etree.fromstring(files[f"{one.name}.lss.metadata"].encode(), PARSER)
        assert note.get("class") == "filter"
        assert values(note, "dxl:item[@name='$TITLE']/dxl:text/text()") == [one.name]
        assert values(note, "dxl:item[@name='$Flags']/dxl:text/text()") == ["s34Q"]


@pytest.mark.parametrize(
    "path", sorted((SOURCES / "lotusscript").glob("*.lss")), ids=lambda p: p.stem
)
def test_the_parts_of_a_script_are_the_script(path: Path) -> None:
    text = path.read_text()
    parts = events(text)
    said = [line for line in "".join(parts.values()).split("\n") if line.strip()]
    assert sorted(said) == sorted(line for line in text.split("\n") if line.strip())
    for name, part in parts.items():
        if name in {"options", "declarations"}:
            assert not re.search(r"^(Sub|Function) ", part, re.MULTILINE)
        else:
            assert re.search(rf"^(Sub|Function) {name}\b", part, re.MULTILINE | re.IGNORECASE)
            assert re.search(r"^End (Sub|Function)\n\Z", part, re.MULTILINE)


@variants
def test_agents_come_with_their_triggers_and_asleep(variant: Variant) -> None:
    found = {
        one.get("name"): (
            values(one, "dxl:trigger/@type"),
            values(one, "dxl:documentset/@type"),
            one.get("enabled"),
            one.get("restrictions"),
        )
        for one in dxl(variant).findall("dxl:agent", NS)
    }
    assert found["Causeway Capture"] == (["docupdate"], ["modified"], "false", "unrestricted")
    assert found["Causeway Deliver"] == (["scheduled"], ["all"], "false", "unrestricted")
    for name in ("(Causeway Saved)", "(Causeway Deleted)", "(Causeway Web Save)", "causeway"):
        if name in found:
            assert found[name][:2] == (["agentlist"], ["runonce"])
    assert values(dxl(variant), "//dxl:agent[@name='Causeway Deliver']//dxl:schedule/@minutes") == [
        "5"
    ]
    # Ours run with the signer's rights; the endpoint with those of the user who calls.
    web = values(dxl(variant), "//dxl:agent[@runaswebuser='true']/@name")
    assert web == [one for one in ("causeway",) if one in found]


def test_both_variants_have_the_same_agents() -> None:
    """One replaces the other on import: both at once would tell everything twice."""
    names = [{one.name for one in elements(each) if isinstance(one, Agent)} for each in VARIANTS]
    assert names[0] == names[1]


def test_java_agents_carry_their_sources_and_no_more() -> None:
    root = dxl("java")
    for project in root.iter(f"{{{NS['dxl']}}}javaproject"):
        main = str(project.get("class")).removesuffix(".class")
        sources = {str(one.get("name")): one.text or "" for one in project}
        assert next(iter(sources)) == f"{main}.java"
        assert re.search(
            rf"public class {main} extends (AgentBase|CausewayFormEvent)", sources[f"{main}.java"]
        )
        for name, text in sources.items():
            assert text == (SOURCES / "java" / name).read_text()
        needed = {
            f"{one}.java"
            for text in sources.values()
            for one in re.findall(r"\bCauseway[A-Z]\w*", text)
            if (SOURCES / "java" / f"{one}.java").is_file()
        }
        assert needed == set(sources)
    used = {one.get("name") for one in root.iter(f"{{{NS['dxl']}}}java")}
    assert used == {one.name for one in (SOURCES / "java").glob("*.java")}


@variants
def test_the_view_by_external_key_is_open_to_the_data_service(variant: Variant) -> None:
    """$WebFlags with A: "Allow Domino Data Service operations" (contract 1, the third lock)."""
    root = dxl(variant)
    open_ = values(root, "dxl:view[dxl:item[@name='$WebFlags']/dxl:text[contains(., 'A')]]/@name")
    assert open_ == ["(CausewayByExternalKey)"]
    first = "dxl:view[@name='(CausewayByExternalKey)']/dxl:column[1]"
    assert values(root, f"{first}/@itemname") == ["ExternalKey"]
    assert values(root, f"{first}/@sort") == ["ascending"]


@variants
def test_code_and_design_use_the_same_names(variant: Variant) -> None:
    """Items that agents read or write are fields, views that they open exist."""
    found = elements(variant)
    fields = {one.name for form in found if isinstance(form, Form) for one in form.fields}
    views = {one.name for one in found if isinstance(one, View)}
    shown = {each.item for one in found if isinstance(one, View) for each in one.columns}
    of_documents = {"Form", "SyncHash", "SyncRev", "ExternalKey"}
    of_calls = {"Query_String", "Request_Content"}
    texts = [one.script for one in found if isinstance(one, Agent | Library | Subform)]
    texts += [text for one in found if isinstance(one, Agent) for _, text in one.java]
    for text in texts:
        names = set(re.findall(r'[gG]etItemValue\w*\("(\w+)"\)', text))
        names |= set(re.findall(r'[rR]eplaceItemValue\("(\w+)"', text))
        names |= set(re.findall(r'(?:ItemText\(\w+|put\(\w+|number\(\w+), "(\w+)"', text))
        names |= set(re.findall(r'Setting\("(\w+)"', text))
        assert names - of_documents - of_calls <= fields
        assert set(re.findall(r'[gG]etView\("([^"]+)"\)', text)) <= views
    assert shown - of_documents <= fields


def test_the_scripts_call_agents_that_there_are() -> None:
    names = {one.name for one in elements("java") if isinstance(one, Agent)}
    for file in ("form-events", "database-script"):
        text = (SOURCES / "lotusscript" / f"{file}.lss").read_text()
        called = re.findall(r'GetAgent\("([^"]+)"\)', text)
        assert called
        assert set(called) <= names
