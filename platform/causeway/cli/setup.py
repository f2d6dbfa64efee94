"""Django in the command's own process, for commands that work on the database."""

import os

import django
import psycopg

from causeway.config import Config
from causeway.errors import StartError


def begin() -> Config:
    """Set Django up. Raises `StartError` when the database cannot be reached."""
    config = Config.from_env()
    try:
        psycopg.connect(config.database_url, connect_timeout=5).close()
    except psycopg.OperationalError:
        remedy = (
            "Start Causeway with `causeway up` in another terminal."
            if config.embedded
            else "Check CAUSEWAY_DATABASE_URL and the server it names."
        )
        raise StartError("The database does not answer.", remedy) from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "causeway.settings")
    django.setup()
    return config
