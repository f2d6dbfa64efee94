"""pytest plugin: a private PostgreSQL and Redis for the whole test session.

Loaded with `-p` because Django reads its settings before any conftest. Whatever the environment
says about an installation is put aside: tests must never reach one.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from causeway.embedded.servers import Servers
from causeway.state import StateFolder, prepare

_key = pytest.StashKey[Servers]()


def _state() -> StateFolder:
    return StateFolder(Path(os.environ["CAUSEWAY_STATE_DIR"]))


def pytest_addoption() -> None:
    """The first moment of a session: settings are read right after it, secrets included."""
    for name in [name for name in os.environ if name.startswith("CAUSEWAY_")]:
        if name not in ("CAUSEWAY_RENEW_PICTURES",):
            del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="causeway-tests-"))
    folder.chmod(0o711)  # as root the server account passes through
    os.environ["CAUSEWAY_STATE_DIR"] = str(folder)
    prepare(_state())


def pytest_configure(config: pytest.Config) -> None:
    """Start both servers, without the safety that costs time."""
    config.stash[_key] = Servers(_state(), durable=False)
    if not config.option.collectonly:
        config.stash[_key].start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End them and forget their data."""
    if _key in config.stash:
        config.stash[_key].stop()
    shutil.rmtree(os.environ["CAUSEWAY_STATE_DIR"], ignore_errors=True)
