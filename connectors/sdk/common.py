"""Settings that every connection has, whatever its connector: how far calls may go at once.

They are added to the manifest's settings when it is read, so that no manifest repeats them.
"""

from collections.abc import Mapping
from typing import Any, Final

DEFAULT_CONCURRENCY: Final = 16

COMMON_SETTINGS: Final[Mapping[str, Any]] = {
    "max_concurrency": {
        "type": "integer",
        "minimum": 1,
        "maximum": 256,
        "default": DEFAULT_CONCURRENCY,
        "title": "Calls at the same time",
        "description": "The most over all workers. Causeway goes lower by itself while the far "
        "side is slow.",
    },
    "rate_limit": {
        "type": "string",
        "pattern": "^[1-9][0-9]{0,5}/(s|m)$",
        "title": "Requests per second or minute",
        "description": "The most over all workers, like 5/s or 300/m. Empty: no limit.",
        "examples": ["5/s", "300/m"],
    },
}


def with_common_settings(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the common settings after its own; one of the same name is the
    connector's."""
    connection = manifest["connection"]
    settings = connection["settings"]
    properties = {**settings.get("properties", {})}
    for name, schema in COMMON_SETTINGS.items():
        properties.setdefault(name, schema)
    return {
        **manifest,
        "connection": {**connection, "settings": {**settings, "properties": properties}},
    }
