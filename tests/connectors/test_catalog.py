"""The catalog finds what is installed, and loses nothing quietly."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from connectors import catalog
from connectors.catalog import BrokenConnectorError, Catalog, default_catalog
from connectors.http import CONNECTOR as HTTP
from connectors.sdk.connector import Connector


def test_the_installed_connectors() -> None:
    assert {"http", "notes", "prestashop"} <= {one.id for one in default_catalog().connectors()}


def test_types_lead_to_manifest_and_code() -> None:
    found = Catalog([HTTP])
    spec = found.operation_spec("http.request@1")
    operation = found.operation("http.request@1")
    assert spec is not None
    assert operation is not None
    assert (spec["name"], operation.type) == ("http.request", "http.request@1")
    assert found.connector_of("http.request@1") is HTTP
    assert found.connector("http") is HTTP


@pytest.mark.parametrize("type_", ["http.request@2", "http.request", "flow.branch@1"])
def test_unknown_types_are_none(type_: str) -> None:
    found = Catalog([HTTP])
    assert found.operation_spec(type_) is None
    assert found.trigger_spec(type_) is None
    assert found.operation(type_) is None
    assert found.trigger(type_) is None
    assert found.connector_of(type_) is None


def test_two_connectors_with_one_id_are_refused() -> None:
    with pytest.raises(BrokenConnectorError, match="http"):
        Catalog([HTTP, HTTP])


def test_a_connector_that_contradicts_its_manifest_is_refused() -> None:
    with pytest.raises(BrokenConnectorError, match="has no code"):
        Catalog([Connector(manifest=HTTP.manifest, check=HTTP.check)])


@pytest.mark.parametrize(
    "target", ["connectors.nowhere:CONNECTOR", "connectors.http:missing", "connectors.http:Path"]
)
def test_a_connector_that_cannot_be_loaded_is_named(
    monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def broken(**_: Any) -> list[EntryPoint]:
        return [EntryPoint(name="crm", value=target, group=catalog.GROUP)]

    monkeypatch.setattr(catalog, "entry_points", broken)
    with pytest.raises(BrokenConnectorError, match="crm"):
        default_catalog.__wrapped__()
