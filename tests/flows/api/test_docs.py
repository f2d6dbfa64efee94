"""docs/api.md knows every problem code and every role."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from governance.roles import PERMISSIONS_OF, Role

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SOURCES = (
    *(ROOT / "flows" / "services").rglob("*.py"),
    *(ROOT / "flows" / "api").rglob("*.py"),
    *(ROOT / "connectors" / "connections").glob("*.py"),
    ROOT / "platform" / "causeway" / "base" / "scope.py",
)
RAISED = re.compile(r"Problem\(\s*(?:\d{3}|status),\s*\"([a-z_]+)\"")


def test_every_problem_code_is_documented() -> None:
    codes = {code for path in SOURCES for code in RAISED.findall(path.read_text(encoding="utf-8"))}
    assert len(codes) > 15
    missing = sorted(code for code in codes if f"`{code}`" not in TEXT)
    assert not missing


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_documented_with_what_it_adds(role: Role) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| {role.value} |"))
    if role is Role.ADMINISTRATOR:
        assert "everything" in row
        return
    added = PERMISSIONS_OF[role] - (PERMISSIONS_OF[Role.VIEWER] if role != Role.VIEWER else set())
    named = set(re.findall(r"[a-z]+_[a-z]+", row.split("|")[2]))
    assert named == added
