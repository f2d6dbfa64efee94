"""What the compiler asks of the catalog of connectors (`connectors.catalog.Catalog`)."""

from collections.abc import Mapping
from typing import Any, Protocol


class CatalogPort(Protocol):
    """Answers with manifest entries: name, version, title, summary, icon, input, output; an
    operation's also effect (read or write), idempotent, probe. None when the type is unknown."""

    def operation_spec(self, type_: str) -> Mapping[str, Any] | None: ...

    def trigger_spec(self, type_: str) -> Mapping[str, Any] | None: ...
