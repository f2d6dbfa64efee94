"""What is installed at the other end comes as one file, whole and always the same."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from causeway.cli.main import main


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        return packed.namelist()


def test_the_module_of_the_shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "causeway.zip"
    assert main(["far-side", "prestashop", "--out", str(out)]) == 0
    found = names(out)
    # A shop takes a module whose folder, main file and class have the same name.
    assert "causeway/causeway.php" in found
    assert all(name.startswith("causeway/") for name in found)
    assert {"causeway/logo.png", "causeway/upgrade/upgrade-1.1.0.php"} <= set(found)
    assert {f"causeway/translations/{one}.php" for one in ("en", "de", "fr")} <= set(found)
    # Nobody may list a folder, and what the shop writes there itself does not travel.
    folders = {name.rpartition("/")[0] for name in found}
    assert {f"{folder}/index.php" for folder in folders} <= set(found)
    assert not [name for name in found if name.endswith((".xml", ".toml", ".py", ".md"))]
    assert f"{len(found)} files" in capsys.readouterr().out
    again = tmp_path / "again.zip"
    assert main(["far-side", "prestashop", "--out", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.skipif(shutil.which("php") is None, reason="no PHP on this machine")
def test_the_module_is_php(tmp_path: Path) -> None:
    out = tmp_path / "causeway.zip"
    main(["far-side", "prestashop", "--out", str(out)])
    with zipfile.ZipFile(out) as packed:
        packed.extractall(tmp_path)
    for one in sorted((tmp_path / "causeway").rglob("*.php")):
        read = subprocess.run(["php", "-l", str(one)], capture_output=True, text=True, check=False)
        assert read.returncode == 0, read.stdout + read.stderr


def test_the_agents_of_domino(tmp_path: Path) -> None:
    out = tmp_path / "agents.zip"
    assert main(["far-side", "notes", "--out", str(out)]) == 0
    found = names(out)
    assert {
        "causeway-notes/README.md",
        "causeway-notes/causeway-java.dxl",
        "causeway-notes/causeway-lotusscript.dxl",
        "causeway-notes/java/CausewayCapture.java",
        "causeway-notes/lotusscript/causeway.lss",
        "causeway-notes/lotusscript/database-script.lss",
        "causeway-notes/odp-java/Code/Agents/causeway.ja",
        "causeway-notes/odp-java/Forms/CausewayOutbox.form",
        "causeway-notes/odp-java/Views/(CausewayByExternalKey).view",
        "causeway-notes/odp-lotusscript/Code/ScriptLibraries/Causeway.lss.metadata",
    } <= set(found)
    # What makes them stays here.
    assert not any(name.endswith(".py") or "/linter/" in name for name in found)
    again = tmp_path / "again.zip"
    main(["far-side", "notes", "--out", str(again)])
    assert again.read_bytes() == out.read_bytes()


def test_lotusscript_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.lss", tmp_path / "bad.lss"
    good.write_text("Option Declare\n\nSub Initialize\n\tPrint 1\nEnd Sub\n")
    bad.write_text("Option Declare\n\nSub Initialize\n\ttotal = 1\nEnd Sub\n")
    assert main(["far-side", "check-lotusscript", str(good)]) == 0
    assert "1 files, nothing found" in capsys.readouterr().out
    assert main(["far-side", "check-lotusscript", str(good), str(bad)]) == 1
    assert "bad.lss:4: total is not declared" in capsys.readouterr().out
    assert main(["far-side", "check-lotusscript", str(tmp_path / "no.lss")]) == 1
    assert "is not there" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["far-side", "notes", "--out", str(tmp_path / "no" / "a.zip")]) == 1
    assert "is not there" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
