"""Every connector that is installed, and what each can do.

Connectors register under the entry point group `causeway.connectors`. Nothing is left out
quietly: a connector that cannot be loaded, or whose manifest and code disagree, stops the
catalog with a sentence that names it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from connectors.sdk.connector import Connector
from connectors.sdk.manifest import disagreements
from connectors.sdk.operation import Operation
from connectors.sdk.trigger import Trigger

GROUP = "causeway.connectors"


class BrokenConnectorError(Exception):
    """A registered connector cannot be used; the message names it and says why."""


class Catalog:
    """The connectors of one installation, looked up by id and by operation or trigger type.

    Types are written `name@version` ("prestashop.order.get@1").
    """

    def __init__(self, connectors: Iterable[Connector]) -> None:
        """Raises `BrokenConnectorError` for a connector whose manifest and code disagree, and
        when two connectors claim the same id or type."""
        self._connectors: dict[str, Connector] = {}
        self._owners: dict[str, Connector] = {}
        self._operation_specs: dict[str, Mapping[str, Any]] = {}
        self._trigger_specs: dict[str, Mapping[str, Any]] = {}
        for connector in connectors:
            self._add(connector)

    def _add(self, connector: Connector) -> None:
        if connector.id in self._connectors:
            raise BrokenConnectorError(f"Two connectors are called {connector.id!r}.")
        problems = disagreements(connector)
        if problems:
            raise BrokenConnectorError(
                f"Connector {connector.id!r} contradicts its manifest: " + "; ".join(problems)
            )
        self._connectors[connector.id] = connector
        for specs, entries in (
            (self._operation_specs, connector.manifest["operations"]),
            (self._trigger_specs, connector.manifest["triggers"]),
        ):
            for entry in entries:
                type_ = f"{entry['name']}@{entry['version']}"
                if type_ in self._owners:
                    raise BrokenConnectorError(f"Type {type_!r} is claimed twice.")
                self._owners[type_] = connector
                specs[type_] = entry

    def connectors(self) -> Sequence[Connector]:
        """All connectors, by id."""
        return [self._connectors[id_] for id_ in sorted(self._connectors)]

    def connector(self, id_: str) -> Connector | None:
        return self._connectors.get(id_)

    def connector_of(self, type_: str) -> Connector | None:
        """The connector that brings this operation or trigger type."""
        return self._owners.get(type_)

    def operation_spec(self, type_: str) -> Mapping[str, Any] | None:
        """The manifest's entry of an operation type."""
        return self._operation_specs.get(type_)

    def trigger_spec(self, type_: str) -> Mapping[str, Any] | None:
        """The manifest's entry of a trigger type."""
        return self._trigger_specs.get(type_)

    def operation(self, type_: str) -> Operation | None:
        owner = self._owners.get(type_)
        return owner.operation(type_) if owner else None

    def trigger(self, type_: str) -> Trigger | None:
        owner = self._owners.get(type_)
        return owner.trigger(type_) if owner else None


@cache
def default_catalog() -> Catalog:
    """The catalog of everything installed; loaded once per process.

    Raises `BrokenConnectorError` when a registered connector cannot be loaded.
    """
    loaded = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            connector = entry.load()
        except Exception as error:
            raise BrokenConnectorError(
                f"Connector {entry.name!r} ({entry.value}) cannot be loaded: "
                f"{type(error).__name__}: {error}"
            ) from error
        if not isinstance(connector, Connector):
            raise BrokenConnectorError(
                f"Entry point {entry.name!r} ({entry.value}) is a {type(connector).__name__}, "
                "not a Connector."
            )
        loaded.append(connector)
    return Catalog(loaded)
