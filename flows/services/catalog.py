"""What flows can be made of: the connectors' operations and triggers, and the engine's nodes."""

from collections.abc import Mapping
from typing import Any

from connectors.catalog import default_catalog
from connectors.sdk.connector import Connector
from flows.engine.nodes import NODE_TYPES
from flows.mapping.functions.catalogue import catalogue


def catalog() -> dict[str, Any]:
    """Connectors and node types, as the designer draws them. The same for every reader."""
    connectors = default_catalog().connectors()
    node_types = [{**one.to_dict(), "connector": None} for one in NODE_TYPES.values()]
    for connector in connectors:
        manifest = connector.manifest
        node_types += [_trigger(connector, one) for one in manifest["triggers"]]
        node_types += [_operation(connector, one) for one in manifest["operations"]]
    return {"connectors": [_connector(one) for one in connectors], "node_types": node_types}


def functions() -> list[dict[str, Any]]:
    """What a mapping can do to a value, with a JSON Schema for each function's form."""
    return catalogue()


def _connector(connector: Connector) -> dict[str, Any]:
    manifest = connector.manifest
    return {
        "id": connector.id,
        "name": manifest["name"],
        "hue": manifest["hue"],
        "icon": manifest["icon"],
        "summary": manifest["summary"],
        "settings_schema": manifest["connection"]["settings"],
        "secrets_schema": manifest["connection"]["secrets"],
    }


def _trigger(connector: Connector, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_common(connector, entry),
        "kind": "trigger",
        "ports": ["out"],
        "modes": entry["modes"],
        "effect": None,
        "params_schema": entry["params"],
        "output_schema": entry["output"],
    }


def _operation(connector: Connector, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_common(connector, entry),
        "kind": "action",
        "ports": entry["ports"],
        "effect": entry["effect"],
        "params_schema": entry["input"],
        "output_schema": entry["output"],
    }


def _common(connector: Connector, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": f"{entry['name']}@{entry['version']}",
        "title": entry["title"],
        "summary": entry["summary"],
        "icon": entry["icon"],
        "hue": connector.manifest["hue"],
        "connector": connector.id,
        "listens": False,
    }
