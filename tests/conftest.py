"""Fixtures for every test."""

import pytest
from django.conf import settings


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Let Django's test database carry the name in `settings.CAUSEWAY.database_url`.

    The hot path opens connections of its own with that address and must see the same tables.
    Safe because `tests.servers` made the server for this session.
    """
    for database in settings.DATABASES.values():
        database.setdefault("TEST", {})["NAME"] = database["NAME"]
