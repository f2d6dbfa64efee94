"""Whatever a person can repair is one sentence with the remedy, and exit code 1."""

import errno
import os
import socket
from pathlib import Path

import click
import pytest

from causeway.cli.main import main, root
from causeway.errors import StartError


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAUSEWAY_STATE_DIR", str(tmp_path))
    return tmp_path


def failing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def fail() -> None:
        raise error

    monkeypatch.setitem(root.commands, "fail", fail)


def test_trouble_at_the_start_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(StartError("The port is in use.", "Choose another."), monkeypatch)
    assert main(["fail"]) == 1
    assert capsys.readouterr().err == "causeway: The port is in use. Choose another.\n"


def test_a_full_disk_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x"), monkeypatch)
    assert main(["fail"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("causeway: Nothing more can be written to the disk (/data/x)")
    assert said.count("\n") == 1


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(OSError(errno.EBADF, "bad"), monkeypatch)
    with pytest.raises(OSError, match="bad"):
        main(["fail"])


@pytest.mark.parametrize("name", ["up", "demo"])
def test_a_taken_port_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        arguments = {"up": port, "demo": port - 1}  # the demo's shop takes the next one
        assert main([name, "--port", str(arguments[name])]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"causeway: Port {port} for ")
    assert said.count("\n") == 1


def test_a_wrong_variable_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAUSEWAY_HOOK_WINDOW", "soon")
    assert main(["up"]) == 1
    assert capsys.readouterr().err == (
        "causeway: CAUSEWAY_HOOK_WINDOW is 'soon'. Set it to a whole number.\n"
    )


def test_commands_on_a_stopped_installation_say_how_to_start_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["token", "create", "ann", "--name", "ci"]) == 1
    assert "`causeway up`" in capsys.readouterr().err


def test_unknown_commands_and_options_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    assert main(["up", "--speed", "9"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name, one in root.commands.items():
        assert one.get_short_help_str(), name
        assert main([name, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_a_key_file_is_made_closed_and_never_overwritten(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = state / "own-keys"
    assert main(["keys", "create", str(file)]) == 0
    made = file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert main(["keys", "create", str(file)]) == 1
    assert file.read_text() == made
    assert "exists already" in capsys.readouterr().err


def test_secrets_on_a_command_line_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["connection", "create", "shop", "--connector", "prestashop", "--environment", "p"]
    assert main([*given, "--settings", "{}", "--secrets", '{"api_key": "K"}']) == 2
    assert "@FILE" in capsys.readouterr().err
