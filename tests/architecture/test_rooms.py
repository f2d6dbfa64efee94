"""Every connector has the same rooms, so that a stranger finds things."""

from pathlib import Path

import pytest
import yaml

from tests.architecture.house import ROOT

NOT_CONNECTORS = {"sdk", "connections"}
ROOMS = ("manifest.json", "quality.yaml", "README.md", "auth.py", "client.py", "transforms.py")
TWINNED_ROOMS = ("triggers.py", "twin", "far_side", "schemas", "tests")


def connectors() -> list[Path]:
    return sorted(
        one
        for one in (ROOT / "connectors").iterdir()
        if one.is_dir() and one.name not in NOT_CONNECTORS and (one / "__init__.py").exists()
    )


def has_room(connector: Path, room: str) -> bool:
    return (connector / room).exists() or (connector / room.removesuffix(".py")).is_dir()


def test_there_are_connectors() -> None:
    assert {"http", "notes", "prestashop"} <= {one.name for one in connectors()}


@pytest.mark.parametrize("connector", connectors(), ids=lambda one: one.name)
def test_a_connector_has_every_room(connector: Path) -> None:
    wanted = (*ROOMS, "actions.py") + (() if connector.name == "http" else TWINNED_ROOMS)
    missing = [room for room in wanted if not has_room(connector, room)]
    assert not missing, f"{connector.name} lacks {', '.join(missing)}"


@pytest.mark.parametrize("connector", connectors(), ids=lambda one: one.name)
def test_every_quality_rule_is_answered(connector: Path) -> None:
    rules = yaml.safe_load((connector / "quality.yaml").read_text())["rules"]
    for rule, answer in rules.items():
        status = answer if isinstance(answer, str) else answer["status"]
        assert status in {"done", "todo", "exempt"}, rule
        if status != "done":
            assert isinstance(answer, dict), f"{rule}: {status} needs a comment"
            assert answer.get("comment"), f"{rule}: {status} needs a comment"
