"""One supervisor for one state folder."""

import os
from pathlib import Path

import pytest

from causeway.errors import StartError
from causeway.state import StateFolder
from causeway.supervisor.lock import only_one


def test_a_second_one_is_refused_and_told_the_first(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    refused = pytest.raises(StartError, match=f"process {os.getpid()}")
    with only_one(state), refused, only_one(state):
        pytest.fail("two at once")
    with only_one(state):
        assert state.lock_file.read_text() == f"{os.getpid()}\n"


def test_a_lock_file_left_behind_holds_nobody_up(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    state.lock_file.write_text("1234567890\n")
    with only_one(state):
        assert state.lock_file.read_text() == f"{os.getpid()}\n"
