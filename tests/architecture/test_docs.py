"""Settings, error codes and operations each stand in the documentation."""

import inspect
import json
import re

import pytest

from connectors.sdk import errors
from flows.services.catalog import catalog
from tests.architecture.house import ROOT


def test_every_setting_is_documented() -> None:
    names: set[str] = set()
    for path in (ROOT / "platform" / "causeway").rglob("*.py"):
        names |= set(re.findall(r'"(CAUSEWAY_[A-Z_]+)"', path.read_text()))
    documented = set(re.findall(r"`(CAUSEWAY_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text()))
    assert names - documented == set()
    assert documented - names == set()


def test_every_error_class_is_documented_as_it_is() -> None:
    text = (ROOT / "docs/errors.md").read_text()
    classes = [
        one
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, errors.FarSideError) and one is not errors.FarSideError
    ]
    assert len(classes) == 11
    for one in classes:
        assert f"| `{one.__name__}` | `{one.default_code}` |" in text


@pytest.mark.parametrize("connector", ["prestashop", "notes", "http"])
def test_every_operation_is_in_its_connectors_readme(connector: str) -> None:
    folder = ROOT / "connectors" / connector
    manifest = json.loads((folder / "manifest.json").read_text())
    text = (folder / "README.md").read_text()
    for one in (*manifest.get("operations", ()), *manifest.get("triggers", ())):
        assert one["name"] in text, f"{one['name']} is missing in {folder.name}/README.md"


def _sections(text: str) -> dict[str, str]:
    """What `docs/nodes.md` says, by node type."""
    parts = re.split(r"^### `([^`]+)`$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_node_type_is_documented_with_its_params_and_ports() -> None:
    told = _sections((ROOT / "docs/nodes.md").read_text())
    known = {one["type"]: one for one in catalog()["node_types"]}
    assert told.keys() == known.keys()
    for type_, one in known.items():
        properties = one["params_schema"].get("properties", {})
        required = one["params_schema"].get("required", ())
        rows = re.findall(r"^\| `(\w+)`(\*?) \|", told[type_], flags=re.MULTILINE)
        assert dict(rows) == {name: "*" * (name in required) for name in properties}, type_
        ports = re.search(r"^Ports: (.+)\.$", told[type_], flags=re.MULTILINE)
        assert ports is not None, type_
        assert re.findall(r"`(\w+)`", ports[1]) == list(one["ports"]), type_
