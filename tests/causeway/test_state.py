"""The state folder: made once, closed to others, and refused in one sentence where it cannot be."""

from pathlib import Path

import pytest

from causeway.errors import StartError
from causeway.state import StateFolder, prepare


def test_its_secrets_are_made_once_and_closed(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    first = prepare(state)
    assert prepare(state) == first
    for path in (state.secrets_file, state.key_file):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["file/below", "file"])
def test_a_file_in_its_way_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StartError) as caught:
        prepare(StateFolder(tmp_path / name))
    assert "CAUSEWAY_STATE_DIR" in caught.value.remedy


def test_a_place_where_no_folder_can_be_is_one_sentence() -> None:
    with pytest.raises(StartError, match="cannot be made or written"):
        prepare(StateFolder(Path("/proc/causeway-cannot-be-here")))
