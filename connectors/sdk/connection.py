"""The settings with which a connector reaches one far side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionConfig:
    """One connection, secrets opened, as an operation sees it.

    `system` names the far side itself (a shop's address, a Notes replica id): two connections
    to the same shop share it, and external keys are built from it. `settings` and `secrets`
    follow the connector's manifest (`connection.settings`, `connection.secrets`). `time_zone` is
    that of the far side as the last check found it, "" where none did.
    """

    id: str
    slug: str
    connector: str
    system: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    is_twin: bool = False
    time_zone: str = ""
