"""From a fresh checkout: what is made once, what is made again, what is refused."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def calls() -> list[list[str]]:
    """The commands that were run."""
    return []


@pytest.fixture
def bootstrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]
) -> ModuleType:
    """The script over a checkout of its own, with every command recorded and none run."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "platform" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def call(command: Sequence[str], what: str, **_: Any) -> None:
        calls.append([str(part) for part in command])
        if "venv" in command:
            module.PYTHON.parent.mkdir(parents=True)
            module.PYTHON.touch()

    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "ENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "UI", tmp_path / "designer_ui")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "call", call)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "bootstrap.py"))
    monkeypatch.setattr(module, "find_node", lambda: Path("/usr/bin/node"))
    monkeypatch.chdir(tmp_path)
    for name in ("requirements.lock", "pyproject.toml", "bootstrap.py"):
        (tmp_path / name).write_text(name)
    (tmp_path / "designer_ui" / "src").mkdir(parents=True)
    (tmp_path / "designer_ui" / "src" / "app.tsx").write_text("1")
    for name in ("package.json", "package-lock.json", "index.html"):
        (tmp_path / "designer_ui" / name).write_text(name)
    return module


def test_the_environment_is_made_once_from_the_lock(
    bootstrap: ModuleType, calls: list[list[str]]
) -> None:
    bootstrap.ensure_env()
    assert [command[1:3] for command in calls] == [["-m", "venv"], ["-m", "pip"], ["-m", "pip"]]
    assert "--require-hashes" in calls[1]
    assert {"--no-deps", "--no-build-isolation"} <= set(calls[2])
    calls.clear()
    bootstrap.ensure_env()
    assert calls == []


def test_another_lock_makes_it_again(bootstrap: ModuleType, calls: list[list[str]]) -> None:
    bootstrap.ensure_env()
    shutil.rmtree(bootstrap.ENV / "bin")
    (bootstrap.ROOT / "requirements.lock").write_text("changed")
    calls.clear()
    bootstrap.ensure_env()
    assert "--clear" in calls[0]


def test_an_environment_that_was_not_finished_is_made_again(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = bootstrap.call

    def broken(command: Sequence[str], what: str, **rest: Any) -> None:
        working(command, what, **rest)
        if "pip" in command:
            raise bootstrap.Trouble("The Python packages failed.")

    monkeypatch.setattr(bootstrap, "call", broken)
    with pytest.raises(bootstrap.Trouble):
        bootstrap.ensure_env()
    assert bootstrap.PYTHON.exists(), "half of it is there"
    shutil.rmtree(bootstrap.ENV / "bin")
    monkeypatch.setattr(bootstrap, "call", working)
    calls.clear()
    bootstrap.ensure_env()
    assert "--clear" in calls[0]
    assert (bootstrap.ENV / "causeway-env").exists()


def test_the_bundle_is_built_again_only_when_a_source_changed(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[tuple[str, ...]] = []

    def npm(*arguments: str) -> None:
        built.append(arguments)
        folder = {"ci": "node_modules", "run": "dist"}[arguments[0]]
        (bootstrap.UI / folder).mkdir(exist_ok=True)
        if folder == "dist":
            (bootstrap.UI / "dist" / "index.html").touch()

    monkeypatch.setattr(bootstrap, "npm", npm)
    bootstrap.ensure_bundle()
    assert [one[0] for one in built] == ["ci", "run"]
    assert any("whitenoise.compress" in command for command in calls)
    bootstrap.ensure_bundle()
    assert len(built) == 2
    (bootstrap.UI / "src" / "app.tsx").write_text("2")
    bootstrap.ensure_bundle()
    assert [one[0] for one in built] == ["ci", "run", "run"]


@pytest.mark.parametrize(("told", "fits"), [("v18.19.0", False), ("v20.19.1", True), ("", False)])
def test_an_old_node_is_passed_over_for_the_carried_one(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, told: str, fits: bool
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(
        bootstrap.subprocess,
        "run",
        lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=told),
    )
    assert (bootstrap.node_version("node") >= bootstrap.OLDEST_NODE) is fits


def test_a_step_that_fails_does_not_hide_the_others(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def fail() -> None:
        raise bootstrap.Trouble("no")

    assert bootstrap.steps([("one", fail), ("two", lambda: done.append("two"))]) == 1
    assert done == ["two"]
    said = capsys.readouterr()
    assert "one: FAILED" in said.out
    assert "two: ok" in said.out
    assert said.err == "causeway: failed: one.\n"


def test_trouble_is_one_sentence(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["dance"]) == 1
    assert capsys.readouterr().err.startswith("causeway: Unknown command 'dance'")


def test_a_python_without_redis_is_told(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: "sparc")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    with pytest.raises(bootstrap.Trouble, match="Install redis-server"):
        bootstrap.require_redis()


def test_clean_leaves_the_data(bootstrap: ModuleType) -> None:
    bootstrap.ensure_env()
    kept = bootstrap.ROOT / ".causeway" / "secrets.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    assert bootstrap.clean([]) == 0
    assert kept.exists()
    assert not bootstrap.ENV.exists()


def test_make_without_a_python_says_what_to_install() -> None:
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run(
        [make, "demo"],
        cwd=ROOT,
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert "causeway: Python 3.11 or 3.12 with its venv module is missing." in told.stderr
    assert "Traceback" not in told.stderr


def test_the_script_needs_nothing_installed() -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "platform" / "bootstrap.py"), "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "Unknown command" in told.stderr
