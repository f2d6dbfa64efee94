"""`platform/` holds the Django project and must never shadow Python's own `platform`."""

import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_platform_folder_is_not_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_platform_folder_holds_no_tests() -> None:
    assert not [*(ROOT / "platform").rglob("test_*.py"), *(ROOT / "platform").rglob("conftest.py")]


def test_the_platform_module_is_pythons_own() -> None:
    assert Path(platform.__file__).parent == Path(sys.modules["os"].__file__ or "").parent


def test_python_started_in_the_checkout_finds_its_own_platform() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip() == platform.system()
