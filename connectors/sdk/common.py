"""Settings that every connection has, whatever its connector: how far calls may go at once, and
when what can wait does.

They are added to the manifest's settings when it is read, so that no manifest repeats them.
"""

from collections.abc import Mapping
from typing import Any, Final

from connectors.sdk.quiet import PATTERN

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
    "quiet_hours": {
        "type": "string",
        "maxLength": 400,
        "pattern": PATTERN,
        "title": "Quiet hours",
        "description": "When polls, sweeps and bulk reads leave the far side alone, by its own "
        "clock: 08:00-20:00, or mo-fr 08:00-18:00, sa 09:00-14:00. News that is delivered, writes "
        "and reads of few records go on. Empty: none.",
        "examples": ["mo-fr 08:00-18:00, sa 09:00-14:00"],
    },
    "quiet_mode": {
        "type": "string",
        "enum": ["pause", "slow"],
        "default": "pause",
        "title": "In quiet hours",
        "description": "pause: what can wait waits until they are over. slow: it goes on "
        "with pauses: up to two seconds between requests, ten between pages of a sweep, five "
        "minutes between polls.",
    },
    "quiet_zone": {
        "type": "string",
        "maxLength": 64,
        "format": "time-zone",
        "title": "Time zone of the quiet hours",
        "description": "Like Europe/Madrid. Empty: the far side's own, as the last check found "
        "it, else UTC.",
        "examples": ["Europe/Madrid"],
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
