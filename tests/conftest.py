"""Fixtures for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from causeway.state import BELONGS, SYSTEM_STATE


@pytest.fixture(scope="session", autouse=True)
def no_server_data_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As root, installations below pytest's folder (0700) keep server data in a system folder."""
    yield
    for note in SYSTEM_STATE.glob(f"*/{BELONGS}"):
        if Path(note.read_text().strip()).is_relative_to(tmp_path_factory.getbasetemp()):
            shutil.rmtree(note.parent)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Let Django's test database carry the name in `settings.CAUSEWAY.database_url`.

    The hot path opens connections of its own with that address and must see the same tables.
    Safe because `tests.servers` made the server for this session.
    """
    for database in settings.DATABASES.values():
        database.setdefault("TEST", {})["NAME"] = database["NAME"]
