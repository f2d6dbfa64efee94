"""Settings, error codes and operations each stand in the documentation."""

import inspect
import json
import re

import pytest

from connectors.sdk import errors
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
